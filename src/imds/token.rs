//! The session token, fetched by one caller at a time and shared by all.

use super::client::{Deadline, Imds};
use super::error::ImdsError;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use http::HeaderValue;
use std::sync::{Mutex, PoisonError};

/// How long before its end a token is replaced.
const EARLY: Duration = Duration::from_secs(120);
/// How long it is believed that there is nothing to ask.
const NOWHERE: Duration = Duration::from_secs(30);

/// A token, in memory only.
#[derive(Clone)]
pub(super) struct Token {
    /// Marked as sensitive.
    pub(super) header: HeaderValue,
    /// Tells one token from the next.
    pub(super) serial: u64,
    lifetime: Duration,
    renew_at: Duration,
}

impl Token {
    pub(super) fn new(header: HeaderValue, lifetime: Duration) -> Self {
        Self { header, serial: 0, lifetime, renew_at: Duration::ZERO }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Token").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

/// The token there is, or why there is none.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    state: Mutex<State>,
    /// How many attempts have ended.
    ended: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    token: Option<Token>,
    failed: Option<(ImdsError, Duration)>,
}

impl Tokens {
    /// A token other than the one that was refused.
    pub(super) fn get(&self, imds: &Imds, deadline: Deadline, refused: Option<u64>) -> Result<Token, ImdsError> {
        let before = self.ended.load(Ordering::Acquire);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = imds.world.monotonic();
        if let Some(token) = state.token.as_ref().filter(|token| now < token.renew_at && Some(token.serial) != refused)
        {
            return Ok(token.clone());
        }
        // Who waited for another's attempt takes its failure too: a thousand would otherwise fail one after the other.
        let waited = self.ended.load(Ordering::Acquire) != before;
        if let Some((error, _)) = state.failed.as_ref().filter(|(_, until)| waited || now < *until) {
            return Err(error.clone());
        }
        let fetched = imds.new_token(deadline);
        let now = imds.world.monotonic();
        let serial = self.ended.fetch_add(1, Ordering::AcqRel).saturating_add(1);
        match fetched {
            Ok(mut token) => {
                // A lifetime of two minutes or less is used by half.
                let early = EARLY.min(token.lifetime / 2);
                token.renew_at = now.saturating_add(token.lifetime.saturating_sub(early));
                token.serial = serial;
                *state = State { token: Some(token.clone()), failed: None };
                Ok(token)
            }
            Err(error) => {
                let believed = if imds.is_nowhere(&error) { NOWHERE } else { Duration::ZERO };
                *state = State { token: None, failed: Some((error.clone(), now.saturating_add(believed))) };
                Err(error)
            }
        }
    }
}
