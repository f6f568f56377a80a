//! Percent-encoding both ways, and hexadecimal.
//!
//! AWS's encoding keeps the RFC 3986 unreserved characters (`A-Z a-z 0-9 - . _ ~`) and writes every other byte as
//! `%XX` with upper-case digits. A URL is decoded once and encoded strictly once, byte by byte, so that what is
//! sent and what is signed come out of the same pass.

use super::bytes::Class;
use super::scan::is_all_unreserved_or_slash;
use percent_encoding::percent_encode_byte;

/// Something that canonical text is written into: a hash when signing, a `String` when somebody wants to read it.
pub(crate) trait Sink {
    fn put(&mut self, text: &str);

    /// Writes a few ASCII characters.
    fn put_ascii<const N: usize>(&mut self, characters: [u8; N]);

    /// Writes text that is known by its bytes.
    fn put_bytes(&mut self, text: &[u8]);

    /// Writes two texts and what stands between them, an ASCII character.
    fn put_pair(&mut self, first: &[u8], between: u8, second: &[u8]) {
        self.put_bytes(first);
        self.put_ascii([between]);
        self.put_bytes(second);
    }

    /// Writes the bytes as `encoding` has them.
    fn put_encoded(&mut self, bytes: &[u8], encoding: &Encoding);
}

impl Sink for alloc::string::String {
    fn put(&mut self, text: &str) {
        self.push_str(text);
    }

    fn put_ascii<const N: usize>(&mut self, characters: [u8; N]) {
        self.extend(characters.map(char::from));
    }

    fn put_bytes(&mut self, text: &[u8]) {
        self.push_str(core::str::from_utf8(text).unwrap_or_default());
    }

    fn put_encoded(&mut self, bytes: &[u8], encoding: &Encoding) {
        let mut room = [0; 256];
        let mut rest = bytes;
        while !rest.is_empty() {
            let length;
            (rest, length) = encoding.write(rest, &mut room, 0);
            let text = room.get(..length).and_then(|text| core::str::from_utf8(text).ok());
            self.push_str(text.unwrap_or_default());
        }
    }
}

/// What stands for each byte: three characters from the lowest byte on, and in the highest how many of them count.
pub(crate) struct Encoding([u32; 256]);

impl Encoding {
    /// Of plain text.
    pub(crate) const PLAIN: Self = Self::keeping(None);
    /// Of text whose escapes are strict already.
    pub(crate) const ESCAPED: Self = Self::keeping(Some(b'%'));

    const fn keeping(kept: Option<u8>) -> Self {
        let mut table = [0; 256];
        let (mut rest, mut byte): (&mut [u32], u8) = (&mut table, 0);
        while let Some((place, others)) = rest.split_first_mut() {
            let is_kept = matches!(kept, Some(kept) if kept == byte);
            *place = u32::from_le_bytes(if is_kept || Class::is_unreserved(byte) {
                [byte, 0, 0, 1]
            } else {
                [b'%', hex_digit(byte >> 4), hex_digit(byte & 15), 3]
            });
            byte = byte.wrapping_add(1);
            rest = others;
        }
        Self(table)
    }

    /// Writes bytes to `room` from `at` on, until none is left or less than [`Self::ROOM`] is; returns what is left of
    /// the bytes, and where the writing ended.
    ///
    /// Every byte takes the same way, since what has to be encoded comes where no branch predictor expects it. What is
    /// written behind the end means nothing.
    #[inline(always)]
    pub(crate) fn write<'b>(&self, bytes: &'b [u8], room: &mut [u8], mut at: usize) -> (&'b [u8], usize) {
        let entry = |byte: u8| self.0.get(usize::from(byte)).copied().unwrap_or_default();
        let length = |entry: u32| usize::try_from(entry >> 24 & 3).unwrap_or_default();
        let mut rest = bytes;
        while let Some((four, others)) = rest.split_first_chunk::<4>() {
            let Some(window) = room.get_mut(at..).and_then(|room| room.first_chunk_mut::<{ Self::ROOM }>()) else {
                return (rest, at);
            };
            // Four bytes are written where at most three count; the next ones go over what does not.
            let mut written = 0;
            for &byte in four {
                let entry = entry(byte);
                if let Some(place) = window.get_mut(written..written + 4) {
                    place.copy_from_slice(&entry.to_le_bytes());
                }
                written += length(entry);
            }
            at += written;
            rest = others;
        }
        while let Some((&byte, others)) = rest.split_first() {
            let Some(place) = room.get_mut(at..at + 4) else { return (rest, at) };
            let entry = entry(byte);
            place.copy_from_slice(&entry.to_le_bytes());
            at += length(entry);
            rest = others;
        }
        (rest, at)
    }

    /// Room for four bytes, however they are encoded, and for what is written behind them.
    pub(crate) const ROOM: usize = 32;
}

const fn hex_digit(number: u8) -> u8 {
    if number < 10 { b'0' + number } else { b'A' - 10 + number }
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
    if style.slash && is_all_unreserved_or_slash(raw.as_bytes()) {
        return sink.put(raw);
    }
    let stays = if style.slash { Class::UNRESERVED.or(Class::SLASH) } else { Class::UNRESERVED };
    let mut rest = raw;
    loop {
        // What stays is ASCII, so that a character starts behind it.
        let (head, tail) = rest.split_at_checked(stays.span(rest.as_bytes())).unwrap_or((rest, ""));
        sink.put(head);
        let Some(character) = tail.chars().next() else { return };
        let length = match unescape(tail.as_bytes()) {
            Some(decoded) => {
                if Class::UNRESERVED.has(decoded) || style.unescape_slash && decoded == b'/' {
                    sink.put_ascii([decoded]);
                } else {
                    put_escape(decoded, style.twice, sink);
                }
                3
            }
            None => {
                let length = character.len_utf8();
                for &byte in tail.as_bytes().iter().take(length) {
                    put_escape(byte, style.twice, sink);
                }
                length
            }
        };
        rest = tail.get(length..).unwrap_or_default();
    }
}

/// Writes plain `text`, in which `%` is an ordinary character, strictly encoded once.
pub(crate) fn write_plain<S: Sink>(text: &str, sink: &mut S) {
    sink.put_encoded(text.as_bytes(), &Encoding::PLAIN);
}

fn put_escape<S: Sink>(byte: u8, twice: bool, sink: &mut S) {
    let (high, low) = (hex_digit(byte >> 4), hex_digit(byte & 15));
    if twice {
        sink.put_ascii([b'%', b'2', b'5', high, low]);
    } else {
        sink.put_ascii([b'%', high, low]);
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
        if Class::UNRESERVED.has(byte) {
            rest = others;
            return Some(byte);
        }
        let decoded = match unescape(rest) {
            Some(decoded) if !plain => {
                rest = rest.get(3..).unwrap_or_default();
                if Class::UNRESERVED.has(decoded) {
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
    let digit = |number: u8| number + if number < 10 { b'0' } else { b'a' - 10 };
    let mut text = [b'0'; 64];
    for (place, byte) in text.chunks_exact_mut(2).zip(bytes) {
        place.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
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
}
