//! Calls that are written plainly: `awsig URL [METHOD]` with the few options that most have, each followed by its value.
//!
//! They need no grammar, and to build that of all options takes more than half of the time until such a request is out. What
//! is not plain is left to the definitions, and the tests hold both to the same meaning.

use crate::args::{Args, CONNECT_TIMEOUT, CallArgs, DataKind, MAX_REDIRS};
use std::ffi::OsString;

/// The command line as a call, or None where anything in it has to be looked at more closely.
pub(crate) fn call(typed: &[OsString]) -> Option<Args> {
    let mut call = CallArgs::default();
    call.answer.max_redirs = MAX_REDIRS;
    call.connection.connect_timeout = CONNECT_TIMEOUT;
    let request = &mut call.request;
    let mut words = typed.get(1..)?.iter().map(|word| word.to_str());
    while let Some(word) = words.next() {
        let word = word?;
        if !word.starts_with('-') {
            match &request.url {
                Some(_) => once(&mut request.method, word)?,
                None if word.contains(['.', '/', ':']) => request.url = Some(word.into()),
                // Perhaps a verb.
                None => return None,
            }
            continue;
        }
        let value = words.next()??;
        if value.starts_with('-') {
            return None;
        }
        match word {
            "-X" | "--request" => once(&mut request.request, value)?,
            "-H" | "--header" => request.headers.push(value.into()),
            "-d" | "--data" => request.body.data.0.push((DataKind::Data, value.into())),
            "--service" => once(&mut request.place.service, value)?,
            "--region" => once(&mut request.place.region, value)?,
            "--profile" => once(&mut request.place.sources.profile, value)?,
            "--cacert" => once(&mut call.connection.cacert, value)?,
            _ => return None,
        }
    }
    let is_clear = request.url.is_some() && (request.method.is_none() || request.request.is_none());
    is_clear.then_some(Args { verb: None, call })
}

/// Sets what is not set yet.
fn once<T: for<'a> From<&'a str>>(value: &mut Option<T>, text: &str) -> Option<()> {
    if value.is_some() || text.is_empty() {
        return None;
    }
    *value = Some(text.into());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, FromArgMatches};

    fn words(line: &[&str]) -> Vec<OsString> {
        ["awsig"].iter().chain(line).map(OsString::from).collect()
    }

    fn defined(typed: &[OsString]) -> Option<Args> {
        let matches = Args::command().try_get_matches_from(typed);
        matches.and_then(|matches| Args::from_arg_matches(&matches)).ok()
    }

    #[test]
    fn plain_lines_mean_what_the_definitions_say() {
        let lines: [&[&str]; 8] = [
            &["https://h.example/"],
            &["h.example", "post"],
            &["h.example/x", "sign"],
            &["--service", "s3", "https://h.example/", "--region", "r", "PUT"],
            &["-X", "PUT", "https://h.example/", "-H", "a: b", "-H", "", "--header", "c: d"],
            &["https://h.example/", "-d", "a=b", "--data", "", "-d", "@file", "--profile", "p"],
            &["https://h.example/", "--request", "x y", "--cacert", "f"],
            &["https://h.example/ä", "ü"],
        ];
        for line in lines {
            let typed = words(line);
            let (plain, whole) = (call(&typed).unwrap(), defined(&typed).unwrap());
            assert_eq!(format!("{plain:?}"), format!("{whole:?}"), "{line:?}");
        }
    }

    /// Every line of up to four of these words: if it is plain, it means the same; if it is wrong, it is not plain.
    #[test]
    fn no_line_is_plain_that_the_definitions_read_otherwise() {
        let some =
            ["https://h/", "sign", "GET", "-X", "-H", "-d", "--service", "-v", "--", "", "-", "@x", "--region=x"];
        let mut lines: Vec<Vec<&str>> = vec![Vec::new()];
        let mut plain = 0;
        for _ in 0..4 {
            lines = lines.iter().flat_map(|line| some.map(|word| [line.as_slice(), &[word]].concat())).collect();
            for line in lines.iter().filter(|line| line.len() < 4 || line.contains(&"https://h/")) {
                let typed = words(line);
                let Some(found) = call(&typed) else { continue };
                plain += 1;
                assert_eq!(format!("{:?}", Some(found)), format!("{:?}", defined(&typed)), "{line:?}");
            }
        }
        assert_eq!(plain, 209);
    }
}
