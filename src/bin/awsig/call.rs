//! `awsig URL [METHOD]`: signs, sends, and writes the answer's body.

use crate::args::CallArgs;
use crate::output::{CopyError, Sink};
use crate::plan::Plan;
use crate::report::{CACERT, Failure, READ, REFUSED, USAGE, chain, note};
use crate::{output, verbose, why};
use awsig::refusal::{Asked, Diagnosis, Refusal};
use awsig::send::{CallError, Event};
use awsig::signing::shown_url;
use awsig::transport::{Client, Limits, Phase, Proxies, ResponseBody, TransportError};
use awsig::world::{Process, World};
use std::io::{Write, stderr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn run(args: &CallArgs) -> Result<(), Failure> {
    let world: Arc<dyn World> = Arc::new(Process::new());
    let limits = limits(args)?;
    let mut plan = Plan::make(&args.request, &world)?;
    if args.dry_run {
        let told = plan.with_request(|request, signer, found| {
            Ok(verbose::request(signer, request, "> ") + &verbose::signature(signer, found, request, "* "))
        })?;
        return output::print(told.as_bytes());
    }
    let found = plan.found.clone();
    let mut asked = Asked::default();
    let mut tell = |event: Event<'_>| match event {
        Event::Sending { request, signer } => {
            asked = Asked::signed(request, signer, found.credentials());
            if args.verbose {
                let told = verbose::signature(signer, &found, request, "* ") + &verbose::request(signer, request, "> ");
                let _ = stderr().lock().write_all(told.as_bytes());
            }
        }
        Event::Region { region, url } => {
            note(&format!("the bucket is in {region}: signed again, for {}", shown_url(url)))
        }
        _ => {}
    };
    let client = client(args, world.as_ref(), plan.url())?;
    let sent = plan.send(&client, &limits, &mut tell);
    let url = plan.url();
    let response = sent.map_err(|error| call_failed(url, &error))?;
    receive(args, url, response, &asked.at(world.now()))
}

/// The client, with the certificates to trust. For http none are read.
fn client(args: &CallArgs, world: &dyn World, url: &str) -> Result<Client, Failure> {
    let client = Client::new(Proxies::from_variables(|name| world.var(name)));
    let from_variable = || world.var("SSL_CERT_FILE").filter(|path| !path.is_empty()).map(PathBuf::from);
    let is_https = url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
    let Some(path) = args.cacert.clone().or_else(from_variable).filter(|_| is_https) else {
        return Ok(client);
    };
    let unusable = |problem: &str| {
        Failure::new(CACERT, format!("cannot use the certificates in {}: {problem}", path.display()))
            .hint("--cacert and SSL_CERT_FILE take a file with certificates in PEM format")
    };
    let pem = world.read(&path).map_err(|error| unusable(&error.to_string()))?;
    client.with_roots(&pem).map_err(|_| unusable("there is no readable one in it"))
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

fn call_failed(url: &str, error: &CallError) -> Failure {
    match error {
        CallError::Transport(error) => failed(url, error),
        CallError::Body(_) => {
            Failure::of(READ, error).hint("check that the file can be read, and that TMPDIR has room")
        }
        CallError::SignedAlready => Failure::of(USAGE, error)
            .hint("curl sends it as it is; awsig verify URL checks it, awsig presign signs it anew"),
        CallError::Payload(_) => Failure::of(USAGE, error).hint("leave --payload and --checksum out"),
        _ => Failure::of(USAGE, error).hint("awsig --help lists everything"),
    }
}

fn receive(args: &CallArgs, url: &str, response: http::Response<ResponseBody>, asked: &Asked) -> Result<(), Failure> {
    let (head, body) = response.into_parts();
    let refused = head.status.as_u16() >= 400;
    let mut body = why::Kept::new(body, refused && !args.silent);
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
        CopyError::Read(error) => failed(url, &TransportError::from_reading(error)),
        CopyError::Write(failure) => failure,
    })?;
    if !refused {
        return Ok(());
    }
    let failure = Failure::new(REFUSED, format!("{} answered {}", host(url), head.status));
    if args.silent {
        return Err(failure);
    }
    let headers = head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
    let refusal = Refusal::read(head.status.as_u16(), headers, body.kept());
    let diagnosis = Diagnosis::of(&refusal, asked);
    Err(failure.tell(if args.explain { why::all(&refusal, &diagnosis) } else { why::short(&refusal, &diagnosis) }))
}

/// What went wrong on the way, with curl's exit code.
fn failed(url: &str, error: &TransportError) -> Failure {
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
        Kind::Certificate => {
            (60, Some("the host's certificate does not match it, or is not from a known authority".into()))
        }
        Kind::Empty => (52, Some(other_scheme(url))),
        Kind::Send => (55, None),
        Kind::Receive => (56, Some(other_scheme(url))),
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
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or(rest)
}

/// A VPC Lattice listener answers the other scheme with a reset.
fn other_scheme(url: &str) -> String {
    let other = if url.starts_with("https") { "http" } else { "https" };
    format!("try {other}://{}", host(url))
}
