//! Looks at whole texts, many bytes at a time.

use super::bytes::{find, start_of};

// No loop below ends early: that lets the compiler make each of them one of sixteen bytes at a time.

/// Whether there is a control character.
pub(crate) fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, byte| found | byte.is_ascii_control())
}

/// Whether there is an upper-case letter.
pub(crate) fn has_upper_case(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, byte| found | byte.is_ascii_uppercase())
}

/// What the escapes of a text are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// A `%` is not followed by two hexadecimal digits.
    Malformed,
    /// Some would be written otherwise: in upper case, or as the character itself.
    Loose,
    /// All are as strict encoding writes them, or there are none.
    Strict,
}

impl Escapes {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let Some(bytes) = find(b'%', bytes).and_then(|at| bytes.get(at..)) else {
            return Self::Strict;
        };
        let (second, third) = (bytes.get(1..).unwrap_or_default(), bytes.get(2..).unwrap_or_default());
        let mut other = bytes.iter().rev().take(2).any(|&byte| byte == b'%');
        for ((&byte, &high), &low) in bytes.iter().zip(second).zip(third) {
            let strict = |digit: u8| (digit.wrapping_sub(b'0') < 10) | (digit.wrapping_sub(b'A') < 6);
            // The rows of the ASCII table that have unreserved characters in them.
            let unreserved = ((high == b'2') & ((low == b'D') | (low == b'E')))
                | ((high == b'3') & (low <= b'9'))
                | (((high == b'4') | (high == b'6')) & (low != b'0'))
                | (((high == b'5') | (high == b'7')) & (low <= b'A'))
                | ((high == b'5') & (low == b'F'))
                | ((high == b'7') & (low == b'E'));
            other |= (byte == b'%') & (!(strict(high) & strict(low)) | unreserved);
        }
        if !other {
            return Self::Strict;
        }
        let mut pieces = bytes.split(|&byte| byte == b'%').skip(1);
        match pieces.all(|piece| matches!(piece, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())) {
            true => Self::Loose,
            false => Self::Malformed,
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
        let (control, untidy) = if bytes.len() < 64 { Self::look_by_words(bytes) } else { Self::look(bytes) };
        let ends_blank = matches!(bytes, [b' ', ..] | [.., b' ']);
        match (control, untidy || ends_blank) {
            (true, _) => Self::Controlled,
            (false, true) => Self::Untidy,
            (false, false) => Self::Tidy,
        }
    }

    /// Whether there are control characters but for tabs, and whether there are tabs or blanks behind blanks.
    fn look(bytes: &[u8]) -> (bool, bool) {
        let is_odd = |byte: u8| byte.is_ascii_control() & (byte != b'\t');
        let control = bytes.iter().fold(false, |found, &byte| found | is_odd(byte));
        let next = bytes.get(1..).unwrap_or_default();
        let untidy = bytes.iter().zip(next).fold(bytes.first() == Some(&b'\t'), |found, (&byte, &next)| {
            found | (next == b'\t') | ((byte == b' ') & (next == b' '))
        });
        (control, untidy)
    }

    /// The same of a short value, eight bytes at a time; the last eight may overlap the ones before.
    fn look_by_words(bytes: &[u8]) -> (bool, bool) {
        const TOP: u64 = 0x8080_8080_8080_8080;
        const LOW: u64 = !TOP;
        let each = |byte: u8| u64::from_ne_bytes([byte; 8]);
        // The top bit of every byte that is `byte`.
        let is = |word: u64, byte: u8| {
            let other = word ^ each(byte);
            !(((other & LOW) + LOW) | other) & TOP
        };
        let (mut control, mut untidy) = (0, 0);
        // Takes whether the byte before the word is a blank, and says whether its last one is.
        let mut look = |word: u64, before: u64| {
            let (tab, blank) = (is(word, b'\t'), is(word, b' '));
            let below_blank = !((word & LOW) + each(0x60)) & !word & TOP;
            control |= below_blank & !tab | is(word, 0x7f);
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
                assert!(has_control(&with(b'\t')) && !has_control(&with(b'~')));
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
