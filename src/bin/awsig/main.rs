//! The program: `awsig URL [METHOD]` signs a request with what this machine has and sends it.
//!
//! `args` is what was typed, `plan` what it means; every verb has a file of its own, and `report` is the one place
//! where errors are written.

// The program is no `no_std` one.
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]

mod args;
mod call;
mod captured;
mod creds;
mod endpoint;
mod explain;
mod har;
mod headers;
mod imds;
mod input;
mod lab;
mod output;
mod plan;
mod presign;
mod presign_post;
mod quote;
mod report;
mod serve;
mod sign;
mod sources;
mod texts;
mod verbose;
mod verify;
mod whoami;
mod why;

use args::{Args, Verb};
use clap::{CommandFactory, FromArgMatches};
use report::Failure;
use std::process::ExitCode;

/// What `--version` says; `-V` says only the number.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\ncommit: ",
    env!("AWSIG_COMMIT"),
    "\ntarget: ",
    env!("AWSIG_TARGET"),
    "\nfeatures: ",
    env!("AWSIG_FEATURES")
);

fn main() -> ExitCode {
    let args = match parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.print(),
    }
}

/// Reads the command line. The error is what to exit with: help and version were asked for, or usage was wrong.
fn parse() -> Result<Args, ExitCode> {
    let typed = Args::command().long_version(VERSION).try_get_matches();
    typed.and_then(|matches| Args::from_arg_matches(&matches)).map_err(|error| {
        if !error.use_stderr() {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        report::usage(&error).print()
    })
}

fn run(args: &Args) -> Result<(), Failure> {
    match &args.verb {
        None => call::run(&args.call),
        Some(Verb::Sign(args)) => sign::run(args),
        Some(Verb::Presign(args)) => presign::run(args),
        Some(Verb::PresignPost(args)) => presign_post::run(args),
        Some(Verb::Explain(args)) => explain::run(args),
        Some(Verb::Verify(args)) => verify::run(args),
        Some(Verb::Creds(args)) => creds::run(args),
        Some(Verb::Whoami(args)) => whoami::run(args),
        Some(Verb::Endpoint(args)) => endpoint::run(args),
        Some(Verb::Imds(args)) => imds::run(args),
        Some(Verb::Lab(args)) => lab::run(args),
    }
}
