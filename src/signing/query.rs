//! The query: as it is sent, and sorted as it is signed.

use super::encode::{Sink, Style, encoded, write, write_plain};
use super::list::List;
use core::cmp::Ordering;

/// One parameter: `name=value` as the URL has it, or one that signing adds.
#[derive(Clone, Copy, Default)]
pub(crate) struct Parameter<'a> {
    name: &'a str,
    value: Value<'a>,
    /// The first eight bytes of the encoded name: decides nearly every comparison.
    key: u64,
}

/// The value of a [`Parameter`].
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    /// From the URL: `%XX` is an escape. `None` if there was no `=`.
    Given(Option<&'a str>),
    /// Plain text.
    Plain(&'a str),
    /// The list of signed headers, which only the writer knows.
    SignedHeaders,
}

impl Default for Value<'_> {
    fn default() -> Self {
        Self::Given(None)
    }
}

impl<'a> Parameter<'a> {
    pub(crate) fn added(name: &'a str, value: Value<'a>) -> Self {
        Self { name, value, key: 0 }
    }

    fn given(piece: &'a str) -> Self {
        match piece.split_once('=') {
            Some((name, value)) => Self { name, value: Value::Given(Some(value)), key: 0 },
            None => Self { name: piece, value: Value::Given(None), key: 0 },
        }
    }

    /// Whether the name is `name`, however it is escaped.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name || self.name.contains('%') && encoded(self.name, false).eq(encoded(name, true))
    }

    /// The value as the URL has it, still escaped.
    pub(crate) fn given_value(&self) -> &'a str {
        match self.value {
            Value::Given(Some(value)) => value,
            _ => "",
        }
    }

    fn with_key(mut self) -> Self {
        let mut bytes = encoded(self.name, false);
        for _ in 0..8 {
            self.key = self.key << 8 | u64::from(bytes.next().unwrap_or_default());
        }
        self
    }

    /// By encoded name, then by encoded value; never by the joined text, where `-` sorts before `=`.
    fn compare(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key).then_with(|| encoded(self.name, false).cmp(encoded(other.name, false))).then_with(
            || match (self.value, other.value) {
                (Value::Given(left), Value::Given(right)) => {
                    encoded(left.unwrap_or_default(), false).cmp(encoded(right.unwrap_or_default(), false))
                }
                // Names that signing adds are taken out of the given ones, so no two of these meet.
                _ => Ordering::Equal,
            },
        )
    }
}

/// The parameters of a raw query in their order, without empty pieces (`a&&b`).
pub(crate) fn parameters(query: Option<&str>) -> impl Iterator<Item = Parameter<'_>> {
    query.unwrap_or_default().split('&').filter(|piece| !piece.is_empty()).map(Parameter::given)
}

/// Writes the query as it goes on the wire: order kept, each name and value decoded once and strictly encoded once.
pub(crate) fn write_sent<'a, S: Sink>(
    parameters: impl Iterator<Item = Parameter<'a>>,
    sink: &mut S,
    mut signed_headers: impl FnMut(&mut S),
) -> bool {
    let mut any = false;
    for parameter in parameters {
        if any {
            sink.put("&");
        }
        any = true;
        write(parameter.name, Style::QUERY, sink);
        if !matches!(parameter.value, Value::Given(None)) {
            sink.put("=");
        }
        write_value(parameter.value, sink, &mut signed_headers);
    }
    any
}

/// Writes the canonical query: sorted, every name with its `=`.
pub(crate) fn write_signed<'a, S: Sink>(
    parameters: impl Iterator<Item = Parameter<'a>>,
    sink: &mut S,
    mut signed_headers: impl FnMut(&mut S),
) {
    let mut sorted = List::<Parameter<'a>, 32>::new();
    for parameter in parameters {
        sorted.push(parameter.with_key());
    }
    sorted.as_mut_slice().sort_unstable_by(Parameter::compare);
    for (index, parameter) in sorted.as_slice().iter().enumerate() {
        if index > 0 {
            sink.put("&");
        }
        write(parameter.name, Style::QUERY, sink);
        sink.put("=");
        write_value(parameter.value, sink, &mut signed_headers);
    }
}

fn write_value<S: Sink>(value: Value<'_>, sink: &mut S, signed_headers: &mut impl FnMut(&mut S)) {
    match value {
        Value::Given(value) => write(value.unwrap_or_default(), Style::QUERY, sink),
        Value::Plain(text) => write_plain(text, sink),
        Value::SignedHeaders => signed_headers(sink),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn both(query: &str) -> (String, String) {
        let (mut sent, mut signed) = (String::new(), String::new());
        write_sent(parameters(Some(query)), &mut sent, |_| {});
        write_signed(parameters(Some(query)), &mut signed, |_| {});
        (sent, signed)
    }

    #[test]
    fn sent_in_order_and_signed_sorted() {
        for (query, sent, signed) in [
            ("lifecycle", "lifecycle", "lifecycle="),
            ("b=2&a=1&b=1", "b=2&a=1&b=1", "a=1&b=1&b=2"),
            ("a-b=1&a=1", "a-b=1&a=1", "a=1&a-b=1"),
            ("q=a+b c%20d", "q=a%2Bb%20c%20d", "q=a%2Bb%20c%20d"),
            ("x=a=b&y=%3d", "x=a%3Db&y=%3D", "x=a%3Db&y=%3D"),
            ("a&&b=&", "a&b=", "a=&b="),
            ("=v", "=v", "=v"),
            ("p=a/b?c", "p=a%2Fb%3Fc", "p=a%2Fb%3Fc"),
            ("Z=1&a=1&_=1", "Z=1&a=1&_=1", "Z=1&_=1&a=1"),
            ("\u{1234}=bar", "%E1%88%B4=bar", "%E1%88%B4=bar"),
            ("%61=1", "a=1", "a=1"),
        ] {
            assert_eq!(both(query), (sent.into(), signed.into()), "{query}");
        }
    }

    #[test]
    fn long_names_that_start_alike_are_told_apart() {
        assert_eq!(both("partNumber-b=1&partNumber=2&partNumber-a=0").1, "partNumber=2&partNumber-a=0&partNumber-b=1");
    }

    #[test]
    fn names_are_known_however_they_are_escaped() {
        let found = parameters(Some("X%2DAmz%2dSignature=ab")).any(|parameter| parameter.is("X-Amz-Signature"));
        assert!(found);
    }
}
