//! `-K FILE`: options from a file, in curl's grammar.
//!
//! ```text
//! # a comment
//! user = "key:secret"     name and value, with = or : or a blank between; the dashes are optional
//! -X POST
//! silent                  a switch
//! url = "https://…"       in quotes, \\ \" \t \n \r and \v are escapes
//! ```

use crate::report::{Failure, READ, USAGE};
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The options of these files, as they would be typed.
pub(crate) fn read(files: &[PathBuf]) -> Result<Vec<OsString>, Failure> {
    let mut all = Vec::new();
    for file in files {
        let text = if file.as_os_str() == "-" {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map(|_| text)
        } else {
            std::fs::read_to_string(file)
        };
        let text = text.map_err(|error| {
            Failure::new(READ, format!("cannot read {}: {error}", file.display())).hint("-K takes a file of options")
        })?;
        all.extend(options(&text, file)?);
    }
    Ok(all)
}

fn options(text: &str, file: &Path) -> Result<Vec<OsString>, Failure> {
    let mut all: Vec<OsString> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let end = line.find(|character: char| character.is_whitespace() || matches!(character, '=' | ':'));
        let (name, rest) = line.split_at(end.unwrap_or(line.len()));
        let rest = rest.trim_start();
        let rest = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start();
        let value = match rest.strip_prefix('"') {
            Some(quoted) => Some(unquoted(quoted).ok_or_else(|| {
                // The line itself may hold a secret.
                Failure::new(USAGE, format!("{}:{}: the quotes do not end", file.display(), index + 1))
                    .hint("write name = \"value\", with \\\" for a quote in the value")
            })?),
            None => (!rest.is_empty()).then(|| rest.to_owned()),
        };
        if matches!(name, "-K" | "--config" | "config") {
            return Err(Failure::new(
                USAGE,
                format!("{}:{}: a file of options names another", file.display(), index + 1),
            )
            .hint("name both on the command line"));
        }
        let name = match name {
            dashed if dashed.starts_with('-') => dashed.to_owned(),
            plain => format!("--{plain}"),
        };
        match value {
            // Glued to its name, a value may start with a dash.
            Some(value) if name.starts_with("--") => all.push(format!("{name}={value}").into()),
            Some(value) => all.push(format!("{name}{value}").into()),
            None => all.push(name.into()),
        }
    }
    Ok(all)
}

/// What is before the closing quote.
fn unquoted(text: &str) -> Option<String> {
    let mut value = String::new();
    let mut rest = text.chars();
    loop {
        match rest.next()? {
            '"' => return Some(value),
            '\\' => value.push(match rest.next()? {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'v' => '\u{b}',
                other => other,
            }),
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_options() {
        let text =
            "# no\n\n url = \"https://h/?a=b\"\nuser: k:s\n-X POST\nsilent\n--header \"a: \\\"b\\\"\\t\"\ndata = -1\n";
        let options = options(text, Path::new("f")).unwrap();
        assert_eq!(
            options,
            ["--url=https://h/?a=b", "--user=k:s", "-XPOST", "--silent", "--header=a: \"b\"\t", "--data=-1"]
        );
    }

    #[test]
    fn what_is_wrong_is_told_without_showing_it() {
        for text in ["user = \"SENTINEL", "user = \"SENTINEL\\"] {
            let failure = options(text, Path::new("f")).unwrap_err();
            assert!(!format!("{failure:?}").contains("SENTINEL"));
        }
        assert!(options("config = g", Path::new("f")).is_err());
    }
}
