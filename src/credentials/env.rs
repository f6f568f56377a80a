//! [`Environment`]: credentials in environment variables.

use super::{Absence, Answer, Provider, ProviderError, ProviderFailure};
use crate::signing::{Credentials, CredentialsError, Timestamp};
use crate::world::World;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::sync::Arc;

const NAME: &str = "environment";
const ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
/// The second is what botocore called it first.
const TOKENS: [&str; 2] = ["AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN"];
const EXPIRATION: &str = "AWS_CREDENTIAL_EXPIRATION";

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` (or `AWS_SECURITY_TOKEN`) and
/// `AWS_CREDENTIAL_EXPIRATION`. Blank means unset; an id without a secret, or a secret without an id, is an error.
#[derive(Clone, Debug)]
pub struct Environment {
    world: Arc<dyn World>,
}

impl Environment {
    /// The variables of this world.
    pub fn new(world: Arc<dyn World>) -> Self {
        Self { world }
    }

    fn var(&self, name: &str) -> Option<String> {
        self.world.var(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }
}

impl Provider for Environment {
    fn name(&self) -> &'static str {
        NAME
    }

    fn provide(&self) -> Result<Answer, ProviderError> {
        let partial = |found, missing| {
            let error = ProviderError::new(NAME, ProviderFailure::Partial { found, missing });
            Err(error.with_hint("set both, or neither to look elsewhere"))
        };
        let (id, secret) = match (self.var(ID), self.var(SECRET)) {
            (None, None) => return Ok(Answer::Nothing(Absence::new("AWS_ACCESS_KEY_ID is not set"))),
            (Some(_), None) => return partial(ID, SECRET),
            (None, Some(_)) => return partial(SECRET, ID),
            (Some(id), Some(secret)) => (id, secret),
        };
        let malformed = |name, error| ProviderError::new(NAME, ProviderFailure::Malformed { name, error });
        let mut credentials = Credentials::new(id, secret).map_err(|error| match error {
            CredentialsError::Secret => malformed(SECRET, Some(error)),
            _ => malformed(ID, Some(error)),
        })?;
        let mut found = String::from(ID);
        for name in TOKENS {
            if let Some(token) = self.var(name) {
                credentials = credentials.with_token(token).map_err(|error| malformed(name, Some(error)))?;
                found.push_str(", ");
                found.push_str(name);
                break;
            }
        }
        if let Some(text) = self.var(EXPIRATION) {
            let expires = Timestamp::parse_rfc3339(&text)
                .map_err(|_| malformed(EXPIRATION, None).with_hint("write it as 2015-08-30T12:36:00Z, or unset it"))?;
            credentials = credentials.with_expiry(expires);
        }
        Ok(Answer::Credentials(credentials, found))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Scripted;
    use alloc::format;
    use alloc::string::ToString;

    fn provide(variables: &[(&str, &str)]) -> Result<Answer, ProviderError> {
        let world = Scripted::at(Timestamp::UNIX_EPOCH);
        let world = variables.iter().fold(world, |world, (name, value)| world.with_var(*name, *value));
        Environment::new(Arc::new(world)).provide()
    }

    fn found(variables: &[(&str, &str)]) -> (Credentials, String) {
        match provide(variables).unwrap() {
            Answer::Credentials(credentials, place) => (credentials, place),
            Answer::Nothing(why) => panic!("{why:?}"),
        }
    }

    #[test]
    fn all_four_variables_are_read() {
        let (credentials, place) =
            found(&[(ID, " AKID "), (SECRET, "s\n"), ("AWS_SESSION_TOKEN", "t"), (EXPIRATION, "2015-08-30T12:36:00Z")]);
        assert_eq!((credentials.access_key_id(), credentials.secret().expose()), ("AKID", "s"));
        assert_eq!(credentials.token().unwrap().expose(), "t");
        assert_eq!(credentials.expires().unwrap().as_str(), "20150830T123600Z");
        assert_eq!(place, "AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN");
        let (credentials, _) = found(&[(ID, "AKID"), (SECRET, "s"), ("AWS_SESSION_TOKEN", " ")]);
        assert!(credentials.token().is_none() && credentials.expires().is_none());
    }

    #[test]
    fn the_old_name_of_the_token_is_the_second_choice() {
        let both = [(ID, "A"), (SECRET, "s"), ("AWS_SECURITY_TOKEN", "old"), ("AWS_SESSION_TOKEN", "new")];
        assert_eq!(found(&both).0.token().unwrap().expose(), "new");
        assert_eq!(found(&both[..3]).0.token().unwrap().expose(), "old");
    }

    #[test]
    fn blank_is_unset_and_half_is_an_error() {
        assert!(matches!(provide(&[]), Ok(Answer::Nothing(_))));
        assert!(matches!(provide(&[(ID, " \t"), (SECRET, "")]), Ok(Answer::Nothing(_))));
        let half = provide(&[(ID, "SENTINEL"), (SECRET, " ")]).unwrap_err();
        assert_eq!(
            half.to_string(),
            "no credentials from the environment: AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not"
        );
        let half = provide(&[(SECRET, "SENTINEL")]).unwrap_err();
        assert_eq!(*half.failure(), ProviderFailure::Partial { found: SECRET, missing: ID });
        assert!(!format!("{half} {half:?}").contains("SENTINEL"));
    }

    #[test]
    fn what_cannot_be_used_is_named_and_not_shown() {
        for (name, value) in [(ID, "SENTINEL x"), ("AWS_SESSION_TOKEN", "SENTINEL\nx"), (EXPIRATION, "SENTINEL")] {
            let mut variables = [(ID, "A"), (SECRET, "s"), (name, value)];
            variables.rotate_right(usize::from(name != ID));
            let error = provide(&variables).unwrap_err();
            assert!(
                matches!(error.failure(), ProviderFailure::Malformed { name: named, .. } if *named == name),
                "{name}"
            );
            assert!(!format!("{error} {error:?}").contains("SENTINEL"), "{error:?}");
        }
    }
}
