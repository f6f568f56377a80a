//! `-H 'Name: value'`, `-H 'Name;'`, `-H Name:` and `-H @FILE`.

use crate::input;
use crate::report::{Failure, READ, USAGE};
use std::io::Read;

/// The headers that were typed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers {
    /// Name and value of each.
    pub(crate) given: Vec<(String, String)>,
    /// Names without a value: headers that are not to be sent, not even by default.
    pub(crate) removed: Vec<String>,
}

impl Headers {
    pub(crate) fn parse(typed: &[String]) -> Result<Self, Failure> {
        let mut headers = Self::default();
        for text in typed {
            match text.strip_prefix('@') {
                None => headers.add(text)?,
                Some(path) => {
                    let lines = file(path)?;
                    lines.lines().filter(|line| !line.trim().is_empty()).try_for_each(|line| headers.add(line))?;
                }
            }
        }
        Ok(headers)
    }

    fn add(&mut self, text: &str) -> Result<(), Failure> {
        if let Some((name, value)) = text.split_once(':') {
            let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
            if value.is_empty() { self.removed.push(name) } else { self.given.push((name, value)) }
        } else if let Some(name) = text.strip_suffix(';') {
            // curl's way to send a header without a value.
            self.given.push((name.trim().to_owned(), String::new()));
        } else {
            // The text itself may be a secret that was pasted without its name.
            return Err(Failure::new(USAGE, "a header has no colon")
                .hint("write -H 'Name: value', -H 'Name;' for an empty value, or -H @FILE"));
        }
        Ok(())
    }

    /// Tells the boundary of a form where its content type was typed without one, as curl does.
    pub(crate) fn complete_form(&mut self, boundary: &str) -> Result<(), Failure> {
        for (_, value) in self.given.iter_mut().filter(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            if value.to_ascii_lowercase().contains("boundary=") {
                return Err(Failure::new(USAGE, "the boundary of a form was typed, which awsig chooses itself")
                    .hint("leave ;boundary=… out of -H 'Content-Type: …'"));
            }
            value.push_str(&format!("; boundary={boundary}"));
        }
        Ok(())
    }

    /// Adds a header unless it was typed, be it as one not to be sent.
    pub(crate) fn add_default(&mut self, name: &str, value: &str) {
        let is_it = |other: &str| other.eq_ignore_ascii_case(name);
        if !self.given.iter().any(|(other, _)| is_it(other)) && !self.removed.iter().any(|other| is_it(other)) {
            self.given.push((name.to_owned(), value.to_owned()));
        }
    }
}

fn file(path: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let read = if path == "-" {
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        input::text_of(path.as_ref())
    };
    read.map_err(|error| {
        Failure::new(READ, format!("cannot read {path}: {error}")).hint("-H @FILE reads headers, one a line")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_colons_are_not_fussy() {
        for (text, name, value) in
            [("K:V", "K", "V"), ("K:  a: b ", "K", "a: b"), ("K;", "K", ""), ("x: http://h/", "x", "http://h/")]
        {
            assert_eq!(Headers::parse(&[text.into()]).unwrap().given, [(name.into(), value.into())]);
        }
        assert_eq!(Headers::parse(&["K: ".into()]).unwrap().removed, ["K"]);
        assert!(Headers::parse(&["nothing".into()]).is_err());
    }

    #[test]
    fn a_header_that_was_typed_is_no_default() {
        let mut headers = Headers::parse(&["A: b".into(), "C:".into()]).unwrap();
        for name in ["a", "c", "d"] {
            headers.add_default(name, "default");
        }
        assert_eq!(headers.given, [("A".into(), "b".into()), ("d".into(), "default".into())]);
    }
}
