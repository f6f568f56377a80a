//! Text with wildcards, as policies write it.

use alloc::string::String;

/// `*` stands for any run of characters, `/` and `:` included, `?` for exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(String);

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    pub(super) fn matches(&self, text: &str) -> bool {
        matches(self.0.as_bytes(), text, |left, right| left == right)
    }

    /// The same with ASCII letters of both cases taken as equal: actions (IAM User Guide, "Action").
    pub(super) fn matches_any_case(&self, text: &str) -> bool {
        matches(self.0.as_bytes(), text, |left, right| left.eq_ignore_ascii_case(&right))
    }
}

/// Goes back to the last `*` only: an earlier one could take no text that the last could not (so never exponential).
fn matches(pattern: &[u8], text: &str, same: fn(u8, u8) -> bool) -> bool {
    let bytes = text.as_bytes();
    let (mut at_pattern, mut at_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&byte) = bytes.get(at_text) {
        match pattern.get(at_pattern) {
            Some(b'*') => {
                at_pattern += 1;
                star = Some((at_pattern, at_text));
            }
            Some(b'?') => {
                at_pattern += 1;
                at_text = next_char(text, at_text);
            }
            Some(&wanted) if same(wanted, byte) => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => {
                let Some((after_star, taken)) = star else { return false };
                let taken = next_char(text, taken);
                star = Some((after_star, taken));
                (at_pattern, at_text) = (after_star, taken);
            }
        }
    }
    pattern.get(at_pattern..).unwrap_or_default().iter().all(|&byte| byte == b'*')
}

/// Where the character after the one at `at` begins: `?` is one character, not one byte.
fn next_char(text: &str, at: usize) -> usize {
    (at + 1..text.len()).find(|&next| text.is_char_boundary(next)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match_what_iam_says() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("?", "", false),
            ("?", "é", true),
            ("a*c", "abbc", true),
            ("a*c", "abcb", false),
            ("*/rates", "arn:aws:x/y/rates", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b", "abab", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("A", "a", false),
            ("**", "anything", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern:?} {text:?}");
        }
        assert!(Pattern::new("VPC-Lattice-SVCS:inv*").matches_any_case("vpc-lattice-svcs:Invoke"));
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let (pattern, text) = ("*a".repeat(2000), "a".repeat(1999));
        assert!(!Pattern::new(&pattern).matches(&text));
    }
}
