//! `awsig sign`: prints the signed request instead of sending it.

use crate::args::{DataKind, SignArgs, SignFormat};
use crate::output;
use crate::plan::Plan;
use crate::quote::shell;
use crate::report::{Failure, READ, USAGE};
use crate::texts;
use awsig::send::Source;
use awsig::signing::{Authorization, Request, Signer};
use awsig::world::{Process, World};
use serde_json::{Map, Value, json};
use std::io::{self, Seek, SeekFrom};
use std::sync::Arc;

pub(crate) fn run(args: &SignArgs) -> Result<(), Failure> {
    let world: Arc<dyn World> = Arc::new(Process::new());
    let mut plan = Plan::make(&args.request, &world)?;
    let typed = if matches!(args.format, SignFormat::Curl) { curl_body(args, &mut plan.body)? } else { String::new() };
    let printed = plan.with_request(|request, signer, _| {
        if args.explain {
            return Ok(texts::annotated(&signer.steps(request), texts::is_colored(world.as_ref())));
        }
        let authorization = signer.sign(request);
        Ok(match args.format {
            SignFormat::Headers => lines(&authorization),
            SignFormat::Curl => curl(&typed, signer, request, &authorization),
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

fn lines(authorization: &Authorization) -> String {
    authorization.headers().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

fn curl(body: &str, signer: &Signer, request: &Request<'_>, authorization: &Authorization) -> String {
    let mut text = format!("curl -g --path-as-is -X {}", shell(request.method()));
    for (name, value) in all_headers(request, authorization) {
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        text.push_str(&format!(" -H {}", shell(&header)));
    }
    text.push_str(body);
    text.push_str(&format!(" {}\n", shell(&signer.url(request))));
    text
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
    let signed = authorization.value().split_once("SignedHeaders=").and_then(|(_, rest)| rest.split_once(','));
    let headers: Map<String, Value> =
        all_headers(request, authorization).into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    let value = json!({
        "method": request.method(),
        "url": signer.url(request),
        "headers": headers,
        "signed_headers": signed.map_or("", |(names, _)| names),
        "scope": signer.scope().to_string(),
        "canonical_request": steps.canonical_request(),
        "string_to_sign": steps.string_to_sign(),
        "signature": authorization.signature().to_string(),
    });
    format!("{value:#}\n")
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
