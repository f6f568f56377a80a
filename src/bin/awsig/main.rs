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
use report::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = match args::parse() {
        Ok(args) => args,
        Err(code) => return code,
    };
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.print(),
    }
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
