//! Looks at whole texts, many bytes at a time.
//!
//! Whatever is asked of sixteen bytes is asked of all of them, without a branch: that lets the compiler ask at once.

use super::bytes::{Class, same_bytes, start_of};

/// Calls `look` with all of the bytes, sixteen at a time; some may come twice, and those of a short text in any order.
#[inline(always)]
fn by_sixteen(bytes: &[u8], mut look: impl FnMut(&[u8; 16])) {
    match (bytes.last_chunk(), bytes) {
        (Some(last), _) => {
            bytes.chunks_exact(16).filter_map(|chunk| chunk.try_into().ok()).for_each(&mut look);
            look(last);
        }
        (None, [first, ..]) => look(&repeated(*first, bytes)),
        (None, []) => {}
    }
}

/// The bytes of a text that is shorter than sixteen and starts with `first`, some of them more than once.
#[inline(always)]
fn repeated(first: u8, bytes: &[u8]) -> [u8; 16] {
    let join = |start: u64, end: u64| (u128::from(start) << 64 | u128::from(end)).to_ne_bytes();
    if let (Some(start), Some(end)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return join(u64::from_ne_bytes(*start), u64::from_ne_bytes(*end));
    }
    if let (Some(start), Some(end)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let (start, end) = (u32::from_ne_bytes(*start), u32::from_ne_bytes(*end));
        let both = u64::from(start) << 32 | u64::from(end);
        return join(both, both);
    }
    let mut all = [first; 16];
    all.iter_mut().zip(bytes).for_each(|(place, &byte)| *place = byte);
    all
}

/// Whether `is_odd`, which must not branch, holds for any of the bytes.
#[inline(always)]
fn has_any(bytes: &[u8], is_odd: impl Fn(u8) -> bool) -> bool {
    let mut found = false;
    by_sixteen(bytes, |chunk| found |= chunk.iter().fold(false, |found, &byte| found | is_odd(byte)));
    found
}

/// Whether `is_odd`, which must not branch, holds for any two bytes that stand beside each other.
#[inline(always)]
fn has_any_pair(bytes: &[u8], is_odd: impl Fn(u8, u8) -> bool) -> bool {
    let look = |lefts: &[u8; 16], rights: &[u8; 16]| {
        lefts.iter().zip(rights).fold(false, |found, (&left, &right)| found | is_odd(left, right))
    };
    let next = bytes.get(1..).unwrap_or_default();
    let before = bytes.get(..next.len()).unwrap_or_default();
    match (before.last_chunk(), next.last_chunk()) {
        (Some(lefts), Some(rights)) => {
            let chunks = before.chunks_exact(16).zip(next.chunks_exact(16));
            let looked =
                chunks.filter_map(|(lefts, rights)| Some(look(lefts.try_into().ok()?, rights.try_into().ok()?)));
            looked.fold(look(lefts, rights), |found, odd| found | odd)
        }
        _ => before.iter().zip(next).any(|(&left, &right)| is_odd(left, right)),
    }
}

#[inline(always)]
fn is_plain(byte: u8) -> bool {
    (((byte | 0x20).wrapping_sub(b'a') < 26) | (byte.wrapping_sub(b'0') < 10))
        | ((byte == b'-') | (byte == b'.') | (byte == b'_'))
}

/// Whether there is nothing but letters, digits, `-`, `.` and `_`, of which no standard thinks ill.
pub(crate) fn is_all_plain(bytes: &[u8]) -> bool {
    !has_any(bytes, |byte| !is_plain(byte))
}

/// Whether there is nothing but plain bytes that are not in upper case.
pub(crate) fn is_all_plain_lower_case(bytes: &[u8]) -> bool {
    !has_any(bytes, |byte| !is_plain(byte) | (byte.wrapping_sub(b'A') < 26))
}

/// Whether strict encoding leaves it all as it is, but for slashes.
pub(crate) fn is_all_unreserved_or_slash(bytes: &[u8]) -> bool {
    !has_any(bytes, |byte| !(is_plain(byte) | (byte == b'~') | (byte == b'/')))
}

/// Whether there is an upper-case letter.
pub(crate) fn has_upper_case(bytes: &[u8]) -> bool {
    has_any(bytes, |byte| byte.wrapping_sub(b'A') < 26)
}

/// Whether there is a `?` or a `#`.
pub(crate) fn has_query_or_fragment(bytes: &[u8]) -> bool {
    has_any(bytes, |byte| (byte == b'?') | (byte == b'#'))
}

/// Whether a path has, behind its first byte, an empty segment or one that could be `.` or `..`.
pub(crate) fn has_odd_segments(path: &[u8]) -> bool {
    has_any_pair(path, |byte, next| (byte == b'/') & ((next == b'/') | (next == b'.') | (next == b'%')))
}

/// What there is in a target that needs a closer look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Oddities {
    pub(crate) control: bool,
    pub(crate) fragment: bool,
    pub(crate) escape: bool,
}

impl Oddities {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut all = Self::default();
        by_sixteen(bytes, |chunk| {
            let (mut control, mut fragment, mut escape) = (false, false, false);
            for &byte in chunk {
                control |= (byte < b' ') | (byte == 0x7f);
                fragment |= byte == b'#';
                escape |= byte == b'%';
            }
            all.control |= control;
            all.fragment |= fragment;
            all.escape |= escape;
        });
        all
    }
}

/// What the escapes of a text are like; the worst is greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Escapes {
    /// All are as strict encoding writes them, or there are none.
    Strict,
    /// Some would be written otherwise: in upper case, or as the character itself.
    Loose,
    /// A `%` is not followed by two hexadecimal digits.
    Malformed,
}

impl Escapes {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut worst = Self::Strict;
        let (mut at, mut chunks) = (0, bytes.chunks_exact(8));
        for chunk in &mut chunks {
            // The top bit of each byte that is a `%`, the first one lowest.
            let mut found = same_bytes(u64::from_le_bytes(chunk.try_into().unwrap_or_default()), b'%');
            while found != 0 {
                let behind = at + usize::try_from(found.trailing_zeros() / 8).unwrap_or_default() + 1;
                worst = worst.max(Self::of_one(bytes.get(behind..).unwrap_or_default()));
                found &= found - 1;
            }
            at += 8;
        }
        for (offset, _) in chunks.remainder().iter().enumerate().filter(|&(_, &byte)| byte == b'%') {
            worst = worst.max(Self::of_one(bytes.get(at + offset + 1..).unwrap_or_default()));
        }
        worst
    }

    /// Of the escape whose `%` stands before `behind`.
    #[inline]
    fn of_one(behind: &[u8]) -> Self {
        let [high, low, ..] = *behind else { return Self::Malformed };
        let of_both = |class: Class| class.has(high) & class.has(low);
        // A letter is 9 more than its low four bits say.
        let number = |digit: u8| digit.wrapping_add(9 * (digit >> 6)) & 15;
        let unneeded = Class::UNRESERVED.has(number(high) << 4 | number(low));
        match (of_both(Class::UPPER_HEX) & !unneeded, of_both(Class::HEX)) {
            (true, _) => Self::Strict,
            (false, true) => Self::Loose,
            (false, false) => Self::Malformed,
        }
    }
}

/// What a header value is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// There is a control character other than a tab in it.
    Controlled,
    /// There are blanks to trim or to collapse.
    Untidy,
    /// It is signed as it is.
    Tidy,
}

impl Value {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let (control, untidy) = if bytes.len() <= 16 { Self::look_by_words(bytes) } else { Self::look(bytes) };
        let ends_blank = matches!(bytes, [b' ', ..] | [.., b' ']);
        match (control, untidy || ends_blank) {
            (true, _) => Self::Controlled,
            (false, true) => Self::Untidy,
            (false, false) => Self::Tidy,
        }
    }

    /// Whether there are control characters but for tabs, and whether there are tabs or blanks behind blanks.
    fn look(bytes: &[u8]) -> (bool, bool) {
        let odd = has_any(bytes, |byte| (byte < b' ') | (byte == 0x7f));
        let blanks = has_any_pair(bytes, |byte, next| (byte == b' ') & (next == b' '));
        if !odd {
            return (false, blanks);
        }
        let control = bytes.iter().any(|&byte| byte.is_ascii_control() && byte != b'\t');
        (control, blanks || bytes.contains(&b'\t'))
    }

    /// The same of a short value, eight bytes at a time; the last eight may overlap the ones before.
    fn look_by_words(bytes: &[u8]) -> (bool, bool) {
        const TOP: u64 = 0x8080_8080_8080_8080;
        let each = |byte: u8| u64::from_ne_bytes([byte; 8]);
        let (mut control, mut untidy) = (0, 0);
        // Takes whether the byte before the word is a blank, and says whether its last one is.
        let mut look = |word: u64, before: u64| {
            let (tab, blank) = (same_bytes(word, b'\t'), same_bytes(word, b' '));
            let below_blank = !((word & !TOP) + each(0x60)) & !word & TOP;
            control |= below_blank & !tab | same_bytes(word, 0x7f);
            untidy |= tab | blank & (blank >> 8 | before << 56);
            blank & 0xff
        };
        match bytes.last_chunk::<8>() {
            Some(last) => {
                let mut before = 0;
                for chunk in bytes.chunks_exact(8) {
                    before = look(u64::from_be_bytes(chunk.try_into().unwrap_or_default()), before);
                }
                look(u64::from_be_bytes(*last), 0);
            }
            None => {
                look(start_of(bytes) | each(b'a') >> (8 * bytes.len()), 0);
            }
        }
        (control != 0, untidy != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::Class;
    use super::*;

    #[test]
    fn what_is_at_any_place_is_found() {
        for length in 1..40 {
            for at in 0..length {
                let with = |byte| {
                    let mut text = alloc::vec![b'x'; length];
                    text[at] = byte;
                    text
                };
                let odd = Oddities::of(&with(b'x'));
                assert_eq!(odd, Oddities::default());
                assert_eq!(Oddities::of(&with(b'\t')), Oddities { control: true, ..odd });
                assert_eq!(Oddities::of(&with(b'#')), Oddities { fragment: true, ..odd });
                assert_eq!(Oddities::of(&with(b'%')), Oddities { escape: true, ..odd });
                assert!(has_upper_case(&with(b'Z')) && !has_upper_case(&with(b'[')));
                assert_eq!(Escapes::of(&with(b'%')), Escapes::Malformed);
            }
        }
    }

    #[test]
    fn escapes_are_told_apart() {
        for (text, escapes) in [
            ("/a%20b", Escapes::Strict),
            ("/a%2f", Escapes::Loose),
            ("/%2D/", Escapes::Loose),
            ("%", Escapes::Malformed),
            ("%2", Escapes::Malformed),
            ("%zz", Escapes::Malformed),
            ("a%2", Escapes::Malformed),
            ("%%20", Escapes::Malformed),
        ] {
            assert_eq!(Escapes::of(text.as_bytes()), escapes, "{text}");
        }
        for byte in 0..=255_u8 {
            let expected = if Class::UNRESERVED.has(byte) { Escapes::Loose } else { Escapes::Strict };
            let text = alloc::format!("some text and %{byte:02X} and more");
            assert_eq!(Escapes::of(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn values_are_told_apart() {
        for length in (0..40).chain([64, 81]) {
            assert_eq!(Value::of(&alloc::vec![b'~'; length]), Value::Tidy, "{length}");
            for (at, byte) in (0..length).flat_map(|at| (0..=255).map(move |byte| (at, byte))) {
                let mut text = alloc::vec![b'x'; length];
                text[at] = byte;
                let expected = match byte {
                    b'\t' => Value::Untidy,
                    b' ' if at == 0 || at == length - 1 => Value::Untidy,
                    0..=0x1f | 0x7f => Value::Controlled,
                    _ => Value::Tidy,
                };
                assert_eq!(Value::of(&text), expected, "{text:?}");
                if byte == b' ' && at > 1 {
                    text[at - 1] = b' ';
                    assert_eq!(Value::of(&text), Value::Untidy, "{text:?}");
                    text[at - 1] = b'x';
                    text[at / 2] = b' ';
                    let apart = at / 2 + 1 < at && at + 1 < length;
                    assert!(!apart || Value::of(&text) == Value::Tidy, "{text:?}");
                }
            }
        }
    }
}
