//! `-v` and `--dry-run`: what is sent and why it is signed so, with every secret blanked.

use crate::sign::all_headers;
use awsig::credentials::Found;
use awsig::signing::{Request, Signer, is_secret_header, shown_url};
use std::fmt::Write as _;

/// The request as it would be sent, each line after `prefix`.
pub(crate) fn request(signer: &Signer, request: &Request<'_>, prefix: &str) -> String {
    let authorization = signer.sign(request);
    let mut text = format!("{prefix}{} {} HTTP/1.1\n", request.method(), shown_url(&signer.target(request)));
    if request.header_value("host").is_none() {
        let _ = writeln!(text, "{prefix}host: {}", request.host());
    }
    for (name, value) in all_headers(request, &authorization) {
        let _ = writeln!(text, "{prefix}{name}: {}", shown(name, value));
    }
    text
}

/// Where the credentials come from, the scope, and the three texts.
pub(crate) fn signature(signer: &Signer, found: &Found, request: &Request<'_>, prefix: &str) -> String {
    let steps = signer.steps(request);
    let mut text = String::new();
    let _ = writeln!(text, "{prefix}credentials from {}: {}", found.source(), found.credentials().access_key_id());
    let _ = writeln!(text, "{prefix}scope: {}", signer.scope());
    for line in steps.explain().lines() {
        let _ = writeln!(text, "{prefix}{line}");
    }
    text
}

/// A header's value, unless it is secret.
pub(crate) fn shown<'a>(name: &str, value: &'a str) -> &'a str {
    if is_secret_header(name) { "(blanked)" } else { value }
}

/// A header's value in an answer, unless it is secret; of a URL in it, what is not.
pub(crate) fn shown_answer(name: &str, value: &str) -> String {
    if name == "authorization" { "(blanked)".into() } else { shown_url(shown(name, value)) }
}
