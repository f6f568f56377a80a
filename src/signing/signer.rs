//! [`Signer`]: signs requests into headers or URLs.

use super::canonical::{ALGORITHM, Canonical, SIGNING_PARAMETERS, write_string_to_sign};
use super::encode::{Encoding, Sink, hex_str, write_plain};
use super::headers::Headers;
use super::payload::PayloadDigest;
use super::query::Query;
use super::scope::TERMINATOR;
use super::{
    Authorization, Credentials, Expires, Payload, PayloadRule, PresignedUrl, Request, Rules, Scope, ScopeError, Secret,
    Signature, SigningKey, Steps, Timestamp, TokenRule, path,
};
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt::Write;

/// Signs for one set of credentials, region, service and second.
///
/// It keeps the derived key, so that every signature after the first of a day costs one HMAC and not five. Cloning
/// is cheap, threads share it without a lock, and [`at`](Self::at) moves it to another second.
///
/// ```
/// use awsig::signing::{Credentials, Request, Scope, Signer, Timestamp};
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let scope = Scope::new(Timestamp::from_unix(1_440_938_160)?, "us-east-1", "iam")?;
/// let request = Request::new("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")?
///     .header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")?;
///
/// let authorization = Signer::new(&credentials, scope).sign(&request);
/// assert_eq!(
///     authorization.signature().to_string(),
///     "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signer {
    parts: Arc<Parts>,
    time: Timestamp,
    rules: Rules,
}

/// What stays the same from one second of a day to the next.
#[derive(Debug)]
pub(crate) struct Parts {
    credentials: Credentials,
    /// Its time is the one it was made with; only its day counts.
    scope: Scope,
    /// `AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request`.
    credential: String,
    key: SigningKey,
}

impl Parts {
    fn new(credentials: Credentials, scope: Scope) -> Self {
        let (id, day) = (credentials.access_key_id(), scope.time());
        let parts = [id, "/", day.day(), "/", scope.region(), "/", scope.service(), "/", TERMINATOR];
        let credential = parts.concat();
        let key = SigningKey::derive(credentials.secret(), &scope);
        Self { credentials, scope, credential, key }
    }

    pub(crate) fn token(&self) -> Option<&str> {
        // The receiver needs it.
        self.credentials.token().map(Secret::expose)
    }

    fn scope_text(&self) -> &str {
        self.credential.get(self.credentials.access_key_id().len() + 1..).unwrap_or_default()
    }
}

impl Signer {
    /// Derives the key of the scope. The [`Rules`] are those of the scope's service.
    pub fn new(credentials: &Credentials, scope: Scope) -> Self {
        let (time, rules) = (scope.time(), Rules::of(scope.service()));
        Self { parts: Arc::new(Parts::new(credentials.clone(), scope)), time, rules }
    }

    /// The same with other rules than the service's own.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// The same at another second. A new key is derived only when the day changes.
    #[must_use]
    pub fn at(&self, time: Timestamp) -> Self {
        let parts = if time.day() == self.time.day() {
            Arc::clone(&self.parts)
        } else {
            Arc::new(Parts::new(self.parts.credentials.clone(), self.parts.scope.clone().at(time)))
        };
        Self { parts, time, rules: self.rules }
    }

    /// The same for another region.
    ///
    /// # Errors
    /// When that is no region.
    pub fn in_region(&self, region: &str) -> Result<Self, ScopeError> {
        let scope = Scope::new(self.time, region, self.parts.scope.service())?;
        Ok(Self::new(&self.parts.credentials, scope).with_rules(self.rules))
    }

    /// The access key id that signs.
    pub fn access_key_id(&self) -> &str {
        self.parts.credentials.access_key_id()
    }

    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The second, region and service in force.
    pub fn scope(&self) -> Scope {
        self.parts.scope.clone().at(self.time)
    }

    pub(crate) fn time(&self) -> Timestamp {
        self.time
    }

    pub(crate) fn key(&self) -> &SigningKey {
        &self.parts.key
    }

    /// `20150830/us-east-1/iam/aws4_request`.
    pub(crate) fn scope_text(&self) -> &str {
        self.parts.scope_text()
    }

    /// `AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request`.
    pub(crate) fn credential(&self) -> &str {
        &self.parts.credential
    }

    /// Signs, and returns the headers to add; the request itself stays as it is.
    pub fn sign(&self, request: &Request<'_>) -> Authorization {
        self.sign_into(request, String::new())
    }

    /// As [`sign`](Self::sign), writing the `Authorization` value into `buffer`, which is cleared first.
    /// [`Authorization::into_buffer`] gives the buffer back.
    pub fn sign_into(&self, request: &Request<'_>, buffer: String) -> Authorization {
        let mut value = buffer.into_bytes();
        value.clear();
        let digest = self.digest(request);
        let signature = self.with_canonical(request, &digest, |canonical| {
            let signature = self.signature(&canonical.digest());
            let names = canonical.headers.names();
            value.reserve(names.len() + self.parts.credential.len() + 192);
            value.extend_from_slice(ALGORITHM.as_bytes());
            value.extend_from_slice(b" Credential=");
            value.extend_from_slice(self.parts.credential.as_bytes());
            value.extend_from_slice(b", SignedHeaders=");
            value.extend_from_slice(names);
            value.extend_from_slice(b", Signature=");
            value.extend_from_slice(&signature.digits());
            signature
        });
        let value = String::from_utf8(value).unwrap_or_default();
        let sha256 = self.sends_digest(request).then_some(digest);
        let token = self.parts.token().map(|_| (self.token_name(), Arc::clone(&self.parts)));
        Authorization::new(value, self.time, sha256, token, signature)
    }

    /// Signs into a URL that is good for `expires` from the scope's second on.
    pub fn presign(&self, request: &Request<'_>, expires: Expires) -> PresignedUrl {
        let digest = self.url_digest(request);
        let mut url = String::new();
        let sign = |canonical: &Canonical<'_, '_>| self.signature(&canonical.digest());
        let signature = self.with_presigned(request, &digest, expires, &mut url, sign);
        if let (TokenRule::Unsigned, Some(token)) = (self.rules.token, self.parts.token()) {
            url.push_str("&X-Amz-Security-Token=");
            write_plain(token, &mut url);
        }
        url.push_str("&X-Amz-Signature=");
        url.push_str(hex_str(&signature.digits()));
        PresignedUrl::new(url, self.sends_digest_in_url(request).then_some(digest), signature)
    }

    /// The URL to send, byte for byte: decoded once and strictly encoded once, as it was signed.
    pub fn url(&self, request: &Request<'_>) -> String {
        let mut url = String::new();
        write_origin(request, &mut url);
        url.push_str(&self.target(request));
        url
    }

    /// Path and query of [`url`](Self::url): the target of the request line.
    pub fn target(&self, request: &Request<'_>) -> String {
        let mut target = String::new();
        path::write_sent(request.path(), &self.rules, &mut target);
        if request.query().is_some() {
            target.push('?');
            Query::of(request).write_sent(&mut target);
        }
        target
    }

    /// The texts behind [`sign`](Self::sign).
    pub fn steps(&self, request: &Request<'_>) -> Steps {
        let digest = self.digest(request);
        self.with_canonical(request, &digest, |canonical| self.keep(canonical))
    }

    /// The texts behind [`presign`](Self::presign).
    pub fn presign_steps(&self, request: &Request<'_>, expires: Expires) -> Steps {
        let digest = self.url_digest(request);
        self.with_presigned(request, &digest, expires, &mut String::new(), |canonical| self.keep(canonical))
    }

    fn keep(&self, canonical: &Canonical<'_, '_>) -> Steps {
        let digest = canonical.digest();
        let mut string_to_sign = String::new();
        write_string_to_sign(self.time, self.parts.scope_text(), &digest, &mut string_to_sign);
        Steps::new(canonical.text(), string_to_sign, self.signature(&digest))
    }

    fn signature(&self, digest: &[u8; 64]) -> Signature {
        self.parts.key.sign(|sink| write_string_to_sign(self.time, self.parts.scope_text(), digest, sink))
    }

    fn digest(&self, request: &Request<'_>) -> PayloadDigest {
        match self.rules.payload {
            PayloadRule::Unsigned => Payload::Unsigned.digest(),
            PayloadRule::Given | PayloadRule::UnsignedInUrl => request.body().digest(),
        }
    }

    fn url_digest(&self, request: &Request<'_>) -> PayloadDigest {
        match self.rules.payload {
            PayloadRule::Unsigned | PayloadRule::UnsignedInUrl => Payload::Unsigned.digest(),
            PayloadRule::Given => request.body().digest(),
        }
    }

    fn sends_digest(&self, request: &Request<'_>) -> bool {
        self.rules.content_sha256_header
            || request.body().needs_header()
            || request.header_value("x-amz-content-sha256").is_some()
    }

    /// Whether whoever uses the URL has to send the header: VPC Lattice wants it, and elsewhere it is how the receiver
    /// knows that the payload is not hashed.
    fn sends_digest_in_url(&self, request: &Request<'_>) -> bool {
        match self.rules.payload {
            PayloadRule::Unsigned => self.rules.content_sha256_header,
            PayloadRule::UnsignedInUrl => false,
            PayloadRule::Given => request.body().needs_header(),
        }
    }

    /// The header that takes the token to the service.
    pub(crate) fn token_header(&self) -> Option<(&'static str, &str)> {
        self.parts.token().map(|token| (self.token_name(), token))
    }

    fn token_name(&self) -> &'static str {
        match self.rules.token {
            TokenRule::Signed | TokenRule::Unsigned => "x-amz-security-token",
            TokenRule::S3Session => "x-amz-s3session-token",
        }
    }

    fn with_canonical<R>(
        &self,
        request: &Request<'_>,
        digest: &PayloadDigest,
        run: impl FnOnce(&Canonical<'_, '_>) -> R,
    ) -> R {
        let mut added = [("x-amz-date", self.time.as_str()); 3];
        let mut count = 1;
        let mut add = |header| {
            if let Some(place) = added.get_mut(count) {
                *place = header;
                count += 1;
            }
        };
        if self.sends_digest(request) {
            add(("x-amz-content-sha256", digest.as_str()));
        }
        let token = self.token_header();
        match token {
            Some(header) if self.rules.token != TokenRule::Unsigned => add(header),
            _ => {}
        }
        let added = added.get(..count).unwrap_or_default();
        let replaced = token.map_or("", |(name, _)| name);
        run(&Canonical {
            request,
            rules: &self.rules,
            query: Query::of(request),
            headers: &Headers::to_sign(request, added, &[replaced]),
            payload: digest.as_bytes(),
        })
    }

    /// Writes the URL but for what is not signed, and then has its query signed as it stands there.
    fn with_presigned<R>(
        &self,
        request: &Request<'_>,
        digest: &PayloadDigest,
        expires: Expires,
        url: &mut String,
        run: impl FnOnce(&Canonical<'_, '_>) -> R,
    ) -> R {
        let header = [("x-amz-content-sha256", digest.as_str())];
        let added: &[(&str, &str)] = if self.sends_digest_in_url(request) { &header } else { &[] };
        let replaced = ["x-amz-date", "x-amz-content-sha256", "x-amz-security-token"];
        let headers = Headers::to_sign(request, added, &replaced);
        let token = self.parts.token().unwrap_or_default();
        let given = request.path().len() + request.query().unwrap_or_default().len();
        url.reserve(512 + given * 2 + token.len() * 3 / 2);
        write_origin(request, url);
        path::write_sent(request.path(), &self.rules, url);
        url.push('?');
        let start = url.len();
        if Query::of(request).leaving_out(&SIGNING_PARAMETERS).write_sent(url) {
            url.push('&');
        }
        url.push_str("X-Amz-Algorithm=");
        url.push_str(ALGORITHM);
        url.push_str("&X-Amz-Credential=");
        write_plain(&self.parts.credential, url);
        url.push_str("&X-Amz-Date=");
        url.push_str(self.time.as_str());
        url.push_str("&X-Amz-Expires=");
        // Cannot fail: a String takes everything.
        let _ = write!(url, "{}", expires.seconds());
        url.push_str("&X-Amz-SignedHeaders=");
        url.put_encoded(headers.names(), &Encoding::PLAIN);
        let name = match self.rules.token {
            TokenRule::Signed => "&X-Amz-Security-Token=",
            TokenRule::S3Session => "&X-Amz-S3session-Token=",
            TokenRule::Unsigned => "",
        };
        if !name.is_empty() && !token.is_empty() {
            url.push_str(name);
            write_plain(token, url);
        }
        run(&Canonical {
            request,
            rules: &self.rules,
            query: Query::encoded(url.get(start..).unwrap_or_default()),
            headers: &headers,
            payload: digest.as_bytes(),
        })
    }
}

fn write_origin<S: Sink>(request: &Request<'_>, sink: &mut S) {
    sink.put(if request.is_https() { "https://" } else { "http://" });
    sink.put(request.host());
}
