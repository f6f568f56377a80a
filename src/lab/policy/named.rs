//! Policies with a name.

use super::{Policy, PolicyKind};

/// The names that [`Policy::named`] knows.
pub const POLICY_NAMES: [&str; 3] = ["open", "authenticated", "post-only"];

/// The console's "Allow authenticated and unauthenticated access".
const OPEN: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
    "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}]}"#;

/// The console's "Allow only authenticated access".
const AUTHENTICATED: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
    "Action": "vpc-lattice-svcs:Invoke", "Resource": "*",
    "Condition": {"StringNotEqualsIgnoreCase": {"aws:PrincipalType": "anonymous"}}}]}"#;

/// The workshop's second policy. Its two keys are joined by AND: authenticated, and anything but GET.
const POST_ONLY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
    "Action": "*", "Resource": "*",
    "Condition": {"StringNotEqualsIgnoreCase": {"aws:PrincipalType": "anonymous",
        "vpc-lattice-svcs:RequestMethod": "GET"}}}]}"#;

impl Policy {
    /// The policy that goes by a name: `open`, `authenticated` or `post-only`.
    ///
    /// `post-only` is the workshop's policy with IAM's real meaning: it refuses the unsigned and GET, and nothing else.
    pub fn named(name: &str) -> Option<Self> {
        let text = match name {
            "open" => OPEN,
            "authenticated" => AUTHENTICATED,
            "post-only" => POST_ONLY,
            _ => return None,
        };
        Self::parse(text, PolicyKind::Resource).ok()
    }
}
