//! [`TransportError`]: why no response arrived, or not all of it.

use super::wire::{Fault, Place};
use alloc::boxed::Box;
use core::error::Error;
use core::fmt;
use std::io;

/// Why a request got no response, or not all of one.
#[derive(Debug)]
pub struct TransportError {
    failure: Failure,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// What went wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// The request cannot be sent by HTTP: its URL, method or headers are not fit.
    Request,
    /// The body of the request could not be read, or ended before its length.
    RequestBody,
    /// A proxy's URL cannot be used.
    ProxyUrl,
    /// The host has no address.
    Resolve,
    /// The host has an address that this client must not connect to.
    Forbidden,
    /// The proxy has no address.
    ProxyResolve,
    /// The host (or the proxy) refuses connections on this port.
    Refused,
    /// There is no way to the host: no route, no network, or a rule of this machine against it.
    Unreachable,
    /// Connecting failed otherwise.
    Connect,
    /// The proxy would not connect to the host.
    Proxy,
    /// TLS could not be agreed upon.
    Tls,
    /// The certificate of the host is not valid for it.
    Certificate,
    /// The certificate of this side cannot be used, or its key is another's.
    ClientCertificate,
    /// The connection broke while the request was being sent.
    Send,
    /// The connection broke while the response was awaited or read.
    Receive,
    /// The connection was closed without a single byte of response.
    Empty,
    /// The body of the response ended early.
    Partial,
    /// What came back is no HTTP/1.1 response.
    BadResponse,
    /// The body is longer than the caller accepts.
    TooLarge {
        /// The most that is accepted, in bytes.
        max: usize,
    },
    /// A limit ran out.
    TimedOut(Phase),
}

/// What an exchange was at when its time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Finding the address of the host.
    Resolve,
    /// Connecting.
    Connect,
    /// Agreeing upon TLS.
    Tls,
    /// Reading the body of the request from where it comes from.
    RequestBody,
    /// Sending the request.
    Send,
    /// Waiting for the head of the response.
    FirstByte,
    /// Reading the body of the response.
    Body,
}

impl TransportError {
    /// A failure without a cause of its own. Other transports than ours make their errors with this.
    pub fn new(failure: Failure) -> Self {
        Self { failure, cause: None }
    }

    /// The same with its cause.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// What went wrong.
    pub fn failure(&self) -> Failure {
        self.failure
    }

    /// What an error from reading a [`ResponseBody`](super::ResponseBody) carries.
    pub fn from_reading(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(|error| Self::new(Failure::Receive).with_cause(error))
    }

    /// `during` is what the exchange was at, for errors that do not tell.
    pub(super) fn from_ureq(error: ureq::Error, during: Place) -> Self {
        match error {
            ureq::Error::Other(other) => match other.downcast::<Fault>() {
                Ok(fault) => Self::at(fault.place, fault.error),
                Err(other) => Self::new(during.failure()).with_cause(other),
            },
            error => Self::at(during, error),
        }
    }

    fn at(place: Place, error: ureq::Error) -> Self {
        use ureq::Error as E;
        match error {
            E::Timeout(_) => Self::new(Failure::TimedOut(place.phase())),
            E::Io(error) => Self::from_io(place, error),
            E::Rustls(error) => Self::from_tls(error),
            E::Tls(_) => Self::new(Failure::Tls).with_cause(error),
            E::ConnectProxyFailed(_) => Self::new(Failure::Proxy).with_cause(error),
            E::Protocol(_) if place == Place::Proxy => Self::new(Failure::Proxy).with_cause(error),
            E::Protocol(_) | E::LargeResponseHeader(..) | E::BodyStalled => {
                Self::new(Failure::BadResponse).with_cause(error)
            }
            // These may quote the URL, and with it what was signed.
            E::BadUri(_) | E::Http(_) => Self::new(Failure::Request),
            E::InvalidProxyUrl => Self::new(Failure::ProxyUrl),
            error => Self::new(place.failure()).with_cause(error),
        }
    }

    fn from_io(place: Place, error: io::Error) -> Self {
        use io::ErrorKind as K;
        if let Some(RequestBodyFault(fault)) = error.get_ref().and_then(|inner| inner.downcast_ref()) {
            let late = fault.kind() == K::TimedOut;
            let failure = if late { Failure::TimedOut(Phase::RequestBody) } else { Failure::RequestBody };
            return Self::new(failure).with_cause(error);
        }
        if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) {
            return match error.downcast::<rustls::Error>() {
                Ok(error) => Self::from_tls(error),
                Err(error) => Self::new(Failure::Tls).with_cause(error),
            };
        }
        let failure = match (place, error.kind()) {
            (_, K::TimedOut) => Failure::TimedOut(place.phase()),
            (Place::Connect, K::ConnectionRefused) => Failure::Refused,
            (
                Place::Connect,
                K::HostUnreachable | K::NetworkUnreachable | K::NetworkDown | K::AddrNotAvailable | K::PermissionDenied,
            ) => Failure::Unreachable,
            (Place::Body, K::UnexpectedEof) => Failure::Partial,
            (place, _) => place.failure(),
        };
        Self::new(failure).with_cause(error)
    }

    fn from_tls(error: rustls::Error) -> Self {
        let failure = match error {
            rustls::Error::InvalidCertificate(_) => Failure::Certificate,
            _ => Failure::Tls,
        };
        Self::new(failure).with_cause(error)
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.failure, formatter)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Request => "the request cannot be sent over HTTP",
            Self::RequestBody => "the body of the request could not be read to its end",
            Self::ProxyUrl => "the URL of the proxy cannot be used",
            Self::Resolve => "the host name could not be resolved",
            Self::Forbidden => "the host has an address that must not be asked",
            Self::ProxyResolve => "the name of the proxy could not be resolved",
            Self::Refused => "the connection was refused",
            Self::Unreachable => "the host cannot be reached from here",
            Self::Connect => "the connection failed",
            Self::Proxy => "the proxy did not connect to the host",
            Self::Tls => "the TLS handshake failed",
            Self::Certificate => "the certificate of the host is not valid",
            Self::ClientCertificate => "the client certificate and its key cannot be used",
            Self::Send => "the connection broke while sending the request",
            Self::Receive => "the connection broke while waiting for the response",
            Self::Empty => "the connection was closed without a response",
            Self::Partial => "the connection was closed before the end of the response",
            Self::BadResponse => "the response is not HTTP/1.1",
            Self::TooLarge { max } => return write!(formatter, "the response is longer than {max} bytes"),
            Self::TimedOut(phase) => return write!(formatter, "timed out while {phase}"),
        })
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Resolve => "resolving the host name",
            Self::Connect => "connecting",
            Self::Tls => "agreeing upon TLS",
            Self::RequestBody => "reading the body of the request",
            Self::Send => "sending the request",
            Self::FirstByte => "waiting for the response",
            Self::Body => "reading the response",
        })
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| -> &(dyn Error + 'static) { cause })
    }
}

/// Marks an error of the caller's reader, so that it is not taken for one of the connection.
#[derive(Debug)]
pub(super) struct RequestBodyFault(pub(super) io::Error);

impl fmt::Display for RequestBodyFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl Error for RequestBodyFault {}
