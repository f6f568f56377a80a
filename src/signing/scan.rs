//! Looks at whole texts, many bytes at a time.
//!
//! Whatever is asked of sixteen bytes is asked of all of them, without a branch: that lets the compiler ask at once.

use super::bytes::{same_bytes, start_of};

/// Calls `look` with all of the bytes, `SPAN` at a time, each time starting sixteen behind the last; the last ones come
/// again where the steps do not end with them. Does nothing for less than `SPAN`.
#[inline(always)]
fn by_sixteen<const SPAN: usize>(bytes: &[u8], mut look: impl FnMut(&[u8; SPAN])) {
    let mut rest = bytes;
    while let Some(chunk) = rest.first_chunk() {
        look(chunk);
        rest = rest.get(16..).unwrap_or_default();
    }
    if rest.len() >= SPAN - 15 {
        bytes.last_chunk().into_iter().for_each(look);
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

// What looks at sixteen bytes is never inlined, lest the compiler see how they came together and take them apart again.

#[inline(never)]
fn any_of_sixteen(bytes: &[u8; 16], is_odd: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(false, |found, &byte| found | is_odd(byte))
}

#[inline(never)]
fn any_of_sixteen_pairs(bytes: &[u8; 16], next: &[u8; 16], is_odd: impl Fn(u8, u8) -> bool) -> bool {
    bytes.iter().zip(next).fold(false, |found, (&byte, &next)| found | is_odd(byte, next))
}

/// Whether `is_odd`, which must not branch, holds for any of the bytes.
#[inline(always)]
fn has_any(bytes: &[u8], is_odd: impl Fn(u8) -> bool) -> bool {
    match bytes {
        [] => false,
        [first, ..] if bytes.len() < 16 => any_of_sixteen(&repeated(*first, bytes), is_odd),
        _ => {
            let mut found = false;
            by_sixteen(bytes, |chunk| found |= any_of_sixteen(chunk, &is_odd));
            found
        }
    }
}

/// Whether `is_odd`, which must not branch, holds for any two bytes that stand beside each other.
#[inline(always)]
fn has_any_pair(bytes: &[u8], is_odd: impl Fn(u8, u8) -> bool) -> bool {
    if bytes.len() < 17 {
        let next = bytes.get(1..).unwrap_or_default();
        return bytes.iter().zip(next).any(|(&byte, &next)| is_odd(byte, next));
    }
    let mut found = false;
    by_sixteen::<17>(bytes, |chunk| {
        if let (Some(bytes), Some(next)) = (chunk.first_chunk(), chunk.last_chunk()) {
            found |= any_of_sixteen_pairs(bytes, next, &is_odd);
        }
    });
    found
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

/// Whether there is nothing but unreserved characters, `kept` and zeros.
#[inline(always)]
pub(crate) fn is_unreserved_or_zero(bytes: &[u8; 16], kept: u8) -> bool {
    !any_of_sixteen(bytes, |byte| !(is_plain(byte) | (byte == b'~') | (byte == kept) | (byte == 0)))
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
pub(crate) struct Oddities(u8);

impl Oddities {
    const CONTROL: u8 = 1;
    const FRAGMENT: u8 = 2;
    const ESCAPE: u8 = 4;

    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut all = 0;
        // The last two bytes have not two more behind them, so that neither starts an escape.
        for &byte in bytes.iter().rev().take(2) {
            all |= Self::bits(byte.is_ascii_control(), byte == b'#', byte == b'%');
        }
        let mut look = |chunk: &[u8; 18]| {
            let second = chunk.last_chunk::<17>().and_then(|rest| rest.first_chunk());
            if let (Some(first), Some(second), Some(third)) = (chunk.first_chunk(), second, chunk.last_chunk()) {
                all |= Self::of_sixteen(first, second, third);
            }
        };
        if bytes.len() < 18 {
            look(&filled(bytes));
        } else {
            by_sixteen(bytes, look);
        }
        Self(all)
    }

    /// Whether there is a control character.
    pub(crate) fn control(self) -> bool {
        self.0 & Self::CONTROL != 0
    }

    /// Whether there is a `#`.
    pub(crate) fn fragment(self) -> bool {
        self.0 & Self::FRAGMENT != 0
    }

    /// Whether there is a `%` that is no escape as strict encoding writes it.
    pub(crate) fn escape(self) -> bool {
        self.0 & Self::ESCAPE != 0
    }

    fn bits(control: bool, fragment: bool, escape: bool) -> u8 {
        (u8::from(control) * Self::CONTROL) | (u8::from(fragment) * Self::FRAGMENT) | (u8::from(escape) * Self::ESCAPE)
    }

    /// Of sixteen bytes, each with those that follow.
    #[inline(never)]
    fn of_sixteen(bytes: &[u8; 16], next: &[u8; 16], next_but_one: &[u8; 16]) -> u8 {
        let (mut control, mut fragment, mut escape) = (false, false, false);
        for &byte in bytes {
            control |= (byte < b' ') | (byte == 0x7f);
            fragment |= byte == b'#';
            escape |= byte == b'%';
        }
        // Few escapes are unusual, and most can be told to be strict with half the work.
        let loose = escape
            && odd_among_escapes(bytes, next, next_but_one, is_unusual)
            && odd_among_escapes(bytes, next, next_but_one, is_loose);
        Self::bits(control, fragment, loose)
    }
}

#[inline(always)]
fn odd_among_escapes(a: &[u8; 16], b: &[u8; 16], c: &[u8; 16], is_odd: impl Fn(u8, u8) -> bool) -> bool {
    let triples = a.iter().zip(b).zip(c);
    triples.fold(false, |odd, ((&byte, &high), &low)| odd | (byte == b'%') & is_odd(high, low))
}

/// Whether an escape is neither of a blank or one of the signs behind it, nor of what is no ASCII.
#[inline(always)]
fn is_unusual(high: u8, low: u8) -> bool {
    let sign = (high == b'2') & (low != b'D') & (low != b'E');
    let no_ascii = (high == b'8') | (high == b'9') | (high.wrapping_sub(b'A') < 6);
    !((sign | no_ascii) & is_strict(low))
}

/// Whether an escape is not written as strict encoding does, which has none for unreserved characters.
#[inline(always)]
fn is_loose(high: u8, low: u8) -> bool {
    // The rows of the ASCII table that have unreserved characters in them.
    let is_unreserved = ((high == b'2') & ((low == b'D') | (low == b'E')))
        | ((high == b'3') & (low <= b'9'))
        | (((high == b'4') | (high == b'6')) & (low != b'0'))
        | (((high == b'5') | (high == b'7')) & (low <= b'A'))
        | ((high == b'5') & (low == b'F'))
        | ((high == b'7') & (low == b'E'));
    !(is_strict(high) & is_strict(low)) | is_unreserved
}

#[inline(always)]
fn is_strict(digit: u8) -> bool {
    (digit.wrapping_sub(b'0') < 10) | (digit.wrapping_sub(b'A') < 6)
}

/// Whether every `%` is followed by two hexadecimal digits.
pub(crate) fn has_good_escapes(bytes: &[u8]) -> bool {
    let mut pieces = bytes.split(|&byte| byte == b'%').skip(1);
    pieces.all(|piece| matches!(piece, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()))
}

/// Up to eighteen bytes, and letters behind them.
fn filled(bytes: &[u8]) -> [u8; 18] {
    let mut chunk = [b'a'; 18];
    chunk.iter_mut().zip(bytes).for_each(|(place, &byte)| *place = byte);
    chunk
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
        let (control, untidy) = match bytes.len() {
            0..=8 => Self::look_at_word(bytes),
            9..=16 => Self::look_at_two_words(bytes),
            _ => Self::look(bytes),
        };
        let ends_blank = matches!(bytes, [b' ', ..] | [.., b' ']);
        match (control, untidy || ends_blank) {
            (true, _) => Self::Controlled,
            (false, true) => Self::Untidy,
            (false, false) => Self::Tidy,
        }
    }

    /// Whether there are control characters but for tabs, and whether there are tabs or blanks behind blanks.
    fn look(bytes: &[u8]) -> (bool, bool) {
        // The last byte is not the first of two.
        let (mut odd, mut blanks, mut rest) = (bytes.last().is_some_and(u8::is_ascii_control), false, bytes);
        // Tokens are long.
        while let Some(chunk) = rest.first_chunk::<65>() {
            if let (Some(bytes), Some(next)) = (chunk.first_chunk::<64>(), chunk.last_chunk()) {
                let (odd_here, blanks_here) = Self::look_at_many(bytes, next);
                odd |= odd_here;
                blanks |= blanks_here;
            }
            rest = rest.get(64..).unwrap_or_default();
        }
        if rest.len() < 17 {
            rest = bytes.last_chunk::<17>().map_or(rest, |end| end);
        }
        by_sixteen::<17>(rest, |chunk| {
            if let (Some(bytes), Some(next)) = (chunk.first_chunk::<16>(), chunk.last_chunk()) {
                let (odd_here, blanks_here) = Self::look_at_many(bytes, next);
                odd |= odd_here;
                blanks |= blanks_here;
            }
        });
        Self::with_tabs(bytes, odd, blanks)
    }

    /// Tells tabs from other control characters, where there are some of the two.
    #[inline]
    fn with_tabs(bytes: &[u8], odd: bool, blanks: bool) -> (bool, bool) {
        if !odd {
            return (false, blanks);
        }
        let control = bytes.iter().any(|&byte| byte.is_ascii_control() && byte != b'\t');
        (control, blanks || bytes.contains(&b'\t'))
    }

    /// The same of nine to sixteen bytes.
    fn look_at_two_words(bytes: &[u8]) -> (bool, bool) {
        let (Some(start), Some(end)) = (bytes.first_chunk(), bytes.last_chunk()) else {
            return Self::look_at_word(bytes);
        };
        let behind = bytes.get(1..).and_then(|rest| rest.first_chunk()).unwrap_or(start);
        let (start, end, behind) = (u64::from_be_bytes(*start), u64::from_be_bytes(*end), u64::from_be_bytes(*behind));
        let join = |first: u64, second: u64| (u128::from(first) << 64 | u128::from(second)).to_be_bytes();
        // Nothing but the byte itself stands behind the last one.
        let (odd, blanks) = Self::look_at_many(&join(start, end), &join(behind, end << 8 | u64::from(b'x')));
        Self::with_tabs(bytes, odd, blanks)
    }

    /// Whether there are control characters, and whether there are blanks behind blanks.
    #[inline(never)]
    fn look_at_many<const N: usize>(bytes: &[u8; N], next: &[u8; N]) -> (bool, bool) {
        let (mut odd, mut blanks) = (false, false);
        for (&byte, &next) in bytes.iter().zip(next) {
            odd |= (byte < b' ') | (byte == 0x7f);
            blanks |= (byte == b' ') & (next == b' ');
        }
        (odd, blanks)
    }

    /// The same of at most eight bytes.
    fn look_at_word(bytes: &[u8]) -> (bool, bool) {
        const TOP: u64 = 0x8080_8080_8080_8080;
        let each = |byte: u8| u64::from_ne_bytes([byte; 8]);
        // Letters behind the end; shifted twice, since a shift by all bits is none.
        let filling = each(b'a') >> (4 * bytes.len()) >> (4 * bytes.len());
        let word = start_of(bytes) | filling;
        let (tab, blank) = (same_bytes(word, b'\t'), same_bytes(word, b' '));
        let below_blank = !((word & !TOP) + each(0x60)) & !word & TOP;
        let control = below_blank & !tab | same_bytes(word, 0x7f);
        (control != 0, tab | blank & (blank >> 8) != 0)
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
                for (byte, found) in [
                    (b'x', 0),
                    (b'\t', Oddities::CONTROL),
                    (0x7f, Oddities::CONTROL),
                    (b'#', Oddities::FRAGMENT),
                    (b'%', Oddities::ESCAPE),
                ] {
                    assert_eq!(Oddities::of(&with(byte)), Oddities(found), "{byte} at {at} of {length}");
                }
                assert!(has_upper_case(&with(b'Z')) && !has_upper_case(&with(b'[')));
            }
        }
    }

    #[test]
    fn escapes_are_told_apart() {
        for (text, strict, good) in [
            ("/a%20b", true, true),
            ("/a%2f", false, true),
            ("/%2D/", false, true),
            ("%", false, false),
            ("%2", false, false),
            ("%zz", false, false),
            ("a%2", false, false),
            ("%%20", false, false),
        ] {
            let found = (!Oddities::of(text.as_bytes()).escape(), has_good_escapes(text.as_bytes()));
            assert_eq!(found, (strict, good), "{text}");
        }
        for byte in 0..=255_u8 {
            for before in 0..40 {
                let text = alloc::format!("{}%{byte:02X} and more", "x".repeat(before));
                let found = Oddities::of(text.as_bytes()).escape();
                assert_eq!(found, Class::UNRESERVED.has(byte), "{text}");
            }
        }
    }

    #[test]
    fn values_are_told_apart() {
        for length in (0..40).chain([64, 65, 66, 81, 82, 130]) {
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
