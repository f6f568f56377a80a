//! Command lines whose words stand in the wrong place, or are spelt nearly right.

use crate::args::Args;
use crate::plan::two;
use crate::report::{Failure, USAGE};
use clap::CommandFactory;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// What is wrong with a URL that is but a word, and with what stands where the method does.
pub(crate) fn check(url: Option<&str>, method: Option<&str>) -> Result<(), Failure> {
    if method.is_some_and(|method| method.contains("://")) && url.is_some_and(|url| url.contains(['.', ':', '/'])) {
        return Err(two());
    }
    let Some(word) = url.filter(|url| url.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')) else {
        return Ok(());
    };
    if METHODS.iter().any(|method| method.eq_ignore_ascii_case(word)) {
        return Err(Failure::new(USAGE, "the URL comes first, then the method")
            .hint(format!("awsig https://HOST/PATH {}", word.to_ascii_uppercase())));
    }
    let command = Args::command();
    let verbs: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).chain(["help"]).collect();
    if verbs.contains(&word) {
        return Err(Failure::new(USAGE, "options go after the command").hint(format!("awsig {word} [OPTIONS] …")));
    }
    let unknown = || Failure::new(USAGE, format!("unknown command {word:?}"));
    if word == "tour" {
        return Err(unknown().hint("did you mean awsig lab tour?"));
    }
    let near = verbs.iter().map(|verb| (distance(word, verb), *verb)).min();
    match near.filter(|(distance, verb)| *distance <= 2 && *distance < verb.len().min(word.len())) {
        Some((_, verb)) => Err(unknown().hint(format!("did you mean awsig {verb}?"))),
        // What follows is a URL, so this was meant as a command.
        None if method.is_some_and(|method| method.contains("://")) => {
            Err(unknown().hint("awsig --help lists the commands; without one: awsig https://HOST/PATH [METHOD]"))
        }
        None => Ok(()),
    }
}

/// How many letters have to be added, left out or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.bytes().enumerate() {
        let mut next = vec![at + 1];
        for ((above, left_above), wanted) in row.iter().skip(1).zip(&row).zip(other.bytes()) {
            let left = next.last().copied().unwrap_or_default();
            next.push((left + 1).min(above + 1).min(left_above + usize::from(letter != wanted)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        for (one, other, wanted) in [("sign", "sign", 0), ("sing", "sign", 2), ("presgn", "presign", 1), ("", "lab", 3)]
        {
            assert_eq!(distance(one, other), wanted, "{one} {other}");
        }
    }
}
