//! JSON in every shape that services give a refusal.

use super::fields::Fields;
use alloc::string::String;
use serde_json::{Map, Value};

/// Reads the first JSON value of the text. Whether there is one is not said: `fields` tells.
pub(super) fn read(text: &str, fields: &mut Fields) {
    // serde_json refuses more than 128 levels.
    if let Some(Ok(Value::Object(members))) = serde_json::Deserializer::from_str(text).into_iter().next() {
        object(&members, fields, 0);
    }
}

fn object(members: &Map<String, Value>, fields: &mut Fields, depth: usize) {
    for (name, value) in members {
        match value {
            Value::String(text) => fields.set(name, text),
            // {"error": {"code": 403}}: the status once more.
            Value::Number(number) if name == "status" || name == "statusCode" => {
                fields.status = fields.status.or_else(|| u16::try_from(number.as_u64()?).ok());
            }
            _ => {}
        }
    }
    if depth == 3 {
        return;
    }
    // {"Error": {"Code": …}} of query services that are asked for JSON, {"errors": [{"errorType": …}]} of AppSync.
    for (name, value) in members {
        let inner = match value {
            Value::Object(inner) => inner,
            Value::Array(values) => match values.first() {
                Some(Value::Object(inner)) => inner,
                _ => continue,
            },
            _ => continue,
        };
        if ["error", "errors", "response", "body", "detail"].iter().any(|known| known.eq_ignore_ascii_case(name)) {
            object(inner, fields, depth + 1);
        }
    }
}
