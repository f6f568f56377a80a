//! `-v` and `--dry-run`: what is sent and why it is signed so, with every secret blanked.

use crate::plan::Plan;
use crate::sign::all_headers;
use awsig::signing::Request;
use std::fmt::Write as _;

/// Headers whose values are never shown.
const SECRET: [&str; 7] = [
    "x-amz-security-token",
    "x-amz-s3session-token",
    "x-aws-ec2-metadata-token",
    "proxy-authorization",
    "cookie",
    "set-cookie",
    "x-api-key",
];

/// The request as it would be sent, each line after `prefix`.
pub(crate) fn request(plan: &Plan, request: &Request<'_>, prefix: &str) -> String {
    let authorization = plan.signer.sign(request);
    let mut text = format!("{prefix}{} {} HTTP/1.1\n", request.method(), plan.signer.target(request));
    if request.header_value("host").is_none() {
        let _ = writeln!(text, "{prefix}host: {}", request.host());
    }
    for (name, value) in all_headers(request, &authorization) {
        let _ = writeln!(text, "{prefix}{name}: {}", shown(name, value));
    }
    let _ = writeln!(text, "{prefix}({} bytes of body)", plan.body().len());
    text
}

/// Where the credentials come from, the scope, and the three texts.
pub(crate) fn signature(plan: &Plan, request: &Request<'_>, prefix: &str) -> String {
    let steps = plan.signer.steps(request);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{prefix}credentials from {}: {}",
        plan.found.source(),
        plan.found.credentials().access_key_id()
    );
    let _ = writeln!(text, "{prefix}scope: {}", plan.signer.scope());
    for line in steps.explain().lines() {
        let _ = writeln!(text, "{prefix}{line}");
    }
    text
}

/// A header's value, unless it is secret.
pub(crate) fn shown<'a>(name: &str, value: &'a str) -> &'a str {
    if SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name)) { "(blanked)" } else { value }
}
