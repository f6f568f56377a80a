//! [`Asked`]: what is known of the request that was refused.

use crate::signing::{Claim, Credentials, Request, Signer, Steps, Timestamp, Verifier};
use alloc::borrow::ToOwned;
use alloc::string::String;

/// The request that was refused, as far as it is known; the default is not at all.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub(super) host: Option<String>,
    pub(super) service: Option<String>,
    pub(super) region: Option<String>,
    pub(super) access_key_id: Option<String>,
    /// Whether a session token was sent; `None` if that is not known.
    pub(super) has_token: Option<bool>,
    pub(super) expires: Option<Timestamp>,
    pub(super) time: Option<Timestamp>,
    pub(super) steps: Option<Steps>,
    pub(super) signed_here: bool,
    pub(super) now: Option<Timestamp>,
}

impl Asked {
    /// A request that was signed here with these credentials.
    pub fn signed(request: &Request<'_>, signer: &Signer, credentials: &Credentials) -> Self {
        let scope = signer.scope();
        Self {
            host: Some(request.host().to_owned()),
            service: Some(scope.service().to_owned()),
            region: Some(scope.region().to_owned()),
            access_key_id: Some(credentials.access_key_id().to_owned()),
            has_token: Some(credentials.token().is_some()),
            expires: credentials.expires(),
            time: Some(scope.time()),
            steps: Some(signer.steps(request)),
            signed_here: true,
            now: None,
        }
    }

    /// A request that somebody else signed; its secret is not known. Of the request as it was sent, the canonical text
    /// is computed by the rules of the service.
    pub fn claimed(request: &Request<'_>, claim: &Claim<'_>) -> Self {
        // The canonical request does not depend on the secret.
        let stand_in = Credentials::new(claim.access_key_id(), "-").ok();
        let verifier = Verifier::new(claim.region(), claim.service()).accept_unsigned_payload();
        let steps = stand_in.and_then(|credentials| verifier.steps(claim, &credentials).ok());
        Self {
            host: Some(request.host().to_owned()),
            service: Some(claim.service().to_owned()),
            region: Some(claim.region().to_owned()),
            access_key_id: Some(claim.access_key_id().to_owned()),
            has_token: Some(claim.token().is_some()),
            expires: None,
            time: Some(claim.time()),
            steps,
            signed_here: false,
            now: None,
        }
    }

    /// A request without a signature, or one of which only the host is known.
    pub fn to_host(host: &str) -> Self {
        Self { host: Some(host.to_owned()), ..Self::default() }
    }

    /// The same, with the time of this machine when the answer came.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.now = Some(now);
        self
    }

    /// Whether the access key is temporary: those need a session token (IAM User Guide, "IAM identifiers").
    pub(super) fn is_temporary(&self) -> bool {
        self.access_key_id.as_deref().is_some_and(|id| id.starts_with("ASIA"))
    }

    pub(super) fn is_service(&self, service: &str, label: &str) -> bool {
        self.service.as_deref() == Some(service)
            || self.host.as_deref().is_some_and(|host| host.split(['.', ':']).any(|part| part == label))
    }
}
