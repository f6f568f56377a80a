//! Where credentials come from.
//!
//! A [`Provider`] is one source and answers one of three things: nothing here, ask the next; here they are; or, stop: this
//! source is set up and broken, and another identity in its place would be worse than none. A [`Chain`] asks them in
//! order and remembers what each one said.
//!
//! ```text
//! environment ─▶ instance role
//! ```

mod cached;
mod chain;
mod env;
mod instance;

pub use cached::{Cached, Refusal};
pub use chain::{Asked, Chain, ChainError, Found, Outcome};
pub use env::Environment;
pub use instance::InstanceRole;

use crate::signing::{Credentials, CredentialsError};
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;

/// One source of credentials.
pub trait Provider: fmt::Debug + Send + Sync {
    /// What the source is called: `environment`, `instance role` …
    fn name(&self) -> &'static str;

    /// What the source has. `Ok(Nothing)` sends the asker to the next source.
    ///
    /// # Errors
    /// When the source is set up and broken, so that no other may take its place.
    fn provide(&self) -> Result<Answer, ProviderError>;
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
        Self { source, failure, hint: None, cause: None }
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
