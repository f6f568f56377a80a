use serde_json::{Map, Value};
use std::path::Path;

/// The members of a JSON object that have not been asked for yet.
pub(super) struct Fields {
    place: String,
    members: Map<String, Value>,
}

/// Reads an object; a member that `read` does not take fails.
pub(super) fn object<T>(place: &str, value: Value, read: impl FnOnce(&mut Fields) -> T) -> T {
    let Value::Object(members) = value else { panic!("{place}: not an object: {value}") };
    let mut fields = Fields { place: place.to_owned(), members };
    let result = read(&mut fields);
    let rest: Vec<_> = fields.members.keys().collect();
    assert!(rest.is_empty(), "{place}: unknown members {rest:?}");
    result
}

/// Reads a file that holds one object.
pub(super) fn file<T>(file: &Path, read: impl FnOnce(&mut Fields) -> T) -> T {
    let place = file.display().to_string();
    let value = serde_json::from_str(&super::text(file)).unwrap_or_else(|error| panic!("{place}: {error}"));
    object(&place, value, read)
}

impl Fields {
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) fn maybe(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name)
    }

    pub(super) fn value(&mut self, name: &str) -> Value {
        self.maybe(name).unwrap_or_else(|| panic!("{}: no {name}", self.place))
    }

    pub(super) fn maybe_text(&mut self, name: &str) -> Option<String> {
        self.maybe(name).map(|value| match value {
            Value::String(text) => text,
            other => panic!("{}: {name} is no text: {other}", self.place),
        })
    }

    pub(super) fn text(&mut self, name: &str) -> String {
        self.maybe_text(name).unwrap_or_else(|| panic!("{}: no {name}", self.place))
    }

    pub(super) fn maybe_flag(&mut self, name: &str) -> Option<bool> {
        self.maybe(name).map(|value| value.as_bool().unwrap_or_else(|| panic!("{}: {name}: {value}", self.place)))
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        self.maybe_flag(name).unwrap_or_else(|| panic!("{}: no {name}", self.place))
    }

    pub(super) fn number(&mut self, name: &str) -> u64 {
        let value = self.value(name);
        value.as_u64().unwrap_or_else(|| panic!("{}: {name} is no number: {value}", self.place))
    }

    /// Reads a list, and hands each element over with its place.
    pub(super) fn list<T>(&mut self, name: &str, mut read: impl FnMut(&str, Value) -> T) -> Vec<T> {
        let place = format!("{} {name}", self.place);
        let Value::Array(values) = self.value(name) else { panic!("{place}: not a list") };
        values.into_iter().enumerate().map(|(at, value)| read(&format!("{place}[{at}]"), value)).collect()
    }

    /// Reads an object inside.
    pub(super) fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let place = format!("{} {name}", self.place);
        object(&place, self.value(name), read)
    }
}

/// The strictness that the other readers rest on.
#[test]
#[should_panic(expected = "unknown members [\"b\"]")]
fn a_member_that_nobody_reads_fails() {
    object("here", serde_json::json!({"a": 1, "b": 2}), |fields| fields.number("a"));
}
