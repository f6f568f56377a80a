//! `awsig sign`: prints the signed request instead of sending it.

use crate::args::{DataKind, SignArgs, SignFormat};
use crate::output;
use crate::plan::Plan;
use crate::quote::shell;
use crate::report::{Failure, READ, USAGE};
use crate::secrets;
use crate::texts;
use awsig::send::Source;
use awsig::signing::{Authorization, Request, Signer};
use serde_json::{Map, Value, json};
use std::io::{self, Seek, SeekFrom};

pub(crate) fn run(args: &SignArgs) -> Result<(), Failure> {
    let world = secrets::world();
    let mut plan = Plan::make(&args.request, &world)?;
    let typed = if matches!(args.format, SignFormat::Curl) { curl_body(args, &mut plan.body)? } else { String::new() };
    let printed = plan.with_request(|request, signer, _| {
        if args.explain {
            return Ok(texts::annotated(&signer.steps(request), texts::is_colored(world.as_ref())));
        }
        let authorization = signer.sign(request);
        Ok(match args.format {
            SignFormat::Headers => lines(request, &authorization),
            SignFormat::Curl => curl(&typed, signer, request, &authorization)?,
            SignFormat::Json => json(signer, request, &authorization),
            SignFormat::Http => http(signer, request, &authorization),
        })
    })?;
    output::print(printed.as_bytes())?;
    if matches!(args.format, SignFormat::Http) && !args.explain { body(&mut plan.body) } else { Ok(()) }
}

/// Every header of the signed request: the typed ones that signing does not replace, then those it adds.
pub(crate) fn all_headers<'a>(request: &'a Request<'_>, authorization: &'a Authorization) -> Vec<(&'a str, &'a str)> {
    let added: Vec<(&str, &str)> = authorization.headers().collect();
    let replaced = |name: &str| added.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let typed = request.headers().filter(|(name, _)| !replaced(name));
    typed.chain(added.iter().copied()).collect()
}

/// The names that the signature covers: `host;x-amz-date`.
fn signed_names(authorization: &Authorization) -> &str {
    let signed = authorization.value().split_once("SignedHeaders=").and_then(|(_, rest)| rest.split_once(','));
    signed.map_or("", |(names, _)| names)
}

/// What a request must have: the headers that are signed, and those that signing adds. `host` only where it was typed.
fn lines(request: &Request<'_>, authorization: &Authorization) -> String {
    let signed = |name: &str| signed_names(authorization).split(';').any(|signed| signed.eq_ignore_ascii_case(name));
    let added = |name: &str| authorization.headers().any(|(added, _)| added == name);
    let headers = all_headers(request, authorization).into_iter().filter(|(name, _)| signed(name) || added(name));
    headers.map(|(name, value)| format!("{name}: {value}\n")).collect()
}

/// curl and its method. Of a HEAD it would await the body if it was only told the word.
fn curl_start(request: &Request<'_>, bodied: bool) -> Result<String, Failure> {
    let mut text = String::from("curl -g --path-as-is ");
    match (request.method(), bodied) {
        ("HEAD", false) => text.push_str("--head"),
        ("HEAD", true) => {
            return Err(Failure::new(USAGE, "curl cannot send a body with HEAD")
                .hint("leave the body out, or use --format http"));
        }
        (method, _) => text.push_str(&format!("-X {}", shell(method))),
    }
    // curl's own, which was not asked for.
    if bodied && request.header_value("content-type").is_none() {
        text.push_str(" -H 'content-type:'");
    }
    Ok(text)
}

fn curl(body: &str, signer: &Signer, request: &Request<'_>, authorization: &Authorization) -> Result<String, Failure> {
    let mut text = curl_start(request, !body.is_empty())?;
    for (name, value) in all_headers(request, authorization) {
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        text.push_str(&format!(" -H {}", shell(&header)));
    }
    text.push_str(body);
    text.push_str(&format!(" {}\n", shell(&signer.url(request))));
    Ok(text)
}

/// The arguments that make curl send the body.
fn curl_body(args: &SignArgs, body: &mut Source) -> Result<String, Failure> {
    let typed = &args.request.body;
    if let Some(path) = &typed.upload {
        return Ok(format!(" --data-binary {}", shell(&format!("@{}", path.display()))));
    }
    if let [(DataKind::Data | DataKind::Binary | DataKind::Json, text)] = typed.data.0.as_slice() {
        if let Some(text) = text.to_str().filter(|text| text.starts_with('@')) {
            return Ok(if text == "@-" {
                " --data-binary @-".into()
            } else {
                format!(" --data-binary {}", shell(text))
            });
        }
    }
    match body {
        Source::Empty => Ok(String::new()),
        Source::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(format!(" --data-raw {}", shell(text))),
            Err(_) => Err(unwritable()),
        },
        _ => Err(unwritable()),
    }
}

fn unwritable() -> Failure {
    Failure::new(USAGE, "this body cannot be written as arguments of curl")
        .hint("put it into one file and name it with -d @FILE, or use --format http")
}

fn json(signer: &Signer, request: &Request<'_>, authorization: &Authorization) -> String {
    let steps = signer.steps(request);
    let value = json!({
        "method": request.method(),
        "url": signer.url(request),
        "headers": object(&all_headers(request, authorization)),
        "signed_headers": signed_names(authorization),
        "scope": signer.scope().to_string(),
        "canonical_request": steps.canonical_request(),
        "string_to_sign": steps.string_to_sign(),
        "signature": authorization.signature().to_string(),
    });
    format!("{value:#}\n")
}

/// Headers as an object. Values of one name are joined as they are signed: by a comma, without a blank.
fn object(headers: &[(&str, &str)]) -> Map<String, Value> {
    let mut object = Map::new();
    for (at, (name, value)) in headers.iter().enumerate() {
        let is_it = |other: &&(&str, &str)| other.0.eq_ignore_ascii_case(name);
        if headers.iter().take(at).any(|other| is_it(&other)) {
            continue;
        }
        let more = headers.iter().skip(at + 1).filter(is_it).map(|(_, value)| *value);
        let values: Vec<&str> = [*value].into_iter().chain(more).collect();
        object.insert((*name).into(), values.join(",").into());
    }
    object
}

fn http(signer: &Signer, request: &Request<'_>, authorization: &Authorization) -> String {
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method(), signer.target(request));
    if request.header_value("host").is_none() {
        text.push_str(&format!("host: {}\r\n", request.host()));
    }
    for (name, value) in all_headers(request, authorization) {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text
}

/// The rest of the request: how long its body is, and the body.
fn body(source: &mut Source) -> Result<(), Failure> {
    let unreadable = |error: io::Error| Failure::new(READ, format!("cannot read the body: {error}"));
    if matches!(source, Source::Once { .. }) {
        // Not signed, so not read so far; its length goes before it.
        source.hashed().map_err(unreadable)?;
    }
    match source {
        Source::Bytes(bytes) => {
            output::print(format!("content-length: {}\r\n\r\n", bytes.len()).as_bytes())?;
            output::print(bytes)
        }
        Source::Seekable(file) => {
            let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
            file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
            let head = format!("content-length: {length}\r\n\r\n");
            output::copy(head.as_bytes(), file).map_err(|error| match error {
                output::CopyError::Read(error) => unreadable(error),
                output::CopyError::Write(failure) => failure,
            })
        }
        _ => output::print(b"\r\n"),
    }
}
