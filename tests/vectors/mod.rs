//! The data of `test-vectors/` against the public API of the core. The reader is strict: what it does not know fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core
)]

/// A request, who signs it how, and what must come out.
mod case;
/// Compares every step of a case, verifies what was signed, tampers with it.
mod check;
/// `exceptions.json`: what is run in another way than its set says, and why.
mod exceptions;
/// JSON objects whose every member must be asked for.
mod fields;
/// HTTP requests as the suites write them.
mod message;
/// `aws/` and `aws-botocore/`.
mod official;
/// `ours/`.
mod ours;
/// `published/`.
mod published;
/// The arithmetic of the standard in its shortest form, for values that the library has no public call for.
mod reference;
/// One byte changed at a time.
mod tamper;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The path of something in `test-vectors/`.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("test-vectors").join(name)
}

/// The names in a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// Everything in `test-vectors/` is known by name.
#[test]
fn every_set_has_a_reader() {
    let sets = [".gitattributes", "README.md", "aws", "aws-botocore", "exceptions.json", "ours", "published"];
    assert_eq!(names(&path("")), set(&sets));
}
