//! `awsig creds`, `creds exec` and `creds serve`.

use super::SourceArgs;
use clap::{Subcommand, ValueEnum};
use std::ffi::OsString;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct CredsArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<CredsVerb>,
    /// How to print them; all but text hold the secret key
    #[arg(long, value_enum, default_value_t = CredsFormat::Text)]
    pub(crate) format: CredsFormat,
    /// List every source in order with what was found, and why it was taken or passed over; no secret
    #[arg(long, conflicts_with = "format")]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CredsVerb {
    /// Run a command with the credentials in its environment
    Exec(ExecArgs),
    /// Offer the credentials on this machine, renewed in time, the way containers get them: any SDK can use them
    Serve(ServeArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExecArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// The command and its arguments, after --
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// The port on 127.0.0.1 [any that is free]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// Write the token that clients need to this file, for its owner only, instead of printing it
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum CredsFormat {
    /// Lines for a POSIX shell: eval "$(awsig creds --format env)"
    Env,
    /// Lines for fish: awsig creds --format fish | source
    Fish,
    /// Lines for PowerShell: awsig creds --format powershell | Out-String | Invoke-Expression
    Powershell,
    /// A JSON object
    Json,
    /// AWS's credential_process format
    Process,
    /// For people: where they come from and until when they are good, no secret
    Text,
}
