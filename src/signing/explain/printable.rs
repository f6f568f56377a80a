//! [`printable`]: text from elsewhere, made harmless for a terminal.

use alloc::string::String;

/// The text with everything taken out that a terminal would obey or that could hide what is there, cut to `max`
/// characters.
///
/// Control characters (those of ISO 6429 and line breaks among them), the marks that turn the direction of writing or
/// have no width, and private-use characters each become one `U+FFFD`.
pub fn printable(text: &str, max: usize) -> String {
    let mut shown = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == max {
            shown.push('\u{2026}');
            break;
        }
        shown.push(if is_harmless(character) { character } else { char::REPLACEMENT_CHARACTER });
    }
    shown
}

/// Unicode Standard Annex 9 lists the marks of direction; Annex 44 the categories.
fn is_harmless(character: char) -> bool {
    !character.is_control()
        && !matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_gets_through() {
        assert_eq!(
            printable("a\u{1b}[31mb\r\n\u{9b}2J\u{202e}c\u{200b}", 99),
            "a\u{fffd}[31mb\u{fffd}\u{fffd}\u{fffd}2J\u{fffd}c\u{fffd}"
        );
        assert_eq!(printable("h\u{e9}llo \u{4e16}\u{754c}", 99), "h\u{e9}llo \u{4e16}\u{754c}");
        assert_eq!(printable("abcdef", 3), "abc\u{2026}");
        assert_eq!(printable("abc", 3), "abc");
    }
}
