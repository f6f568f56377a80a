//! What was typed, made into a signed request: the place where arguments meet the world.

use crate::args::{ChecksumArg, PathEncodingArg, PlaceArgs, RequestArgs, YesNo};
use crate::headers::Headers;
use crate::report::{ENDPOINT, Failure, READ, REFUSED, URL, USAGE, chain};
use crate::sources::{find, sources};
use crate::{input, keys};
use awsig::credentials::{Found, InstanceRole, Sources};
use awsig::endpoint::Endpoint;
use awsig::imds::Imds;
use awsig::send::{Again, Answer, Call, CallError, Event, ExpressSessions, PayloadChoice, Source, wants_session};
use awsig::signing::{
    Checksum, Credentials, PathEncoding, Payload, PayloadRule, Request, RequestError, Rules, Scope, Signer, Timestamp,
};
use awsig::transport::{Client, Limits, Proxies, Transport};
use awsig::world::World;
use std::sync::Arc;
use std::time::Duration;

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
    pub(crate) body: Source,
    payload: PayloadChoice,
    checksum: Option<Checksum>,
    also_signed: Vec<String>,
    left_unsigned: Vec<String>,
    /// Whether the time of signing was typed.
    pub(crate) fixed: bool,
    /// Whether the credentials are those of a session of S3 Express, and not those that were found.
    session: bool,
    /// Whether the credentials were typed.
    typed: bool,
    pub(crate) signer: Signer,
    pub(crate) found: Found,
}

impl Plan {
    pub(crate) fn make(args: &RequestArgs, world: &Arc<dyn World>) -> Result<Self, Failure> {
        let client = Client::new(Proxies::from_variables(|name| world.var(name)));
        Self::make_with(args, &[], world, &client)
    }

    /// The same with headers that other arguments ask for, and what reaches S3 when a session is wanted.
    pub(crate) fn make_with(
        args: &RequestArgs,
        more: &[(&str, &str)],
        world: &Arc<dyn World>,
        transport: &dyn Transport,
    ) -> Result<Self, Failure> {
        let (url, skip) = typed_url(args)?;
        let mut headers = Headers::parse(&args.headers)?;
        if headers.given.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
            return Err(Failure::new(USAGE, "the header Authorization is what awsig itself makes")
                .hint("leave it out, or use curl to send a request that is signed already"));
        }
        if headers.removed.iter().any(|name| name.eq_ignore_ascii_case("host")) {
            return Err(Failure::new(USAGE, "a request cannot do without its Host header")
                .hint("leave it out: awsig writes it; -H 'Host: NAME' sends another one"));
        }
        let body = input::typed(&args.body, declared_length(&headers.given)?, skip)?;
        let url = completed(url, args, body.query.as_deref())?;
        // How a body is framed is decided while it is sent; what was typed would be signed and then replaced.
        let framing =
            |name: &str| ["content-length", "transfer-encoding"].iter().any(|own| own.eq_ignore_ascii_case(name));
        headers.given.retain(|(name, _)| !framing(name));
        if let Some(name) = args.sign_header.iter().find(|name| framing(name)) {
            return Err(Failure::new(
                USAGE,
                format!("{name} cannot be signed: it is written while the request is sent"),
            )
            .hint("leave --sign-header out; the payload hash covers the length"));
        }
        for (name, value) in &body.headers {
            headers.add_default(name, value);
        }
        if let Some(name) = &args.user_agent {
            headers.add_default("user-agent", name);
        }
        for (name, value) in more {
            headers.add_default(name, value);
        }
        let mut headers = headers.given;
        let payload = payload(args, &mut headers)?;
        let typed = keys::typed(&args.keys, &mut headers)?;
        let is_typed = typed.is_some();
        let place = keys::place(&args.keys, &args.place)?;
        let header = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-date"));
        let fixed = place.time.is_some() || header.is_some();
        let time = signing_time(&place, header.map(|(_, value)| value.as_str()), world.as_ref())?;
        let method = match args.method.as_ref().or(args.request.as_ref()) {
            Some(method) => method.to_ascii_uppercase(),
            None if args.head => "HEAD".into(),
            None => body.method.unwrap_or("GET").into(),
        };
        let checked = check(&method, &url, &headers)?;
        let endpoint = Endpoint::of_url(checked.host(), checked.path());
        let (signer, found) = signer(&place, &endpoint, time, world, typed)?;
        let mut rules = *signer.rules();
        force(args, &mut rules);
        sendable(checked.path(), &rules)?;
        let mut signer = signer.with_rules(rules);
        let mut session = false;
        if wants_session(&signer, checked.host(), checked.query()) {
            signer = express(&checked, &signer, transport)?;
            session = true;
        }
        Ok(Self {
            method,
            url,
            headers,
            body: body.source,
            payload,
            fixed,
            session,
            typed: is_typed,
            checksum: args.checksum.map(|checksum| match checksum {
                ChecksumArg::Crc32 => Checksum::Crc32,
                ChecksumArg::Crc32c => Checksum::Crc32c,
                ChecksumArg::Sha256 => Checksum::Sha256,
            }),
            also_signed: args.sign_header.clone(),
            left_unsigned: left_unsigned(args),
            signer,
            found,
        })
    }

    /// What is sent, when it is not this program that does; `run` gets the request and what signs it.
    pub(crate) fn with_request<R>(
        &mut self,
        run: impl FnOnce(&Request<'_>, &Signer, &Found) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        let refuses = self.signer.rules().payload == PayloadRule::Unsigned;
        let payload = match self.payload {
            PayloadChoice::Signed | PayloadChoice::Sha256(_) if refuses => {
                return Err(Failure::new(USAGE, "this service refuses signed payloads").hint("leave --payload out"));
            }
            PayloadChoice::Unsigned => Payload::Unsigned,
            PayloadChoice::Sha256(digest) => Payload::Sha256(digest),
            _ if refuses => Payload::Unsigned,
            _ => self.body.hashed().map_err(|error| Failure::new(READ, format!("cannot read the body: {error}")))?,
        };
        let headers: Vec<(&str, &str)> = borrowed(&self.headers);
        let (also_signed, left_unsigned) = (texts(&self.also_signed), texts(&self.left_unsigned));
        let request = Request::new(&self.method, &self.url).and_then(|request| request.with_headers(&headers));
        let request = request.map_err(|error| refused(&error))?.payload(payload);
        run(&request.sign_also(&also_signed).leave_unsigned(&left_unsigned), &self.signer, &self.found)
    }

    /// Sends the request, as often as it takes.
    pub(crate) fn send(
        &mut self,
        transport: &dyn Transport,
        limits: &Limits,
        again: &mut Again<'_>,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<Answer, CallError> {
        let headers = borrowed(&self.headers);
        let (also_signed, left_unsigned) = (texts(&self.also_signed), texts(&self.left_unsigned));
        let mut call = Call::new(&self.method, &self.url);
        call.headers = &headers;
        call.also_signed = &also_signed;
        call.left_unsigned = &left_unsigned;
        call.payload = self.payload;
        call.checksum = self.checksum;
        call.send_again(&self.signer, &mut self.body, transport, limits, again, tell)
    }

    /// Leaves a header out.
    pub(crate) fn remove_header(&mut self, name: &str) {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    /// Where the request goes.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn method(&self) -> &str {
        &self.method
    }

    /// Whether other credentials may be found when these have expired.
    pub(crate) fn refreshable(&self) -> bool {
        !self.session && !self.typed
    }

    /// Goes on to another URL.
    pub(crate) fn go(&mut self, url: String, signer: Option<Signer>) {
        self.url = url;
        if let Some(signer) = signer {
            self.signer = signer;
        }
    }

    /// Makes it a GET without a body, as redirects do.
    pub(crate) fn make_bare(&mut self) {
        self.method = "GET".into();
        self.body = Source::Empty;
        self.headers.retain(|(name, _)| !name.to_ascii_lowercase().starts_with("content-"));
    }

    /// The headers that say nothing of the caller.
    pub(crate) fn harmless_headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let harmless = ["accept", "accept-encoding", "accept-language", "range", "user-agent"];
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        headers.filter(move |(name, _)| harmless.iter().any(|other| name.eq_ignore_ascii_case(other)))
    }
}

fn borrowed(headers: &[(String, String)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn texts(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// What was typed with `--path-encoding` and `--normalize-path` instead of the service's own way.
fn force(args: &RequestArgs, rules: &mut Rules) {
    match args.path_encoding {
        Some(PathEncodingArg::Once) => rules.path_encoding = PathEncoding::Once,
        Some(PathEncodingArg::Twice) => rules.path_encoding = PathEncoding::Twice,
        Some(PathEncodingArg::AsIs) => {
            rules.path_encoding = PathEncoding::AsIs;
            rules.keep_dot_segments = true;
        }
        None => {}
    }
    if let Some(normalize) = args.normalize_path {
        rules.keep_dot_segments = normalize == YesNo::No;
    }
}

/// What is sent byte for byte must fit on a request line.
fn sendable(path: &str, rules: &Rules) -> Result<(), Failure> {
    if rules.path_encoding == PathEncoding::AsIs && path.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return Err(Failure::new(URL, "the path holds a blank or a character that is not ASCII, and is sent as it is")
            .hint("write such bytes as %XX, or leave --path-encoding out"));
    }
    Ok(())
}

fn left_unsigned(args: &RequestArgs) -> Vec<String> {
    let forced = |name: &str| args.sign_header.iter().any(|forced| forced.eq_ignore_ascii_case(name));
    let mut names: Vec<String> = LEFT_UNSIGNED.iter().filter(|name| !forced(name)).map(|&name| name.into()).collect();
    names.extend(args.dont_sign_header.iter().cloned());
    names
}

/// The URL that was typed, and which piece of the data it was, if it was one.
fn typed_url(args: &RequestArgs) -> Result<(String, Option<usize>), Failure> {
    if let Some(url) = args.url.as_ref().or(args.url_option.as_ref()) {
        return Ok((with_scheme(url.clone()), None));
    }
    let data = &args.body.data;
    let behind = data.behind_switch().and_then(|at| Some((data.0.get(at)?.1.to_str()?.to_owned(), Some(at))));
    behind.ok_or_else(|| {
        Failure::new(USAGE, "no URL").hint("awsig https://HOST/PATH [METHOD] sends a request; awsig --help tells more")
    })
}

/// The URL with what other arguments put into it.
fn completed(mut url: String, args: &RequestArgs, query: Option<&str>) -> Result<String, Failure> {
    if let Some(file) = &args.body.upload {
        url = input::with_file_name(&url, file);
    }
    if let Some(query) = query {
        url = input::with_query(&url, query);
    }
    for text in &args.url_query {
        url = input::with_query(&url, &input::url_query(text)?);
    }
    Ok(url)
}

/// How long a body from a pipe will be, if a header says so.
fn declared_length(headers: &[(String, String)]) -> Result<Option<u64>, Failure> {
    let of = |wanted: &str| headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
    let Some(text) = of("x-amz-decoded-content-length").or_else(|| of("content-length")) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_| Failure::new(USAGE, format!("not a length: {text:?}")).hint("content-length is a number of bytes"))
}

/// What signs for a bucket of S3 Express: its session, asked for with the credentials of this machine.
fn express(request: &Request<'_>, signer: &Signer, transport: &dyn Transport) -> Result<Signer, Failure> {
    let bucket = format!("{}://{}", if request.is_https() { "https" } else { "http" }, request.host());
    ExpressSessions::new()
        .signer(&bucket, signer, transport, &session_limits())
        .map_err(|error| Failure::of(REFUSED, &error).hint("the role needs s3express:CreateSession for the bucket"))
}

/// S3 answers CreateSession at once or not at all; the times are those of a metadata document, tenfold.
fn session_limits() -> Limits {
    Limits::none().with_connect(Duration::from_secs(10)).with_whole(Duration::from_secs(30))
}

/// `host/path` alone means https, as browsers have it.
pub(crate) fn with_scheme(url: String) -> String {
    let start = url.split(['/', '?', '#']).next().unwrap_or_default();
    let has_scheme = url.split_once("://").is_some_and(|(scheme, _)| !scheme.contains(['/', '?', '#']));
    if !has_scheme && start.contains('.') { format!("https://{url}") } else { url }
}

fn check<'a>(method: &'a str, url: &'a str, headers: &'a [(String, String)]) -> Result<Request<'a>, Failure> {
    let mut request = Request::new(method, url).map_err(|error| refused(&error))?;
    let mut hosts = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("host")).map(|(_, value)| value);
    if hosts.clone().count() > 1 || hosts.any(String::is_empty) {
        return Err(
            Failure::new(USAGE, "more than one Host header, or an empty one").hint("write -H 'Host: NAME' once")
        );
    }
    for (name, value) in headers {
        request = request.header(name, value).map_err(|error| refused(&error))?;
    }
    Ok(request)
}

pub(crate) fn refused(error: &RequestError) -> Failure {
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

/// `--payload`, or `x-amz-content-sha256` as a header, chooses the payload; the signer writes the header itself.
fn payload(args: &RequestArgs, headers: &mut Vec<(String, String)>) -> Result<PayloadChoice, Failure> {
    let is_it = |name: &str| name.eq_ignore_ascii_case("x-amz-content-sha256");
    let header = headers.iter().find(|(name, _)| is_it(name)).map(|(_, value)| value.clone());
    headers.retain(|(name, _)| !is_it(name));
    match args.payload.as_deref().or(header.as_deref()) {
        None => Ok(PayloadChoice::Automatic),
        Some("signed") => Ok(PayloadChoice::Signed),
        Some("unsigned" | "UNSIGNED-PAYLOAD") => Ok(PayloadChoice::Unsigned),
        Some(text) => {
            let mut digest = [0; 32];
            hex::decode_to_slice(text, &mut digest).map_err(|_| {
                Failure::new(USAGE, "the payload is neither signed, unsigned nor 64 hexadecimal digits")
                    .hint("leave it out: awsig does what the service wants, and hashes the body itself")
            })?;
            Ok(PayloadChoice::Sha256(digest))
        }
    }
}

/// When to sign: as typed, as a header says, or now.
pub(crate) fn signing_time(args: &PlaceArgs, header: Option<&str>, world: &dyn World) -> Result<Timestamp, Failure> {
    let Some(text) = args.time.as_deref().or(header) else {
        return Ok(world.now());
    };
    time(text)
}

/// A time as it is typed.
pub(crate) fn time(text: &str) -> Result<Timestamp, Failure> {
    let time = match text.strip_prefix('@') {
        Some(seconds) => seconds.parse().ok().and_then(|seconds| Timestamp::from_unix(seconds).ok()),
        None => Timestamp::parse(text).or_else(|_| Timestamp::parse_rfc3339(text)).ok(),
    };
    time.ok_or_else(|| {
        Failure::new(USAGE, format!("not a time: {text:?}"))
            .hint("--time takes 20150830T123600Z, 2015-08-30T12:36:00Z or @1440938160")
    })
}

/// What signs for this place, with the credentials that were typed, else those of this machine.
pub(crate) fn signer(
    args: &PlaceArgs,
    endpoint: &Endpoint,
    time: Timestamp,
    world: &Arc<dyn World>,
    typed: Option<Found>,
) -> Result<(Signer, Found), Failure> {
    let (service, rules) = service(args, endpoint, world.as_ref())?;
    let sources = sources(&args.sources, world)?;
    let instance = sources.instance_role();
    let sources = sources.with_instance(instance.clone());
    let region = region(args, endpoint, &service, &sources, &instance)?;
    let scope = Scope::new(time, &region, &service).map_err(|error| {
        Failure::of(ENDPOINT, &error).hint("--region takes a name like us-east-1, --service one like s3")
    })?;
    let found = typed.map_or_else(|| find(&sources, world.as_ref()), Ok)?;
    Ok((Signer::new(found.credentials(), scope).with_rules(rules), found))
}

fn service(args: &PlaceArgs, endpoint: &Endpoint, world: &dyn World) -> Result<(String, Rules), Failure> {
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
    if let Some(service) = endpoint.service() {
        return Ok((service.to_owned(), endpoint.rules()));
    }
    // Only for hosts that tell nothing: it must not change what others tell.
    match world.var("AWSIG_SERVICE").filter(|service| !service.is_empty()) {
        Some(service) => Ok((service.clone(), Rules::of(&service))),
        None => Err(Failure::new(ENDPOINT, format!("the host {} does not tell the service", endpoint.host())).hint(
            format!(
                "add --service NAME (vpc-lattice-svcs, execute-api, lambda, s3, es, …){}",
                if endpoint.region().is_none() { " and --region REGION" } else { "" }
            ),
        )),
    }
}

fn region(
    args: &PlaceArgs,
    endpoint: &Endpoint,
    service: &str,
    sources: &Sources,
    instance: &InstanceRole,
) -> Result<String, Failure> {
    if let Some(region) = args.region.clone().or_else(|| endpoint.region().map(str::to_owned)) {
        return Ok(region.to_ascii_lowercase());
    }
    if let Some(region) = sources.region().map_err(|error| Failure::of(ENDPOINT, &error))? {
        return Ok(region.to_ascii_lowercase());
    }
    instance.imds().and_then(Imds::region).map_err(|error| {
        Failure::new(
            ENDPOINT,
            format!(
                "the host {} tells the service {service}, but no region: neither do AWS_REGION, the profile and the instance: {}",
                endpoint.host(),
                chain(&error)
            ),
        )
        .hint("add --region REGION, such as --region us-east-1")
    })
}

/// The credentials of this machine, and where they come from.
pub(crate) fn credentials(world: &Arc<dyn World>) -> Result<Found, Failure> {
    find(&Sources::new(Arc::clone(world)), world.as_ref())
}

/// What the sources of this machine hold now, if it is something else than these.
pub(crate) fn other_credentials(args: &PlaceArgs, world: &Arc<dyn World>, old: &Credentials) -> Option<Found> {
    let found = find(&sources(&args.sources, world).ok()?, world.as_ref()).ok()?;
    // Compared, not shown.
    let token = |credentials: &Credentials| credentials.token().map(|token| token.expose().to_owned());
    let same = found.credentials().access_key_id() == old.access_key_id() && token(found.credentials()) == token(old);
    (!same).then_some(found)
}
