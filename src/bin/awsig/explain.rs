//! `awsig explain`: why a service refused, from a saved answer; no network, no credentials.

use crate::args::{ExplainArgs, ExplainFormat};
use crate::captured::{self, unreadable};
use crate::report::Failure;
use crate::{output, plan, why};
use awsig::refusal::{Asked, Diagnosis, Refusal};
use awsig::signing::Claim;
use serde_json::json;
use std::fmt::Write as _;

pub(crate) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    if args.answer.as_deref().is_none_or(|name| name == "-") && args.request.as_deref() == Some("-") {
        return Err(unreadable("answer and request cannot both come from standard input"));
    }
    let mut asked = match &args.request {
        None => Asked::default(),
        Some(name) => asked(name, args)?,
    };
    if let Some(time) = &args.time {
        asked = asked.at(plan::time(time)?);
    }
    let refusal = Refusal::read_saved(&captured::bytes(args.answer.as_deref())?);
    let says_nothing = refusal.code().is_none() && refusal.message().is_empty() && !refusal.is_html();
    if refusal.status().is_none() && says_nothing {
        return Err(unreadable("there is no answer to explain").hint("awsig explain FILE, or awsig explain < FILE"));
    }
    let diagnosis = Diagnosis::of(&refusal, &asked);
    let printed = match args.format {
        ExplainFormat::Text => text(&refusal, &diagnosis),
        ExplainFormat::Json => json(&refusal, &diagnosis),
    };
    output::print(printed.as_bytes())
}

fn asked(name: &str, args: &ExplainArgs) -> Result<Asked, Failure> {
    let mut captured = captured::read(Some(name), "GET", args.body.as_deref())?;
    captured.complete();
    let headers: Vec<(&str, &str)> =
        captured.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = captured.request(&headers)?;
    // A request with a broken signature still tells the host.
    Ok(match Claim::parse(&request) {
        Ok(claim) => Asked::claimed(&request, &claim),
        Err(_) => Asked::to_host(request.host()),
    })
}

fn text(refusal: &Refusal, diagnosis: &Diagnosis) -> String {
    let mut text = String::new();
    if let Some(status) = refusal.status() {
        let _ = writeln!(text, "status: {status}");
    }
    for (name, line) in why::all(refusal, diagnosis) {
        let _ = writeln!(text, "{name}: {line}");
    }
    text
}

fn json(refusal: &Refusal, diagnosis: &Diagnosis) -> String {
    let passed: Vec<String> = diagnosis.passed().iter().map(ToString::to_string).collect();
    let value = json!({
        "status": refusal.status(),
        "code": refusal.code(),
        "message": refusal.message(),
        "request_id": refusal.request_id(),
        "cause": diagnosis.cause().name(),
        "passed": passed,
        "means": diagnosis.means(),
        "next": diagnosis.next(),
        "statement": diagnosis.statement(),
    });
    format!("{value:#}\n")
}
