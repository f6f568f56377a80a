//! [`Credentials`]: who signs.

use super::{Secret, Timestamp};
use alloc::string::String;
use core::fmt;

/// An access key, its secret, and for temporary ones the session token and when they end.
#[derive(Clone)]
pub struct Credentials {
    access_key_id: String,
    secret: Secret,
    token: Option<Secret>,
    expires: Option<Timestamp>,
}

/// Why text is no [`Credentials`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialsError {
    /// The access key id is empty, longer than 512 bytes, or holds a blank, a comma or a byte that is no visible ASCII.
    AccessKeyId,
    /// The access key id holds what only a secret access key does (`/`, `+` or `=`), or the secret is an access key id of
    /// AWS: the two are swapped.
    Swapped,
    /// The secret access key is empty, holds a control character, or was no UTF-8.
    Secret,
    /// The session token holds a byte that is no visible ASCII (a line break from copying, say).
    Token,
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::AccessKeyId => "the access key id is empty or holds a character that cannot be sent",
            Self::Swapped => "the access key id and the secret access key are swapped",
            Self::Secret => "the secret access key is empty or holds a character that no key has",
            Self::Token => "the session token holds a character that cannot be sent",
        })
    }
}

impl core::error::Error for CredentialsError {}

impl Credentials {
    /// A key pair without a session token.
    ///
    /// # Errors
    /// When the key cannot stand in an `Authorization` header, or the secret is empty.
    pub fn new(access_key_id: impl Into<String>, secret: impl Into<String>) -> Result<Self, CredentialsError> {
        let access_key_id = access_key_id.into();
        let secret = Secret::new(secret);
        let visible = access_key_id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',');
        if access_key_id.is_empty() || access_key_id.len() > 512 || !visible {
            return Err(CredentialsError::AccessKeyId);
        }
        if access_key_id.contains(['/', '+', '=']) || is_id(secret.expose()) {
            return Err(CredentialsError::Swapped);
        }
        // The secret goes into the key derivation only.
        let text = secret.expose();
        // U+FFFD stands where something was no text: with it, every signature would be wrong.
        if text.is_empty() || text.chars().any(|character| character.is_control() || character == '\u{fffd}') {
            return Err(CredentialsError::Secret);
        }
        Ok(Self { access_key_id, secret, token: None, expires: None })
    }

    /// The same with a session token; an empty one is none.
    ///
    /// # Errors
    /// When the token cannot stand in a header.
    pub fn with_token(mut self, token: impl Into<String>) -> Result<Self, CredentialsError> {
        let token = Secret::new(token);
        // Looked at, not kept.
        if !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(CredentialsError::Token);
        }
        self.token = if token.expose().is_empty() { None } else { Some(token) };
        Ok(self)
    }

    /// The same, ending at `expires`.
    #[must_use]
    pub fn with_expiry(mut self, expires: Timestamp) -> Self {
        self.expires = Some(expires);
        self
    }

    /// The access key id; public.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret access key.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The session token of temporary credentials.
    pub fn token(&self) -> Option<&Secret> {
        self.token.as_ref()
    }

    /// When temporary credentials end.
    pub fn expires(&self) -> Option<Timestamp> {
        self.expires
    }
}

/// Whether this is an access key id as AWS makes them: 20 capitals and digits.
fn is_id(text: &str) -> bool {
    text.len() == 20
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_sent_is_refused() {
        assert_eq!(Credentials::new("", "s").unwrap_err(), CredentialsError::AccessKeyId);
        assert_eq!(Credentials::new("A\r\nB", "s").unwrap_err(), CredentialsError::AccessKeyId);
        assert_eq!(Credentials::new("A", "").unwrap_err(), CredentialsError::Secret);
        assert_eq!(Credentials::new("A", "s\u{fffd}").unwrap_err(), CredentialsError::Secret);
        assert_eq!(Credentials::new("A", "s").unwrap().with_token("t\n").unwrap_err(), CredentialsError::Token);
        assert!(Credentials::new("test:tester", "s").unwrap().with_token("").unwrap().token().is_none());
    }

    #[test]
    fn a_secret_is_no_key_id() {
        for (id, secret) in [
            ("wJalrXUtnFEMI/K7MDENG", "AKIDEXAMPLE"),
            ("wJalrXUtnFEMI+K7MDENG", "s"),
            ("wJalrXUtnFEMI=", "s"),
            ("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00", "AKIAIOSFODNN7EXAMPLE"),
        ] {
            assert_eq!(Credentials::new(id, secret).unwrap_err(), CredentialsError::Swapped, "{id}");
        }
        assert!(Credentials::new("AKIAIOSFODNN7EXAMPLE", "AKIAnotAnId0123456789").is_ok());
    }

    #[test]
    fn debug_shows_the_key_id_only() {
        let shown = alloc::format!(
            "{:?}",
            Credentials::new("AKIDEXAMPLE", "SENTINEL").unwrap().with_token("SENTINEL").unwrap()
        );
        assert!(shown.contains("AKIDEXAMPLE") && !shown.contains("SENTINEL"), "{shown}");
    }
}
