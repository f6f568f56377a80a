//! `awsig sign`: prints the signed request instead of sending it.

use crate::args::{SignArgs, SignFormat};
use crate::output;
use crate::plan::Plan;
use crate::quote::shell;
use crate::report::Failure;
use awsig::signing::{Authorization, Request};
use awsig::world::Process;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) fn run(args: &SignArgs) -> Result<(), Failure> {
    let plan = Plan::make(&args.request, &(Arc::new(Process::new()) as _))?;
    let typed = plan.headers();
    let request = plan.request(&typed)?;
    let authorization = plan.signer.sign(&request);
    let printed = match args.format {
        SignFormat::Headers => lines(&authorization).into_bytes(),
        SignFormat::Curl => curl(args, &plan, &request, &authorization).into_bytes(),
        SignFormat::Json => json(&plan, &request, &authorization).into_bytes(),
        SignFormat::Http => http(&plan, &request, &authorization),
    };
    output::print(&printed)
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

fn curl(args: &SignArgs, plan: &Plan, request: &Request<'_>, authorization: &Authorization) -> String {
    let mut text = format!("curl -g --path-as-is -X {}", shell(request.method()));
    for (name, value) in all_headers(request, authorization) {
        let header = if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") };
        text.push_str(&format!(" -H {}", shell(&header)));
    }
    match args.request.data.as_deref() {
        None => {}
        Some("@-") => text.push_str(" --data-binary @-"),
        Some(data) if data.starts_with('@') => text.push_str(&format!(" --data-binary {}", shell(data))),
        Some(data) => text.push_str(&format!(" --data-raw {}", shell(data))),
    }
    text.push_str(&format!(" {}\n", shell(&plan.signer.url(request))));
    text
}

fn json(plan: &Plan, request: &Request<'_>, authorization: &Authorization) -> String {
    let steps = plan.signer.steps(request);
    let signed = authorization.value().split_once("SignedHeaders=").and_then(|(_, rest)| rest.split_once(','));
    let headers: Map<String, Value> =
        all_headers(request, authorization).into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    let value = json!({
        "method": request.method(),
        "url": plan.signer.url(request),
        "headers": headers,
        "signed_headers": signed.map_or("", |(names, _)| names),
        "scope": plan.signer.scope().to_string(),
        "canonical_request": steps.canonical_request(),
        "string_to_sign": steps.string_to_sign(),
        "signature": authorization.signature().to_string(),
    });
    format!("{value:#}\n")
}

fn http(plan: &Plan, request: &Request<'_>, authorization: &Authorization) -> Vec<u8> {
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method(), plan.signer.target(request));
    if request.header_value("host").is_none() {
        text.push_str(&format!("host: {}\r\n", request.host()));
    }
    for (name, value) in all_headers(request, authorization) {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if plan.has_body() && request.header_value("content-length").is_none() {
        text.push_str(&format!("content-length: {}\r\n", plan.body().len()));
    }
    text.push_str("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(plan.body());
    bytes
}
