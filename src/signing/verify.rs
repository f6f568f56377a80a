//! [`Verifier`]: believes a [`Claim`], or says why not.

use super::canonical::{Canonical, write_string_to_sign};
use super::claim::Placement;
use super::crypto::{same, sha256};
use super::encode::hex_of;
use super::payload::PayloadDigest;
use super::query::Query;
use super::{Claim, Credentials, Payload, PayloadRule, Rules, Scope, SigningKey, Steps, Timestamp, TokenRule};
use alloc::string::String;
use core::fmt;
use core::time::Duration;

/// What a server accepts: one service in one region, its rules, and how far clocks may differ.
#[derive(Clone, Debug)]
pub struct Verifier<'v> {
    pub(super) region: &'v str,
    pub(super) service: &'v str,
    pub(super) rules: Rules,
    max_skew: Duration,
    pub(super) accept_unsigned_payload: bool,
}

/// Why a [`Claim`] is not believed. The order of the variants is the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// The signature is older than the clocks may differ, or the URL's lifetime is over.
    Expired {
        /// When it was signed.
        at: Timestamp,
        /// For how many seconds it was good.
        good_for: u64,
        /// When it was checked.
        now: Timestamp,
    },
    /// The signature is of a time that has not come yet.
    NotYet {
        /// When it was signed.
        at: Timestamp,
        /// When it was checked.
        now: Timestamp,
    },
    /// The scope names another region.
    Region {
        /// The region that was wanted.
        wanted: String,
        /// The region of the scope.
        found: String,
    },
    /// The scope names another service.
    Service {
        /// The service that was wanted.
        wanted: String,
        /// The service of the scope.
        found: String,
    },
    /// The credentials are of another access key id.
    AccessKeyId,
    /// The credentials are temporary, but the request carries no session token.
    TokenMissing,
    /// The request carries another session token than the credentials, or one that they have not.
    TokenWrong,
    /// `x-amz-content-sha256` is missing, though the service wants it.
    ContentSha256Missing,
    /// `x-amz-content-sha256` is neither 64 hexadecimal digits nor one of its words.
    ContentSha256(String),
    /// The payload is signed, though the service does not support that.
    PayloadSigned,
    /// The payload is not signed, though it has to be.
    PayloadNotSigned,
    /// The signature is not that of the request.
    Signature,
    /// The body is not the one whose hash was signed.
    Body,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { at, good_for, now } => {
                write!(formatter, "signature expired: signed {at}, good for {good_for} s, now {now}")
            }
            Self::NotYet { at, now } => write!(formatter, "signature not yet current: signed {at}, now {now}"),
            Self::Region { wanted, found } => write!(formatter, "signed for region {found}, wanted {wanted}"),
            Self::Service { wanted, found } => write!(formatter, "signed for service {found}, wanted {wanted}"),
            Self::AccessKeyId => formatter.write_str("signed with another access key id"),
            Self::TokenMissing => formatter.write_str("the session token is missing"),
            Self::TokenWrong => formatter.write_str("the session token is not that of the access key id"),
            Self::ContentSha256Missing => formatter.write_str("x-amz-content-sha256 is missing"),
            Self::ContentSha256(text) => write!(formatter, "not a payload hash in x-amz-content-sha256: {text:?}"),
            Self::PayloadSigned => formatter.write_str("the payload is signed, wanted UNSIGNED-PAYLOAD"),
            Self::PayloadNotSigned => formatter.write_str("the payload is not signed"),
            Self::Signature => formatter.write_str("the signature does not match"),
            Self::Body => formatter.write_str("the body does not match its signed hash"),
        }
    }
}

impl core::error::Error for VerifyError {}

/// A claim that was verified. Only [`Verifier`] makes one.
#[derive(Clone, Debug)]
pub struct Verified<'c, 'r> {
    claim: &'c Claim<'r>,
}

impl<'c, 'r> Verified<'c, 'r> {
    /// What is now known to be true.
    pub fn claim(&self) -> &'c Claim<'r> {
        self.claim
    }
}

impl<'v> Verifier<'v> {
    /// How far clocks may differ unless said otherwise: 15 minutes, as Amazon S3 has it
    /// (Amazon S3 API Reference, "Authenticating Requests", `RequestTimeTooSkewed`).
    pub const MAX_SKEW: Duration = Duration::from_secs(900);

    /// A verifier with the rules of the service.
    pub fn new(region: &'v str, service: &'v str) -> Self {
        let rules = Rules::of(service);
        Self { region, service, rules, max_skew: Self::MAX_SKEW, accept_unsigned_payload: false }
    }

    /// The same with other rules.
    #[must_use]
    pub fn with_rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// The same with another tolerance for clocks.
    #[must_use]
    pub fn with_max_skew(mut self, max_skew: Duration) -> Self {
        self.max_skew = max_skew;
        self
    }

    /// Also accepts `UNSIGNED-PAYLOAD` for a service whose rules do not speak of it.
    #[must_use]
    pub fn accept_unsigned_payload(mut self) -> Self {
        self.accept_unsigned_payload = true;
        self
    }

    /// Verifies a claim as of `now` against the credentials of its access key id.
    ///
    /// A request whose payload is not [`Payload::Bytes`] or [`Payload::Sha256`] has its body hash taken on trust:
    /// the caller compares it later.
    ///
    /// # Errors
    /// The first check that failed: time, scope, key and token, payload hash, signature, body.
    pub fn verify<'c, 'r>(
        &self,
        claim: &'c Claim<'r>,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Result<Verified<'c, 'r>, VerifyError> {
        self.check_time(claim, now)?;
        self.check_scope(claim)?;
        let key = self.key(claim, credentials)?;
        self.check_with_key(claim, credentials, &key)
    }

    /// As [`verify`](Self::verify), with a key that was derived before: it must be of the claim's day, region and service.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_with_key<'c, 'r>(
        &self,
        claim: &'c Claim<'r>,
        credentials: &Credentials,
        key: &SigningKey,
        now: Timestamp,
    ) -> Result<Verified<'c, 'r>, VerifyError> {
        self.check_time(claim, now)?;
        self.check_scope(claim)?;
        self.check_with_key(claim, credentials, key)
    }

    fn check_with_key<'c, 'r>(
        &self,
        claim: &'c Claim<'r>,
        credentials: &Credentials,
        key: &SigningKey,
    ) -> Result<Verified<'c, 'r>, VerifyError> {
        self.check_identity(claim, credentials)?;
        let declared = self.payload(claim)?;
        let digest = self.canonical(claim, declared.as_str()).digest();
        let signature = key.sign(|sink| write_string_to_sign(claim.time, claim.scope(), &digest, sink));
        if !signature.matches(&claim.signature) {
            return Err(VerifyError::Signature);
        }
        if claim.request.header_value("x-amz-content-sha256").is_some() {
            check_body(claim, declared.as_str())?;
        }
        Ok(Verified { claim })
    }

    /// The texts that the claimed signature should have been made of.
    ///
    /// # Errors
    /// When the claim's scope or payload hash cannot be used.
    pub fn steps(&self, claim: &Claim<'_>, credentials: &Credentials) -> Result<Steps, VerifyError> {
        let key = self.key(claim, credentials)?;
        let declared = self.payload(claim)?;
        let canonical_request = self.canonical(claim, declared.as_str()).text();
        let mut string_to_sign = String::new();
        let digest = hex_of(&sha256(canonical_request.as_bytes()));
        write_string_to_sign(claim.time, claim.scope(), &digest, &mut string_to_sign);
        let signature = key.sign_text(&string_to_sign);
        Ok(Steps::new(canonical_request, string_to_sign, signature))
    }

    fn key(&self, claim: &Claim<'_>, credentials: &Credentials) -> Result<SigningKey, VerifyError> {
        let scope = Scope::new(claim.time, claim.region(), claim.service())
            .map_err(|_| VerifyError::Service { wanted: self.service.into(), found: claim.service().into() })?;
        Ok(SigningKey::derive(credentials.secret(), &scope))
    }

    fn check_time(&self, claim: &Claim<'_>, now: Timestamp) -> Result<(), VerifyError> {
        let skew = i64::try_from(self.max_skew.as_secs()).unwrap_or(i64::MAX);
        let age = now.seconds_since(&claim.time);
        if age < skew.saturating_neg() {
            return Err(VerifyError::NotYet { at: claim.time, now });
        }
        let good_for = match claim.placement {
            Placement::Header => self.max_skew.as_secs(),
            Placement::Query(seconds) => u64::from(seconds),
        };
        if age > i64::try_from(good_for).unwrap_or(i64::MAX) {
            return Err(VerifyError::Expired { at: claim.time, good_for, now });
        }
        Ok(())
    }

    fn check_scope(&self, claim: &Claim<'_>) -> Result<(), VerifyError> {
        if claim.region() != self.region {
            return Err(VerifyError::Region { wanted: self.region.into(), found: claim.region().into() });
        }
        if claim.service() != self.service {
            return Err(VerifyError::Service { wanted: self.service.into(), found: claim.service().into() });
        }
        Ok(())
    }

    fn check_identity(&self, claim: &Claim<'_>, credentials: &Credentials) -> Result<(), VerifyError> {
        if claim.access_key_id() != credentials.access_key_id() {
            return Err(VerifyError::AccessKeyId);
        }
        match (claim.token(), credentials.token()) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(VerifyError::TokenMissing),
            // Compared in constant time; not kept.
            (Some(found), Some(token)) if same(found.as_bytes(), token.expose().as_bytes()) => match self.rules.token {
                TokenRule::Unsigned => Ok(()),
                _ if claim.signs_token() => Ok(()),
                _ => Err(VerifyError::TokenWrong),
            },
            (Some(_), _) => Err(VerifyError::TokenWrong),
        }
    }

    /// What the canonical request says about the body.
    fn payload(&self, claim: &Claim<'_>) -> Result<PayloadDigest, VerifyError> {
        let Some(text) = claim.request.header_value("x-amz-content-sha256") else {
            return match (self.rules.payload, claim.placement, claim.request.body()) {
                (PayloadRule::UnsignedInUrl, Placement::Query(_), _) => Ok(Payload::Unsigned.digest()),
                (PayloadRule::Unsigned, _, _) | (_, Placement::Header, _) if self.rules.content_sha256_header => {
                    Err(VerifyError::ContentSha256Missing)
                }
                (_, _, hashed @ (Payload::Bytes(_) | Payload::Sha256(_))) => Ok(hashed.digest()),
                _ => Err(VerifyError::ContentSha256Missing),
            };
        };
        let word = Payload::word(text);
        let hex = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match (word, self.rules.payload) {
            (Some(Payload::Unsigned), PayloadRule::Given) if !self.accept_unsigned_payload => {
                Err(VerifyError::PayloadNotSigned)
            }
            (Some(Payload::Unsigned), _) => Ok(Payload::Unsigned.digest()),
            (_, PayloadRule::Unsigned) => Err(VerifyError::PayloadSigned),
            (Some(word), _) => Ok(word.digest()),
            (None, _) if hex => {
                let mut digits = [0; 64];
                digits.copy_from_slice(text.as_bytes());
                Ok(PayloadDigest::Hex(digits))
            }
            (None, _) => Err(VerifyError::ContentSha256(text.into())),
        }
    }

    fn canonical<'c, 'r>(&'c self, claim: &'c Claim<'r>, payload: &'c str) -> Canonical<'c, 'r> {
        let left_out: &[&str] = match (claim.placement, self.rules.token) {
            (Placement::Header, _) => &[],
            (Placement::Query(_), TokenRule::Unsigned) => &["X-Amz-Signature", "X-Amz-Security-Token"],
            (Placement::Query(_), _) => &["X-Amz-Signature"],
        };
        Canonical {
            request: claim.request,
            rules: &self.rules,
            query: Query::of(claim.request).leaving_out(left_out),
            headers: &claim.headers,
            payload: payload.as_bytes(),
        }
    }
}

fn check_body(claim: &Claim<'_>, declared: &str) -> Result<(), VerifyError> {
    let body = claim.request.body();
    let hashed = matches!(body, Payload::Bytes(_) | Payload::Sha256(_));
    if hashed && Payload::word(declared).is_none() && !same(body.digest().as_str().as_bytes(), declared.as_bytes()) {
        return Err(VerifyError::Body);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Authorization, Expires, Request, Signer};
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    fn now() -> Timestamp {
        Timestamp::parse("20150830T123600Z").unwrap()
    }

    fn credentials() -> Credentials {
        Credentials::new("AKIDEXAMPLE", "secret").unwrap().with_token("to/k+en=").unwrap()
    }

    fn signer(service: &str) -> Signer {
        Signer::new(&credentials(), Scope::new(now(), "us-west-2", service).unwrap())
    }

    fn signed<'a>(request: &'a Request<'_>, authorization: &'a Authorization) -> Vec<(&'a str, &'a str)> {
        request.headers().chain(authorization.headers()).chain([("host", "example.com")]).collect()
    }

    fn check(
        service: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
        at: Timestamp,
    ) -> Result<(), VerifyError> {
        let received = Request::received("POST", target, headers, Payload::Bytes(body)).unwrap();
        let claim = Claim::parse(&received).unwrap();
        Verifier::new("us-west-2", service).verify(&claim, &credentials(), at).map(|_| ())
    }

    #[test]
    fn what_is_signed_is_believed_and_what_is_changed_is_not() {
        for service in ["execute-api", "s3", "vpc-lattice-svcs", "aoss"] {
            let signer = signer(service);
            let request = Request::new("POST", "https://example.com/a b//../%2Fc?x=1+2&b").unwrap();
            let request = request.header("X-Amz-Meta", "a  b").unwrap().payload(Payload::Bytes(b"body"));
            let authorization = signer.sign(&request);
            let headers = signed(&request, &authorization);
            let target = signer.target(&request);
            assert_eq!(check(service, &target, &headers, b"body", now()), Ok(()), "{service}");

            let late = now().plus_seconds(901);
            let expired = VerifyError::Expired { at: now(), good_for: 900, now: late };
            assert_eq!(check(service, &target, &headers, b"body", late), Err(expired));
            let early = now().plus_seconds(-901);
            assert_eq!(
                check(service, &target, &headers, b"body", early),
                Err(VerifyError::NotYet { at: now(), now: early })
            );
            let changed = target.replace("x=1", "x=2");
            assert_eq!(check(service, &changed, &headers, b"body", now()), Err(VerifyError::Signature));
            let body = match service {
                "vpc-lattice-svcs" => Ok(()),
                "execute-api" => Err(VerifyError::Signature),
                _ => Err(VerifyError::Body),
            };
            assert_eq!(check(service, &target, &headers, b"tampered", now()), body, "{service}");
        }
    }

    #[test]
    fn presigned_urls_are_believed_until_they_expire() {
        for service in ["execute-api", "s3", "vpc-lattice-svcs", "iotdevicegateway"] {
            let request = Request::new("GET", "https://example.com/a?z=1&X-Amz-Date=old").unwrap();
            let presigned = signer(service).presign(&request, Expires::from_seconds(60).unwrap());
            let headers: Vec<(&str, &str)> = presigned.headers().collect();
            let received = Request::new("GET", presigned.as_str()).unwrap().with_headers(&headers).unwrap();
            let claim = Claim::parse(&received).unwrap();
            let verifier = Verifier::new("us-west-2", service);
            assert!(verifier.verify(&claim, &credentials(), now().plus_seconds(60)).is_ok(), "{service}");
            assert!(matches!(
                verifier.verify(&claim, &credentials(), now().plus_seconds(61)),
                Err(VerifyError::Expired { good_for: 60, .. })
            ));
            let steps = verifier.steps(&claim, &credentials()).unwrap();
            assert_eq!(steps.signature().to_string(), presigned.signature().to_string());
            assert!(!steps.explain().contains("to%2Fk"), "{}", steps.explain());
        }
    }

    /// RFC 9110 section 5.6.2 allows `&`, `#`, `%` and more in a name. They once stood in the URL as they were.
    #[test]
    fn a_presigned_url_holds_any_header_name() {
        let headers = [("a&b", "1"), ("a#b", "2"), ("%41", "3"), ("cont!ent", "4")];
        let request = Request::new("GET", "https://example.com/").unwrap().with_headers(&headers).unwrap();
        let presigned = signer("execute-api").presign(&request, Expires::from_seconds(60).unwrap());
        assert!(presigned.as_str().contains("SignedHeaders=%2541%3Ba%23b%3Ba%26b%3Bcont%21ent%3Bhost&"));
        let received = Request::new("GET", presigned.as_str()).unwrap().with_headers(&headers).unwrap();
        let claim = Claim::parse(&received).unwrap();
        assert_eq!(claim.signed_headers(), "%41;a#b;a&b;cont!ent;host");
        assert!(Verifier::new("us-west-2", "execute-api").verify(&claim, &credentials(), now()).is_ok());
    }

    #[test]
    fn each_refusal_has_its_reason() {
        let signer = signer("execute-api");
        let request = Request::new("POST", "https://example.com/").unwrap();
        let authorization = signer.sign(&request);
        let headers = signed(&request, &authorization);
        let received = Request::received("POST", "/", &headers, Payload::Bytes(b"")).unwrap();
        let claim = Claim::parse(&received).unwrap();
        let refused = |region: &str, service: &str, credentials: &Credentials| {
            Verifier::new(region, service).verify(&claim, credentials, now()).map(|_| ()).unwrap_err()
        };
        let of = |id: &str, secret: &str, token: &str| Credentials::new(id, secret).unwrap().with_token(token).unwrap();
        let wanted = |wanted: &str, found: &str| (wanted.into(), found.into());
        let (region, service) = (wanted("us-east-1", "us-west-2"), wanted("s3", "execute-api"));
        assert_eq!(
            refused("us-east-1", "execute-api", &credentials()),
            VerifyError::Region { wanted: region.0, found: region.1 }
        );
        assert_eq!(
            refused("us-west-2", "s3", &credentials()),
            VerifyError::Service { wanted: service.0, found: service.1 }
        );
        let refused = |credentials: &Credentials| refused("us-west-2", "execute-api", credentials);
        assert_eq!(refused(&of("AKIDOTHER", "secret", "to/k+en=")), VerifyError::AccessKeyId);
        assert_eq!(refused(&of("AKIDEXAMPLE", "secret", "other")), VerifyError::TokenWrong);
        assert_eq!(refused(&of("AKIDEXAMPLE", "secret", "")), VerifyError::TokenWrong);
        assert_eq!(refused(&of("AKIDEXAMPLE", "wrong", "to/k+en=")), VerifyError::Signature);
        assert!(!format!("{claim:?}").contains("to/k+en="));
    }
}
