//! What signing hands back: [`Authorization`] and [`PresignedUrl`].

use super::payload::PayloadDigest;
use super::signer::Parts;
use super::{Signature, Timestamp};
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

/// The headers that make a request signed.
///
/// They replace headers of the same name that the request already has. `Debug` shows neither the token nor the value.
pub struct Authorization {
    value: String,
    time: Timestamp,
    sha256: Option<PayloadDigest>,
    /// The name of the header that takes the token, which stays in the signer's own credentials.
    token: Option<(&'static str, Arc<Parts>)>,
    signature: Signature,
}

impl Authorization {
    pub(crate) fn new(
        value: String,
        time: Timestamp,
        sha256: Option<PayloadDigest>,
        token: Option<(&'static str, Arc<Parts>)>,
        signature: Signature,
    ) -> Self {
        Self { value, time, sha256, token, signature }
    }

    /// The headers to add: `x-amz-date`, `authorization`, and where they are due `x-amz-content-sha256` and
    /// `x-amz-security-token`, whose value is secret.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let sha256 = self.sha256.as_ref().map(|digest| ("x-amz-content-sha256", digest.as_str()));
        let token = self.token.as_ref().and_then(|(name, parts)| Some((*name, parts.token()?)));
        [("x-amz-date", self.time.as_str())]
            .into_iter()
            .chain(sha256)
            .chain(token)
            .chain([("authorization", self.value.as_str())])
    }

    /// The value of the `Authorization` header.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The signature alone.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    pub(crate) fn time(&self) -> Timestamp {
        self.time
    }

    /// The value of `x-amz-content-sha256`, if that is sent.
    pub(crate) fn content_sha256(&self) -> Option<&str> {
        self.sha256.as_ref().map(PayloadDigest::as_str)
    }

    /// The buffer that holds the value, to be used again.
    pub fn into_buffer(self) -> String {
        self.value
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Authorization").field("signature", &self.signature).finish_non_exhaustive()
    }
}

/// For how long a presigned URL is good: one second to seven days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expires(u32);

/// A lifetime that is not between one second and seven days (604 800 seconds).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpiresError(u64);

impl Expires {
    /// The longest lifetime: seven days (Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters").
    pub const MAX_SECONDS: u32 = 604_800;

    /// A lifetime of this many seconds.
    ///
    /// # Errors
    /// When it is none, or more than seven days.
    pub fn from_seconds(seconds: u64) -> Result<Self, ExpiresError> {
        match u32::try_from(seconds) {
            Ok(short @ 1..=Self::MAX_SECONDS) => Ok(Self(short)),
            _ => Err(ExpiresError(seconds)),
        }
    }

    /// The lifetime in seconds.
    pub fn seconds(&self) -> u32 {
        self.0
    }
}

impl fmt::Display for ExpiresError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a presigned URL is good for 1 to {} seconds, not {}", Expires::MAX_SECONDS, self.0)
    }
}

impl core::error::Error for ExpiresError {}

/// A URL that is signed; whoever has it can send its request until it expires.
///
/// `Debug` shows the signature only.
pub struct PresignedUrl {
    url: String,
    sha256: Option<PayloadDigest>,
    signature: Signature,
}

impl PresignedUrl {
    pub(crate) fn new(url: String, sha256: Option<PayloadDigest>, signature: Signature) -> Self {
        Self { url, sha256, signature }
    }

    /// The URL, byte for byte.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Headers that the sender must add besides those of the request, since they are signed: for VPC Lattice
    /// `x-amz-content-sha256`.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sha256.as_ref().map(|digest| ("x-amz-content-sha256", digest.as_str())).into_iter()
    }

    /// The signature alone.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }
}

impl fmt::Debug for PresignedUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PresignedUrl").field("signature", &self.signature).finish_non_exhaustive()
    }
}
