//! The program: `awsig URL [METHOD]` signs a request with what this machine has and sends it.
//!
//! `args` is what was typed, `plan` what it means; every verb has a file of its own, and `report` is the one place
//! where errors are written.

// The program is no `no_std` one.
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]

mod args;
mod call;
mod captured;
mod config_file;
mod connect;
mod creds;
mod decode;
mod dry;
mod endpoint;
mod explain;
mod fault;
mod har;
mod headers;
mod imds;
mod input;
mod joined;
mod keys;
mod lab;
mod multipart;
mod output;
mod parse;
mod plain;
mod plan;
mod presign;
mod presign_post;
mod progress;
mod quote;
mod receive;
mod redirect;
mod report;
mod schemes;
mod secrets;
mod serve;
mod sign;
mod sources;
mod target;
mod texts;
mod typos;
mod verbose;
mod verify;
mod whoami;
mod why;
mod write_out;

use args::{Args, Verb};
use report::Failure;
use std::process::ExitCode;

/// One heap that grows as it is used.
#[cfg(target_env = "musl")]
#[global_allocator]
static HEAP: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

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
    let args = match parse::parse(VERSION) {
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
        None => {
            typos::check(args.call.request.url.as_deref(), args.call.request.method.as_deref())?;
            call::run(&args.call)
        }
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
