//! One request out, one response back.
//!
//! [`Transport`] is what the rest of the library sends through; [`Client`] is the one that uses the network, over
//! HTTP/1.1, with TLS by rustls and the roots of Mozilla compiled in. It follows no redirect, adds no header but
//! `user-agent`, hands any status code over as it is, and asks for a proxy nobody but the [`Proxies`] it was given.
//!
//! HTTP/2 is not spoken. ureq has none, and a call is one request: there is nothing to multiplex. Who would bring it,
//! each as a client alone that fetches one URL (x86-64, release as this crate's, stripped): ureq 1.57 MB and 23 crates;
//! hyper with hyper-rustls 1.63 MB and 43, with `http2` 1.87 MB and 51; reqwest 2.29 MB and 93. So it would cost a fifth of
//! the client and an asynchronous one, not twice the program; only streams that go both ways at once would gain.
//!
//! The path and query of a request go out byte for byte, and a `host` header that the request brings is kept: what was
//! signed is what is sent.

mod buffers;
mod client;
mod error;
mod proxy;
mod settings;
mod socket;
mod timeline;
#[cfg(unix)]
mod unix;
mod wire;

pub use client::Client;
pub use error::{Failure, Phase, TransportError};
pub use proxy::Proxies;
pub use settings::{Detour, Family, Pinned, Settings, TlsVersions};
pub use timeline::{Moments, Timeline};

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use std::io::{self, Read};

/// Sends requests.
pub trait Transport: fmt::Debug + Send + Sync {
    /// Sends a request and waits for the head of its response. The body is still to be read, within the same limits.
    ///
    /// # Errors
    /// When no response arrives. A response of any status is no error.
    fn send(
        &self,
        request: http::Request<Body<'_>>,
        limits: &Limits,
    ) -> Result<http::Response<ResponseBody>, TransportError>;
}

/// How long an exchange may take. Without a limit it may take for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// To find the address; and again to connect, with TLS if need be.
    pub connect: Option<Duration>,
    /// From the last byte sent to the end of the response's head.
    pub first_byte: Option<Duration>,
    /// For everything, the last byte of the body included.
    pub whole: Option<Duration>,
    /// During which not a byte arrives, or leaves, once there is a connection.
    pub idle: Option<Duration>,
}

impl Limits {
    /// A year: what is longer is no limit, and no clock can add it to the present.
    const LONGEST: Duration = Duration::from_secs(365 * 86_400);

    /// No limits.
    pub fn none() -> Self {
        Self::default()
    }

    /// The same for what is left of the whole time after some of it is gone.
    #[must_use]
    pub fn after(mut self, gone: Duration) -> Self {
        self.whole = self.whole.map(|whole| whole.saturating_sub(gone).max(Duration::from_millis(1)));
        self
    }

    /// The same with a limit on finding the address and connecting.
    #[must_use]
    pub fn with_connect(mut self, limit: Duration) -> Self {
        self.connect = Some(limit.min(Self::LONGEST));
        self
    }

    /// The same with a limit on the wait for the response's head.
    #[must_use]
    pub fn with_first_byte(mut self, limit: Duration) -> Self {
        self.first_byte = Some(limit.min(Self::LONGEST));
        self
    }

    /// The same with a limit on silence.
    #[must_use]
    pub fn with_idle(mut self, limit: Duration) -> Self {
        self.idle = Some(limit.min(Self::LONGEST));
        self
    }

    /// The same with a limit on everything.
    #[must_use]
    pub fn with_whole(mut self, limit: Duration) -> Self {
        self.whole = Some(limit.min(Self::LONGEST));
        self
    }
}

/// What a request carries.
#[non_exhaustive]
pub enum Body<'a> {
    /// Nothing. A POST, PUT or PATCH then says `content-length: 0`.
    Empty,
    /// These bytes.
    Bytes(&'a [u8]),
    /// What the reader gives: exactly `length` bytes, or in chunks of unknown number.
    Reader {
        /// Gives the bytes.
        reader: &'a mut dyn Read,
        /// How many there are, if it is known. A reader that ends earlier fails the request; what follows is not read.
        length: Option<u64>,
    },
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("Empty"),
            Self::Bytes(bytes) => write!(formatter, "Bytes({} bytes)", bytes.len()),
            Self::Reader { length, .. } => {
                formatter.debug_struct("Reader").field("length", length).finish_non_exhaustive()
            }
        }
    }
}

/// The body of a response, read as it arrives.
///
/// An [`io::Error`] from reading it carries a [`TransportError`].
pub struct ResponseBody(Box<dyn Read + Send>);

impl ResponseBody {
    /// A body that comes from `reader`.
    pub fn new(reader: impl Read + Send + 'static) -> Self {
        Self(Box::new(reader))
    }

    /// The whole body, of at most `max` bytes.
    ///
    /// # Errors
    /// When it is longer, or breaks off.
    pub fn read_all(self, max: usize) -> Result<Vec<u8>, TransportError> {
        let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
        // Room for every small document, so that none leaves a copy behind when the buffer grows.
        let mut bytes = Vec::with_capacity(max.min(64 * 1024).saturating_add(64));
        self.0.take(limit).read_to_end(&mut bytes).map_err(TransportError::from_reading)?;
        if bytes.len() > max {
            return Err(TransportError::new(Failure::TooLarge { max }));
        }
        Ok(bytes)
    }
}

impl Read for ResponseBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ResponseBody(..)")
    }
}
