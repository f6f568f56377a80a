//! Percent-encoding both ways, and hexadecimal.
//!
//! AWS's encoding keeps the RFC 3986 unreserved characters (`A-Z a-z 0-9 - . _ ~`) and writes every other byte as
//! `%XX` with upper-case digits. A URL is decoded once and encoded strictly once, byte by byte, so that what is
//! sent and what is signed come out of the same pass.

use percent_encoding::percent_encode_byte;

/// Something that canonical text is written into: a hash when signing, a `String` when somebody wants to read it.
pub(crate) trait Sink {
    fn put(&mut self, text: &str);
}

impl Sink for alloc::string::String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }
}

/// Text on its way into a query: what is put is written strictly encoded.
pub(crate) struct Encoded<'s, S>(pub(crate) &'s mut S);

impl<S: Sink> Sink for Encoded<'_, S> {
    fn put(&mut self, text: &str) {
        write_plain(text, self.0);
    }
}

/// RFC 3986 section 2.3, unreserved characters.
pub(crate) const fn is_unreserved(byte: u8) -> bool {
    matches!(byte, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~')
}

/// How one part of a URL is written; see [`write`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// A raw `/` stays (it separates path segments).
    pub(crate) slash: bool,
    /// `%2F` becomes `/` (S3, where a key has only one kind of slash).
    pub(crate) unescape_slash: bool,
    /// Every `%` of the result is written `%25`: the second encoding of a path.
    pub(crate) twice: bool,
}

impl Style {
    pub(crate) const QUERY: Self = Self { slash: false, unescape_slash: false, twice: false };
}

/// Whether every `%` in `raw` starts an escape of two hexadecimal digits.
pub(crate) fn escapes_are_valid(raw: &str) -> bool {
    let mut rest = raw.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| byte == b'%') {
        match rest.get(at + 1..at + 3) {
            Some([high, low]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {}
            _ => return false,
        }
        rest = rest.get(at + 3..).unwrap_or_default();
    }
    true
}

fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The byte that the escape at the start of `rest` stands for.
fn unescape(rest: &[u8]) -> Option<u8> {
    match rest {
        [b'%', high, low, ..] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    }
}

/// Writes `raw`, in which `%XX` is an escape, decoded once and encoded strictly once.
pub(crate) fn write<S: Sink>(raw: &str, style: Style, sink: &mut S) {
    let bytes = raw.as_bytes();
    let mut at = 0;
    let mut start = 0;
    while let Some(&byte) = bytes.get(at) {
        if is_unreserved(byte) || (byte == b'/' && style.slash) {
            at += 1;
            continue;
        }
        sink.put(raw.get(start..at).unwrap_or_default());
        let (decoded, length) = match unescape(bytes.get(at..).unwrap_or_default()) {
            Some(decoded) => (decoded, 3),
            None => (byte, 1),
        };
        if length == 3 && is_unreserved(decoded) || style.unescape_slash && decoded == b'/' {
            sink.put(char::from(decoded).encode_utf8(&mut [0; 4]));
        } else {
            put_escape(decoded, style.twice, sink);
        }
        at += length;
        start = at;
    }
    sink.put(raw.get(start..).unwrap_or_default());
}

/// Writes plain `text`, in which `%` is an ordinary character, strictly encoded once.
pub(crate) fn write_plain<S: Sink>(text: &str, sink: &mut S) {
    let bytes = text.as_bytes();
    let mut start = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if !is_unreserved(byte) {
            sink.put(text.get(start..at).unwrap_or_default());
            put_escape(byte, false, sink);
            start = at + 1;
        }
    }
    sink.put(text.get(start..).unwrap_or_default());
}

fn put_escape<S: Sink>(byte: u8, twice: bool, sink: &mut S) {
    let escape = percent_encode_byte(byte);
    if twice {
        sink.put("%25");
        sink.put(escape.get(1..).unwrap_or_default());
    } else {
        sink.put(escape);
    }
}

/// The bytes that [`write`] with [`Style::QUERY`] (or [`write_plain`], if `plain`) would write, one at a time.
pub(crate) fn encoded(raw: &str, plain: bool) -> impl Iterator<Item = u8> + '_ {
    let mut rest = raw.as_bytes();
    let mut pending: &'static [u8] = &[];
    core::iter::from_fn(move || {
        if let Some((&first, others)) = pending.split_first() {
            pending = others;
            return Some(first);
        }
        let (&byte, others) = rest.split_first()?;
        if is_unreserved(byte) {
            rest = others;
            return Some(byte);
        }
        let decoded = match unescape(rest) {
            Some(decoded) if !plain => {
                rest = rest.get(3..).unwrap_or_default();
                if is_unreserved(decoded) {
                    return Some(decoded);
                }
                decoded
            }
            _ => {
                rest = others;
                byte
            }
        };
        pending = percent_encode_byte(decoded).as_bytes().get(1..).unwrap_or_default();
        Some(b'%')
    })
}

/// Thirty-two bytes in lower-case hexadecimal.
pub(crate) fn hex_of(bytes: &[u8; 32]) -> [u8; 64] {
    let mut text = [b'0'; 64];
    // Cannot fail: the output is exactly twice as long as the input.
    let _ = hex::encode_to_slice(bytes, &mut text);
    text
}

/// Hexadecimal digits as text.
pub(crate) fn hex_str(digits: &[u8; 64]) -> &str {
    core::str::from_utf8(digits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn once(raw: &str) -> String {
        let mut out = String::new();
        write(raw, Style { slash: true, unescape_slash: false, twice: false }, &mut out);
        out
    }

    #[test]
    fn unreserved_escapes_are_decoded_and_the_rest_upper_cased() {
        assert_eq!(once("/a%7eb%2fc%2B+d e/\u{1234}"), "/a~b%2Fc%2B%2Bd%20e/%E1%88%B4");
    }

    #[test]
    fn encoding_is_idempotent() {
        let first = once("/a b%2fc/@:=");
        assert_eq!(once(&first), first);
    }

    #[test]
    fn encoded_yields_what_write_writes() {
        for raw in ["a%20b", "%7E%zz%", "x y+\u{e9}", ""] {
            let mut written = String::new();
            write(raw, Style::QUERY, &mut written);
            assert_eq!(encoded(raw, false).collect::<alloc::vec::Vec<_>>(), written.as_bytes());
            let mut plain = String::new();
            write_plain(raw, &mut plain);
            assert_eq!(encoded(raw, true).collect::<alloc::vec::Vec<_>>(), plain.as_bytes());
        }
    }

    #[test]
    fn malformed_escapes_are_seen() {
        assert!(escapes_are_valid("/a%20%2f"));
        for raw in ["%", "%2", "%zz", "a%2", "%%20"] {
            assert!(!escapes_are_valid(raw), "{raw}");
        }
    }
}
