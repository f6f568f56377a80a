//! `awsig-pages VERSION FOLDER`: writes `man/*.1` and `completions/*` from the program's own argument definitions.

#[path = "../../../src/bin/awsig/args.rs"]
#[allow(dead_code, unused_imports, clippy::use_self)] // the fields are read by the program only
mod args;

use clap::CommandFactory;
use clap_complete::Shell;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let mut given = env::args().skip(1);
    let (Some(version), Some(folder)) = (given.next(), given.next()) else {
        return Err(io::Error::other("usage: awsig-pages VERSION FOLDER"));
    };
    let folder = Path::new(&folder);
    // clap keeps text for as long as the program runs.
    let command = args::Args::command().version(&*version.leak());

    let pages = folder.join("man");
    fs::create_dir_all(&pages)?;
    clap_mangen::generate_to(command.clone().disable_help_subcommand(true), &pages)?;

    let completions = folder.join("completions");
    fs::create_dir_all(&completions)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        clap_complete::generate_to(shell, &mut command.clone(), "awsig", &completions)?;
    }
    Ok(())
}
