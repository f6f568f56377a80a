//! [`Scope`]: the second, region and service that a signature is good for.

use super::Timestamp;
use alloc::string::String;
use core::fmt;

/// What a credential scope ends with.
pub(crate) const TERMINATOR: &str = "aws4_request";

/// When, where and for whom: prints as the credential scope, `20150830/us-east-1/iam/aws4_request`.
///
/// It holds the second and prints the day, so the two cannot disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    time: Timestamp,
    region: String,
    service: String,
}

/// Why a region or a service cannot stand in a [`Scope`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeError {
    /// The region is empty, longer than 63 bytes, or holds something other than letters, digits, `-` and `_`.
    Region(String),
    /// The service is empty, longer than 63 bytes, or holds something other than letters, digits, `-`, `_` and `.`.
    Service(String),
}

impl fmt::Display for ScopeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region(text) => write!(formatter, "not a region: {text:?}, wanted a name like us-east-1"),
            Self::Service(text) => write!(formatter, "not a service: {text:?}, wanted a signing name like execute-api"),
        }
    }
}

impl core::error::Error for ScopeError {}

impl Scope {
    /// A scope, checked: region and service become part of the signature and of host names.
    ///
    /// # Errors
    /// When the region or the service is no plain name.
    pub fn new(time: Timestamp, region: &str, service: &str) -> Result<Self, ScopeError> {
        if !is_name(region, false) {
            return Err(ScopeError::Region(region.into()));
        }
        if !is_name(service, true) {
            return Err(ScopeError::Service(service.into()));
        }
        Ok(Self { time, region: region.into(), service: service.into() })
    }

    /// The second of signing.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// The signing region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The signing name of the service.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The same place at another time.
    #[must_use]
    pub fn at(mut self, time: Timestamp) -> Self {
        self.time = time;
        self
    }
}

/// A DNS label (RFC 1123 section 2.1; regions stand in host names), with `_` and for services `.` besides.
fn is_name(text: &str, dots: bool) -> bool {
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || dots && byte == b'.')
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}/{TERMINATOR}", self.time.day(), self.region, self.service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_the_credential_scope() {
        let scope = Scope::new(Timestamp::from_unix(1_440_938_160).unwrap(), "us-east-1", "iam").unwrap();
        assert_eq!(alloc::format!("{scope}"), "20150830/us-east-1/iam/aws4_request");
    }

    #[test]
    fn names_that_would_break_the_scope_are_refused() {
        let time = Timestamp::from_unix(0).unwrap();
        for region in ["", "us east", "us/east", "us-east-1\n", "a.b"] {
            assert_eq!(Scope::new(time, region, "s3"), Err(ScopeError::Region(region.into())));
        }
        assert_eq!(Scope::new(time, "us-east-1", "s3/x"), Err(ScopeError::Service("s3/x".into())));
    }
}
