//! What went wrong on the way, with curl's exit codes and what to do about it.

use crate::report::{Failure, READ, USAGE, chain};
use awsig::send::CallError;
use awsig::transport::{Phase, TransportError};

pub(crate) fn of_call(url: &str, error: &CallError) -> Failure {
    match error {
        CallError::Transport(error) => of_transport(url, error),
        CallError::Body(_) => {
            Failure::of(READ, error).hint("check that the file can be read, and that TMPDIR has room")
        }
        CallError::SignedAlready => Failure::of(USAGE, error)
            .hint("curl sends it as it is; awsig verify URL checks it, awsig presign signs it anew"),
        CallError::Payload(_) => Failure::of(USAGE, error).hint("leave --payload and --checksum out"),
        _ => Failure::of(USAGE, error).hint("awsig --help lists everything"),
    }
}

/// What went wrong on the way, with curl's exit code.
pub(crate) fn of_transport(url: &str, error: &TransportError) -> Failure {
    use awsig::transport::Failure as Kind;
    let host = host(url);
    let (code, hint) = match error.failure() {
        Kind::Request => (USAGE, None),
        Kind::RequestBody => (READ, None),
        Kind::ProxyUrl => (5, Some("http_proxy and https_proxy take http://HOST:PORT".into())),
        Kind::ProxyResolve => (5, Some("check http_proxy and https_proxy".into())),
        Kind::Resolve => (6, Some(format!("check the name; getent hosts {}", host.split(':').next().unwrap_or(host)))),
        Kind::Refused => (7, Some(format!("is something listening there? {}", other_scheme(url)))),
        Kind::Unreachable | Kind::Connect | Kind::Proxy => {
            (7, Some("check routes and security groups; --connect-timeout SECONDS waits longer".into()))
        }
        Kind::Partial => (18, None),
        Kind::TimedOut(Phase::Resolve | Phase::Connect) => {
            (28, Some("check security groups and routes; --connect-timeout SECONDS waits longer".into()))
        }
        Kind::TimedOut(_) => (28, Some("--max-time SECONDS waits longer".into())),
        Kind::Tls => (35, Some(format!("does this port speak TLS? {}", other_scheme(url)))),
        Kind::Certificate => (
            60,
            Some("the certificate is another host's, or not from a known authority: --cacert FILE names one".into()),
        ),
        Kind::Empty => (52, Some(other_scheme(url))),
        Kind::ClientCertificate => (58, None),
        Kind::Send => (55, None),
        Kind::Receive => (56, Some(other_scheme(url))),
        Kind::BadResponse => (56, Some(format!("does this port speak HTTP/1.1? {}", other_scheme(url)))),
        Kind::TooLarge { .. } => (63, None),
        _ => (1, None),
    };
    let failure = Failure::new(code, format!("{host}: {}", chain(error)));
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

/// Host and port of a URL that was checked before.
pub(crate) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// A VPC Lattice listener answers the other scheme with a reset.
fn other_scheme(url: &str) -> String {
    let other = if url.starts_with("https") { "http" } else { "https" };
    format!("try {other}://{}", host(url))
}
