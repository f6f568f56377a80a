//! How the program speaks when something is wrong: the one place that writes errors.
//!
//! ```text
//! awsig: error: what happened, lower case, no full stop
//! awsig: hint: the next thing to type
//! ```
//!
//! One line each, control characters taken out, nothing secret in either.

use crate::args::{Args, instead};
use crate::secrets;
use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

/// A signature that does not verify.
pub(crate) const INVALID: u8 = 1;
/// Wrong usage: what shells and curl use.
pub(crate) const USAGE: u8 = 2;
/// An answer of 400 or above: curl's with `--fail`.
pub(crate) const REFUSED: u8 = 22;
/// The answer could not be written: curl's.
pub(crate) const WRITE: u8 = 23;
/// A file could not be read: curl's.
pub(crate) const READ: u8 = 26;
/// A URL that cannot be used: curl's.
pub(crate) const URL: u8 = 3;
/// The certificates to trust cannot be read: curl's.
pub(crate) const CACERT: u8 = 77;
/// No credentials, or a source of them that is broken.
pub(crate) const CREDENTIALS: u8 = 110;
/// The service or region cannot be told.
pub(crate) const ENDPOINT: u8 = 111;
/// A step of the lab failed, or it cannot run.
pub(crate) const LAB: u8 = 112;

/// Whether nothing is to be said.
static SILENT: AtomicBool = AtomicBool::new(false);

/// Says nothing from here on, if so told: `-s` without `-S`.
pub(crate) fn silence(silent: bool) {
    SILENT.store(silent, Ordering::Relaxed);
}

/// Whether what was last written to standard output does not end with a line break.
static OPEN: AtomicBool = AtomicBool::new(false);

/// Remembers how what went to standard output ends.
pub(crate) fn wrote(bytes: &[u8]) {
    if let Some(last) = bytes.last() {
        OPEN.store(*last != b'\n', Ordering::Relaxed);
    }
}

/// Why the program ends without having done what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    error: String,
    hints: Vec<String>,
    /// What is known about it, by name: printed after the error, before the hints.
    told: Vec<(&'static str, String)>,
}

impl Failure {
    pub(crate) fn new(code: u8, error: impl Into<String>) -> Self {
        Self { code, error: error.into(), hints: Vec::new(), told: Vec::new() }
    }

    /// An error with everything that caused it.
    pub(crate) fn of(code: u8, error: &dyn Error) -> Self {
        Self::new(code, chain(error))
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds lines of `awsig: name: text`.
    pub(crate) fn tell(mut self, told: Vec<(&'static str, String)>) -> Self {
        self.told.extend(told);
        self
    }

    /// The same, of this place in a file.
    pub(crate) fn at(mut self, place: &str) -> Self {
        self.error = format!("{place}: {}", self.error);
        self
    }

    pub(crate) fn code(&self) -> u8 {
        self.code
    }

    pub(crate) fn error(&self) -> &str {
        &self.error
    }

    pub(crate) fn print(&self) -> ExitCode {
        line("error", &self.error);
        for (name, text) in &self.told {
            line(name, text);
        }
        for hint in &self.hints {
            line("hint", hint);
        }
        ExitCode::from(self.code)
    }
}

/// Something worth knowing that does not end the program.
pub(crate) fn warn(text: &str) {
    line("warning", text);
}

/// Something that was done besides what was asked.
pub(crate) fn note(text: &str) {
    line("note", text);
}

/// `outer: inner: innermost`, without repeating what the outer one already said.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        cause = inner.source();
    }
    text
}

/// What clap found wrong, in our voice.
pub(crate) fn usage(error: &clap::Error) -> Failure {
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or("wrong usage");
    let first = first.strip_prefix("error: ").unwrap_or(first).trim_end_matches(':');
    let mut said = first.to_owned();
    let mut hint = String::from("awsig --help lists everything");
    let mut verb = String::new();
    for line in lines {
        if let Some(tip) = line.strip_prefix("tip: ") {
            // To be no option is not what anything was typed for.
            if !tip.starts_with("to pass '") {
                hint = tip.to_owned();
            }
        } else if let Some(line) = line.strip_prefix("Usage: awsig ") {
            verb = line.split(' ').take_while(|word| !word.starts_with(['-', '<', '['])).collect::<Vec<_>>().join(" ");
            break;
        } else if line.starts_with('<') || line.starts_with('-') || line.starts_with('[') {
            said = format!("{said} {line}");
        }
    }
    if let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) {
        if let Some(instead) = instead(option) {
            return Failure::new(USAGE, format!("awsig has no {option}")).hint(instead);
        }
    }
    if error.kind() == ErrorKind::UnknownArgument {
        let option =
            said.strip_prefix("unexpected argument '").and_then(|rest| rest.split('\'').next()).unwrap_or_default();
        if matches!(verb.as_str(), "sign" | "presign") && is_for_sending(option) {
            hint = format!("{verb} does not send: leave {option} out");
        } else if verb == "creds exec" && !option.starts_with('-') {
            hint = format!("put -- before it: awsig creds exec -- {option} …");
        }
    }
    if error.kind() == ErrorKind::MissingRequiredArgument && verb == "presign-post" {
        said = said.replace("--key <KEY>", "--key <KEY> or --key-starts-with <PREFIX>");
        hint =
            String::from("--key KEY names what is uploaded, --key-starts-with PREFIX leaves its name to the uploader");
    }
    // What a program's number parser says is not for people.
    said = said
        .replace(": invalid float literal", ": not a number")
        .replace(": invalid digit found in string", ": not a whole number");
    // One word too many, which clap takes for a subcommand.
    if let Some((word, _)) = said.strip_prefix("the subcommand '").and_then(|rest| rest.split_once('\'')) {
        said = format!("one word too many: {word}");
        hint = String::from("a URL and a method is all; -d takes the body, -H a header");
    }
    let is_number = |rest: &str| rest.starts_with(|letter: char| letter.is_ascii_digit());
    if said.strip_prefix("unexpected argument '-").is_some_and(is_number) {
        hint = String::from("no option takes a negative number; TLS is 1.2 or newer without -1");
    }
    Failure::new(USAGE, said).hint(hint)
}

/// Whether a call has this option, `--name` or `-n`.
fn is_for_sending(option: &str) -> bool {
    Args::command().get_arguments().any(|argument| match option.strip_prefix("--") {
        Some(name) => argument.get_long_and_visible_aliases().is_some_and(|names| names.contains(&name)),
        None => {
            argument.get_short().is_some_and(|short| option.strip_prefix('-').is_some_and(|o| o.starts_with(short)))
        }
    })
}

/// A stream that cannot be written to has nobody to be told.
fn line(kind: &str, text: &str) {
    if SILENT.load(Ordering::Relaxed) {
        return;
    }
    let text: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    let mut stderr = io::stderr().lock();
    // Both on one screen: not behind the answer, in its last line.
    if OPEN.swap(false, Ordering::Relaxed) && stderr.is_terminal() && io::stdout().is_terminal() {
        let _ = writeln!(stderr);
    }
    drop(stderr);
    secrets::say(&format!("awsig: {kind}: {text}\n"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[test]
    fn causes_are_told_once() {
        let inner = io::Error::other("disk full");
        let outer = io::Error::other(inner);
        assert_eq!(chain(&outer), "disk full");
    }
}
