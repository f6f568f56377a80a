//! [`Chain`]: the sources in order, and what each one said.

use super::{Absence, Answer, AssumedRole, Provider, ProviderError, Sources};
use crate::signing::Credentials;
use crate::world::World;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

/// Sources of credentials in the order they are asked.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    providers: Vec<Arc<dyn Provider>>,
    role: Option<AssumedRole>,
}

/// Credentials, where they were found, and who was asked before.
#[derive(Clone, Debug)]
pub struct Found {
    credentials: Credentials,
    source: String,
    asked: Vec<Asked>,
}

/// A source, and what came of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Asked {
    /// The name of the source.
    pub name: &'static str,
    /// What came of it.
    pub outcome: Outcome,
}

/// What came of a source. Nothing in it is secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// Its credentials are used; this is where exactly they were.
    Taken(String),
    /// It has none.
    Skipped(Absence),
    /// It is set up and broken, which ended the search.
    Broken(ProviderError),
    /// The search ended before it.
    NotAsked,
}

/// No credentials.
#[derive(Clone, Debug)]
pub struct ChainError {
    asked: Vec<Asked>,
}

impl Chain {
    /// No source at all.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the AWS CLI would ask on this machine; see [`Sources`] for more to say about it.
    pub fn standard(world: Arc<dyn World>) -> Self {
        Sources::new(world).chain()
    }

    /// The same with one more source at the end.
    #[must_use]
    pub fn with(mut self, provider: impl Provider + 'static) -> Self {
        self.providers.push(Arc::new(provider));
        self
    }

    /// The same, assuming a role with what is found.
    pub(super) fn then(mut self, role: AssumedRole) -> Self {
        self.role = Some(role);
        self
    }

    /// Tells every source that a service has called the credentials of this id expired or invalid.
    pub fn reject(&self, access_key_id: &str) {
        for provider in &self.providers {
            provider.reject(access_key_id);
        }
    }

    /// Asks one source after the other.
    ///
    /// # Errors
    /// When none has credentials, or one that is set up is broken.
    pub fn find(&self) -> Result<Found, ChainError> {
        let mut asked = Vec::with_capacity(self.providers.len());
        let mut found = None;
        let mut over = false;
        for provider in &self.providers {
            let name = provider.name();
            let outcome = if over {
                Outcome::NotAsked
            } else {
                match provider.provide() {
                    Ok(Answer::Nothing(absence)) => Outcome::Skipped(absence),
                    Ok(Answer::Credentials(credentials, place)) => {
                        over = true;
                        found = Some((credentials, format!("{name} ({place})")));
                        Outcome::Taken(place)
                    }
                    Err(error) => {
                        over = true;
                        Outcome::Broken(error)
                    }
                }
            };
            asked.push(Asked { name, outcome });
        }
        let Some((credentials, source)) = found else {
            return Err(ChainError { asked });
        };
        let mut found = Found { credentials, source, asked };
        if let Some(role) = &self.role {
            let (name, answer) = (AssumedRole::NAME, role.on_top_of(&found));
            let (outcome, assumed) = match answer {
                Ok((credentials, place)) => {
                    let source = format!("{name} ({place})");
                    (Outcome::Taken(place), Some((credentials, source)))
                }
                Err(error) => (Outcome::Broken(error), None),
            };
            found.asked.push(Asked { name, outcome });
            match assumed {
                Some((credentials, source)) => (found.credentials, found.source) = (credentials, source),
                None => return Err(ChainError { asked: found.asked }),
            }
        }
        Ok(found)
    }
}

impl Found {
    /// The credentials.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Where they were: `environment (AWS_ACCESS_KEY_ID)`, `instance role (my-role)`.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every source in order, with what came of it.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }
}

impl ChainError {
    /// Every source in order, with what came of it.
    pub fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// The error that ended the search; `None` when every source had nothing.
    pub fn broken(&self) -> Option<&ProviderError> {
        self.asked.iter().find_map(|asked| match &asked.outcome {
            Outcome::Broken(error) => Some(error),
            _ => None,
        })
    }

    /// The likely cause and the next thing to do.
    pub fn hint(&self) -> Option<&str> {
        if let Some(error) = self.broken() {
            return error.hint();
        }
        // The last source is the one that would have to be there.
        self.asked.iter().rev().find_map(|asked| match &asked.outcome {
            Outcome::Skipped(absence) => absence.hint(),
            _ => None,
        })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken(place) => write!(formatter, "taken: {place}"),
            Self::Skipped(absence) => write!(formatter, "skipped: {}", absence.reason()),
            Self::Broken(error) => write!(formatter, "stopped: {error}"),
            Self::NotAsked => formatter.write_str("not asked"),
        }
    }
}

impl fmt::Display for ChainError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(error) = self.broken() {
            return fmt::Display::fmt(error, formatter);
        }
        formatter.write_str("no credentials found")?;
        for (index, asked) in self.asked.iter().enumerate() {
            let reason = match &asked.outcome {
                Outcome::Skipped(absence) => absence.reason().to_string(),
                other => other.to_string(),
            };
            write!(formatter, "{}{}: {reason}", if index == 0 { ": " } else { "; " }, asked.name)?;
        }
        Ok(())
    }
}

impl Error for ChainError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.broken().and_then(Error::source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::ProviderFailure;

    #[derive(Clone, Debug)]
    struct Says(&'static str, Result<Answer, ProviderError>);

    impl Provider for Says {
        fn name(&self) -> &'static str {
            self.0
        }
        fn provide(&self) -> Result<Answer, ProviderError> {
            self.1.clone()
        }
    }

    fn nothing(name: &'static str) -> Says {
        Says(name, Ok(Answer::Nothing(Absence::new("it is empty").with_hint("fill it"))))
    }

    fn keys(name: &'static str, id: &str) -> Says {
        Says(name, Ok(Answer::Credentials(Credentials::new(id, "SENTINEL").unwrap(), "a place".into())))
    }

    fn broken(name: &'static str) -> Says {
        let failure = ProviderFailure::Partial { found: "this", missing: "that" };
        Says(name, Err(ProviderError::new(name, failure).with_hint("mend it")))
    }

    fn outcomes(asked: &[Asked]) -> Vec<String> {
        asked.iter().map(|asked| format!("{} {}", asked.name, asked.outcome)).collect()
    }

    #[test]
    fn the_first_that_has_some_is_taken() {
        let found = Chain::new().with(nothing("one")).with(keys("two", "A")).with(keys("three", "B")).find().unwrap();
        assert_eq!((found.credentials().access_key_id(), found.source()), ("A", "two (a place)"));
        assert_eq!(outcomes(found.asked()), ["one skipped: it is empty", "two taken: a place", "three not asked"]);
        assert!(!format!("{found:?}").contains("SENTINEL"));
    }

    #[test]
    fn what_is_broken_stops() {
        let error = Chain::new().with(nothing("one")).with(broken("two")).with(keys("three", "B")).find().unwrap_err();
        assert_eq!(error.to_string(), "no credentials from the two: this is set, that is not");
        assert_eq!(error.hint(), Some("mend it"));
        assert_eq!(outcomes(error.asked()).last().unwrap(), "three not asked");
    }

    #[test]
    fn nothing_anywhere_names_every_reason() {
        let error = Chain::new().with(nothing("one")).with(nothing("two")).find().unwrap_err();
        assert_eq!(error.to_string(), "no credentials found: one: it is empty; two: it is empty");
        assert_eq!(error.hint(), Some("fill it"));
        assert_eq!(Chain::new().find().unwrap_err().to_string(), "no credentials found");
    }
}
