//! The command line, and the files of options that it names.

use crate::args::{Args, CallArgs, RequestArgs};
use crate::config_file::{self, Given};
use crate::{output, plain, report};
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::ffi::OsString;
use std::process::ExitCode;

/// Reads the command line. The error is what to exit with: help and version were asked for, or usage was wrong.
pub(crate) fn parse(version: &'static str) -> Result<Args, ExitCode> {
    let typed: Vec<OsString> = std::env::args_os().collect();
    let args = these(&typed, &[], version)?;
    let files = args.request().map(|request| request.config.as_slice()).unwrap_or_default();
    if files.is_empty() {
        return Ok(args);
    }
    let mut more = config_file::read(files).map_err(|failure| failure.print())?;
    let is_typed = |request: &RequestArgs, option: &str| match option {
        "--url" => request.typed_url().is_some(),
        "--request" | "-X" => request.method.is_some(),
        _ => false,
    };
    // What may stand on the line without a name is not overridden by it.
    let request = args.request();
    more.retain(|given| !request.is_some_and(|request| is_typed(request, given.name())));
    // Options of a file come first, so that typed ones win; behind the verb, if there is one.
    let start = if args.verb.is_some() { 2 } else { 1 };
    let (head, tail) = typed.split_at(start.min(typed.len()));
    let options: Vec<OsString> = more.iter().map(|given| given.option.clone()).collect();
    these(&[head, &options, tail].concat(), &more, version)
}

/// Where the option stands that is wrong whatever else there is.
fn place<'a>(head: &[OsString], more: &'a [Given]) -> Option<&'a str> {
    let wrong = more.iter().find(|given| {
        let alone = Args::command().try_get_matches_from([head, std::slice::from_ref(&given.option)].concat());
        alone.is_err_and(|error| error.kind() != ErrorKind::MissingRequiredArgument)
    });
    wrong.map(|given| given.place.as_str())
}

/// `more` is what of it comes from files, behind the name of the program and the verb.
fn these(typed: &[OsString], more: &[Given], version: &'static str) -> Result<Args, ExitCode> {
    let asked = match typed.get(1..) {
        Some([word]) if word == "--version" => Some(version),
        Some([word]) if word == "-V" => Some(env!("CARGO_PKG_VERSION")),
        _ => None,
    };
    if let Some(version) = asked {
        let printed = output::print(format!("awsig {version}\n").as_bytes());
        return Err(printed.map_or_else(|failure| failure.print(), |()| ExitCode::SUCCESS));
    }
    if let Some(args) = plain::call(typed).or_else(|| call(typed)) {
        return Ok(args);
    }
    let matches = Args::command().long_version(version).try_get_matches_from(typed);
    matches.and_then(|matches| Args::from_arg_matches(&matches)).map_err(|error| {
        if !error.use_stderr() {
            let printed = output::closed_is_fine(error.print());
            return printed.map_or_else(|failure| failure.print(), |()| ExitCode::SUCCESS);
        }
        let start =
            typed.iter().zip(1..).take_while(|(word, _)| more.first().is_some_and(|first| **word != first.option));
        let head = start.last().map_or(0, |(_, count)| count);
        let failure = report::usage(&error);
        match typed.get(..head).and_then(|head| place(head, more)) {
            Some(place) => failure.at(place).print(),
            None => failure.print(),
        }
    })
}

/// A call, without any of the verbs that have a name: to build their hundreds of options takes longer than all else that
/// is done before sending.
#[derive(Debug, Parser)]
#[command(name = "awsig", args_override_self = true, disable_help_flag = true)]
struct Call {
    #[command(flatten)]
    call: CallArgs,
}

/// The command line as a call. None when it is none, or not plainly one: help, and errors, are up to all the definitions.
fn call(typed: &[OsString]) -> Option<Args> {
    let first = typed.get(1)?.to_str()?;
    let is_call = first.starts_with('-') || first.contains(['.', '/', ':']);
    let call = Call::try_parse_from(is_call.then_some(typed)?).ok()?;
    Some(Args { verb: None, call: call.call })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_verb_looks_like_a_call() {
        for verb in Args::command().get_subcommands() {
            assert!(call(&["awsig".into(), verb.get_name().into()]).is_none(), "{}", verb.get_name());
        }
    }

    #[test]
    fn a_call_means_the_same_with_and_without_the_verbs() {
        for line in [
            "awsig https://h.example/ POST",
            "awsig https://h.example/ sign",
            "awsig -v sign https://h.example/",
            "awsig -s -s --profile a --profile b h.example/x",
            "awsig --data-binary --service s3 https://h.example/ -d a --json b",
            "awsig -K file -w -x -r -5 https://h.example/",
            "awsig --json {} --retry 3 -H a:b -H c:d --time @1 -u k:s https://h.example/",
        ] {
            let typed: Vec<OsString> = line.split(' ').map(Into::into).collect();
            let whole = Args::command().try_get_matches_from(&typed).and_then(|found| Args::from_arg_matches(&found));
            let (whole, alone) = (whole.unwrap(), call(&typed).unwrap());
            assert_eq!(format!("{whole:?}"), format!("{alone:?}"), "{line}");
        }
    }

    #[test]
    fn what_is_wrong_or_asks_for_help_is_left_to_all_the_definitions() {
        for line in ["awsig", "awsig --help", "awsig -h", "awsig -V", "awsig --nosuch", "awsig -X", "awsig help sign"] {
            assert!(call(&line.split(' ').map(Into::into).collect::<Vec<_>>()).is_none(), "{line}");
        }
    }
}
