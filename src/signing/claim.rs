//! [`Claim`]: what a request says about its signature, believed by nobody yet.

use super::bytes::{split, split_once, trimmed};
use super::canonical::ALGORITHM;
use super::headers::Headers;
use super::query::parameters;
use super::scan::has_upper_case;
use super::scope::TERMINATOR;
use super::{Request, Signature, Timestamp};
use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;

/// A signature that a request carries in its `Authorization` header or in its query: readable, but not verified.
#[derive(Clone)]
pub struct Claim<'r> {
    pub(crate) request: &'r Request<'r>,
    pub(crate) placement: Placement,
    /// `20150830/us-east-1/iam/aws4_request` behind the access key id.
    pub(crate) credential: Cow<'r, str>,
    pub(crate) key_id_length: usize,
    pub(crate) time: Timestamp,
    pub(crate) signed_headers: Cow<'r, str>,
    pub(crate) headers: Headers<'r>,
    pub(crate) signature: Signature,
    pub(crate) token: Option<Cow<'r, str>>,
}

/// Where a signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    Header,
    /// With the lifetime of the URL in seconds.
    Query(u32),
}

/// Why no [`Claim`] can be read from a request. The order of the variants is the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimError {
    /// There is neither an `Authorization` header nor an `X-Amz-Algorithm` parameter.
    NotSigned,
    /// There are both, or one of them twice.
    SignedTwice,
    /// The algorithm is not `AWS4-HMAC-SHA256`.
    Algorithm(String),
    /// A piece of the `Authorization` header is no `key=value`.
    NotKeyValue(String),
    /// A part that a signature needs is missing: `Credential`, `SignedHeaders`, `Signature`, `X-Amz-Expires`, …
    Missing(&'static str),
    /// A part is there twice.
    Repeated(&'static str),
    /// There is neither an `x-amz-date` nor a `Date`.
    NoDate,
    /// The date is none.
    Date(String),
    /// The lifetime of a URL is no number from 1 to 604 800.
    Expires(String),
    /// The credential has not five parts: key/date/region/service/terminator.
    Credential(String),
    /// The scope does not end with `aws4_request`.
    Terminator(String),
    /// The day of the scope is not that of the date.
    Day {
        /// The day in the scope.
        scope: String,
        /// The day of the date.
        date: String,
    },
    /// The signature is not 64 lower-case hexadecimal digits.
    Signature,
    /// The list of signed headers is empty, unsorted, repeated or not in lower case.
    SignedHeaders(String),
    /// `host` is not among the signed headers.
    HostNotSigned,
    /// A signed header is not in the request.
    SignedHeaderMissing(String),
    /// The request has an `x-amz-…` header that is not signed.
    HeaderNotSigned(String),
}

impl fmt::Display for ClaimError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSigned => formatter.write_str("the request is not signed"),
            Self::SignedTwice => formatter.write_str("the request carries more than one signature"),
            Self::Algorithm(text) => write!(formatter, "unsupported algorithm: {text:?}, wanted {ALGORITHM}"),
            Self::NotKeyValue(text) => write!(formatter, "not a key=value pair in the Authorization header: {text:?}"),
            Self::Missing(name) => write!(formatter, "{name} is missing"),
            Self::Repeated(name) => write!(formatter, "{name} is there twice"),
            Self::NoDate => formatter.write_str("neither x-amz-date nor Date is there"),
            Self::Date(text) => write!(formatter, "not a date: {text:?}, wanted one like 20150830T123600Z"),
            Self::Expires(text) => write!(formatter, "not a lifetime from 1 to 604800 seconds: {text:?}"),
            Self::Credential(text) => write!(formatter, "not a credential of five parts: {text:?}"),
            Self::Terminator(text) => write!(formatter, "the scope ends with {text:?}, wanted {TERMINATOR}"),
            Self::Day { scope, date } => write!(formatter, "the scope is of {scope}, the date of {date}"),
            Self::Signature => formatter.write_str("the signature is not 64 lower-case hexadecimal digits"),
            Self::SignedHeaders(text) => write!(formatter, "not a sorted list of lower-case header names: {text:?}"),
            Self::HostNotSigned => formatter.write_str("host is not among the signed headers"),
            Self::SignedHeaderMissing(name) => write!(formatter, "{name} is named as a signed header, but is not sent"),
            Self::HeaderNotSigned(name) => write!(formatter, "{name} is sent, but not signed"),
        }
    }
}

impl core::error::Error for ClaimError {}

impl<'r> Claim<'r> {
    /// Reads the signature of a request.
    ///
    /// # Errors
    /// When there is none, or it is not well-formed; nothing is verified yet.
    pub fn parse(request: &'r Request<'r>) -> Result<Self, ClaimError> {
        let mut headers = request.headers().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let in_query = parameters(request.query().unwrap_or_default()).any(|parameter| parameter.is("X-Amz-Algorithm"));
        let parts = match (headers.next(), headers.next(), in_query) {
            (None, _, false) => return Err(ClaimError::NotSigned),
            (Some((_, value)), None, false) => Parts::from_header(request, value)?,
            (None, _, true) => Parts::from_query(request)?,
            _ => return Err(ClaimError::SignedTwice),
        };
        parts.check(request)
    }

    /// The access key id that is said to have signed.
    pub fn access_key_id(&self) -> &str {
        self.credential.get(..self.key_id_length).unwrap_or_default()
    }

    /// `20150830/us-east-1/iam/aws4_request`.
    pub fn scope(&self) -> &str {
        self.credential.get(self.key_id_length + 1..).unwrap_or_default()
    }

    /// The region of the scope.
    pub fn region(&self) -> &str {
        split(self.scope(), b'/').nth(1).unwrap_or_default()
    }

    /// The service of the scope.
    pub fn service(&self) -> &str {
        split(self.scope(), b'/').nth(2).unwrap_or_default()
    }

    /// When the request is said to have been signed.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// For how many seconds a presigned URL is good; `None` for a signature in the header.
    pub fn expires(&self) -> Option<u32> {
        match self.placement {
            Placement::Header => None,
            Placement::Query(seconds) => Some(seconds),
        }
    }

    /// The `;` list of signed headers.
    pub fn signed_headers(&self) -> &str {
        &self.signed_headers
    }

    /// The session token that the request carries; secret.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The signature that the request carries.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Whether the token is among what is signed.
    pub(crate) fn signs_token(&self) -> bool {
        match self.placement {
            Placement::Header => {
                let is_token = |name| matches!(name, "x-amz-security-token" | "x-amz-s3session-token");
                split(&self.signed_headers, b';').any(is_token)
            }
            Placement::Query(_) => true,
        }
    }
}

impl fmt::Debug for Claim<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Claim")
            .field("credential", &self.credential)
            .field("time", &self.time)
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

/// What a header or a query holds, before it makes sense.
struct Parts<'r> {
    placement: Placement,
    credential: Cow<'r, str>,
    signed_headers: Cow<'r, str>,
    signature: Cow<'r, str>,
    date: Cow<'r, str>,
    token: Option<Cow<'r, str>>,
}

impl<'r> Parts<'r> {
    fn from_header(request: &'r Request<'r>, value: &'r str) -> Result<Self, ClaimError> {
        let value = trimmed(value);
        let end = value.bytes().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(value.len());
        let (algorithm, rest) = value.split_at_checked(end).unwrap_or_default();
        if algorithm != ALGORITHM {
            return Err(ClaimError::Algorithm(scheme(algorithm)));
        }
        let [mut credential, mut signed_headers, mut signature] = [None; 3];
        for piece in split(rest, b',').map(trimmed).filter(|piece| !piece.is_empty()) {
            let (key, Some(value)) = split_once(piece, b'=') else {
                return Err(ClaimError::NotKeyValue(piece.chars().take(64).collect()));
            };
            let (place, name) = match key {
                "Credential" => (&mut credential, "Credential"),
                "SignedHeaders" => (&mut signed_headers, "SignedHeaders"),
                "Signature" => (&mut signature, "Signature"),
                _ => return Err(ClaimError::NotKeyValue(piece.chars().take(64).collect())),
            };
            if place.replace(value).is_some() {
                return Err(ClaimError::Repeated(name));
            }
        }
        let date = request.header_value("x-amz-date").or_else(|| request.header_value("date"));
        let token =
            request.header_value("x-amz-security-token").or_else(|| request.header_value("x-amz-s3session-token"));
        Ok(Self {
            placement: Placement::Header,
            credential: credential.ok_or(ClaimError::Missing("Credential"))?.into(),
            signed_headers: signed_headers.ok_or(ClaimError::Missing("SignedHeaders"))?.into(),
            signature: signature.ok_or(ClaimError::Missing("Signature"))?.into(),
            date: date.ok_or(ClaimError::NoDate)?.into(),
            token: token.map(Cow::Borrowed),
        })
    }

    fn from_query(request: &'r Request<'r>) -> Result<Self, ClaimError> {
        let optional = |name: &'static str| {
            let mut found = parameters(request.query().unwrap_or_default()).filter(|parameter| parameter.is(name));
            match (found.next(), found.next()) {
                (Some(_), Some(_)) => Err(ClaimError::Repeated(name)),
                (found, _) => {
                    found.map(|parameter| decoded(parameter.given_value()).ok_or(ClaimError::Missing(name))).transpose()
                }
            }
        };
        let required = |name: &'static str| optional(name)?.ok_or(ClaimError::Missing(name));
        let algorithm = required("X-Amz-Algorithm")?;
        if algorithm != ALGORITHM {
            return Err(ClaimError::Algorithm(scheme(&algorithm)));
        }
        let (credential, date) = (required("X-Amz-Credential")?, required("X-Amz-Date")?);
        let lifetime = required("X-Amz-Expires")?;
        let seconds = lifetime.parse().ok().and_then(|seconds| super::Expires::from_seconds(seconds).ok());
        let token = match optional("X-Amz-Security-Token")? {
            None => optional("X-Amz-S3session-Token")?,
            token => token,
        };
        Ok(Self {
            placement: Placement::Query(seconds.ok_or_else(|| ClaimError::Expires(lifetime.into_owned()))?.seconds()),
            credential,
            signed_headers: required("X-Amz-SignedHeaders")?,
            signature: required("X-Amz-Signature")?,
            date,
            token,
        })
    }

    fn check(self, request: &'r Request<'r>) -> Result<Claim<'r>, ClaimError> {
        let date = self.date.as_ref();
        // A Date header may stand for x-amz-date, in the form of RFC 9110.
        let time = Timestamp::parse(date).or_else(|_| Timestamp::parse_http_date(date));
        let time = time.map_err(|_| ClaimError::Date(date.into()))?;
        let Some((key_id, [day, region, service, terminator])) = last_four(&self.credential) else {
            return Err(ClaimError::Credential(self.credential.into_owned()));
        };
        if key_id.is_empty() || region.is_empty() || service.is_empty() {
            return Err(ClaimError::Credential(self.credential.into_owned()));
        }
        if terminator != TERMINATOR {
            return Err(ClaimError::Terminator(terminator.into()));
        }
        if day != time.day() {
            return Err(ClaimError::Day { scope: day.into(), date: time.day().into() });
        }
        let key_id_length = key_id.len();
        let signature = Signature::parse(&self.signature).ok_or(ClaimError::Signature)?;
        Ok(Claim {
            request,
            placement: self.placement,
            credential: self.credential,
            key_id_length,
            time,
            headers: check_headers(request, &self.signed_headers)?,
            signed_headers: self.signed_headers,
            signature,
            token: self.token,
        })
    }
}

fn check_headers<'r>(request: &'r Request<'r>, names: &str) -> Result<Headers<'r>, ClaimError> {
    let (mut last, mut in_order, mut host) = ("", !has_upper_case(names.as_bytes()), false);
    for name in split(names, b';') {
        in_order &= last < name;
        host |= name == "host";
        last = name;
    }
    if !in_order {
        return Err(ClaimError::SignedHeaders(names.into()));
    }
    if !host {
        return Err(ClaimError::HostNotSigned);
    }
    let (headers, amazon_s_left_out) =
        Headers::named(request, names).map_err(|name| ClaimError::SignedHeaderMissing(name.into()))?;
    if amazon_s_left_out {
        for (name, _) in request.headers() {
            let amazon_s = name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("x-amz-"));
            let listed = || names.split(';').any(|listed| listed.eq_ignore_ascii_case(name));
            // AWS IoT's token is added after signing; whether that is right depends on the rules.
            if amazon_s && !name.eq_ignore_ascii_case("x-amz-security-token") && !listed() {
                return Err(ClaimError::HeaderNotSigned(name.to_ascii_lowercase()));
            }
        }
    }
    Ok(headers)
}

/// What stands before the last four slashes, and what behind each.
fn last_four(credential: &str) -> Option<(&str, [&str; 4])> {
    let mut rest = credential;
    let mut last = || {
        let slash = rest.bytes().rposition(|byte| byte == b'/')?;
        let part = rest.get(slash + 1..)?;
        rest = rest.get(..slash)?;
        Some(part)
    };
    let [d, c, b, a] = [last()?, last()?, last()?, last()?];
    Some((rest, [a, b, c, d]))
}

/// The name of an authorization scheme or algorithm; what is none may be a secret that was pasted without one.
fn scheme(text: &str) -> String {
    let known = ["basic", "bearer", "digest", "negotiate", "ntlm"].iter().any(|known| known.eq_ignore_ascii_case(text));
    if known || text.starts_with("AWS") { text.chars().take(64).collect() } else { "(not shown)".into() }
}

/// A query value without its escapes; `None` if that is no text.
fn decoded(value: &str) -> Option<Cow<'_, str>> {
    percent_encoding::percent_decode_str(value).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::super::Payload;
    use super::*;

    const GOOD: &str = "AWS4-HMAC-SHA256 Credential=a/b/20150830/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, \
         Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";

    fn parse(authorization: &str, target: &str) -> Result<(), ClaimError> {
        let headers = [("host", "h"), ("x-amz-date", "20150830T123600Z"), ("authorization", authorization)];
        let headers = if authorization.is_empty() { &headers[..2] } else { &headers[..] };
        let request = Request::received("GET", target, headers, Payload::Bytes(b"")).unwrap();
        Claim::parse(&request).map(|claim| {
            assert_eq!((claim.access_key_id(), claim.region(), claim.service()), ("a/b", "us-east-1", "iam"));
        })
    }

    #[test]
    fn a_well_formed_header_is_read() {
        assert_eq!(parse(GOOD, "/"), Ok(()));
        assert_eq!(parse(&GOOD.replace(", ", ","), "/"), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let without = |part: &str| GOOD.replace(part, "");
        let with = |from: &str, to: &str| GOOD.replace(from, to);
        for (authorization, error) in [
            (String::new(), ClaimError::NotSigned),
            ("Bearer x".into(), ClaimError::Algorithm("Bearer".into())),
            (without("SignedHeaders=host;x-amz-date,"), ClaimError::Missing("SignedHeaders")),
            (with("host;", "host,x;"), ClaimError::NotKeyValue("x;x-amz-date".into())),
            (with("SignedHeaders", "Credential=a, SignedHeaders"), ClaimError::Repeated("Credential")),
            (with("a/b/20150830/us-east-1/", ""), ClaimError::Credential("iam/aws4_request".into())),
            (with("aws4_request", "aws5_request"), ClaimError::Terminator("aws5_request".into())),
            (with("20150830", "20150831"), ClaimError::Day { scope: "20150831".into(), date: "20150830".into() }),
            (with("=5d67", "=5D67"), ClaimError::Signature),
            (with("host;x-amz-date", "x-amz-date;host"), ClaimError::SignedHeaders("x-amz-date;host".into())),
            (with("host;x-amz-date", "x-amz-date"), ClaimError::HostNotSigned),
            (with("host;x-amz-date", "host"), ClaimError::HeaderNotSigned("x-amz-date".into())),
            (with("host;x", "host;range;x"), ClaimError::SignedHeaderMissing("range".into())),
        ] {
            assert_eq!(parse(&authorization, "/"), Err(error), "{authorization}");
        }
        assert_eq!(parse(GOOD, "/?X%2dAmz-Algorithm=x"), Err(ClaimError::SignedTwice));
        assert_eq!(parse("", "/?X-Amz-Algorithm=AWS4-HMAC-SHA256"), Err(ClaimError::Missing("X-Amz-Credential")));
    }
}
