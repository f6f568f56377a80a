//! [`Request`]: what is to be signed or verified; every check on a caller's input happens here.

use super::Payload;
use super::authority::{check_authority, split_authority, split_scheme};
use super::bytes::{Class, split_once, trimmed};
use super::scan::{Oddities, Value, has_good_escapes, is_all_plain};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// One HTTP request, borrowed from the caller and checked: what is in it can be signed and sent.
///
/// ```
/// use awsig::signing::{Payload, Request};
/// let request = Request::new("POST", "https://example.com:443/a b?x=1#fragment")?
///     .header("Content-Type", "application/json")?
///     .payload(Payload::Bytes(b"{}"));
/// assert_eq!(request.host(), "example.com");
/// # Ok::<(), awsig::signing::RequestError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Request<'a> {
    method: &'a str,
    https: bool,
    authority: Cow<'a, str>,
    path: &'a str,
    query: Option<&'a str>,
    strict_escapes: bool,
    headers: Headers<'a>,
    tidy_values: bool,
    also_signed: &'a [&'a str],
    never_signed: &'a [&'a str],
    payload: Payload<'a>,
}

/// The caller's headers, all at once or one by one.
///
/// No `Cow`: that would fix the lifetime of a [`Request`], and no function could read a claim from a borrowed one.
#[derive(Clone, Debug)]
enum Headers<'a> {
    Given(&'a [(&'a str, &'a str)]),
    Added(Vec<(&'a str, &'a str)>),
}

/// Why a [`Request`] cannot be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequestError {
    /// The method is no token of RFC 9110 section 9.1.
    Method(String),
    /// The URL starts with neither `http://` nor `https://`.
    Scheme,
    /// The URL or the `Host` header names no valid host (a name of letters, digits, `-`, `.` and `_`, or an address).
    Host(String),
    /// The port is no number from 1 to 65535.
    Port(String),
    /// The URL holds a user name or password, which would be sent to the host.
    UserInfo,
    /// The URL holds a control character, such as a line break.
    ControlCharacter,
    /// A `%` in the URL is not followed by two hexadecimal digits.
    Escape,
    /// A header name is no token of RFC 9110 section 5.1.
    HeaderName(String),
    /// The value of the named header holds a line break or another control character.
    HeaderValue(String),
    /// A received request has no `Host` header, or several.
    HostHeader,
}

impl fmt::Display for RequestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(text) => write!(formatter, "not a method: {text:?}"),
            Self::Scheme => formatter.write_str("the URL does not start with https:// or http://"),
            Self::Host(text) => write!(formatter, "not a host name: {text:?}"),
            Self::Port(text) => write!(formatter, "not a port: {text:?}"),
            Self::UserInfo => formatter.write_str("the URL holds a user name or password"),
            Self::ControlCharacter => formatter.write_str("the URL holds a control character"),
            Self::Escape => formatter.write_str("a % in the URL is not followed by two hexadecimal digits"),
            Self::HeaderName(text) => write!(formatter, "not a header name: {text:?}"),
            Self::HeaderValue(name) => write!(formatter, "the value of header {name} holds a control character"),
            Self::HostHeader => formatter.write_str("not exactly one Host header"),
        }
    }
}

impl core::error::Error for RequestError {}

impl<'a> Request<'a> {
    /// A request to an absolute URL, as a client makes it. A fragment is dropped.
    ///
    /// # Errors
    /// When the method or the URL cannot be sent.
    pub fn new(method: &'a str, url: &'a str) -> Result<Self, RequestError> {
        let (https, rest) = split_scheme(url).ok_or(RequestError::Scheme)?;
        let (authority, target) = split_authority(rest);
        Self::from_parts(method, https, authority, target).map_err(|error| match error {
            // A password with a / in it ends what looks like the host, and must not be quoted.
            RequestError::Port(_) | RequestError::Host(_) if rest.contains('@') => RequestError::UserInfo,
            error => error,
        })
    }

    /// A request as a server receives it: a target in origin-form (`/path?query`) or absolute-form, and all headers.
    ///
    /// The host is that of the one `Host` header, since that is what a client signs.
    ///
    /// # Errors
    /// When any part is not well-formed, or the `Host` header is missing or repeated.
    pub fn received(
        method: &'a str,
        target: &'a str,
        headers: &'a [(&'a str, &'a str)],
        payload: Payload<'a>,
    ) -> Result<Self, RequestError> {
        let (https, target) = match split_scheme(target) {
            Some((https, rest)) => (https, split_authority(rest).1),
            None if target.starts_with('/') => (true, target),
            None => return Err(RequestError::Scheme),
        };
        let mut hosts = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("host"));
        let (Some((_, host)), None) = (hosts.next(), hosts.next()) else {
            return Err(RequestError::HostHeader);
        };
        let request = Self::from_parts(method, https, trimmed(host), target)?;
        Ok(request.with_headers(headers)?.payload(payload))
    }

    /// A request from the pieces of a URL: `authority` is `host[:port]`, `target` is `/path?query` or empty.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_parts(method: &'a str, https: bool, authority: &'a str, target: &'a str) -> Result<Self, RequestError> {
        let authority = check_authority(authority, https)?;
        if !is_token(method) {
            return Err(RequestError::Method(method.into()));
        }
        let (mut target, mut odd) = (target, Oddities::of(target.as_bytes()));
        if odd.fragment() {
            (target, _) = split_once(target, b'#');
            odd = Oddities::of(target.as_bytes());
        }
        if !matches!(target.as_bytes(), [] | [b'/' | b'?', ..]) {
            return Err(RequestError::Host(target.into()));
        }
        if odd.control() {
            return Err(RequestError::ControlCharacter);
        }
        if odd.escape() && !has_good_escapes(target.as_bytes()) {
            return Err(RequestError::Escape);
        }
        let (path, query) = split_once(target, b'?');
        Ok(Self {
            method,
            https,
            authority,
            path: if path.is_empty() { "/" } else { path },
            query,
            strict_escapes: !odd.escape(),
            headers: Headers::Given(&[]),
            tidy_values: true,
            also_signed: &[],
            never_signed: &[],
            payload: Payload::Bytes(&[]),
        })
    }

    /// Adds a header. Repeated names are kept in order.
    ///
    /// # Errors
    /// When the name is no token or the value holds a control character other than a tab.
    pub fn header(mut self, name: &'a str, value: &'a str) -> Result<Self, RequestError> {
        self.tidy_values &= check_header(name, value)?;
        match &mut self.headers {
            Headers::Added(headers) => headers.push((name, value)),
            Headers::Given(headers) => {
                let mut headers = headers.to_vec();
                headers.push((name, value));
                self.headers = Headers::Added(headers);
            }
        }
        Ok(self)
    }

    /// Sets all headers at once, borrowed as they are.
    ///
    /// # Errors
    /// As [`header`](Self::header).
    pub fn with_headers(mut self, headers: &'a [(&'a str, &'a str)]) -> Result<Self, RequestError> {
        self.tidy_values = true;
        for (name, value) in headers {
            self.tidy_values &= check_header(name, value)?;
        }
        self.headers = Headers::Given(headers);
        Ok(self)
    }

    /// Signs the headers of these names even if they belong to those that are [never signed](is_never_signed).
    #[must_use]
    pub fn sign_also(mut self, names: &'a [&'a str]) -> Self {
        self.also_signed = names;
        self
    }

    /// Leaves the headers of these names unsigned. `host` and what a signature adds are signed all the same.
    #[must_use]
    pub fn leave_unsigned(mut self, names: &'a [&'a str]) -> Self {
        self.never_signed = names;
        self
    }

    /// Sets the body; without this it is empty.
    #[must_use]
    pub fn payload(mut self, payload: Payload<'a>) -> Self {
        self.payload = payload;
        self
    }

    /// The method, as given.
    pub fn method(&self) -> &'a str {
        self.method
    }

    /// Whether the URL starts with `https://`.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host in lower case, with its port unless that is the scheme's own; what the `Host` header says.
    pub fn host(&self) -> &str {
        &self.authority
    }

    /// The path as given, never empty.
    pub fn path(&self) -> &'a str {
        self.path
    }

    /// The query as given, without its `?`.
    pub fn query(&self) -> Option<&'a str> {
        self.query
    }

    /// Whether the query has a parameter of this name, however it is escaped there.
    pub fn has_parameter(&self, name: &str) -> bool {
        super::query::parameters(self.query.unwrap_or_default()).any(|parameter| parameter.is(name))
    }

    /// Every header the caller gave, in order.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.header_slice().iter().copied()
    }

    /// The value of the first header of this name, without blanks around it.
    pub fn header_value(&self, name: &str) -> Option<&'a str> {
        self.header_slice().iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| trimmed(value))
    }

    /// Whether the escapes in path and query are as strict encoding writes them.
    pub(crate) fn has_strict_escapes(&self) -> bool {
        self.strict_escapes
    }

    /// Whether no header value has blanks to trim or to collapse.
    pub(crate) fn has_tidy_values(&self) -> bool {
        self.tidy_values
    }

    pub(crate) fn header_slice(&self) -> &[(&'a str, &'a str)] {
        match &self.headers {
            Headers::Given(headers) => headers,
            Headers::Added(headers) => headers,
        }
    }

    pub(crate) fn body(&self) -> &Payload<'a> {
        &self.payload
    }

    /// Whether a signature made for this request covers the header of this name.
    #[inline]
    pub(crate) fn wants_signed(&self, name: &str) -> bool {
        if self.also_signed.is_empty() && self.never_signed.is_empty() {
            return !is_never_signed(name);
        }
        let among = |names: &[&str]| names.iter().any(|listed| listed.eq_ignore_ascii_case(name));
        name.eq_ignore_ascii_case("host")
            || !among(self.never_signed) && (!is_never_signed(name) || among(self.also_signed))
    }
}

/// Whether a header is left unsigned because those between sender and receiver change it.
///
/// The list is botocore's (`SIGNED_HEADERS_BLACKLIST`): hop-by-hop headers, `user-agent`, and tracing headers.
/// `authorization` itself is on it too.
pub fn is_never_signed(name: &str) -> bool {
    let first = name.as_bytes().first().map_or(0, u8::to_ascii_lowercase);
    let listed = match (name.len(), first) {
        (2, b't') => "te",
        (6, b'e') => "expect",
        (7, b'b') => "baggage",
        (7, b't') => "trailer",
        (7, b'u') => "upgrade",
        (10, b'c') => "connection",
        (10, b'k') => "keep-alive",
        (10, b't') => "tracestate",
        (10, b'u') => "user-agent",
        (11, b't') => "traceparent",
        (13, b'a') => "authorization",
        (15, b'x') => "x-amzn-trace-id",
        (17, b't') => "transfer-encoding",
        (18, b'p') => "proxy-authenticate",
        (19, b'p') => "proxy-authorization",
        _ => return false,
    };
    listed.eq_ignore_ascii_case(name)
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && (is_all_plain(text.as_bytes()) || Class::TOKEN.has_all(text.as_bytes()))
}

/// Says whether the value is signed as it is.
fn check_header(name: &str, value: &str) -> Result<bool, RequestError> {
    if !is_token(name) {
        return Err(RequestError::HeaderName(name.into()));
    }
    match Value::of(value.as_bytes()) {
        Value::Controlled => Err(RequestError::HeaderValue(name.into())),
        looks => Ok(looks == Value::Tidy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_that_cannot_be_sent_are_refused() {
        let request = || Request::new("GET", "https://h/").unwrap();
        assert_eq!(request().header("a b", "c").unwrap_err(), RequestError::HeaderName("a b".into()));
        assert_eq!(request().header("", "c").unwrap_err(), RequestError::HeaderName("".into()));
        assert_eq!(request().header("a", "b\nc").unwrap_err(), RequestError::HeaderValue("a".into()));
        assert!(request().header("a", "b\tc \u{e9}").is_ok());
    }

    #[test]
    fn a_received_request_needs_exactly_one_host() {
        let received = |headers| Request::received("GET", "/x", headers, Payload::Bytes(b"")).map(|_| ());
        assert_eq!(received(&[]), Err(RequestError::HostHeader));
        assert_eq!(received(&[("host", "a"), ("Host", "b")]), Err(RequestError::HostHeader));
        assert_eq!(received(&[("Host", "a")]), Ok(()));
    }
}
