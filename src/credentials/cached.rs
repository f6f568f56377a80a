//! [`Cached`]: credentials that stay good while a program runs, for many threads.

use super::{Chain, ChainError, Found, ProviderError};
use crate::signing::Timestamp;
use crate::world::World;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// Keeps what a [`Chain`] found, and asks it again in time.
///
/// Some while before the end (5 minutes for credentials of 20 minutes, 15 for those of less than 90, else 60) the next
/// caller fetches new ones while all others go on with the old. In the last minute, and after the end, everybody waits
/// for that one fetch. If it fails, the old set is served on, even past its end, and nobody tries again for 5 to 10
/// minutes. A failure with nothing to serve is handed out at once, and the next caller tries again; so is one that
/// [will not go away](ProviderError::is_final), such as a role that may no longer be assumed.
pub struct Cached {
    chain: Chain,
    world: Arc<dyn World>,
    kept: Mutex<Option<Kept>>,
    /// Held by the one who fetches.
    fetching: Mutex<Option<ChainError>>,
    /// How many fetches have ended.
    ended: AtomicU64,
    on_failure: Option<Listener>,
}

type Listener = Box<dyn Fn(&Refusal<'_>) + Send + Sync>;

/// A fetch that failed while there is an old set to serve.
#[derive(Debug)]
#[non_exhaustive]
pub struct Refusal<'a> {
    /// Why it failed; `None` when what came had expired already.
    pub error: Option<&'a ChainError>,
    /// The set that is served on.
    pub served: &'a Found,
    /// How long until the next attempt.
    pub next_attempt: Duration,
}

#[derive(Clone)]
struct Kept {
    found: Arc<Found>,
    /// How long before the end to look for new ones.
    advisory: i64,
    /// Not to be asked again before, on the monotonic clock.
    quiet_until: Duration,
    rejected: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    None,
    Soon,
    Now,
}

impl Kept {
    fn new(found: Found, now: Timestamp) -> Self {
        let lifetime = found.credentials().expires().map_or(0, |expires| expires.seconds_since(&now));
        let minutes = match lifetime {
            ..=1200 => 5,
            1201..5400 => 15,
            _ => 60,
        };
        Self { found: Arc::new(found), advisory: minutes * 60, quiet_until: Duration::ZERO, rejected: false }
    }

    fn left(&self, now: Timestamp) -> i64 {
        self.found.credentials().expires().map_or(i64::MAX, |expires| expires.seconds_since(&now))
    }

    fn need(&self, world: &dyn World) -> Need {
        let left = self.left(world.now());
        if world.monotonic() < self.quiet_until {
            Need::None
        } else if self.rejected || left <= 60 {
            Need::Now
        } else if left <= self.advisory {
            Need::Soon
        } else {
            Need::None
        }
    }
}

impl Cached {
    /// Keeps what this chain finds.
    pub fn new(chain: Chain, world: Arc<dyn World>) -> Self {
        Self {
            chain,
            world,
            kept: Mutex::default(),
            fetching: Mutex::default(),
            ended: AtomicU64::new(0),
            on_failure: None,
        }
    }

    /// The same, telling `listener` of each fetch that failed while an old set is served. It must not ask this for
    /// credentials itself.
    #[must_use]
    pub fn with_listener(mut self, listener: impl Fn(&Refusal<'_>) + Send + Sync + 'static) -> Self {
        self.on_failure = Some(Box::new(listener));
        self
    }

    /// Credentials for now.
    ///
    /// # Errors
    /// When none have been found yet, and none can be.
    pub fn get(&self) -> Result<Arc<Found>, ChainError> {
        let before = self.ended.load(Ordering::Acquire);
        let kept = self.kept().clone();
        let Some(kept) = kept else {
            let fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
            return self.fetch_if_still_needed(fetching, before);
        };
        match kept.need(&*self.world) {
            Need::None => Ok(kept.found),
            Need::Soon => match self.fetching.try_lock() {
                Ok(fetching) => self.fetch_if_still_needed(fetching, before),
                Err(TryLockError::Poisoned(poisoned)) => self.fetch_if_still_needed(poisoned.into_inner(), before),
                Err(TryLockError::WouldBlock) => Ok(kept.found),
            },
            Need::Now => {
                let fetching = self.fetching.lock().unwrap_or_else(PoisonError::into_inner);
                self.fetch_if_still_needed(fetching, before)
            }
        }
    }

    /// Tells that a service has called these credentials expired or invalid, so that the next caller fetches new ones.
    /// Nothing happens if others have taken their place already.
    pub fn invalidate(&self, access_key_id: &str) {
        if let Some(kept) = &mut *self.kept() {
            if kept.found.credentials().access_key_id() == access_key_id {
                kept.rejected = true;
                self.chain.reject(access_key_id);
            }
        }
    }

    fn kept(&self) -> MutexGuard<'_, Option<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fetch_if_still_needed(
        &self,
        mut failed: MutexGuard<'_, Option<ChainError>>,
        before: u64,
    ) -> Result<Arc<Found>, ChainError> {
        let kept = self.kept().clone();
        match (&kept, &*failed) {
            (Some(kept), _) if kept.need(&*self.world) == Need::None => return Ok(Arc::clone(&kept.found)),
            // Who waited for a fetch that failed takes its failure.
            (None, Some(error)) if self.ended.load(Ordering::Acquire) != before => return Err(error.clone()),
            _ => {}
        }
        let found = self.chain.find();
        let now = self.world.now();
        let fresh = found.map(|found| Kept::new(found, now));
        let outcome = match (fresh, kept) {
            (Ok(fresh), Some(old)) if fresh.left(now) <= 0 => Ok(self.serve_on(old, None)),
            (Ok(mut fresh), _) => {
                if fresh.left(now) <= 0 {
                    // The first set may have expired by a clock that is wrong: it is served, and not asked for every time.
                    fresh.quiet_until = self.quiet_until();
                }
                Ok(fresh)
            }
            // Who was denied must not go on with what he was given before.
            (Err(error), _) if error.broken().is_some_and(ProviderError::is_final) => Err(error),
            (Err(error), Some(old)) => Ok(self.serve_on(old, Some(&error))),
            (Err(error), None) => Err(error),
        };
        *failed = outcome.as_ref().err().cloned();
        let outcome = outcome.map(|next| {
            let found = Arc::clone(&next.found);
            *self.kept() = Some(next);
            found
        });
        self.ended.fetch_add(1, Ordering::AcqRel);
        outcome
    }

    fn serve_on(&self, mut old: Kept, error: Option<&ChainError>) -> Kept {
        old.quiet_until = self.quiet_until();
        if let Some(listener) = &self.on_failure {
            let next_attempt = old.quiet_until.saturating_sub(self.world.monotonic());
            listener(&Refusal { error, served: &old.found, next_attempt });
        }
        old
    }

    /// 5 to 10 minutes from now, by chance, so that not all machines come back at once.
    fn quiet_until(&self) -> Duration {
        self.world.monotonic().saturating_add(Duration::from_secs(300 + self.world.random() % 301))
    }
}

impl fmt::Debug for Cached {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Cached").field("chain", &self.chain).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{Answer, Provider, ProviderFailure};
    use crate::signing::Credentials;
    use crate::world::Scripted;
    use alloc::format;
    use alloc::vec::Vec;
    use core::sync::atomic::{AtomicBool, AtomicI64};
    use std::thread;

    /// Gives `KEY1`, `KEY2` … which last as long as is set; or fails.
    #[derive(Debug)]
    struct Source {
        world: Arc<Scripted>,
        count: AtomicU64,
        lasting: AtomicI64,
        down: AtomicBool,
        denied: AtomicBool,
        rejected: Mutex<Vec<alloc::string::String>>,
    }

    #[derive(Clone, Debug)]
    struct Shared(Arc<Source>);

    impl Provider for Shared {
        fn name(&self) -> &'static str {
            "source"
        }
        fn provide(&self) -> Result<Answer, ProviderError> {
            let count = self.0.count.fetch_add(1, Ordering::SeqCst) + 1;
            thread::sleep(Duration::from_millis(5));
            if self.0.down.load(Ordering::SeqCst) {
                return Err(ProviderError::new("source", ProviderFailure::Failed));
            }
            if self.0.denied.load(Ordering::SeqCst) {
                return Err(ProviderError::new("source", ProviderFailure::Failed).without_recovery());
            }
            let expires = self.0.world.now().plus_seconds(self.0.lasting.load(Ordering::SeqCst));
            let credentials = Credentials::new(format!("KEY{count}"), "s").unwrap().with_expiry(expires);
            Ok(Answer::Credentials(credentials, "here".into()))
        }
        fn reject(&self, access_key_id: &str) {
            self.0.rejected.lock().unwrap().push(access_key_id.into());
        }
    }

    fn set_up(lasting: i64) -> (Arc<Scripted>, Arc<Source>, Cached) {
        let world = Arc::new(Scripted::at(Timestamp::UNIX_EPOCH).with_random(300));
        let source = Arc::new(Source {
            world: Arc::clone(&world),
            count: AtomicU64::new(0),
            lasting: AtomicI64::new(lasting),
            down: AtomicBool::new(false),
            denied: AtomicBool::new(false),
            rejected: Mutex::default(),
        });
        let chain = Chain::new().with(Shared(Arc::clone(&source)));
        let cached = Cached::new(chain, Arc::<Scripted>::clone(&world));
        (world, source, cached)
    }

    fn key(cached: &Cached) -> alloc::string::String {
        cached.get().unwrap().credentials().access_key_id().into()
    }

    #[test]
    fn the_window_depends_on_the_lifetime() {
        for (lifetime, window) in [(900, 300), (1200, 300), (1201, 900), (5399, 900), (5400, 3600), (21_600, 3600)] {
            let (world, _, cached) = set_up(lifetime);
            assert_eq!(key(&cached), "KEY1");
            world.advance(Duration::from_secs(u64::try_from(lifetime - window - 1).unwrap()));
            assert_eq!(key(&cached), "KEY1", "{lifetime}");
            world.advance(Duration::from_secs(1));
            assert_eq!(key(&cached), "KEY2", "{lifetime}");
        }
    }

    #[test]
    fn a_thousand_threads_at_the_moment_of_expiry_cause_one_fetch() {
        let (world, source, cached) = set_up(3600);
        cached.get().unwrap();
        world.advance(Duration::from_secs(3600));
        thread::scope(|scope| {
            let all: Vec<_> = (0..1000).map(|_| scope.spawn(|| key(&cached))).collect();
            assert!(all.into_iter().all(|one| one.join().unwrap() == "KEY2"));
        });
        assert_eq!(source.count.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_source_that_is_down_for_an_hour_does_not_stop_anybody() {
        let (world, source, cached) = set_up(1200);
        let told = Arc::new(AtomicU64::new(0));
        let heard = Arc::clone(&told);
        let cached = cached.with_listener(move |refusal| {
            assert!(refusal.error.is_some());
            assert_eq!(refusal.next_attempt, Duration::from_secs(600));
            heard.fetch_add(1, Ordering::SeqCst);
        });
        cached.get().unwrap();
        source.down.store(true, Ordering::SeqCst);
        for _ in 0..80 {
            world.advance(Duration::from_secs(60));
            assert_eq!(key(&cached), "KEY1");
        }
        // From minute 15 to minute 80, every ten minutes.
        assert_eq!(told.load(Ordering::SeqCst), 7);
        assert_eq!(source.count.load(Ordering::SeqCst), 8);
        source.down.store(false, Ordering::SeqCst);
        world.advance(Duration::from_secs(600));
        assert_eq!(key(&cached), "KEY9");
    }

    #[test]
    fn a_first_failure_is_told_and_tried_again_at_once() {
        let (_, source, cached) = set_up(1200);
        source.down.store(true, Ordering::SeqCst);
        assert!(cached.get().is_err());
        assert!(cached.get().is_err());
        assert_eq!(source.count.load(Ordering::SeqCst), 2);
        source.down.store(false, Ordering::SeqCst);
        assert_eq!(key(&cached), "KEY3");
    }

    #[test]
    fn what_a_service_rejects_is_replaced_once() {
        let (_, source, cached) = set_up(21_600);
        assert_eq!(key(&cached), "KEY1");
        cached.invalidate("KEY0");
        assert_eq!(key(&cached), "KEY1");
        cached.invalidate("KEY1");
        assert_eq!(key(&cached), "KEY2");
        cached.invalidate("KEY1");
        assert_eq!(key(&cached), "KEY2");
        assert_eq!(source.count.load(Ordering::SeqCst), 2);
        assert_eq!(*source.rejected.lock().unwrap(), ["KEY1"]);
    }

    #[test]
    fn who_is_denied_is_not_served_the_old_set() {
        let (world, source, cached) = set_up(1200);
        assert_eq!(key(&cached), "KEY1");
        source.denied.store(true, Ordering::SeqCst);
        world.advance(Duration::from_secs(1000));
        assert!(cached.get().is_err());
        assert!(cached.get().is_err());
        source.denied.store(false, Ordering::SeqCst);
        assert_eq!(key(&cached), "KEY4");
    }

    #[test]
    fn an_expired_answer_is_a_failure_unless_it_is_the_first() {
        let (world, source, cached) = set_up(-10);
        assert_eq!(key(&cached), "KEY1");
        assert_eq!(key(&cached), "KEY1");
        world.advance(Duration::from_secs(600));
        source.lasting.store(1200, Ordering::SeqCst);
        assert_eq!(key(&cached), "KEY2");
        source.lasting.store(-10, Ordering::SeqCst);
        world.advance(Duration::from_secs(1200));
        assert_eq!(key(&cached), "KEY2");
        assert_eq!(source.count.load(Ordering::SeqCst), 3);
    }
}
