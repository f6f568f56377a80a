//! [`ImdsError`]: what the metadata service did not give, and what to do about it.

use super::document::DocumentError;
use crate::transport::{Failure, Phase, TransportError};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;
use core::time::Duration;

/// What the metadata service did not give.
#[derive(Clone, Debug)]
pub struct ImdsError {
    failure: ImdsFailure,
    exchange: Option<Exchange>,
    cause: Option<Arc<TransportError>>,
}

/// The request that failed.
#[derive(Clone, Debug)]
struct Exchange {
    method: &'static str,
    url: String,
    elapsed: Duration,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImdsFailure {
    /// `AWS_EC2_METADATA_DISABLED` is true.
    Disabled,
    /// A setting cannot be understood.
    Setting {
        /// The variable, or `endpoint`.
        name: &'static str,
        /// What it holds.
        value: String,
    },
    /// Nothing can be reached at the address: no route, refused, or no answer to connecting.
    NotReachable,
    /// The connection was made, and then nothing came within the time.
    NoAnswer,
    /// The connection broke, or what came is no HTTP.
    Broken,
    /// The service forbids it (403): it is turned off, or the request came through something that adds headers.
    Forbidden,
    /// There is no such way to a token (404, 405): not version 2.
    NoTokens,
    /// The service does not accept the lifetime asked for (400).
    TokenRefused,
    /// What came is no token.
    TokenMalformed,
    /// The service does not accept the token it has just given (401).
    Unauthorized,
    /// There is nothing at this path (404).
    NotFound,
    /// The instance has no role.
    NoRole,
    /// The service answers with a redirect, which is not followed.
    Redirect(u16),
    /// Any other status; 429 and 5xx are those that were tried again first.
    Status(u16),
    /// The answer is longer than any such document.
    TooLarge,
    /// The answer is empty.
    Empty,
    /// What came is no region.
    RegionMalformed,
    /// What came is no credential document, or one without credentials.
    Document(DocumentError),
}

impl ImdsError {
    pub(super) fn without_exchange(failure: ImdsFailure) -> Self {
        Self { failure, exchange: None, cause: None }
    }

    pub(super) fn new(failure: ImdsFailure, method: &'static str, url: &str) -> Self {
        let exchange = Exchange { method, url: url.into(), elapsed: Duration::ZERO };
        Self { failure, exchange: Some(exchange), cause: None }
    }

    pub(super) fn from_transport(error: TransportError, method: &'static str, url: &str) -> Self {
        let failure = match error.failure() {
            Failure::Resolve | Failure::Refused | Failure::Unreachable | Failure::Connect => ImdsFailure::NotReachable,
            Failure::TimedOut(Phase::Resolve | Phase::Connect | Phase::Tls) => ImdsFailure::NotReachable,
            Failure::TimedOut(_) => ImdsFailure::NoAnswer,
            Failure::TooLarge { .. } => ImdsFailure::TooLarge,
            _ => ImdsFailure::Broken,
        };
        Self { cause: Some(Arc::new(error)), ..Self::new(failure, method, url) }
    }

    pub(super) fn after(mut self, elapsed: Duration) -> Self {
        if let Some(exchange) = &mut self.exchange {
            exchange.elapsed = elapsed;
        }
        self
    }

    /// What went wrong.
    pub fn failure(&self) -> &ImdsFailure {
        &self.failure
    }

    /// The URL that was asked, if any was.
    pub fn url(&self) -> Option<&str> {
        self.exchange.as_ref().map(|exchange| exchange.url.as_str())
    }

    /// How long it took to fail, every retry included.
    pub fn elapsed(&self) -> Duration {
        self.exchange.as_ref().map_or(Duration::ZERO, |exchange| exchange.elapsed)
    }

    /// Whether the failed request was the one for a token.
    fn is_token(&self) -> bool {
        self.exchange.as_ref().is_some_and(|exchange| exchange.method == "PUT")
    }

    /// Whether this says no more than that there is no metadata service, or no role: a reason to look elsewhere.
    pub fn is_absence(&self) -> bool {
        match self.failure {
            ImdsFailure::Disabled | ImdsFailure::NotReachable | ImdsFailure::NoRole => true,
            ImdsFailure::NoAnswer => self.is_token(),
            _ => false,
        }
    }

    /// The likely cause and the next thing to do.
    pub fn hint(&self) -> Option<&'static str> {
        match &self.failure {
            ImdsFailure::Disabled => Some("AWS_EC2_METADATA_DISABLED is true; unset it to use the instance's role"),
            ImdsFailure::Setting {
                name: "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE" | "ec2_metadata_service_endpoint_mode",
                ..
            } => Some("IPv4 or IPv6"),
            ImdsFailure::Setting { name: "AWS_METADATA_SERVICE_TIMEOUT" | "metadata_service_timeout", .. } => {
                Some("a number of seconds, such as 2.5")
            }
            ImdsFailure::Setting {
                name: "AWS_METADATA_SERVICE_NUM_ATTEMPTS" | "metadata_service_num_attempts",
                ..
            } => Some("a whole number from 1 to 100"),
            ImdsFailure::Setting { .. } => Some("a URL such as http://169.254.169.254"),
            ImdsFailure::NotReachable => Some(
                "this is not an EC2 instance, or something blocks the way to its metadata service; \
                 elsewhere, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            ),
            ImdsFailure::NoAnswer if self.is_token() => Some(
                "in a container the answer ends at the hop limit; raise it: aws ec2 modify-instance-metadata-options \
                 --instance-id INSTANCE --http-put-response-hop-limit 2 --http-endpoint enabled",
            ),
            ImdsFailure::Forbidden => Some(
                "the metadata service is disabled or forbidden here; to turn it on: aws ec2 \
                 modify-instance-metadata-options --instance-id INSTANCE --http-endpoint enabled",
            ),
            ImdsFailure::NoTokens => Some("what answers there does not know version 2 of the metadata service"),
            ImdsFailure::NoRole => Some(
                "attach one: aws ec2 associate-iam-instance-profile --instance-id INSTANCE \
                 --iam-instance-profile Name=PROFILE",
            ),
            ImdsFailure::NotFound => Some("awsig imds meta-data/ lists what is there"),
            ImdsFailure::Broken
            | ImdsFailure::Redirect(_)
            | ImdsFailure::Empty
            | ImdsFailure::TooLarge
            | ImdsFailure::TokenMalformed
            | ImdsFailure::RegionMalformed
            | ImdsFailure::Document(
                DocumentError::NotAnObject | DocumentError::Missing(_) | DocumentError::Malformed(_),
            ) => Some("what answers there is no metadata service; check AWS_EC2_METADATA_SERVICE_ENDPOINT"),
            ImdsFailure::Status(429 | 500..=599) | ImdsFailure::NoAnswer => {
                Some("the metadata service is there but overloaded; try again in a while")
            }
            ImdsFailure::Document(DocumentError::Refused { code, .. }) if code == "AssumeRoleUnauthorizedAccess" => {
                Some("the trust policy of the role must allow ec2.amazonaws.com to assume it")
            }
            _ => None,
        }
    }
}

impl fmt::Display for ImdsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.failure, formatter)?;
        match &self.exchange {
            None => Ok(()),
            Some(Exchange { method, url, elapsed }) => {
                write!(formatter, " ({method} {url}, {:.1} s)", elapsed.as_secs_f64())
            }
        }
    }
}

impl fmt::Display for ImdsFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Disabled => "the instance metadata service is not to be used",
            Self::Setting { name, value } => return formatter.write_str(&format!("{name} cannot be {value:?}")),
            Self::NotReachable => "the instance metadata service cannot be reached",
            Self::NoAnswer => "the instance metadata service accepted the connection and never answered",
            Self::Broken => "the connection to the instance metadata service broke",
            Self::Forbidden => "the instance metadata service is disabled or forbids this (403)",
            Self::NoTokens => "the instance metadata service gives no tokens",
            Self::TokenRefused => "the instance metadata service refused to give a token (400)",
            Self::TokenMalformed => "the instance metadata service gave something that is no token",
            Self::Unauthorized => "the instance metadata service does not accept its own token (401)",
            Self::NotFound => "the instance metadata service has nothing at this path (404)",
            Self::NoRole => "this instance has no role",
            Self::Redirect(status) => {
                return write!(formatter, "the instance metadata service redirects elsewhere ({status})");
            }
            Self::Status(status) => return write!(formatter, "the instance metadata service answered {status}"),
            Self::TooLarge => "the instance metadata service answered with too much",
            Self::Empty => "the instance metadata service answered with nothing",
            Self::RegionMalformed => "the instance metadata service gave something that is no region",
            Self::Document(error) => return fmt::Display::fmt(error, formatter),
        };
        formatter.write_str(text)
    }
}

impl Error for ImdsError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| -> &(dyn Error + 'static) { cause })
    }
}
