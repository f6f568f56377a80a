//! The flags of curl and awscurl: the README's table, the program and the transcripts say the same of each.
//!
//! `tests/flags/*.txt` are all options that the two have, each taken or named by awsig.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// What must be taken, as it was asked for.
const WANTED: &str = "-X -d --data-raw --data-binary --data-urlencode --json -G --url-query -F -T -H -A -o -O -i -I -D -s -S -v -f \
    --fail-with-body -L -k --cacert --capath --cert --key --tlsv1.2 -x --noproxy --connect-timeout -m --retry --retry-delay \
    --retry-max-time --retry-all-errors --resolve --connect-to --unix-socket -4 -6 --compressed -r -w -K --no-progress-meter \
    --aws-sigv4 -u -C --service --region --profile --access_key --secret_key --session_token --security_token";

/// A row of the README's table.
struct Row {
    flags: Vec<String>,
    verdict: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn table() -> Vec<Row> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("| flag | | |\n|---|---|---|\n").expect("the README has the table");
    let rows = rest.lines().take_while(|line| line.starts_with('|')).map(|line| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let flags = cells[1].split_whitespace().map(|flag| flag.trim_matches('`').to_owned()).collect();
        Row { flags, verdict: cells[2].to_owned() }
    });
    rows.collect()
}

/// The flags of a list, and whether they take a value.
fn list(name: &str) -> Vec<(String, bool)> {
    let text = fs::read_to_string(root().join("tests/flags").join(name)).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let flags = lines.flat_map(|line| {
        let value = line.ends_with(" VALUE");
        line.trim_end_matches(" VALUE").split(' ').map(move |flag| (flag.to_owned(), value)).collect::<Vec<_>>()
    });
    flags.collect()
}

/// What the program says of a flag: standard error. It sends nothing.
fn said(flag: &str, value: bool) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_awsig"));
    command.arg(flag).args(value.then_some("1")).args([
        "--dry-run",
        "--service",
        "es",
        "--region",
        "x",
        "http://127.0.0.1:1/",
    ]);
    command.env_clear().env("AWS_EC2_METADATA_DISABLED", "true").stdin(Stdio::null());
    command.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
    // What is taken may write files.
    let folder = std::env::temp_dir();
    String::from_utf8(command.current_dir(folder).output().unwrap().stderr).unwrap()
}

fn is_named(said: &str, flag: &str) -> bool {
    said.starts_with(&format!("awsig: error: awsig has no {flag}\nawsig: hint: "))
}

/// Whether a word of a command line is this flag, alone, with its value, or among others.
fn is(word: &str, flag: &str) -> bool {
    if flag.starts_with("--") {
        return word == flag || word.strip_prefix(flag).is_some_and(|rest| rest.starts_with('='));
    }
    let letters = word.strip_prefix('-').filter(|rest| !rest.starts_with('-'));
    letters.is_some_and(|letters| word.starts_with(flag) || letters.len() < 4 && letters.contains(&flag[1..]))
}

#[test]
fn every_flag_of_the_table_occurs_in_a_transcript() {
    let mut words = BTreeSet::new();
    for file in fs::read_dir(root().join("tests/transcripts")).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines().filter(|line| line.starts_with("$ ") && line.contains("awsig ")) {
            words.extend(line.split_whitespace().map(str::to_owned));
        }
    }
    let missing: Vec<String> = table()
        .iter()
        .filter(|row| !row.flags.iter().any(|flag| words.iter().any(|word| is(word, flag))))
        .map(|row| row.flags.join(" "))
        .collect();
    assert!(missing.is_empty(), "in no transcript: {missing:?}");
}

#[test]
fn the_table_says_what_the_program_does() {
    let rows = table();
    assert!(rows.len() >= 90, "{} rows", rows.len());
    let takes_a_value = |flag: &str| {
        let known = list("curl.txt").into_iter().chain(list("awscurl.txt"));
        known.into_iter().any(|(other, value)| other == flag && value)
    };
    let mut seen = BTreeSet::new();
    for row in &rows {
        for flag in &row.flags {
            assert!(seen.insert(flag.clone()), "{flag} is in the table twice");
            let said = said(flag, takes_a_value(flag));
            match row.verdict.as_str() {
                "yes" | "better" => {
                    assert!(!said.contains("unexpected argument") && !said.contains("awsig has no"), "{flag}: {said}")
                }
                "no" => assert!(is_named(&said, flag), "{flag}: {said}"),
                other => panic!("{flag}: {other:?} is neither yes, better nor no"),
            }
        }
    }
    let taken: Vec<&String> = rows.iter().filter(|row| row.verdict != "no").flat_map(|row| &row.flags).collect();
    for flag in WANTED.split_whitespace() {
        assert!(taken.iter().any(|other| *other == flag), "{flag} is not in the table");
    }
}

#[test]
fn every_flag_of_curl_and_awscurl_is_taken_or_named() {
    let flags: Vec<_> = list("curl.txt").into_iter().chain(list("awscurl.txt")).collect();
    assert!(flags.len() >= 320, "{} flags", flags.len());
    let mut unknown = Vec::new();
    for (flag, value) in &flags {
        let said = said(flag, *value);
        if said.contains("unexpected argument") && !said.contains("without -1") {
            unknown.push(flag);
        } else if said.contains("awsig has no") {
            assert!(is_named(&said, flag), "{flag}: {said}");
        }
    }
    assert!(unknown.is_empty(), "neither taken nor named: {unknown:?}");
}
