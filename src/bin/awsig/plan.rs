//! What was typed, made into a signed request: the place where arguments meet the world.

use crate::args::RequestArgs;
use crate::report::{CREDENTIALS, ENDPOINT, Failure, URL, USAGE, chain, warn};
use crate::{headers, input};
use awsig::credentials::{Chain, Found};
use awsig::endpoint::Endpoint;
use awsig::imds::Imds;
use awsig::signing::{Payload, Request, RequestError, Rules, Scope, Signer, Timestamp};
use awsig::transport::Client;
use awsig::world::World;
use std::sync::Arc;

/// Headers that proxies and clients change on the way, so they are sent but not signed.
const LEFT_UNSIGNED: [&str; 8] = [
    "accept",
    "accept-encoding",
    "content-length",
    "forwarded",
    "range",
    "via",
    "x-forwarded-for",
    "x-forwarded-proto",
];

/// A request with all that is needed to sign it.
#[derive(Debug)]
pub(crate) struct Plan {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    payload: GivenPayload,
    pub(crate) signer: Signer,
    pub(crate) found: Found,
}

/// A payload hash that was typed as a header.
#[derive(Clone, Copy, Debug)]
enum GivenPayload {
    Body,
    Unsigned,
    Sha256([u8; 32]),
}

impl Plan {
    pub(crate) fn make(args: &RequestArgs, world: &Arc<dyn World>) -> Result<Self, Failure> {
        let url = args.url.clone().ok_or_else(|| {
            Failure::new(USAGE, "no URL")
                .hint("awsig https://HOST/PATH [METHOD] sends a request; awsig --help tells more")
        })?;
        let url = with_scheme(url);
        let mut headers = headers::parse(&args.headers)?;
        if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
            return Err(Failure::new(USAGE, "the header Authorization is what awsig itself makes")
                .hint("leave it out, or use curl to send a request that is signed already"));
        }
        let body = input::body(args.data.as_deref())?;
        if body.is_some() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
        }
        let payload = given_payload(&mut headers)?;
        let time = signing_time(args, &headers, world.as_ref())?;
        let method = match args.method.as_ref().or(args.request.as_ref()) {
            Some(method) => method.to_ascii_uppercase(),
            None if body.is_some() => "POST".into(),
            None => "GET".into(),
        };
        let checked = check(&method, &url, &headers)?;
        let endpoint = Endpoint::of_url(checked.host(), checked.path());
        let (service, rules) = service(args, &endpoint)?;
        let region = region(args, &endpoint, &service, world)?;
        let scope = Scope::new(time, &region, &service).map_err(|error| {
            Failure::of(ENDPOINT, &error).hint("--region takes a name like us-east-1, --service one like s3")
        })?;
        let found = credentials(world)?;
        let signer = Signer::new(found.credentials(), scope).with_rules(rules);
        Ok(Self { method, url, headers, body, payload, signer, found })
    }

    /// The request as it was typed, checked.
    pub(crate) fn request<'a>(&'a self, borrowed: &'a [(&'a str, &'a str)]) -> Result<Request<'a>, Failure> {
        let request = Request::new(&self.method, &self.url).map_err(|error| refused(&error))?;
        let request = request.with_headers(borrowed).map_err(|error| refused(&error))?;
        Ok(request.leave_unsigned(&LEFT_UNSIGNED).payload(match self.payload {
            GivenPayload::Body => Payload::Bytes(self.body()),
            GivenPayload::Unsigned => Payload::Unsigned,
            GivenPayload::Sha256(digest) => Payload::Sha256(digest),
        }))
    }

    /// The headers that were typed.
    pub(crate) fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    pub(crate) fn body(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }

    pub(crate) fn has_body(&self) -> bool {
        self.body.is_some()
    }
}

/// `host/path` alone means https, as browsers have it.
fn with_scheme(url: String) -> String {
    let start = url.split(['/', '?', '#']).next().unwrap_or_default();
    if !url.contains("://") && start.contains('.') { format!("https://{url}") } else { url }
}

fn check<'a>(method: &'a str, url: &'a str, headers: &'a [(String, String)]) -> Result<Request<'a>, Failure> {
    let mut request = Request::new(method, url).map_err(|error| refused(&error))?;
    for (name, value) in headers {
        request = request.header(name, value).map_err(|error| refused(&error))?;
    }
    Ok(request)
}

fn refused(error: &RequestError) -> Failure {
    let (code, hint) = match error {
        RequestError::Method(_) => (USAGE, "a method is a word such as GET, POST, PUT or DELETE"),
        RequestError::Scheme => (URL, "write the whole URL: awsig https://HOST/PATH"),
        RequestError::Escape => (URL, "write %25 for a percent sign itself"),
        RequestError::UserInfo => {
            (URL, "leave user:password@ out; credentials come from the environment or the instance")
        }
        RequestError::ControlCharacter => (URL, "look for a line break or a tab that was pasted with the URL"),
        RequestError::HeaderName(_) | RequestError::HeaderValue(_) => (USAGE, "write -H 'Name: value' on one line"),
        _ => (URL, "check the host name and the port in the URL"),
    };
    Failure::of(code, error).hint(hint)
}

/// `x-amz-content-sha256` as a header chooses the payload; the signer then writes the header itself.
fn given_payload(headers: &mut Vec<(String, String)>) -> Result<GivenPayload, Failure> {
    let is_it = |name: &str| name.eq_ignore_ascii_case("x-amz-content-sha256");
    let Some(value) = headers.iter().find(|(name, _)| is_it(name)).map(|(_, value)| value.clone()) else {
        return Ok(GivenPayload::Body);
    };
    headers.retain(|(name, _)| !is_it(name));
    if value == "UNSIGNED-PAYLOAD" {
        return Ok(GivenPayload::Unsigned);
    }
    let mut digest = [0; 32];
    hex::decode_to_slice(&value, &mut digest).map_err(|_| {
        Failure::new(USAGE, "x-amz-content-sha256 is neither UNSIGNED-PAYLOAD nor 64 hexadecimal digits")
            .hint("leave the header out: awsig hashes the body itself")
    })?;
    Ok(GivenPayload::Sha256(digest))
}

fn signing_time(args: &RequestArgs, headers: &[(String, String)], world: &dyn World) -> Result<Timestamp, Failure> {
    let header = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-date")).map(|(_, value)| value);
    let Some(text) = args.time.as_ref().or(header) else {
        return Ok(world.now());
    };
    let time = match text.strip_prefix('@') {
        Some(seconds) => seconds.parse().ok().and_then(|seconds| Timestamp::from_unix(seconds).ok()),
        None => Timestamp::parse(text).or_else(|_| Timestamp::parse_rfc3339(text)).ok(),
    };
    time.ok_or_else(|| {
        Failure::new(USAGE, format!("not a time: {text:?}"))
            .hint("--time takes 20150830T123600Z, 2015-08-30T12:36:00Z or @1440938160")
    })
}

fn service(args: &RequestArgs, endpoint: &Endpoint) -> Result<(String, Rules), Failure> {
    if let Some(service) = &args.service {
        return Ok((service.clone(), Rules::of(service)));
    }
    if endpoint.needs_sigv4a() {
        return Err(Failure::new(
            ENDPOINT,
            format!("{} takes SigV4A signatures only, which awsig does not make", endpoint.host()),
        )
        .hint("call a regional endpoint of the service instead"));
    }
    match endpoint.service() {
        Some(service) => Ok((service.to_owned(), endpoint.rules())),
        None => Err(Failure::new(ENDPOINT, format!("the host {} does not tell the service", endpoint.host())).hint(
            format!(
                "add --service NAME (vpc-lattice-svcs, execute-api, lambda, s3, es, …){}",
                if endpoint.region().is_none() { " and --region REGION" } else { "" }
            ),
        )),
    }
}

fn region(args: &RequestArgs, endpoint: &Endpoint, service: &str, world: &Arc<dyn World>) -> Result<String, Failure> {
    let set =
        |name: &str| world.var(name).filter(|value| !value.trim().is_empty()).map(|value| value.trim().to_owned());
    let told = args.region.clone().or_else(|| endpoint.region().map(str::to_owned));
    if let Some(region) = told.or_else(|| set("AWS_REGION")).or_else(|| set("AWS_DEFAULT_REGION")) {
        return Ok(region);
    }
    let imds = Imds::new(Arc::clone(world), Arc::new(Client::link_local()));
    imds.and_then(|imds| imds.region()).map_err(|error| {
        Failure::new(
            ENDPOINT,
            format!(
                "the host {} tells the service {service}, but no region: neither does AWS_REGION nor the instance: {}",
                endpoint.host(),
                chain(&error)
            ),
        )
        .hint("add --region REGION, such as --region us-east-1")
    })
}

/// The credentials of this machine, and where they come from.
pub(crate) fn credentials(world: &Arc<dyn World>) -> Result<Found, Failure> {
    let found = Chain::standard(Arc::clone(world)).find().map_err(|error| {
        let mut failure = Failure::of(CREDENTIALS, &error);
        if let Some(hint) = error.hint() {
            failure = failure.hint(hint);
        }
        failure
    })?;
    if let Some(expires) = found.credentials().expires() {
        let left = expires.seconds_since(&world.now());
        if left <= 0 {
            warn(&format!("the credentials from {} expired {} s ago", found.source(), left.saturating_neg()));
        }
    }
    Ok(found)
}
