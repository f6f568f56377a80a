//! `-H 'Name: value'`.

use crate::report::{Failure, USAGE};

/// Name and value of each header that was typed.
pub(crate) fn parse(typed: &[String]) -> Result<Vec<(String, String)>, Failure> {
    typed.iter().map(|text| parse_one(text)).collect()
}

fn parse_one(text: &str) -> Result<(String, String), Failure> {
    if let Some((name, value)) = text.split_once(':') {
        return Ok((name.trim().to_owned(), value.trim().to_owned()));
    }
    // curl's way to send a header without a value.
    if let Some(name) = text.strip_suffix(';') {
        return Ok((name.trim().to_owned(), String::new()));
    }
    // The text itself may be a secret that was pasted without its name.
    Err(Failure::new(USAGE, "a header has no colon").hint("write -H 'Name: value', or -H 'Name;' for an empty value"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_colons_are_not_fussy() {
        for (text, name, value) in [
            ("K:V", "K", "V"),
            ("K:  a: b ", "K", "a: b"),
            ("K:", "K", ""),
            ("K;", "K", ""),
            ("x: http://h/", "x", "http://h/"),
        ] {
            assert_eq!(parse_one(text).unwrap(), (name.into(), value.into()));
        }
        assert!(parse_one("nothing").is_err());
    }
}
