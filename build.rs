//! Tells the program what it was built from, for `awsig --version`. For the library there is nothing to do.

#![allow(clippy::print_stdout)] // how a build script talks to Cargo

use std::env;
use std::fs;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if env::var_os("CARGO_FEATURE_CLI").is_none() {
        return;
    }
    println!("cargo:rerun-if-env-changed=AWSIG_COMMIT");
    let commit = told().or_else(packaged).or_else(checked_out).unwrap_or_else(|| "unknown".into());
    println!("cargo:rustc-env=AWSIG_COMMIT={commit}");
    println!("cargo:rustc-env=AWSIG_TARGET={}", env::var("TARGET").unwrap_or_default());
    println!("cargo:rustc-env=AWSIG_FEATURES={}", features());
}

/// What whoever packages says; wins over everything found.
fn told() -> Option<String> {
    env::var("AWSIG_COMMIT").ok().filter(|commit| is_plain(commit))
}

/// `cargo package` leaves the commit in the crate: `{"git":{"sha1":"…"}, …}`.
fn packaged() -> Option<String> {
    let told = fs::read_to_string(".cargo_vcs_info.json").ok()?;
    let (_, rest) = told.split_once("\"sha1\"")?;
    let commit: String = rest.split('"').nth(1)?.chars().take(12).collect();
    is_plain(&commit).then_some(commit)
}

/// The commit of the working tree, if it is this project's and not that of a project around it.
fn checked_out() -> Option<String> {
    if !fs::exists(".git").ok()? {
        return None;
    }
    // Every commit, checkout and merge writes there.
    if let Some(path) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        println!("cargo:rerun-if-changed={path}");
    }
    git(&["rev-parse", "--short=12", "HEAD"]).filter(|commit| is_plain(commit))
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

fn is_plain(commit: &str) -> bool {
    !commit.is_empty() && commit.chars().all(|character| character.is_ascii_alphanumeric() || character == '-')
}

/// The features that somebody chose or left out: those of the program imply the rest.
fn features() -> String {
    let mut names: Vec<String> = env::vars()
        .filter_map(|(name, _)| Some(name.strip_prefix("CARGO_FEATURE_")?.to_lowercase().replace('_', "-")))
        .filter(|name| name != "default")
        .collect();
    names.sort();
    names.join(" ")
}
