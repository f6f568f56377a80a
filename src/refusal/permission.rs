//! [`Permission`]: who may not do what, and which policy says so.

use super::find::between;
use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use serde_json::json;

/// What the sentence `User: … is not authorized to perform: … on resource: … because …` says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permission {
    /// An ARN, or `anonymous` for an unsigned request.
    pub principal: String,
    /// `vpc-lattice-svcs:Invoke`.
    pub action: String,
    /// The ARN of what it was to be done to, if it is told.
    pub resource: Option<String>,
    /// The kind of policy that refused, if it is told.
    pub layer: Option<Layer>,
    /// Whether a policy denies it; otherwise none allows it.
    pub explicit_deny: bool,
}

/// The kinds of policy that can refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layer {
    /// The caller's own policies.
    Identity,
    /// The policy of the resource.
    Resource,
    /// A service control policy of the organization.
    ServiceControl,
    /// A resource control policy of the organization.
    ResourceControl,
    /// The permissions boundary of the caller.
    Boundary,
    /// The policy given when the role was assumed.
    Session,
    /// The policy of the VPC endpoint.
    VpcEndpoint,
    /// VPC Lattice: the auth policy of the service.
    LatticeService,
    /// VPC Lattice: the auth policy of the service network.
    LatticeNetwork,
}

impl Layer {
    fn of(words: &str) -> Option<Self> {
        const LAYERS: [(&str, Layer); 9] = [
            ("identity-based", Layer::Identity),
            ("resource-based", Layer::Resource),
            ("service control", Layer::ServiceControl),
            ("resource control", Layer::ResourceControl),
            ("permissions boundary", Layer::Boundary),
            ("session", Layer::Session),
            ("vpc endpoint", Layer::VpcEndpoint),
            ("service-based", Layer::LatticeService),
            ("network-based", Layer::LatticeNetwork),
        ];
        let words = words.trim_start().to_ascii_lowercase();
        LAYERS.into_iter().find(|(name, _)| words.starts_with(name)).map(|(_, layer)| layer)
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Identity => "the caller's own policies",
            Self::Resource => "the policy of the resource",
            Self::ServiceControl => "a service control policy of the organization",
            Self::ResourceControl => "a resource control policy of the organization",
            Self::Boundary => "the permissions boundary of the caller",
            Self::Session => "the session policy, given when the role was assumed",
            Self::VpcEndpoint => "the policy of the VPC endpoint",
            Self::LatticeService => "the auth policy of the VPC Lattice service",
            Self::LatticeNetwork => "the auth policy of the VPC Lattice service network",
        })
    }
}

impl Permission {
    /// Reads the sentence, wherever in the message it stands.
    pub fn of_sentence(message: &str) -> Option<Self> {
        const PERFORM: &str = " is not authorized to perform: ";
        let principal = between(message, "User: ", PERFORM)?;
        let (_, rest) = message.split_once(PERFORM)?;
        let word = |text: &str| {
            let word = text.split_ascii_whitespace().next().unwrap_or_default();
            word.trim_matches('"').to_owned()
        };
        let action = word(rest).trim_end_matches(['.', ',']).to_owned();
        let resource = rest.split_once(" on resource: ").map(|(_, rest)| word(rest)).filter(|found| !found.is_empty());
        // API Gateway may say no more than this.
        let deny = rest.split_once("with an explicit deny").map(|(_, rest)| rest);
        let deny =
            deny.map(|rest| rest.strip_prefix(" in a").map_or("", |rest| rest.strip_prefix('n').unwrap_or(rest)));
        let allow = rest.split_once("because no ").map(|(_, rest)| rest);
        let layer = deny.or(allow).and_then(Layer::of);
        let known = !action.is_empty() && !principal.is_empty() && principal.len() <= 2048;
        known.then(|| Self { principal: principal.into(), action, resource, layer, explicit_deny: deny.is_some() })
    }

    /// Whether the request came without a signature.
    pub fn is_anonymous(&self) -> bool {
        self.principal == "anonymous"
    }

    /// A statement that would allow it, as JSON; `None` where a deny has to be taken away instead, or where it would
    /// have to name somebody who is not known.
    pub fn statement(&self) -> Option<String> {
        let resource = self.resource.as_deref().unwrap_or("*");
        // API Gateway masks the account, so the ARN would match nothing.
        let resource = if resource.contains("****") { "*" } else { resource };
        let named = match self.layer {
            _ if self.explicit_deny => return None,
            Some(Layer::Identity | Layer::ServiceControl | Layer::Boundary | Layer::Session) | None => false,
            Some(Layer::ResourceControl) => return None,
            Some(Layer::Resource | Layer::VpcEndpoint | Layer::LatticeService | Layer::LatticeNetwork) => true,
        };
        if self.is_anonymous() {
            // Whoever is anonymous should sign, not be let in.
            return None;
        }
        let statement = if named {
            let principal = json!({ "AWS": role_of(&self.principal).unwrap_or_else(|| self.principal.clone()) });
            json!({"Effect": "Allow", "Principal": principal, "Action": self.action, "Resource": resource})
        } else {
            json!({"Effect": "Allow", "Action": self.action, "Resource": resource})
        };
        Some(alloc::format!("{statement}"))
    }
}

/// The role of a session: policies outlive sessions.
pub(super) fn role_of(principal: &str) -> Option<String> {
    let (start, rest) = principal.split_once(":sts::")?;
    let (account, rest) = rest.split_once(":assumed-role/")?;
    let role = rest.split('/').next()?;
    Some(alloc::format!("{start}:iam::{account}:role/{role}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_is_read_in_all_its_forms() {
        let read = |text: &str| Permission::of_sentence(text).unwrap();
        let lattice = read(
            "User: arn:aws:sts::1:assumed-role/app/i-0 is not authorized to perform: vpc-lattice-svcs:Invoke on resource: arn:aws:vpc-lattice:us-west-2:1:service/svc-0/pay because no service-based policy allows the vpc-lattice-svcs:Invoke action",
        );
        assert_eq!((lattice.layer, lattice.explicit_deny), (Some(Layer::LatticeService), false));
        assert_eq!(
            lattice.statement().unwrap(),
            r#"{"Action":"vpc-lattice-svcs:Invoke","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::1:role/app"},"Resource":"arn:aws:vpc-lattice:us-west-2:1:service/svc-0/pay"}"#
        );
        let deny = read(
            "User: anonymous is not authorized to perform: execute-api:Invoke on resource: r with an explicit deny in a resource-based policy",
        );
        assert_eq!((deny.is_anonymous(), deny.layer, deny.explicit_deny), (true, Some(Layer::Resource), true));
        assert_eq!(deny.statement(), None);
        let bare =
            read("User: u is not authorized to perform: execute-api:Invoke on resource: r with an explicit deny");
        assert_eq!((bare.layer, bare.explicit_deny, bare.statement()), (None, true, None));
        let quoted = read(
            "User: u is not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::b/k\" because no identity-based policy allows the s3:PutObject action",
        );
        assert_eq!(quoted.resource.as_deref(), Some("arn:aws:s3:::b/k"));
        let short = read("User: u is not authorized to perform: iam:ListUsers");
        assert_eq!((short.resource, short.layer, short.action.as_str()), (None, None, "iam:ListUsers"));
        for (words, layer) in [
            ("because no permissions boundary allows the a:B action", Layer::Boundary),
            ("with an explicit deny in an identity-based policy", Layer::Identity),
            ("with an explicit deny in a service control policy: arn:aws:o", Layer::ServiceControl),
            ("because no VPC endpoint policy allows the a:B action", Layer::VpcEndpoint),
            ("because no network-based policy allows the a:B action", Layer::LatticeNetwork),
        ] {
            let text = alloc::format!("User: u is not authorized to perform: a:B on resource: r {words}");
            assert_eq!(read(&text).layer, Some(layer), "{words}");
        }
        assert_eq!(Permission::of_sentence("User: x"), None);
    }
}
