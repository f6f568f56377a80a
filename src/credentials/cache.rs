//! Files that outlive a run, named and written as the AWS CLI does, so that each finds what the other left.

use super::document;
use super::sources::Sources;
use crate::signing::{Credentials, Timestamp};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};
use std::path::Path;
use zeroize::Zeroizing;

/// What is good for less is not taken from a file: as botocore has it.
const WINDOW_SECONDS: i64 = 15 * 60;

/// Reads credentials that are good for a while, and that no service has called expired or invalid.
pub(super) fn load(sources: &Sources, path: &Path) -> Option<Credentials> {
    let bytes = Zeroizing::new(sources.world.read(path).ok()?);
    // What cannot be read is as good as missing, and is replaced.
    let kept: Value = serde_json::from_slice(&bytes).ok()?;
    let credentials = document::parse_value(kept.get("Credentials")?.as_object()?.clone()).ok()?;
    let left = credentials.expires()?.seconds_since(&sources.world.now());
    let rejected = sources.is_rejected(credentials.access_key_id());
    (left > WINDOW_SECONDS && !rejected).then_some(credentials)
}

/// Writes credentials for the next run. That it fails is no reason not to use them now.
pub(super) fn keep(sources: &Sources, path: &Path, credentials: &Credentials, key: &str, value: Value) {
    let Some(expires) = credentials.expires() else { return };
    let mut kept = Map::new();
    kept.insert(
        "Credentials".into(),
        json!({
            "AccessKeyId": credentials.access_key_id(),
            // Kept in a file that only its owner may read, as the AWS CLI keeps them.
            "SecretAccessKey": credentials.secret().expose(),
            "SessionToken": credentials.token().map(|token| token.expose()),
            "Expiration": expires.to_rfc3339(),
        }),
    );
    kept.insert(key.into(), value);
    save(sources, path, Value::Object(kept));
}

/// Writes a JSON file.
pub(super) fn save(sources: &Sources, path: &Path, value: Value) {
    let text = Zeroizing::new(value.to_string());
    // A home folder that cannot be written to must not keep anybody from working.
    let _ = sources.world.save(path, text.as_bytes());
}

/// A moment as files of the AWS CLI have it: RFC 3339, or with `UTC` in place of `Z`.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix("UTC").map_or_else(|| text.to_string(), |start| format!("{start}Z"));
    Timestamp::parse_rfc3339(&text).ok()
}

/// The digest that names a file.
pub(super) fn sha1(text: &str) -> String {
    hex::encode(Sha1::digest(text.as_bytes()))
}

/// As Python's `json.dumps(…, sort_keys=True)` writes it, whose digest names a file: with these separators, and nothing
/// but ASCII.
pub(super) fn python_json(fields: &Map<String, Value>, comma: &str, colon: &str) -> String {
    let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
    sorted.sort_by_key(|(key, _)| *key);
    let pairs: Vec<String> = sorted.into_iter().map(|(key, value)| format!("{}{colon}{value}", json!(key))).collect();
    let mut text = String::new();
    for letter in format!("{{{}}}", pairs.join(comma)).chars() {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_aws_cli() {
        // json.dumps({'RoleArn': …, 'ExternalId': 'é"𝄞', 'DurationSeconds': 900}, sort_keys=True), of Python 3.11
        let mut fields = Map::new();
        fields.insert("RoleArn".into(), json!("arn:aws:iam::1:role/x"));
        fields.insert("ExternalId".into(), json!("\u{e9}\"\u{1d11e}"));
        fields.insert("DurationSeconds".into(), json!(900));
        let text = python_json(&fields, ", ", ": ");
        assert_eq!(
            text,
            r#"{"DurationSeconds": 900, "ExternalId": "\u00e9\"\ud834\udd1e", "RoleArn": "arn:aws:iam::1:role/x"}"#
        );
        assert_eq!(sha1("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    }

    #[test]
    fn both_endings_of_a_time_are_read() {
        for text in ["2015-08-30T12:36:00Z", "2015-08-30T12:36:00UTC", "2015-08-30T12:36:00+00:00"] {
            assert_eq!(timestamp(text).unwrap().as_str(), "20150830T123600Z");
        }
        assert!(timestamp("soon").is_none());
    }
}
