//! Credentials as JSON, the way containers, commands and caches write them.

use super::cache::timestamp;
use super::exchange::printable;
use crate::signing::{Credentials, CredentialsError};
use alloc::string::String;
use core::fmt;
use serde_json::{Map, Value};

/// Why JSON holds no credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonError {
    /// It is no JSON object.
    NotAnObject,
    /// A field is missing.
    Missing(&'static str),
    /// A field holds what it must not.
    Malformed(&'static str),
    /// It says in it why there are none.
    Refused {
        /// `AccessDenied`, …
        code: String,
        /// The explanation; may be empty.
        message: String,
    },
    /// Its version is one that nobody knows.
    Version(String),
}

impl fmt::Display for JsonError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => formatter.write_str("the output is no JSON object"),
            Self::Missing(field) => write!(formatter, "{field} is missing"),
            Self::Malformed(field) => write!(formatter, "{field} is malformed"),
            Self::Refused { code, message } if message.is_empty() => formatter.write_str(code),
            Self::Refused { code, message } => write!(formatter, "{code}: {message}"),
            Self::Version(version) => write!(formatter, "the version is {version}, not 1"),
        }
    }
}

impl core::error::Error for JsonError {}

/// The object in these bytes.
pub(super) fn object(bytes: &[u8]) -> Result<Map<String, Value>, JsonError> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(JsonError::NotAnObject),
    }
}

/// Reads credentials. The case of names does not matter; a token and an end need not be there.
pub(super) fn parse_value(mut fields: Map<String, Value>) -> Result<Credentials, JsonError> {
    let id = text(&mut fields, &["AccessKeyId"])?;
    let secret = text(&mut fields, &["SecretAccessKey"])?;
    let token = text(&mut fields, &["SessionToken", "Token"])?;
    let expiration = text(&mut fields, &["Expiration", "ExpiresAt"])?;
    let (Some(id), Some(secret)) = (&id, &secret) else {
        if let Some(code) = text(&mut fields, &["Code"])? {
            let message = text(&mut fields, &["Message"])?.unwrap_or_default();
            return Err(JsonError::Refused { code: printable(&code), message: printable(&message) });
        }
        return Err(JsonError::Missing(if id.is_none() { "AccessKeyId" } else { "SecretAccessKey" }));
    };
    let credentials = Credentials::new(id, secret).map_err(|error| match error {
        CredentialsError::Secret => JsonError::Malformed("SecretAccessKey"),
        _ => JsonError::Malformed("AccessKeyId"),
    })?;
    let credentials = credentials.with_token(token.unwrap_or_default());
    let credentials = credentials.map_err(|_| JsonError::Malformed("SessionToken"))?;
    match expiration {
        None => Ok(credentials),
        Some(end) => Ok(credentials.with_expiry(timestamp(&end).ok_or(JsonError::Malformed("Expiration"))?)),
    }
}

/// Takes the text of the first field of these names out; null and blank are as good as missing.
pub(super) fn text(fields: &mut Map<String, Value>, names: &[&'static str]) -> Result<Option<String>, JsonError> {
    for name in names {
        let key = fields.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
        match key.and_then(|key| fields.remove(&key)) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.is_empty() => {}
            Some(Value::String(text)) => return Ok(Some(text)),
            Some(_) => return Err(JsonError::Malformed(name)),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn parse(text: &str) -> Result<Credentials, JsonError> {
        parse_value(object(text.as_bytes())?)
    }

    #[test]
    fn what_is_there_is_read_and_what_is_not_is_named() {
        let read =
            parse(r#"{"accesskeyid":"A","SecretAccessKey":"s","Token":"t","Expiration":"2015-08-30T12:36:00Z"}"#);
        let read = read.unwrap();
        assert_eq!((read.access_key_id(), read.token().unwrap().expose()), ("A", "t"));
        assert_eq!(read.expires().unwrap().as_str(), "20150830T123600Z");
        assert!(parse(r#"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"","Expiration":null}"#).is_ok());
        for (text, expected) in [
            ("", JsonError::NotAnObject),
            ("[]", JsonError::NotAnObject),
            ("{}", JsonError::Missing("AccessKeyId")),
            (r#"{"AccessKeyId":"A"}"#, JsonError::Missing("SecretAccessKey")),
            (r#"{"AccessKeyId":"A B","SecretAccessKey":"SENTINEL"}"#, JsonError::Malformed("AccessKeyId")),
            (r#"{"AccessKeyId":"A","SecretAccessKey":7}"#, JsonError::Malformed("SecretAccessKey")),
            (r#"{"AccessKeyId":"A","SecretAccessKey":"SENTINEL","Token":"a b"}"#, JsonError::Malformed("SessionToken")),
            (
                r#"{"AccessKeyId":"A","SecretAccessKey":"SENTINEL","Expiration":"x"}"#,
                JsonError::Malformed("Expiration"),
            ),
            (r#"{"code":"C","message":"m\n"}"#, JsonError::Refused { code: "C".into(), message: "m".into() }),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(!format!("{error} {error:?}").contains("SENTINEL"));
        }
    }
}
