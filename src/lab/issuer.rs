//! [`Issuer`]: the role's temporary credentials, made up for one run, known to the metadata service and to the service.

use super::{Place, random};
use crate::signing::{Credentials, Timestamp};
use alloc::vec::Vec;
use core::time::Duration;
use std::io;
use std::sync::{Mutex, PoisonError};

/// New credentials are published this long before the old ones end (EC2 User Guide, "Instance metadata security
/// credentials": at least five minutes).
const OVERLAP_SECONDS: i64 = 300;

/// More sets than this are never remembered.
const MOST_SETS: usize = 64;

/// Publishes credentials of a role and remembers them: a set that was replaced stays good until it expires.
#[derive(Debug)]
pub(super) struct Issuer {
    lifetime: i64,
    issued: Mutex<Vec<Issued>>,
}

/// One set and when it was made.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    pub(super) credentials: Credentials,
    pub(super) at: Timestamp,
    pub(super) expires: Timestamp,
}

impl Issuer {
    pub(super) fn new(place: &Place) -> Self {
        let lifetime = i64::try_from(place.credential_lifetime.as_secs()).unwrap_or(i64::MAX);
        Self { lifetime, issued: Mutex::default() }
    }

    /// The set to use at `now`: the last one, or a new one when that is about to end.
    pub(super) fn current(&self, now: Timestamp) -> io::Result<Issued> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        // Sets that live shorter than the overlap are replaced in the last tenth of their life.
        let overlap = OVERLAP_SECONDS.min(self.lifetime / 10);
        match issued.last() {
            Some(last) if last.expires.seconds_since(&now) > overlap => Ok(last.clone()),
            _ => publish(&mut issued, now, self.lifetime),
        }
    }

    /// Publishes a new set now.
    pub(super) fn rotate(&self, now: Timestamp) -> io::Result<()> {
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        publish(&mut issued, now, self.lifetime).map(|_| ())
    }

    /// The set with this access key id, even if it has expired.
    pub(super) fn find(&self, access_key_id: &str) -> Option<Issued> {
        let issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.iter().find(|set| set.credentials.access_key_id() == access_key_id).cloned()
    }
}

fn publish(issued: &mut Vec<Issued>, now: Timestamp, lifetime: i64) -> io::Result<Issued> {
    let expires = now.plus_seconds(lifetime);
    let credentials = Credentials::new(random::access_key_id()?, random::secret()?)
        .and_then(|credentials| credentials.with_token(random::session_token().unwrap_or_default()))
        .map_err(io::Error::other)?
        .with_expiry(expires);
    if credentials.token().is_none() {
        return Err(io::Error::other("no randomness"));
    }
    if issued.len() >= MOST_SETS {
        issued.remove(0);
    }
    let set = Issued { credentials, at: now, expires };
    issued.push(set.clone());
    Ok(set)
}

/// How long the role's credentials live: about six hours on EC2.
pub(super) const LIFETIME: Duration = Duration::from_secs(6 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_set_appears_before_the_old_one_ends_and_both_are_known() {
        let issuer = Issuer::new(&Place::default());
        let start = Timestamp::from_unix(1_700_000_000).unwrap();
        let first = issuer.current(start).unwrap();
        let same = issuer.current(start.plus_seconds(6 * 3600 - 301)).unwrap();
        assert_eq!(first.credentials.access_key_id(), same.credentials.access_key_id());
        let next = issuer.current(start.plus_seconds(6 * 3600 - 300)).unwrap();
        assert_ne!(first.credentials.access_key_id(), next.credentials.access_key_id());
        assert!(issuer.find(first.credentials.access_key_id()).is_some());
        issuer.rotate(start).unwrap();
        let last = issuer.current(start).unwrap();
        assert_ne!(last.credentials.access_key_id(), next.credentials.access_key_id());
        assert!(issuer.find("ASIAUNKNOWN").is_none());
    }
}
