//! The command line, and the files of options that it names.

use crate::args::Args;
use crate::{config_file, output, report};
use clap::{CommandFactory, FromArgMatches};
use std::ffi::OsString;
use std::process::ExitCode;

/// Reads the command line. The error is what to exit with: help and version were asked for, or usage was wrong.
pub(crate) fn parse(version: &'static str) -> Result<Args, ExitCode> {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let args = these(&typed, version)?;
    let files = args.request().map(|request| request.config.as_slice()).unwrap_or_default();
    if files.is_empty() {
        return Ok(args);
    }
    let more = config_file::read(files).map_err(|failure| failure.print())?;
    // Options of a file come first, so that typed ones win; behind the verb, if there is one.
    let start = if args.verb.is_some() { 2 } else { 1 };
    let (head, tail) = typed.split_at(start.min(typed.len()));
    these(&[head, &more, tail].concat(), version)
}

fn these(typed: &[OsString], version: &'static str) -> Result<Args, ExitCode> {
    let matches = Args::command().long_version(version).try_get_matches_from(typed);
    matches.and_then(|matches| Args::from_arg_matches(&matches)).map_err(|error| {
        if !error.use_stderr() {
            let printed = output::closed_is_fine(error.print());
            return printed.map_or_else(|failure| failure.print(), |()| ExitCode::SUCCESS);
        }
        report::usage(&error).print()
    })
}
