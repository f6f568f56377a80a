//! [`Query`]: as it is sent, and sorted as it is signed.

use super::Request;
use super::bytes::{Class, find, split, split_once, start_of};
use super::encode::{Encoding, Sink, Style, encoded, write};
use super::list::List;
use core::cmp::Ordering;

/// The query of a request, less the parameters that a signature does not cover.
#[derive(Clone, Copy)]
pub(crate) struct Query<'a> {
    text: &'a str,
    form: Form,
    left_out: &'a [&'a str],
}

/// How far a query is encoded already.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Not at all, or loosely.
    Raw,
    /// Its escapes are strict, but there are other bytes that have to be escaped.
    Escaped,
    /// Strictly.
    Encoded,
}

impl<'a> Query<'a> {
    pub(crate) fn of(request: &Request<'a>) -> Self {
        let form = if request.has_strict_escapes() { Form::Escaped } else { Form::Raw };
        Self { text: request.query().unwrap_or_default(), form, left_out: &[] }
    }

    /// A query as anybody may have written it.
    pub(crate) fn raw(text: &'a str) -> Self {
        Self { text, form: Form::Raw, left_out: &[] }
    }

    /// A query as it is sent.
    pub(crate) fn encoded(text: &'a str) -> Self {
        Self { text, form: Form::Encoded, left_out: &[] }
    }

    /// Parameters of these names, which start with `X-Amz-`, do not count.
    pub(crate) fn leaving_out(self, names: &'a [&'a str]) -> Self {
        Self { left_out: names, ..self }
    }

    /// Whether a parameter counts.
    #[inline]
    fn has(&self, given: &Parameter<'_>) -> bool {
        self.left_out.is_empty() || !given.may_be_amazon_s() || !self.left_out.iter().any(|name| given.is(name))
    }

    /// Writes the query as it goes on the wire: order kept, each name and value decoded once and strictly encoded once.
    pub(crate) fn write_sent<S: Sink>(&self, sink: &mut S) -> bool {
        let mut any = false;
        for parameter in parameters(self.text).filter(|given| self.has(given)) {
            if any {
                sink.put_ascii(*b"&");
            }
            any = true;
            self.write(parameter.name(), sink);
            if let Some(value) = parameter.value() {
                sink.put_ascii(*b"=");
                self.write(value, sink);
            }
        }
        any
    }

    /// Writes the canonical query: sorted, every name with its `=`.
    pub(crate) fn write_signed<S: Sink>(&self, sink: &mut S) {
        if self.text.is_empty() {
            return;
        }
        let (mut parameters, mut places) = (List::<Parameter<'a>, 32>::new(), List::<Place, 32>::new());
        let mut rest = Some(self.text);
        while let Some(text) = rest {
            let piece;
            (piece, rest) = split_once(text, b'&');
            if piece.is_empty() {
                continue;
            }
            let parameter = Parameter::given(piece, self.form);
            if self.has(&parameter) {
                places.push(Place { key: parameter.key(), index: parameters.as_slice().len() });
                parameters.push(parameter);
            }
        }
        let parameters = parameters.as_slice();
        let at = |place: &Place| parameters.get(place.index).copied().unwrap_or_default();
        places
            .as_mut_slice()
            .sort_unstable_by(|left, right| left.key.cmp(&right.key).then_with(|| at(left).compare_whole(&at(right))));
        for (index, place) in places.as_slice().iter().enumerate() {
            let parameter = at(place);
            if index > 0 {
                sink.put_ascii(*b"&");
            }
            match parameter.value() {
                Some(_) if self.form == Form::Encoded => sink.put(parameter.piece),
                Some(value) if parameter.plain => {
                    sink.put(parameter.piece.get(..=parameter.name_length).unwrap_or_default());
                    self.write(value, sink);
                }
                value => {
                    self.write(parameter.name(), sink);
                    sink.put_ascii(*b"=");
                    self.write(value.unwrap_or_default(), sink);
                }
            }
        }
    }

    fn write<S: Sink>(&self, text: &str, sink: &mut S) {
        match self.form {
            Form::Raw => write(text, Style::QUERY, sink),
            Form::Escaped => sink.put_encoded(text.as_bytes(), &Encoding::ESCAPED),
            Form::Encoded => sink.put(text),
        }
    }
}

/// Which parameter it is, small enough to be sorted.
#[derive(Clone, Copy, Default)]
struct Place {
    /// The first sixteen bytes of the encoded name, zeros behind it: decides nearly every comparison.
    key: u128,
    index: usize,
}

/// One `name=value`, still escaped.
#[derive(Clone, Copy, Default)]
pub(crate) struct Parameter<'a> {
    piece: &'a str,
    name_length: usize,
    /// The name is the same when encoded.
    plain: bool,
}

impl<'a> Parameter<'a> {
    #[inline]
    fn given(piece: &'a str, form: Form) -> Self {
        let bytes = piece.as_bytes();
        if form == Form::Encoded {
            return Self { piece, name_length: find(b'=', bytes).unwrap_or(bytes.len()), plain: true };
        }
        let length = Class::UNRESERVED.span(bytes);
        match bytes.get(length) {
            None | Some(b'=') => Self { piece, name_length: length, plain: true },
            _ => Self { piece, name_length: find(b'=', bytes).unwrap_or(bytes.len()), plain: false },
        }
    }

    fn name(&self) -> &'a str {
        self.piece.get(..self.name_length).unwrap_or_default()
    }

    fn value(&self) -> Option<&'a str> {
        self.piece.get(self.name_length + 1..)
    }

    /// The first sixteen bytes of the encoded name, zeros behind it.
    #[inline]
    fn key(&self) -> u128 {
        if !self.plain {
            let mut start = encoded(self.name(), false);
            return (0..16).fold(0, |key, _| key << 8 | u128::from(start.next().unwrap_or_default()));
        }
        match self.piece.as_bytes().first_chunk() {
            Some(start) => {
                // What stands behind the name does not count.
                let bits = u32::try_from(self.name_length * 8).unwrap_or(u32::MAX);
                u128::from_be_bytes(*start) & !u128::MAX.checked_shr(bits).unwrap_or_default()
            }
            None => {
                let name = self.name().as_bytes();
                u128::from(start_of(name)) << 64 | u128::from(start_of(name.get(8..).unwrap_or_default()))
            }
        }
    }

    /// Whether the name is `name`, however it is escaped.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name() == name || !self.plain && encoded(self.name(), false).eq(encoded(name, true))
    }

    /// Whether the name starts with `X-Amz-`.
    fn may_be_amazon_s(&self) -> bool {
        self.key() >> 80 == u128::from(start_of(b"X-Amz-") >> 16)
    }

    /// The value as the URL has it, still escaped.
    pub(crate) fn given_value(&self) -> &'a str {
        self.value().unwrap_or_default()
    }

    /// By encoded name, then by encoded value; never by the joined text, where `-` sorts before `=`.
    #[cold]
    fn compare_whole(&self, other: &Self) -> Ordering {
        let names = match self.plain && other.plain {
            true => self.name().cmp(other.name()),
            false => encoded(self.name(), false).cmp(encoded(other.name(), false)),
        };
        names.then_with(|| encoded(self.given_value(), false).cmp(encoded(other.given_value(), false)))
    }
}

/// The parameters of a raw query in their order, without empty pieces (`a&&b`).
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = Parameter<'_>> {
    split(query, b'&').filter(|piece| !piece.is_empty()).map(|piece| Parameter::given(piece, Form::Raw))
}

#[cfg(test)]
mod tests {
    use super::super::Request;
    use super::*;
    use alloc::string::String;

    fn both(query: &str) -> (String, String) {
        let (mut sent, mut signed) = (String::new(), String::new());
        let request = alloc::format!("https://example.com/?{query}");
        let query = Query::of(&Request::new("GET", &request).unwrap());
        query.write_sent(&mut sent);
        query.write_signed(&mut signed);
        let mut again = String::new();
        Query::encoded(&sent).write_signed(&mut again);
        assert_eq!(again, signed);
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
        let found = parameters("X%2DAmz%2dSignature=ab").any(|parameter| parameter.is("X-Amz-Signature"));
        assert!(found);
    }
}
