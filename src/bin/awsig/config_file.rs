//! `-K FILE`: options from a file, in curl's grammar.
//!
//! ```text
//! # a comment
//! user = "key:secret"     name and value, with = or : or a blank between; the dashes are optional
//! -X POST
//! silent                  a switch
//! data = one              without quotes, a value is one word
//! url = "https://…"       in quotes, \\ \" \t \n \r and \v are escapes
//! ```

use crate::input;
use crate::report::{Failure, READ, USAGE, warn};
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// An option of a file.
#[derive(Debug)]
pub(crate) struct Given {
    /// As it would be typed.
    pub(crate) option: OsString,
    /// `FILE:LINE`
    pub(crate) place: String,
}

impl Given {
    /// `--name`, or `-n`.
    pub(crate) fn name(&self) -> &str {
        let option = self.option.to_str().unwrap_or_default();
        if option.starts_with("--") {
            option.split('=').next().unwrap_or_default()
        } else {
            option.get(..2).unwrap_or(option)
        }
    }
}

/// The options of these files.
pub(crate) fn read(files: &[PathBuf]) -> Result<Vec<Given>, Failure> {
    let mut all = Vec::new();
    for file in files {
        let text = if file.as_os_str() == "-" {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map(|_| text)
        } else {
            input::text_of(file)
        };
        let text = text.map_err(|error| {
            Failure::new(READ, format!("cannot read {}: {error}", file.display())).hint("-K takes a file of options")
        })?;
        all.extend(options(&text, file)?);
    }
    Ok(all)
}

fn options(text: &str, file: &Path) -> Result<Vec<Given>, Failure> {
    let mut all = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
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
            None => {
                let (word, more) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
                if !matches!(more.trim_start().chars().next(), None | Some('#')) {
                    warn(&format!(
                        "{}:{}: of the value of {name} only the first word is taken: write it in quotes",
                        file.display(),
                        index + 1
                    ));
                }
                (!word.is_empty()).then(|| word.to_owned())
            }
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
        let option = match value {
            // Glued to its name, a value may start with a dash.
            Some(value) if name.starts_with("--") => format!("{name}={value}"),
            Some(value) => format!("{name}{value}"),
            None => name,
        };
        all.push(Given { option: option.into(), place: format!("{}:{}", file.display(), index + 1) });
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
        let text = "\u{feff}# no\n\n url = \"https://h/?a=b\"\nuser: k:s\n-X POST\nsilent\n--header \"a: \\\"b\\\"\\t\"\ndata = -1\ndata = hello world\ndata = a # b\n";
        let options: Vec<_> = options(text, Path::new("f")).unwrap().into_iter().map(|given| given.option).collect();
        assert_eq!(
            options,
            [
                "--url=https://h/?a=b",
                "--user=k:s",
                "-XPOST",
                "--silent",
                "--header=a: \"b\"\t",
                "--data=-1",
                "--data=hello",
                "--data=a"
            ]
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
