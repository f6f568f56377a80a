//! What the metadata service hands out about the role: its name, and the credential document.

use crate::signing::{Credentials, Timestamp};
use alloc::string::{String, ToString};
use core::fmt;
use serde_json::{Map, Value};

/// Why bytes are no credential document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentError {
    /// It is no JSON object.
    NotAnObject,
    /// A field is missing.
    Missing(&'static str),
    /// A field holds what it must not.
    Malformed(&'static str),
    /// The service says in it why there are no credentials.
    Refused {
        /// `AssumeRoleUnauthorizedAccess`, `Failed` …
        code: String,
        /// The service's explanation; may be empty.
        message: String,
    },
}

impl fmt::Display for DocumentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnObject => formatter.write_str("the credential document is no JSON object"),
            Self::Missing(field) => write!(formatter, "the credential document lacks {field}"),
            Self::Malformed(field) => write!(formatter, "{field} of the credential document is malformed"),
            Self::Refused { code, message } if message.is_empty() => write!(formatter, "no credentials: {code}"),
            Self::Refused { code, message } => write!(formatter, "no credentials: {code}: {message}"),
        }
    }
}

impl core::error::Error for DocumentError {}

/// Reads a credential document, of the instance or of a container.
///
/// The case of names does not matter, `SessionToken` and `ExpiresAt` are as good as `Token` and `Expiration`, and a `Code`
/// that is missing counts as success, as in the SDKs. All four values must be there.
///
/// # Errors
/// When it is no such document, or one that says why there are no credentials.
pub fn parse_document(bytes: &[u8]) -> Result<Credentials, DocumentError> {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(bytes) else {
        return Err(DocumentError::NotAnObject);
    };
    if let Some(code) = take(&mut fields, &["Code"]) {
        let code = code?;
        if !code.eq_ignore_ascii_case("Success") {
            let message = take(&mut fields, &["Message"]).and_then(Result::ok).unwrap_or_default();
            return Err(DocumentError::Refused { code: printable(&code), message: printable(&message) });
        }
    }
    let mut required = |names: &[&'static str]| {
        let name = names.first().copied().unwrap_or_default();
        take(&mut fields, names).unwrap_or(Err(DocumentError::Missing(name)))
    };
    let id = required(&["AccessKeyId"])?;
    let secret = required(&["SecretAccessKey"])?;
    let token = required(&["Token", "SessionToken"])?;
    let expiration = required(&["Expiration", "ExpiresAt"])?;
    let expires = Timestamp::parse_rfc3339(&expiration).map_err(|_| DocumentError::Malformed("Expiration"))?;
    use crate::signing::CredentialsError as E;
    let credentials = Credentials::new(id, secret).map_err(|error| match error {
        E::Secret => DocumentError::Malformed("SecretAccessKey"),
        _ => DocumentError::Malformed("AccessKeyId"),
    })?;
    let credentials = credentials.with_token(token).map_err(|_| DocumentError::Malformed("Token"))?;
    if credentials.token().is_none() {
        return Err(DocumentError::Missing("Token"));
    }
    Ok(credentials.with_expiry(expires))
}

/// Takes the text of the first field of these names out of the document; null is as good as missing.
fn take(fields: &mut Map<String, Value>, names: &[&'static str]) -> Option<Result<String, DocumentError>> {
    for name in names {
        let key = fields.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
        match key.and_then(|key| fields.remove(&key)) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => return Some(Ok(text)),
            Some(_) => return Some(Err(DocumentError::Malformed(name))),
        }
    }
    None
}

/// Foreign text, fit for one line of an error.
fn printable(text: &str) -> String {
    let line = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    line.take(300).collect::<String>().trim().to_string()
}

/// Reads the list of roles: the first line that is not blank. `None` if there is none; an instance has at most one.
///
/// # Errors
/// When it is no role name: letters, digits and `+=,.@_-`, 64 at most.
pub fn parse_role(list: &[u8]) -> Result<Option<String>, DocumentError> {
    let text = core::str::from_utf8(list).map_err(|_| DocumentError::Malformed("the role's name"))?;
    let Some(name) = text.lines().map(str::trim).find(|line| !line.is_empty()) else {
        return Ok(None);
    };
    let fits = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte));
    // "." and ".." are made of these letters too, and would change the path.
    if !fits || name.len() > 64 || name.bytes().all(|byte| byte == b'.') {
        return Err(DocumentError::Malformed("the role's name"));
    }
    Ok(Some(name.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const GOOD: &str = r#"{"Code":"Success","LastUpdated":"2015-08-30T12:00:00Z","Type":"AWS-HMAC",
        "AccessKeyId":"ASIAX","SecretAccessKey":"SENTINEL","Token":"tok","Expiration":"2015-08-30T18:36:00Z"}"#;

    fn with(from: &str, to: &str) -> Result<Credentials, DocumentError> {
        assert!(GOOD.contains(from));
        parse_document(GOOD.replace(from, to).as_bytes())
    }

    #[test]
    fn every_spelling_in_use_is_read() {
        let good = parse_document(GOOD.as_bytes()).unwrap();
        assert_eq!(good.access_key_id(), "ASIAX");
        assert_eq!(good.secret().expose(), "SENTINEL");
        assert_eq!(good.token().unwrap().expose(), "tok");
        assert_eq!(good.expires().unwrap().as_str(), "20150830T183600Z");
        for (from, to) in [
            (r#""Code":"Success","#, ""),
            (r#""Code":"Success","#, r#""Code":null,"#),
            ("Success", "success"),
            ("AccessKeyId", "accesskeyid"),
            ("Token", "SessionToken"),
            (r#""Token":"tok""#, r#""Token":null,"sessionToken":"tok""#),
            ("Expiration", "ExpiresAt"),
            ("LastUpdated", "AccountId"),
        ] {
            assert!(with(from, to).is_ok(), "{from} → {to}");
        }
    }

    #[test]
    fn what_is_no_document_is_named() {
        for text in ["", "null", "[]", "\"x\"", "{", "<html></html>", "{\"a\":1}x", "\u{feff}{}"] {
            assert_eq!(parse_document(text.as_bytes()).unwrap_err(), DocumentError::NotAnObject, "{text}");
        }
        assert_eq!(parse_document(b"{}").unwrap_err(), DocumentError::Missing("AccessKeyId"));
        for field in ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"] {
            let error = with(&format!("\"{field}\":"), "\"Other\":").unwrap_err();
            assert_eq!(error, DocumentError::Missing(field));
        }
        assert_eq!(with("\"ASIAX\"", "5").unwrap_err(), DocumentError::Malformed("AccessKeyId"));
        assert_eq!(with("ASIAX", "A X").unwrap_err(), DocumentError::Malformed("AccessKeyId"));
        assert_eq!(with("SENTINEL", "a\\nb").unwrap_err(), DocumentError::Malformed("SecretAccessKey"));
        assert_eq!(with("tok", "t\\r\\nHost: x").unwrap_err(), DocumentError::Malformed("Token"));
        assert_eq!(with("\"tok\"", "\"\"").unwrap_err(), DocumentError::Missing("Token"));
        assert_eq!(with("2015-08-30T18:36:00Z", "soon").unwrap_err(), DocumentError::Malformed("Expiration"));
        let deep = "[".repeat(100_000);
        assert_eq!(parse_document(deep.as_bytes()).unwrap_err(), DocumentError::NotAnObject);
    }

    #[test]
    fn the_service_may_say_why_there_are_none() {
        let error = parse_document(br#"{"Code":"Failed","Message":"try\nlater"}"#).unwrap_err();
        assert_eq!(error.to_string(), "no credentials: Failed: try later");
        let error = parse_document(br#"{"code":"AssumeRoleUnauthorizedAccess"}"#).unwrap_err();
        assert_eq!(error.to_string(), "no credentials: AssumeRoleUnauthorizedAccess");
    }

    #[test]
    fn the_role_is_the_first_line_that_is_not_blank() {
        assert_eq!(parse_role(b"\r\n  my-role_1+=,.@ \r\nother\n").unwrap().as_deref(), Some("my-role_1+=,.@"));
        assert_eq!(parse_role(b" \n\n").unwrap(), None);
        for bad in ["a/b", "a b", "..", "<html>", "\u{e4}", "a?b", &"x".repeat(65)] {
            assert!(parse_role(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse_role(b"\xff").is_err());
    }
}
