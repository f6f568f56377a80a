//! `awsig URL [METHOD]`: signs, sends, and writes the answer's body.

use crate::args::CallArgs;
use crate::output::{CopyError, Sink};
use crate::plan::Plan;
use crate::report::{Failure, READ, REFUSED, USAGE, chain};
use crate::{output, verbose};
use awsig::send::prepare;
use awsig::signing::Request;
use awsig::transport::{Body, Client, Limits, Phase, Proxies, ResponseBody, Transport, TransportError};
use awsig::world::{Process, World};
use std::io::{Write, stderr};
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn run(args: &CallArgs) -> Result<(), Failure> {
    let world: Arc<dyn World> = Arc::new(Process::new());
    let limits = limits(args)?;
    let plan = Plan::make(&args.request, &world)?;
    let typed = plan.headers();
    let request = plan.request(&typed)?;
    if args.dry_run {
        let told = verbose::request(&plan, &request, "> ") + &verbose::signature(&plan, &request, "* ");
        return output::print(told.as_bytes());
    }
    if args.verbose {
        let told = verbose::signature(&plan, &request, "* ") + &verbose::request(&plan, &request, "> ");
        let _ = stderr().lock().write_all(told.as_bytes());
    }
    let response = send(&plan, &request, world.as_ref(), &limits)?;
    receive(args, &request, response)
}

fn limits(args: &CallArgs) -> Result<Limits, Failure> {
    let duration = |seconds: f64| {
        Duration::try_from_secs_f64(seconds).ok().filter(|duration| !duration.is_zero()).ok_or_else(|| {
            Failure::new(USAGE, format!("not a number of seconds: {seconds}")).hint("write seconds, such as 2.5")
        })
    };
    let limits = Limits::none().with_connect(duration(args.connect_timeout)?);
    args.max_time.map_or(Ok(limits), |seconds| Ok(limits.with_whole(duration(seconds)?)))
}

fn send(
    plan: &Plan,
    request: &Request<'_>,
    world: &dyn World,
    limits: &Limits,
) -> Result<http::Response<ResponseBody>, Failure> {
    let body = if plan.has_body() { Body::Bytes(plan.body()) } else { Body::Empty };
    let mut prepared = prepare(&plan.signer, request, body).map_err(|error| Failure::of(USAGE, &error))?;
    let headers = prepared.headers_mut();
    if !headers.contains_key(http::header::ACCEPT) {
        headers.insert(http::header::ACCEPT, http::HeaderValue::from_static("*/*"));
    }
    let proxies = Proxies::from_variables(|name| world.var(name));
    Client::new(proxies).send(prepared, limits).map_err(|error| failed(request, &error))
}

fn receive(args: &CallArgs, request: &Request<'_>, response: http::Response<ResponseBody>) -> Result<(), Failure> {
    let (head, mut body) = response.into_parts();
    if args.verbose {
        let mut told = format!("< {:?} {}\n", head.version, head.status);
        for (name, value) in &head.headers {
            let value = verbose::shown(name.as_str(), value.to_str().unwrap_or("(no text)"));
            told.push_str(&format!("< {name}: {value}\n"));
        }
        let _ = stderr().lock().write_all(told.as_bytes());
    }
    let mut included = Vec::new();
    if args.include {
        included.extend_from_slice(format!("{:?} {}\r\n", head.version, head.status).as_bytes());
        for (name, value) in &head.headers {
            included.extend_from_slice(name.as_str().as_bytes());
            included.extend_from_slice(b": ");
            included.extend_from_slice(value.as_bytes());
            included.extend_from_slice(b"\r\n");
        }
        included.extend_from_slice(b"\r\n");
    }
    let sink = args.output.as_deref().map_or(Sink::Stdout, Sink::File);
    sink.copy(&included, &mut body).map_err(|error| match error {
        CopyError::Read(error) => failed(request, &TransportError::from_reading(error)),
        CopyError::Write(failure) => failure,
    })?;
    if head.status.as_u16() >= 400 {
        return Err(Failure::new(REFUSED, format!("{} answered {}", request.host(), head.status)));
    }
    Ok(())
}

/// What went wrong on the way, with curl's exit code.
fn failed(request: &Request<'_>, error: &TransportError) -> Failure {
    use awsig::transport::Failure as Kind;
    let host = request.host();
    let (code, hint) = match error.failure() {
        Kind::Request => (USAGE, None),
        Kind::RequestBody => (READ, None),
        Kind::ProxyUrl => (5, Some("http_proxy and https_proxy take http://HOST:PORT".into())),
        Kind::ProxyResolve => (5, Some("check http_proxy and https_proxy".into())),
        Kind::Resolve => (6, Some(format!("check the name; getent hosts {}", request_host(host)))),
        Kind::Refused => (7, Some(format!("is something listening there? {}", other_scheme(request)))),
        Kind::Unreachable | Kind::Connect | Kind::Proxy => {
            (7, Some("check routes and security groups; --connect-timeout SECONDS waits longer".into()))
        }
        Kind::Partial => (18, None),
        Kind::TimedOut(Phase::Resolve | Phase::Connect) => {
            (28, Some("check security groups and routes; --connect-timeout SECONDS waits longer".into()))
        }
        Kind::TimedOut(_) => (28, Some("--max-time SECONDS waits longer".into())),
        Kind::Tls => (35, Some(format!("does this port speak TLS? {}", other_scheme(request)))),
        Kind::Certificate => {
            (60, Some("the host's certificate does not match it, or is not from a known authority".into()))
        }
        Kind::Empty => (52, Some(other_scheme(request))),
        Kind::Send => (55, None),
        Kind::Receive => (56, Some(other_scheme(request))),
        Kind::TooLarge { .. } => (63, None),
        _ => (1, None),
    };
    let failure = Failure::new(code, format!("{host}: {}", chain(error)));
    match hint {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}

fn request_host(host: &str) -> &str {
    host.split(':').next().unwrap_or(host)
}

/// A VPC Lattice listener answers the other scheme with a reset.
fn other_scheme(request: &Request<'_>) -> String {
    let other = if request.is_https() { "http" } else { "https" };
    format!("try {other}://{}{}", request.host(), request.path())
}
