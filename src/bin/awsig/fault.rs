//! What went wrong on the way, with curl's exit codes and what to do about it.

use crate::report::{Failure, READ, URL, USAGE, WRITE, chain};
use awsig::send::CallError;
use awsig::transport::{Phase, TransportError};
use std::path::Path;

/// `proxy` and `socket` are what the request went through.
pub(crate) fn of_call(url: &str, error: &CallError, proxy: Option<&str>, socket: Option<&Path>) -> Failure {
    match error {
        CallError::Transport(error) if socket.is_some() && is_connecting(error) => {
            let socket = socket.unwrap_or(Path::new("")).display();
            Failure::new(7, format!("{}, through the socket {socket}: {}", host(url), chain(error)))
                .hint(format!("is there a socket, and does something listen? ls -l {socket}"))
        }
        CallError::Transport(error) => match proxy.filter(|_| is_connecting(error)) {
            Some(proxy) => of_proxy(url, proxy, error),
            None => of_way(url, proxy, error),
        },
        CallError::Body(_) => Failure::of(READ, error).hint("check that the file can be read"),
        CallError::Keep(error) => unkept(error),
        CallError::SignedAlready => Failure::of(USAGE, error)
            .hint("curl sends it as it is; awsig verify URL checks it, awsig presign signs it anew"),
        CallError::Payload(_) => Failure::of(USAGE, error).hint("leave --payload and --checksum out"),
        CallError::Prepare(_) if chain(error).contains("too long") => {
            Failure::of(URL, error).hint("a URL has 65534 bytes at most; -d sends what is long as a body")
        }
        _ => Failure::of(USAGE, error).hint("awsig --help lists everything"),
    }
}

/// A body from a pipe has to be kept before it is sent, and cannot be.
fn unkept(error: &std::io::Error) -> Failure {
    let folder = std::env::temp_dir();
    Failure::new(WRITE, format!("cannot keep the body in a temporary file in {}: {error}", folder.display())).hint(
        "TMPDIR=FOLDER names another folder; to S3, -H 'content-length: N' sends a pipe of N bytes without a file",
    )
}

/// What `openssl req -x509` makes by itself is the certificate of an authority; as a host's, OpenSSL alone takes it.
const AUTHORITY_AS_HOST: &str = "the host shows an authority's certificate as its own, which --cacert cannot mend: make \
    it anew with openssl req -x509 -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:HOST, and name \
    that one with --cacert";

/// Whether the host, or the proxy in front of it, was not even reached.
fn is_connecting(error: &TransportError) -> bool {
    use awsig::transport::Failure as Kind;
    matches!(
        error.failure(),
        Kind::ProxyResolve
            | Kind::Refused
            | Kind::Unreachable
            | Kind::Connect
            | Kind::Proxy
            | Kind::TimedOut(Phase::Resolve | Phase::Connect)
    )
}

fn of_proxy(url: &str, proxy: &str, error: &TransportError) -> Failure {
    let code = match error.failure() {
        awsig::transport::Failure::ProxyResolve => 5,
        awsig::transport::Failure::TimedOut(_) => 28,
        _ => 7,
    };
    Failure::new(code, format!("{}, through the proxy {proxy}: {}", host(url), chain(error)))
        .hint("check http_proxy, https_proxy and -x; no_proxy and --noproxy name hosts that need none")
}

/// What went wrong on the way, with curl's exit code.
pub(crate) fn of_transport(url: &str, error: &TransportError) -> Failure {
    of_way(url, None, error)
}

fn of_way(url: &str, proxy: Option<&str>, error: &TransportError) -> Failure {
    use awsig::transport::Failure as Kind;
    let host = host(url);
    let (code, hint) = match error.failure() {
        Kind::Request => (USAGE, Some("the URL may be too long for HTTP; awsig -v shows what is sent".into())),
        Kind::RequestBody => (READ, Some("the file may have changed meanwhile, or a pipe ended early".into())),
        Kind::ProxyUrl => (5, Some("http_proxy and https_proxy take http://HOST:PORT".into())),
        Kind::ProxyResolve => (5, Some("check http_proxy and https_proxy".into())),
        Kind::Resolve => (6, Some(format!("check the name; getent hosts {}", host.split(':').next().unwrap_or(host)))),
        Kind::Refused => (7, Some(format!("is something listening there? {}", other_scheme(url)))),
        Kind::Unreachable | Kind::Connect | Kind::Proxy => {
            (7, Some("check routes and security groups; --connect-timeout SECONDS waits longer".into()))
        }
        Kind::Partial => (18, Some("the answer is cut off: try again".into())),
        Kind::TimedOut(Phase::Resolve | Phase::Connect) => {
            (28, Some("check security groups and routes; --connect-timeout SECONDS waits longer".into()))
        }
        Kind::TimedOut(_) => (28, Some("--max-time SECONDS waits longer".into())),
        Kind::Tls => (35, Some(format!("does this port speak TLS? {}", other_scheme(url)))),
        Kind::Certificate if chain(error).contains("CaUsedAsEndEntity") => (60, Some(AUTHORITY_AS_HOST.into())),
        Kind::Certificate => (
            60,
            Some("the certificate is another host's, or not from a known authority: --cacert FILE names one".into()),
        ),
        Kind::Empty => (52, Some(other_scheme(url))),
        Kind::ClientCertificate => (58, Some("--cert and --key take PEM files".into())),
        Kind::Send => (55, Some("try again; a service that takes no such body closes early".into())),
        Kind::Receive => (56, Some(other_scheme(url))),
        Kind::BadResponse => (56, Some(format!("does this port speak HTTP/1.1? {}", other_scheme(url)))),
        Kind::TooLarge { .. } => (63, Some("what answers there is not what was asked for".into())),
        _ => (1, Some("awsig -v shows how far it came".into())),
    };
    // These may be the proxy's doing; the others cannot.
    let proxy = proxy.filter(|_| matches!(code, 28 | 35 | 52 | 55 | 56 | 60));
    let way = proxy.map(|proxy| format!(", through the proxy {proxy}")).unwrap_or_default();
    let failure = Failure::new(code, format!("{host}{way}: {}", chain(error)));
    let failure = match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    };
    match proxy {
        Some(_) => failure.hint("it may be the proxy: no_proxy and --noproxy name hosts that need none"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use awsig::transport::Failure as Kind;

    #[test]
    fn an_authority_as_a_host_is_told_from_other_certificates() {
        let of = |cause: &str| of_transport("https://h/", &TransportError::new(Kind::Certificate).with_cause(cause));
        let authority = of("invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))");
        assert!(authority.code() == 60 && format!("{authority:?}").contains("CA:FALSE"), "{authority:?}");
        let other = of("invalid peer certificate: UnknownIssuer");
        assert!(other.code() == 60 && format!("{other:?}").contains("--cacert FILE names one"), "{other:?}");
    }
}
