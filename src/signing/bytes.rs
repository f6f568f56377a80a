//! [`Class`]: sets of bytes, looked up in a table; and looks at whole texts, many bytes at a time.

use core::cmp::Ordering;

/// A set of ASCII bytes, or several of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class(u8);

impl Class {
    /// RFC 3986 section 2.3, unreserved characters: what percent-encoding leaves as it is.
    pub(crate) const UNRESERVED: Self = Self(1);
    /// The separator of path segments.
    pub(crate) const SLASH: Self = Self(2);
    /// RFC 9110 section 5.6.2, `tchar`: what methods and header names are made of.
    pub(crate) const TOKEN: Self = Self(4);
    /// Letters, digits, `-`, `.` and `_`: what host names are made of.
    pub(crate) const HOST: Self = Self(8);

    const TABLE: [u8; 256] = {
        let mut table = [0; 256];
        let (mut rest, mut byte): (&mut [u8], u8) = (&mut table, 0);
        while let Some((place, others)) = rest.split_first_mut() {
            *place = Self::of(byte);
            byte = byte.wrapping_add(1);
            rest = others;
        }
        table
    };

    const fn of(byte: u8) -> u8 {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                Self::UNRESERVED.0 | Self::TOKEN.0 | Self::HOST.0
            }
            b'~' => Self::UNRESERVED.0 | Self::TOKEN.0,
            b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'^' | b'`' | b'|' => Self::TOKEN.0,
            b'/' => Self::SLASH.0,
            _ => 0,
        }
    }

    pub(crate) const fn is_unreserved(byte: u8) -> bool {
        Self::of(byte) & Self::UNRESERVED.0 != 0
    }

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    pub(crate) fn has(self, byte: u8) -> bool {
        Self::TABLE.get(usize::from(byte)).is_some_and(|classes| classes & self.0 != 0)
    }

    /// How many bytes at the start of `bytes` are of this class.
    #[inline]
    pub(crate) fn span(self, bytes: &[u8]) -> usize {
        bytes.iter().position(|&byte| !self.has(byte)).unwrap_or(bytes.len())
    }

    /// Whether all bytes are of this class.
    pub(crate) fn has_all(self, bytes: &[u8]) -> bool {
        bytes.iter().all(|&byte| self.has(byte))
    }
}

/// The top bit of each byte of `word` that is `byte`.
#[inline]
pub(crate) const fn same_bytes(word: u64, byte: u8) -> u64 {
    const TOP: u64 = 0x8080_8080_8080_8080;
    let other = word ^ u64::from_ne_bytes([byte; 8]);
    !(((other & !TOP) + !TOP) | other) & TOP
}

/// Where `byte` is first.
#[inline]
pub(crate) fn find(byte: u8, bytes: &[u8]) -> Option<usize> {
    let pattern = u64::from_ne_bytes([byte; 8]);
    let mut chunks = bytes.chunks_exact(8);
    let mut at = 0;
    for chunk in &mut chunks {
        // Zero where the byte is; the lowest zero byte is the lowest to borrow (Lamport 1975, "Multiple byte processing").
        let other = u64::from_le_bytes(chunk.try_into().unwrap_or_default()) ^ pattern;
        let zeros = other.wrapping_sub(0x0101_0101_0101_0101) & !other & 0x8080_8080_8080_8080;
        if zeros != 0 {
            return Some(at + usize::try_from(zeros.trailing_zeros() / 8).unwrap_or_default());
        }
        at += 8;
    }
    chunks.remainder().iter().position(|&other| other == byte).map(|rest| at + rest)
}

/// The first eight bytes, padded with zeros: orders names nearly as well as the names themselves.
#[inline]
pub(crate) fn start_of(name: &[u8]) -> u64 {
    if let Some(start) = name.first_chunk::<8>() {
        return u64::from_be_bytes(*start);
    }
    match (name.first_chunk::<4>(), name.last_chunk::<4>()) {
        // Where the two overlap they are the same.
        (Some(first), Some(last)) => {
            let behind = 8 * (8 - name.len());
            u64::from(u32::from_be_bytes(*first)) << 32 | u64::from(u32::from_be_bytes(*last)) << behind
        }
        _ => match *name {
            [a] => u64::from_be_bytes([a, 0, 0, 0, 0, 0, 0, 0]),
            [a, b] => u64::from_be_bytes([a, b, 0, 0, 0, 0, 0, 0]),
            [a, b, c] => u64::from_be_bytes([a, b, c, 0, 0, 0, 0, 0]),
            _ => 0,
        },
    }
}

/// The first sixteen bytes of a name, padded with zeros; the name is the first `length` bytes of `text`.
#[inline]
pub(crate) fn start_of_sixteen(text: &[u8], length: usize) -> u128 {
    match text.first_chunk() {
        Some(start) => {
            // What stands behind the name does not count.
            let bits = u32::try_from(length).map_or(u32::MAX, |length| length.saturating_mul(8));
            u128::from_be_bytes(*start) & !u128::MAX.checked_shr(bits).unwrap_or_default()
        }
        None => {
            let name = text.get(..length).unwrap_or_default();
            u128::from(start_of(name)) << 64 | u128::from(start_of(name.get(8..).unwrap_or_default()))
        }
    }
}

/// As [`start_of`], in lower case.
#[inline]
pub(crate) fn lower_case_start_of(name: &[u8]) -> u64 {
    let start = start_of(name);
    // The top bit of each byte tells whether the lower seven are from `A` on, or past `Z`.
    let low = start & 0x7f7f_7f7f_7f7f_7f7f;
    let (from_a, past_z) = (low + 0x3f3f_3f3f_3f3f_3f3f, low + 0x2525_2525_2525_2525);
    start | (from_a & !past_z & !start & 0x8080_8080_8080_8080) >> 2
}

/// The pieces of a text between the bytes `separator`, which is ASCII.
pub(crate) fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    core::iter::from_fn(move || {
        let (piece, others) = split_once(rest?, separator);
        rest = others;
        Some(piece)
    })
}

/// Splits at the first `separator`, which is ASCII.
#[inline]
pub(crate) fn split_once(text: &str, separator: u8) -> (&str, Option<&str>) {
    match find(separator, text.as_bytes()) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    }
}

/// The text without white space around it.
#[inline]
pub(crate) fn trimmed(text: &str) -> &str {
    let text = text.strip_prefix(' ').unwrap_or(text);
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// Compares names without regard to the case of ASCII letters.
pub(crate) fn compare_lower_case(left: &[u8], right: &[u8]) -> Ordering {
    let (mut lefts, mut rights) = (left.chunks(8), right.chunks(8));
    loop {
        let (Some(left_chunk), Some(right_chunk)) = (lefts.next(), rights.next()) else {
            return left.len().cmp(&right.len());
        };
        let order = lower_case_start_of(left_chunk).cmp(&lower_case_start_of(right_chunk));
        if order.is_ne() {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_the_standards() {
        for byte in 0..=255_u8 {
            let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
            let token = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            let host = byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
            assert_eq!(Class::UNRESERVED.has(byte), unreserved, "{byte}");
            assert_eq!(Class::TOKEN.has(byte), token, "{byte}");
            assert_eq!(Class::HOST.has(byte), host, "{byte}");
            assert_eq!(Class::UNRESERVED.or(Class::SLASH).has(byte), unreserved || byte == b'/', "{byte}");
        }
        assert_eq!(Class::UNRESERVED.span(b"ab~/c"), 3);
    }

    #[test]
    fn names_start_as_they_start() {
        let name = b"aZ@[`{zA~\xc1\xe1-";
        for length in 0..=name.len() {
            let mut start = [0; 8];
            start[..length.min(8)].copy_from_slice(&name[..length.min(8)]);
            assert_eq!(start_of(&name[..length]).to_be_bytes(), start, "{length}");
            start.make_ascii_lowercase();
            assert_eq!(lower_case_start_of(&name[..length]).to_be_bytes(), start, "{length}");
            let mut sixteen = [0; 16];
            sixteen[..length].copy_from_slice(&name[..length]);
            for behind in ["", "=", "=and more"] {
                let text = [&name[..length], behind.as_bytes()].concat();
                assert_eq!(start_of_sixteen(&text, length).to_be_bytes(), sixteen, "{length} {behind}");
            }
        }
    }

    #[test]
    fn names_compare_as_their_lower_case_does() {
        let names =
            ["a", "A-b", "accept", "Accept-Encoding", "accept-encodinG", "\u{e9}", "Z", "[", "x-amz-meta-b", "a\0"];
        for (left, right) in names.iter().flat_map(|left| names.map(|right| (*left, right))) {
            let expected = left.to_ascii_lowercase().cmp(&right.to_ascii_lowercase());
            assert_eq!(compare_lower_case(left.as_bytes(), right.as_bytes()), expected, "{left:?} {right:?}");
        }
    }

    #[test]
    fn bytes_are_found_where_they_are() {
        for length in 1..40 {
            for at in 0..length {
                let mut text = alloc::vec![b'\''; length];
                assert_eq!(find(b'&', &text), None);
                text[at] = b'&';
                assert_eq!(find(b'&', &text), Some(at));
            }
        }
        assert_eq!(split("a;;b;", b';').collect::<alloc::vec::Vec<_>>(), ["a", "", "b", ""]);
    }
}
