//! [`TourError`]: where a tour ended, and what stopped it.

use crate::signing::{RequestError, ScopeError};
use crate::transport::TransportError;
use core::error::Error;
use core::fmt;
use std::io;

/// Where a tour ended early.
#[derive(Debug)]
#[non_exhaustive]
pub enum TourError {
    /// A step came out differently.
    Step {
        /// Its number, from 1.
        number: usize,
        /// Its title.
        title: &'static str,
        /// What stopped it, if it was not the answer.
        cause: Option<StepError>,
    },
    /// The lab could not be started.
    Start(io::Error),
    /// The report could not be written.
    Write(io::Error),
}

/// What can stop a step other than an unexpected answer.
pub type StepError = alloc::boxed::Box<dyn Error + Send + Sync>;

impl fmt::Display for TourError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step { number, title, .. } => write!(formatter, "step {number} of the tour failed: {title}"),
            Self::Start(_) => formatter.write_str("the lab could not be started"),
            Self::Write(_) => formatter.write_str("the report could not be written"),
        }
    }
}

impl Error for TourError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Step { cause, .. } => cause.as_deref().map(|cause| -> &(dyn Error + 'static) { cause }),
            Self::Start(error) | Self::Write(error) => Some(error),
        }
    }
}

/// What keeps a request of the tour from being answered.
#[derive(Debug)]
pub(super) enum Trouble {
    Request(RequestError),
    Scope(ScopeError),
    Http(http::Error),
    Transport(TransportError),
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => error.fmt(formatter),
            Self::Scope(error) => error.fmt(formatter),
            Self::Http(error) => error.fmt(formatter),
            Self::Transport(error) => error.fmt(formatter),
        }
    }
}

impl Error for Trouble {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Request(error) => error.source(),
            Self::Scope(error) => error.source(),
            Self::Http(error) => error.source(),
            Self::Transport(error) => error.source(),
        }
    }
}

impl From<RequestError> for Trouble {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl From<ScopeError> for Trouble {
    fn from(error: ScopeError) -> Self {
        Self::Scope(error)
    }
}

impl From<http::Error> for Trouble {
    fn from(error: http::Error) -> Self {
        Self::Http(error)
    }
}

impl From<TransportError> for Trouble {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}
