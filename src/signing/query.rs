//! [`Query`]: as it is sent, and sorted as it is signed.

use super::Request;
use super::bytes::{find, split, split_once, start_of_sixteen};
use super::encode::{Encoding, Sink, Style, encoded, write};
use super::list::List;
use super::scan::is_unreserved_or_zero;
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

    /// Writes the query as it goes on the wire: order kept, each name and value decoded once and strictly encoded once.
    pub(crate) fn write_sent<S: Sink>(&self, sink: &mut S) -> bool {
        let mut any = false;
        let mut start = 0;
        for piece in split(self.text, b'&') {
            let at = start;
            start += piece.len() + 1;
            if piece.is_empty() || !self.counts(at, piece.len()) {
                continue;
            }
            if any {
                sink.put_ascii(*b"&");
            }
            any = true;
            match find(b'=', piece.as_bytes()) {
                Some(length) => {
                    self.write_range(at, at + length, sink);
                    sink.put_ascii(*b"=");
                    self.write_range(at + length + 1, at + piece.len(), sink);
                }
                None => self.write_range(at, at + piece.len(), sink),
            }
        }
        any
    }

    /// Writes the canonical query: sorted, every name with its `=`.
    pub(crate) fn write_signed<S: Sink>(&self, sink: &mut S) {
        if self.text.is_empty() {
            return;
        }
        let (text, mut places) = (self.text.as_bytes(), List::<Place, 32>::new());
        let mut next = Some(0);
        while let Some(start) = next {
            let rest = text.get(start..).unwrap_or_default();
            let length = find(b'&', rest);
            next = length.map(|length| start + length + 1);
            let piece = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
            if !piece.is_empty() && self.counts(start, piece.len()) {
                places.push(self.place(start, piece));
            }
        }
        let piece = |place: &Place| self.text.get(place.start..place.end).unwrap_or_default();
        places.as_mut_slice().sort_unstable_by(|left, right| {
            left.key.cmp(&right.key).then_with(|| compare_whole(piece(left), piece(right)))
        });
        for (index, place) in places.as_slice().iter().enumerate() {
            if index > 0 {
                sink.put_ascii(*b"&");
            }
            let has_value = place.name_end < place.end;
            if self.form == Form::Encoded {
                sink.put_bytes(text.get(place.start..place.end).unwrap_or_default());
            } else if place.plain {
                sink.put_bytes(text.get(place.start..place.name_end + usize::from(has_value)).unwrap_or_default());
            } else {
                self.write_range(place.start, place.name_end, sink);
            }
            if !has_value || !place.plain && self.form != Form::Encoded {
                sink.put_ascii(*b"=");
            }
            if has_value && self.form != Form::Encoded {
                self.write_range(place.name_end + 1, place.end, sink);
            }
        }
    }

    #[inline]
    fn place(&self, start: usize, piece: &[u8]) -> Place {
        let length = find(b'=', piece).unwrap_or(piece.len());
        let kept = if self.form == Form::Raw { b'~' } else { b'%' };
        let (name_end, end) = (start + length, start + piece.len());
        let key = start_of_sixteen(piece, length);
        if is_unreserved_or_zero(&key.to_be_bytes(), kept) {
            return Place { key, start, name_end, end, plain: length <= 16 };
        }
        let key = encoded_start_of_sixteen(self.text.get(start..name_end).unwrap_or_default());
        Place { key, start, name_end, end, plain: false }
    }

    /// Whether a parameter counts.
    #[inline]
    fn counts(&self, start: usize, length: usize) -> bool {
        self.left_out.is_empty() || {
            let given = Parameter::given(self.text.get(start..start + length).unwrap_or_default());
            !self.left_out.iter().any(|name| given.is(name))
        }
    }

    #[inline]
    fn write_range<S: Sink>(&self, start: usize, end: usize, sink: &mut S) {
        match self.form {
            Form::Raw => write(self.text.get(start..end).unwrap_or_default(), Style::QUERY, sink),
            Form::Escaped | Form::Encoded => {
                sink.put_encoded(self.text.as_bytes().get(start..end).unwrap_or_default(), &Encoding::ESCAPED);
            }
        }
    }
}

/// Which parameter it is, small enough to be sorted.
#[derive(Clone, Copy, Default)]
struct Place {
    /// The first sixteen bytes of the encoded name, zeros behind it: decides nearly every comparison.
    key: u128,
    /// Where it is in the query.
    start: usize,
    name_end: usize,
    end: usize,
    /// The name is written as it is.
    plain: bool,
}

/// The first sixteen bytes of the encoded name, padded with zeros.
#[cold]
fn encoded_start_of_sixteen(name: &str) -> u128 {
    let mut start = encoded(name, false);
    (0..16).fold(0, |key, _| key << 8 | u128::from(start.next().unwrap_or_default()))
}

/// Orders two `name=value` by encoded name, then by encoded value; never by the joined text, where `-` sorts before `=`.
#[cold]
fn compare_whole(left: &str, right: &str) -> Ordering {
    let ((left, left_value), (right, right_value)) = (split_once(left, b'='), split_once(right, b'='));
    let compare = |left, right| encoded(left, false).cmp(encoded(right, false));
    compare(left, right).then_with(|| compare(left_value.unwrap_or_default(), right_value.unwrap_or_default()))
}

/// One `name=value`, still escaped.
#[derive(Clone, Copy)]
pub(crate) struct Parameter<'a> {
    name: &'a str,
    value: Option<&'a str>,
}

impl<'a> Parameter<'a> {
    fn given(piece: &'a str) -> Self {
        let (name, value) = split_once(piece, b'=');
        Self { name, value }
    }

    /// Whether the name is `name`, however it is escaped.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name || self.name.len() > name.len() && encoded(self.name, false).eq(encoded(name, true))
    }

    /// The value as the URL has it, still escaped.
    pub(crate) fn given_value(&self) -> &'a str {
        self.value.unwrap_or_default()
    }
}

/// The parameters of a raw query in their order, without empty pieces (`a&&b`).
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = Parameter<'_>> {
    split(query, b'&').filter(|piece| !piece.is_empty()).map(Parameter::given)
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
