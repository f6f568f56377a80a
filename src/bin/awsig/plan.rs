//! What was typed, made into a signed request: the place where arguments meet the world.

mod checked;
mod express;
mod forced;
mod place;
mod url;

pub(crate) use checked::refused;
pub(crate) use place::{credentials, other_credentials, signer, signing_time, time};
pub(crate) use url::{two, with_scheme};

use crate::args::{ChecksumArg, RequestArgs};
use crate::headers::Headers;
use crate::report::{Failure, READ, USAGE, note};
use crate::{input, keys};
use awsig::credentials::Found;
use awsig::endpoint::Endpoint;
use awsig::send::{Again, Answer, Call, CallError, Event, PayloadChoice, Source, wants_session};
use awsig::signing::{Checksum, Payload, PayloadRule, Request, Signer, shown_url};
use awsig::transport::{Client, Limits, Proxies, Transport};
use awsig::world::World;
use std::sync::Arc;

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
        Self::make_with(args, &[], world, Some(&client))
    }

    /// The same with headers that other arguments ask for, and what reaches S3 when a session is wanted; without it, that is
    /// what is planned to be asked for.
    pub(crate) fn make_with(
        args: &RequestArgs,
        more: &[(&str, &str)],
        world: &Arc<dyn World>,
        client: Option<&Client>,
    ) -> Result<Self, Failure> {
        let (url, skip) = url::typed_url(args)?;
        let mut headers = Headers::parse(&args.headers)?;
        if headers.given.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
            return Err(Failure::new(USAGE, "the header Authorization is what awsig itself makes")
                .hint("leave it out, or use curl to send a request that is signed already"));
        }
        if headers.removed.iter().any(|name| name.eq_ignore_ascii_case("host")) {
            return Err(Failure::new(USAGE, "a request cannot do without its Host header")
                .hint("leave it out: awsig writes it; -H 'Host: NAME' sends another one"));
        }
        let body = input::typed(&args.body, checked::declared_length(&headers.given)?, skip)?;
        let url = url::completed(url, args, body.query.as_deref())?;
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
            if let Some(boundary) = value.strip_prefix("multipart/form-data; boundary=") {
                headers.complete_form(boundary)?;
            }
            headers.add_default(name, value);
        }
        if let Some(name) = &args.user_agent {
            headers.add_default("user-agent", name);
        }
        for (name, value) in more {
            headers.add_default(name, value);
        }
        let mut headers = headers.given;
        let payload = forced::payload(args, &mut headers)?;
        let token = keys::token(&args.keys, &mut headers);
        let typed = keys::typed(&args.keys, token.as_ref())?;
        let mut is_typed = typed.is_some();
        let place = keys::place(&args.keys, &args.place)?;
        let header = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-date"));
        let fixed = place.time.is_some() || header.is_some();
        let time = signing_time(&place, header.map(|(_, value)| value.as_str()), world.as_ref())?;
        let method = match args.method.as_ref().or(args.request.as_ref()) {
            Some(method) => method.to_ascii_uppercase(),
            None if args.head => "HEAD".into(),
            None => body.method.unwrap_or("GET").into(),
        };
        // A word that may be a method, but was meant as an option.
        if method.starts_with('-') {
            return Err(Failure::new(USAGE, format!("not a method: {method:?}"))
                .hint("options go before --, and awsig --help lists them; a method is a word such as GET or POST"));
        }
        let checked = checked::check(&method, &url, &headers)?;
        let endpoint = Endpoint::of_url(checked.host(), checked.path());
        let (mut signer, mut found) = signer(&place, &endpoint, time, world, typed)?;
        if let Some(token) = token.filter(|_| !is_typed) {
            let old = found.source().to_owned();
            found = keys::with_token(found, &token)?;
            is_typed = found.source() != old;
            signer = Signer::new(found.credentials(), signer.scope().clone()).with_rules(*signer.rules());
        }
        let mut rules = *signer.rules();
        forced::force(args, &mut rules);
        forced::sendable(checked.path(), &rules)?;
        let mut signer = signer.with_rules(rules);
        let mut session = false;
        if wants_session(&signer, checked.host(), checked.query()) {
            session = true;
            match client {
                Some(client) => signer = express::express(&checked, &signer, client)?,
                None => {
                    return Ok(Self::of_session(express::session_url(&checked), &checked, &url, signer, found, fixed));
                }
            }
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
            left_unsigned: forced::left_unsigned(args)?,
            signer,
            found,
        })
    }

    /// The request for a session, in place of the one that it would sign.
    fn of_session(
        session_url: String,
        request: &Request<'_>,
        url: &str,
        signer: Signer,
        found: Found,
        fixed: bool,
    ) -> Self {
        let what = format!("{} {}", request.method(), shown_url(url));
        note(&format!("S3 Express: this asks for a session of the bucket; what S3 answers signs {what}"));
        Self {
            method: "GET".into(),
            url: session_url,
            headers: Vec::new(),
            body: Source::Empty,
            payload: PayloadChoice::Automatic,
            fixed,
            session: false,
            typed: false,
            checksum: None,
            also_signed: Vec::new(),
            left_unsigned: Vec::new(),
            signer,
            found,
        }
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
