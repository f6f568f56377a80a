//! `credential_process`: a command that prints credentials.

use super::document::{self, JsonError};
use super::exchange::printable;
use super::profile::NAME;
use super::sources::Sources;
use super::{ProviderError, ProviderFailure};
use crate::signing::Credentials;
use crate::world::Command;
use alloc::string::{String, ToString};
use core::error::Error;
use core::fmt;
use std::io;
use zeroize::Zeroizing;

/// Why a command gave no credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProcessError {
    /// It could not be run to its end: not found, too slow, too much output.
    Run(io::ErrorKind),
    /// It failed.
    Failed {
        /// The exit code; `None` if a signal ended it.
        code: Option<i32>,
        /// The last line it wrote to standard error.
        said: String,
    },
    /// Its output holds no credentials.
    Output(JsonError),
}

impl fmt::Display for ProcessError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the credential_process ")?;
        match self {
            Self::Run(io::ErrorKind::TimedOut) => formatter.write_str("takes longer than a minute"),
            Self::Run(io::ErrorKind::FileTooLarge) => formatter.write_str("writes more than 64 KiB"),
            Self::Run(kind) => write!(formatter, "cannot be run: {kind}"),
            Self::Failed { code, said } => {
                match code {
                    Some(code) => write!(formatter, "failed with exit code {code}")?,
                    None => formatter.write_str("was ended by a signal")?,
                }
                if said.is_empty() { Ok(()) } else { write!(formatter, ": {said}") }
            }
            Self::Output(_) => formatter.write_str("printed no credentials"),
        }
    }
}

impl Error for ProcessError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Output(error) => Some(error),
            _ => None,
        }
    }
}

/// Runs the command in a shell and reads what it prints.
pub(super) fn fetch(sources: &Sources, command: &str) -> Result<Credentials, ProviderError> {
    run(sources, command).map_err(|error| {
        let hint = "it must print {\"Version\": 1, \"AccessKeyId\": …, \"SecretAccessKey\": …}; run it by hand to see";
        ProviderError::new(NAME, ProviderFailure::Failed).with_cause(error).with_hint(hint)
    })
}

fn run(sources: &Sources, command: &str) -> Result<Credentials, ProcessError> {
    let (shell, flag) = if cfg!(windows) { ("cmd.exe", "/C") } else { ("sh", "-c") };
    let shell = Command::new(shell).with_argument(flag).with_argument(command);
    let output = sources.world.run(&shell).map_err(|error| ProcessError::Run(error.kind()))?;
    let printed = Zeroizing::new(output.stdout);
    if output.code != Some(0) {
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        return Err(ProcessError::Failed { code: output.code, said: printable(last) });
    }
    let mut fields = document::object(&printed).map_err(ProcessError::Output)?;
    let key = fields.keys().find(|key| key.eq_ignore_ascii_case("Version")).cloned();
    match key.and_then(|key| fields.remove(&key)) {
        Some(version) if version == 1 => {}
        Some(other) => return Err(ProcessError::Output(JsonError::Version(printable(&other.to_string())))),
        None => return Err(ProcessError::Output(JsonError::Missing("Version"))),
    }
    document::parse_value(fields).map_err(ProcessError::Output)
}
