//! [`Timeline`]: when a client found its hosts, and when it reached them.

use alloc::sync::Arc;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Takes down when connections came about: given to a [`Client`](super::Client) in its [`Settings`](super::Settings), and
/// kept to look at.
#[derive(Clone, Debug, Default)]
pub struct Timeline(Arc<Mutex<Moments>>);

/// The moments of the last connection that was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moments {
    /// The address of the host, or of the proxy, was found.
    pub resolved: Option<Instant>,
    /// The connection was there.
    pub connected: Option<Instant>,
    /// It was secured with TLS.
    pub secured: Option<Instant>,
    /// How many connections there were.
    pub connections: u32,
}

impl Timeline {
    /// What was taken down so far.
    pub fn moments(&self) -> Moments {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, change: impl FnOnce(&mut Moments, Option<Instant>)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), Some(Instant::now()));
    }

    pub(super) fn resolved(&self) {
        self.note(|moments, now| {
            *moments = Moments { resolved: now, connections: moments.connections, ..Moments::default() };
        });
    }

    pub(super) fn connected(&self) {
        self.note(|moments, now| {
            moments.connected = now;
            moments.connections = moments.connections.saturating_add(1);
        });
    }

    pub(super) fn secured(&self) {
        self.note(|moments, now| moments.secured = now);
    }
}
