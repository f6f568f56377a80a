//! [`safe`]: text of an answer, without what is secret and without what a terminal would obey.

use crate::signing::printable;
use alloc::string::String;

/// What stands before something secret, in lower case.
const NAMES: [&str; 11] = [
    "x-amz-security-token",
    "x-amz-s3session-token",
    "x-amz-access-token",
    "sessiontoken",
    "session_token",
    "secretaccesskey",
    "secret_access_key",
    "<token-0",
    "bearer",
    "x-amz-signature",
    "signature=",
];

/// From this length on, an unbroken run of base64 is taken for a token: session tokens have 300 characters and more.
const RUN: usize = 160;

/// The text, secrets blanked, printable, of at most `max` characters.
pub(super) fn safe(text: &str, max: usize) -> String {
    printable(&blank_runs(&blank_named(text)), max)
}

/// Blanks the word that follows each name of something secret.
fn blank_named(text: &str) -> String {
    // ASCII only changes, so positions are the same in both.
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some((start, name)) = next_name(&lower, at) {
        let after = start + name.len();
        let is_gap = |character: char| matches!(character, ':' | '=' | '"' | '\'' | ' ' | '>' | '\\' | '\t');
        let rest = lower.get(after..).unwrap_or_default();
        let gap = rest.find(|character| !is_gap(character)).unwrap_or(rest.len());
        let value = rest.get(gap..).unwrap_or_default();
        let is_end = |character: char| {
            character.is_whitespace()
                || matches!(character, '"' | '\'' | '&' | ',' | ';' | '<' | '>' | '\\' | '(' | ')')
        };
        let length = value.find(is_end).unwrap_or(value.len());
        out.push_str(text.get(at..after + gap).unwrap_or_default());
        // In a list of header names, nothing secret follows; in prose, a short word.
        if gap > 0 && length > 7 || name.ends_with('=') && length > 0 {
            out.push_str("(blanked)");
        } else {
            out.push_str(text.get(after + gap..after + gap + length).unwrap_or_default());
        }
        at = after + gap + length;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn next_name(lower: &str, from: usize) -> Option<(usize, &'static str)> {
    let rest = lower.get(from..)?;
    NAMES.iter().filter_map(|name| Some((from + rest.find(name)?, *name))).min()
}

fn blank_runs(text: &str) -> String {
    let is_token = |character: char| character.is_ascii_alphanumeric() || "+/=_-.%|".contains(character);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|character| !is_token(character)).unwrap_or(rest.len());
        let (run, others) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let mixed = run.bytes().any(|byte| byte.is_ascii_uppercase()) && run.bytes().any(|byte| byte.is_ascii_digit());
        out.push_str(if run.len() >= RUN && mixed { "(blanked)" } else { run });
        let other = others.find(is_token).unwrap_or(others.len());
        let (between, next) = others.split_at_checked(other).unwrap_or((others, ""));
        out.push_str(between);
        rest = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_secret_s_name_is_blanked() {
        for (text, expected) in [
            ("x-amz-security-token:SENTINELx\nhost", "x-amz-security-token:(blanked)\u{fffd}host"),
            ("a&X-Amz-Security-Token=SENTINEL%2Bx&b", "a&X-Amz-Security-Token=(blanked)&b"),
            ("{\"SessionToken\":\"SENTINELx\"}", "{\"SessionToken\":\"(blanked)\"}"),
            ("header: 'Bearer SENTINELx'.", "header: 'Bearer (blanked)'."),
            ("<Token-0>SENTINELx</Token-0>", "<Token-0>(blanked)</Token-0>"),
            ("Signature=SENTINEL, x", "Signature=(blanked), x"),
            ("host;x-amz-date;x-amz-security-token", "host;x-amz-date;x-amz-security-token"),
            ("'x-amz-security-token' is named as", "'x-amz-security-token' is named as"),
            ("User: anonymous", "User: anonymous"),
        ] {
            assert_eq!(safe(text, 500), expected);
        }
    }

    #[test]
    fn long_runs_are_taken_for_tokens() {
        let token = "IQoJb3JpZ2luX2VjE".repeat(12);
        assert_eq!(safe(&alloc::format!("message: {token}."), 500), "message: (blanked)");
        let path = alloc::format!("/{}", "documents/".repeat(20));
        assert_eq!(safe(&path, 500), path);
    }
}
