//! Asking a service: one request, tried again while that may help.

use crate::transport::{Body, Failure, Limits, Transport, TransportError};
use crate::world::World;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use core::time::Duration;
use http::{HeaderMap, Request};
use zeroize::Zeroizing;

/// Why a service gave no credentials.
#[derive(Clone, Debug)]
pub struct ServiceError {
    service: &'static str,
    host: String,
    failure: ServiceFailure,
    cause: Option<Arc<TransportError>>,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ServiceFailure {
    /// No response arrived, or not all of one; the cause tells how.
    Exchange,
    /// The service refused.
    Refused {
        /// The status of the response.
        status: u16,
        /// `AccessDenied`, `ExpiredToken` …; empty if the response names none.
        code: String,
        /// The service's explanation; may be empty.
        message: String,
    },
    /// The response is not what the service's documentation promises.
    NotUnderstood(&'static str),
    /// The service answers with a redirect, which is not followed.
    Redirect(u16),
    /// The response is longer than any answer of the service.
    TooLarge,
    /// The URL cannot be asked.
    Url,
}

impl ServiceError {
    pub(super) fn new(service: &'static str, url: &str, failure: ServiceFailure) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
        Self { service, host, failure, cause: None }
    }

    /// What went wrong.
    pub fn failure(&self) -> &ServiceFailure {
        &self.failure
    }

    /// The host that was asked, with its port if it has one.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What to do when the service could not be asked.
    pub(super) fn hint(&self) -> Option<String> {
        let Self { service, host, .. } = self;
        let found = match self.cause.as_deref()?.failure() {
            Failure::ProxyUrl | Failure::ProxyResolve | Failure::Proxy => "check https_proxy and http_proxy".into(),
            Failure::Certificate => return None,
            _ => format!("check the way to {host}: its name, routes, security groups, and the proxy in https_proxy"),
        };
        Some(format!("{found}; no_proxy excepts hosts, and {service} can also be reached by a VPC endpoint"))
    }

    /// The code of a refusal: `AccessDenied`, …
    pub fn code(&self) -> Option<&str> {
        match &self.failure {
            ServiceFailure::Refused { code, .. } => Some(code),
            _ => None,
        }
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, host, .. } = self;
        match &self.failure {
            ServiceFailure::Exchange => write!(formatter, "{service} at {host} could not be asked"),
            ServiceFailure::Refused { status, code, message } => {
                write!(formatter, "{service} at {host} refused ({status})")?;
                for part in [code, message].into_iter().filter(|part| !part.is_empty()) {
                    write!(formatter, ": {part}")?;
                }
                Ok(())
            }
            ServiceFailure::NotUnderstood(what) => {
                write!(formatter, "the answer of {service} at {host} cannot be understood: {what}")
            }
            ServiceFailure::Redirect(status) => write!(formatter, "{service} at {host} redirects elsewhere ({status})"),
            ServiceFailure::TooLarge => write!(formatter, "the answer of {service} at {host} is too long"),
            ServiceFailure::Url => write!(formatter, "the URL of {service} cannot be used"),
        }
    }
}

impl Error for ServiceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| -> &(dyn Error + 'static) { cause })
    }
}

/// A whole response.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Zeroizing<Vec<u8>>,
}

/// What to make of a response.
pub(super) enum Verdict<T> {
    Good(T),
    /// It may be better next time, if there is one.
    Again(ServiceFailure),
    Final(ServiceFailure),
}

/// How long to wait, how often to try, and how much to read.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    pub(super) attempts: u32,
    pub(super) limits: Limits,
    pub(super) max: usize,
}

impl Patience {
    /// With services of AWS.
    pub(super) fn with_services() -> Self {
        let limits = Limits::none().with_connect(Duration::from_secs(5)).with_first_byte(Duration::from_secs(10));
        Self { attempts: 4, limits: limits.with_whole(Duration::from_secs(20)), max: 256 * 1024 }
    }

    /// With what runs next to us.
    pub(super) fn with_neighbours() -> Self {
        let limits = Limits::none().with_connect(Duration::from_secs(2)).with_first_byte(Duration::from_secs(5));
        Self { attempts: 3, limits: limits.with_whole(Duration::from_secs(10)), max: 64 * 1024 }
    }
}

/// Sends what `make` makes until `judge` is content, or nothing more is to be hoped for.
pub(super) fn ask<T>(
    world: &dyn World,
    transport: &dyn Transport,
    service: &'static str,
    url: &str,
    patience: Patience,
    make: impl Fn() -> Option<Request<Zeroizing<Vec<u8>>>>,
    judge: impl Fn(&Reply) -> Verdict<T>,
) -> Result<T, ServiceError> {
    let fail = |failure| ServiceError::new(service, url, failure);
    let mut attempt = 1;
    loop {
        let request = make().ok_or_else(|| fail(ServiceFailure::Url))?;
        let error = match once(transport, &request, patience) {
            Ok(reply) => {
                let verdict = match reply.status {
                    elsewhere @ 300..=399 => Verdict::Final(ServiceFailure::Redirect(elsewhere)),
                    _ => judge(&reply),
                };
                match verdict {
                    Verdict::Good(good) => return Ok(good),
                    Verdict::Final(failure) => return Err(fail(failure)),
                    Verdict::Again(failure) => fail(failure),
                }
            }
            Err(error) => {
                let failure = error.failure();
                let error = match failure {
                    Failure::TooLarge { .. } => return Err(fail(ServiceFailure::TooLarge)),
                    Failure::Request => return Err(fail(ServiceFailure::Url)),
                    _ => ServiceError { cause: Some(Arc::new(error)), ..fail(ServiceFailure::Exchange) },
                };
                if matches!(failure, Failure::Forbidden | Failure::Certificate | Failure::ProxyUrl) {
                    return Err(error);
                }
                error
            }
        };
        if attempt >= patience.attempts {
            return Err(error);
        }
        // 100 ms, doubled each time up to 2 s, of which chance takes a part: so that many do not come back at once.
        let most = 100_u64.saturating_mul(1_u64.checked_shl(attempt - 1).unwrap_or(u64::MAX)).min(2000);
        world.sleep(Duration::from_millis(world.random() % (most + 1)));
        attempt += 1;
    }
}

fn once(
    transport: &dyn Transport,
    request: &Request<Zeroizing<Vec<u8>>>,
    patience: Patience,
) -> Result<Reply, TransportError> {
    let body = if request.body().is_empty() { Body::Empty } else { Body::Bytes(request.body()) };
    let mut outgoing = Request::new(body);
    *outgoing.method_mut() = request.method().clone();
    *outgoing.uri_mut() = request.uri().clone();
    *outgoing.headers_mut() = request.headers().clone();
    let (head, body) = transport.send(outgoing, &patience.limits)?.into_parts();
    let body = Zeroizing::new(body.read_all(patience.max)?);
    Ok(Reply { status: head.status.as_u16(), headers: head.headers, body })
}

/// Foreign text, fit for one line of an error.
pub(super) fn printable(text: &str) -> String {
    let line = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    line.take(300).collect::<String>().trim().to_string()
}
