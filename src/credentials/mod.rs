//! Where credentials come from.
//!
//! A [`Provider`] is one source and answers one of three things: nothing here, ask the next; here they are; or, stop: this
//! source is set up and broken, and another identity in its place would be worse than none. A [`Chain`] asks them in
//! order and remembers what each one said.
//!
//! ```text
//! environment ─▶ profile ─▶ web identity ─▶ container ─▶ instance role
//! ```
//!
//! [`Sources`] says where to look on this machine, and puts the chain together.

mod cache;
mod cached;
mod chain;
mod container;
mod document;
mod env;
mod exchange;
mod guard;
mod ini;
mod instance;
mod login;
mod process;
mod profile;
mod profiles;
mod proof;
mod role;
mod sources;
mod sso;
mod sts;
mod web_identity;

pub use cached::{Cached, Refusal};
pub use chain::{Asked, Chain, ChainError, Found, Outcome};
pub use container::{Container, ContainerError};
pub use document::JsonError;
pub use env::Environment;
pub use exchange::{ServiceError, ServiceFailure};
pub use guard::is_local;
pub use ini::{IniError, IniFault};
pub use instance::InstanceRole;
pub use login::LoginError;
pub use process::ProcessError;
pub use profile::{ProfileError, ProfileSource};
pub use profiles::FilesError;
pub use role::{Assume, AssumeError};
pub use sources::Sources;
pub use sso::SsoError;
pub use sts::Identity;
pub use web_identity::{TokenFileError, WebIdentity};

use crate::signing::{Credentials, CredentialsError};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;
use role::AssumedRole;

/// One source of credentials.
pub trait Provider: fmt::Debug + Send + Sync {
    /// What the source is called: `environment`, `instance role` …
    fn name(&self) -> &'static str;

    /// What the source has. `Ok(Nothing)` sends the asker to the next source.
    ///
    /// # Errors
    /// When the source is set up and broken, so that no other may take its place.
    fn provide(&self) -> Result<Answer, ProviderError>;

    /// Tells that a service has called the credentials of this id expired or invalid, so that they are not given again from
    /// a cache. Sources without a cache have nothing to do.
    fn reject(&self, access_key_id: &str) {
        let _ = access_key_id;
    }
}

/// A source that is not to be asked, and why.
#[derive(Clone, Debug)]
struct PassedOver {
    name: &'static str,
    reason: &'static str,
}

impl PassedOver {
    fn new(name: &'static str, reason: &'static str) -> Self {
        Self { name, reason }
    }
}

impl Provider for PassedOver {
    fn name(&self) -> &'static str {
        self.name
    }

    fn provide(&self) -> Result<Answer, ProviderError> {
        Ok(Answer::Nothing(Absence::new(self.reason)))
    }
}

/// What a source has.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// Nothing.
    Nothing(Absence),
    /// Credentials, and where exactly they were: variable names, a role's name …
    Credentials(Credentials, String),
}

/// Why a source has nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    reason: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
}

impl Absence {
    /// An absence for this reason.
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self { reason: reason.into(), hint: None }
    }

    /// The same with what to do about it, if it was not meant to be.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// Why a source that is set up gives no credentials.
#[derive(Clone, Debug)]
pub struct ProviderError {
    source: &'static str,
    failure: ProviderFailure,
    hint: Option<Cow<'static, str>>,
    cause: Option<Arc<dyn Error + Send + Sync>>,
    is_final: bool,
}

/// What is wrong with a source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProviderFailure {
    /// One part is there without the other.
    Partial {
        /// What is there.
        found: &'static str,
        /// What is not.
        missing: &'static str,
    },
    /// A value cannot be used.
    Malformed {
        /// Where it was found.
        name: &'static str,
        /// What is wrong with it, if it is a part of the credentials.
        error: Option<CredentialsError>,
    },
    /// Asking failed; the cause tells how.
    Failed,
}

impl ProviderError {
    /// An error of the source `source`.
    pub fn new(source: &'static str, failure: ProviderFailure) -> Self {
        Self { source, failure, hint: None, cause: None, is_final: false }
    }

    /// The same with its cause.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(Arc::from(cause.into()));
        self
    }

    /// The same with a hint.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, saying that it will not go away by itself: whoever holds older credentials of the source should not go on
    /// with them.
    #[must_use]
    pub fn without_recovery(mut self) -> Self {
        self.is_final = true;
        self
    }

    /// Whether it will not go away by itself: access was denied, say.
    pub fn is_final(&self) -> bool {
        self.is_final
    }

    /// The name of the source.
    pub fn source_name(&self) -> &'static str {
        self.source
    }

    /// What is wrong with it.
    pub fn failure(&self) -> &ProviderFailure {
        &self.failure
    }

    /// The likely cause and the next thing to do.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

/// What the AWS SDKs do not hope to get over by waiting.
const FINAL_CODES: [&str; 6] = [
    "AccessDenied",
    "IDPRejectedClaim",
    "InvalidIdentityToken",
    "MalformedPolicyDocument",
    "PackedPolicyTooLarge",
    "RegionDisabled",
];

/// A service's refusal as an error of the source `name`.
fn refused(name: &'static str, error: ServiceError, hint: Option<String>) -> ProviderError {
    let is_final = error.code().is_some_and(|code| FINAL_CODES.contains(&code));
    let hint = hint.or_else(|| error.hint());
    let failed = ProviderError::new(name, ProviderFailure::Failed).with_cause(error);
    let failed = if is_final { failed.without_recovery() } else { failed };
    match hint {
        Some(hint) => failed.with_hint(hint),
        None => failed,
    }
}

impl fmt::Display for ProviderError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no credentials from the {}", self.source)?;
        match &self.failure {
            ProviderFailure::Partial { found, missing } => write!(formatter, ": {found} is set, {missing} is not"),
            ProviderFailure::Malformed { name, .. } => write!(formatter, ": {name} cannot be used"),
            ProviderFailure::Failed => Ok(()),
        }
    }
}

impl Error for ProviderError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        if let ProviderFailure::Malformed { error: Some(error), .. } = &self.failure {
            return Some(error);
        }
        self.cause.as_deref().map(|cause| -> &(dyn Error + 'static) { cause })
    }
}
