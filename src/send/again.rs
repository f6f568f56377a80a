//! [`Again`]: calls that are made again, signed anew each time.

use super::call::looked_at;
use super::{Answer, Call, CallError, Event, Source};
use crate::refusal::{Asked, Cause, Diagnosis, Refusal};
use crate::signing::{Credentials, Signer, Timestamp};
use crate::transport::{Failure, Limits, Phase, ResponseBody, Transport};
use crate::world::World;
use core::fmt;
use core::time::Duration;
use http::Response;
use http::header::RETRY_AFTER;
use std::io::{Cursor, Read};

/// The first wait is at most this long, and each further one at most twice as long as the one before.
const FIRST: Duration = Duration::from_secs(1);
/// No wait of our own is longer.
const LONGEST: Duration = Duration::from_secs(20);
/// A service that asks for more is not waited for.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Clocks that are nearer are not what is wrong.
const SAME_TIME: u64 = 60;

/// How often, and after what, a call is made again. The default is never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retries {
    /// How many times more.
    pub max: u32,
    /// How long to wait in between, instead of a random time that doubles at most.
    pub delay: Option<Duration>,
    /// After how long no other try is started.
    pub max_time: Option<Duration>,
    /// After any answer from 400 up and any fault, even where a POST may have been received already.
    pub all_errors: bool,
}

/// What it takes to make a call again.
pub struct Again<'a> {
    /// How often.
    pub retries: Retries,
    /// Tells the time, waits, throws dice.
    pub world: &'a dyn World,
    /// Whether the time of signing is to stay as it is.
    pub fixed_time: bool,
    /// Fetches other credentials after these have expired, once; `None` if there are no others.
    pub refresh: &'a mut dyn FnMut() -> Option<Credentials>,
}

impl fmt::Debug for Again<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Again").field("retries", &self.retries).finish_non_exhaustive()
    }
}

/// Why a call is made again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The service answered with this status.
    Status(u16),
    /// No answer arrived.
    Fault(Failure),
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(formatter, "the service answered {status}"),
            Self::Fault(failure) => failure.fmt(formatter),
        }
    }
}

/// What an answer asks for.
enum Cure {
    /// The clock of the service, when it is not ours.
    Clock(Timestamp),
    Credentials,
}

impl Call<'_> {
    /// Signs and sends, and does so again where that may help:
    ///
    /// - as often as [`Retries`] say, after 408, 429, 500, 502, 503, 504 and faults of the connection;
    /// - once with the clock of the service, when that is what it refused;
    /// - once with other credentials, when these have expired.
    ///
    /// Each time is signed anew. A body that has been read and cannot be read again is not sent again, and neither is a
    /// POST or PATCH that may have been received.
    ///
    /// # Errors
    /// When no answer arrived the last time. An answer of any status is one.
    pub fn send_again(
        &self,
        signer: &Signer,
        body: &mut Source,
        transport: &dyn Transport,
        limits: &Limits,
        again: &mut Again<'_>,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<Answer, CallError> {
        let start = again.world.monotonic();
        let mut signer = signer.clone();
        let (mut ahead, mut tried) = (None, 0);
        let mut refreshed = false;
        loop {
            let result = self.send(&signer, body, transport, limits, tell);
            let sent_for_good = matches!(body, Source::Once { .. });
            let (result, cure) = match result {
                Ok(answer) if matches!(answer.status().as_u16(), 400..=403) => examined(answer, again.world.now())?,
                other => (other, None),
            };
            match cure {
                Some(Cure::Clock(server)) if ahead.is_none() && !again.fixed_time && !sent_for_good => {
                    let seconds = server.seconds_since(&again.world.now());
                    ahead = Some(seconds);
                    tell(Event::Clock { server, seconds });
                    signer = signer.at(server);
                    continue;
                }
                Some(Cure::Credentials) if !refreshed && !sent_for_good => {
                    refreshed = true;
                    if let Some(credentials) = (again.refresh)() {
                        tell(Event::Refreshed { access_key_id: credentials.access_key_id() });
                        signer = Signer::new(&credentials, signer.scope()).with_rules(*signer.rules());
                        signer = signer.at(now(again, ahead, &signer));
                        continue;
                    }
                }
                _ => {}
            }
            let Some((reason, untouched)) = self.reason(&result, &again.retries) else {
                return result;
            };
            let wait = wait(&again.retries, tried, asked_for(&result, again.world.now()), again.world.random());
            let late = again.world.monotonic().saturating_sub(start).saturating_add(wait);
            let over = again.retries.max_time.is_some_and(|max| late > max);
            if tried >= again.retries.max || over || wait > PATIENCE || (sent_for_good && !untouched) {
                return result;
            }
            drop(result);
            tried += 1;
            tell(Event::Retry { reason: &reason, wait, left: again.retries.max - tried });
            again.world.sleep(wait);
            signer = signer.at(now(again, ahead, &signer));
        }
    }

    /// Why to try again, if there is a point in it, and whether the body has not been touched.
    fn reason(&self, result: &Result<Answer, CallError>, retries: &Retries) -> Option<(Reason, bool)> {
        match result {
            Ok(answer) => {
                let status = answer.status().as_u16();
                let passing = matches!(status, 408 | 429 | 500 | 502 | 503 | 504);
                (passing || (retries.all_errors && status >= 400)).then_some((Reason::Status(status), false))
            }
            Err(CallError::Transport(error)) => {
                use Failure as F;
                let failure = error.failure();
                let untouched = matches!(
                    failure,
                    F::Resolve | F::ProxyResolve | F::Refused | F::Unreachable | F::Connect | F::Proxy | F::Tls
                ) || matches!(failure, F::TimedOut(Phase::Resolve | Phase::Connect | Phase::Tls));
                let received = matches!(failure, F::Send | F::Receive | F::Empty | F::Partial | F::TimedOut(_));
                let twice_is_once = !matches!(self.method.to_ascii_uppercase().as_str(), "POST" | "PATCH");
                let hopeless = matches!(failure, F::Request | F::RequestBody | F::ProxyUrl | F::Certificate);
                let passing = (untouched && failure != F::Tls) || (received && twice_is_once);
                (!hopeless && (passing || retries.all_errors)).then_some((Reason::Fault(failure), untouched))
            }
            Err(_) => None,
        }
    }
}

/// When to sign: now, by the clock of the service if ours is known to be wrong.
fn now(again: &Again<'_>, ahead: Option<i64>, signer: &Signer) -> Timestamp {
    let now = again.world.now();
    if again.fixed_time {
        return signer.scope().time();
    }
    ahead.map_or(now, |seconds| now.plus_seconds(seconds))
}

/// The answer, and what it asks for.
fn examined(answer: Answer, now: Timestamp) -> Result<(Result<Answer, CallError>, Option<Cure>), CallError> {
    let (head, rest) = answer.into_parts();
    let (start, rest) = looked_at(rest)?;
    let headers = head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
    let refusal = Refusal::read(head.status.as_u16(), headers, &start);
    let diagnosis = Diagnosis::of(&refusal, &Asked::default().at(now));
    let cure = match diagnosis.cause() {
        Cause::Clock(skew) => skew
            .map(|skew| skew.server)
            .or(refusal.server_time())
            .filter(|server| server.seconds_since(&now).unsigned_abs() >= SAME_TIME)
            .map(Cure::Clock),
        Cause::TokenExpired { .. } => Some(Cure::Credentials),
        _ => None,
    };
    let body = ResponseBody::new(Cursor::new(start).chain(rest));
    Ok((Ok(Response::from_parts(head, body)), cure))
}

/// How long the service asks to wait: RFC 9110 section 10.2.3.
fn asked_for(result: &Result<Answer, CallError>, now: Timestamp) -> Option<Duration> {
    let value = result.as_ref().ok()?.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match value.parse() {
        Ok(seconds) => seconds,
        Err(_) => u64::try_from(Timestamp::parse_http_date(value).ok()?.seconds_since(&now)).unwrap_or(0),
    };
    Some(Duration::from_secs(seconds))
}

/// A random time of at most what has doubled each time ("full jitter"), or what the service asks for if that is more.
fn wait(retries: &Retries, tried: u32, asked: Option<Duration>, random: u64) -> Duration {
    let own = retries.delay.unwrap_or_else(|| {
        let most = FIRST.saturating_mul(2_u32.saturating_pow(tried)).min(LONGEST);
        let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(random % most.saturating_add(1))
    });
    own.max(asked.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_limit() {
        let retries = Retries::default();
        for (tried, most) in [(0, 1_000), (1, 2_000), (4, 16_000), (5, 20_000), (40, 20_000)] {
            assert_eq!(wait(&retries, tried, None, most), Duration::from_millis(most));
            assert_eq!(wait(&retries, tried, None, most + 1), Duration::ZERO);
        }
        assert_eq!(wait(&retries, 0, Some(Duration::from_secs(5)), 7), Duration::from_secs(5));
        let fixed = Retries { delay: Some(Duration::from_secs(2)), ..retries };
        assert_eq!(wait(&fixed, 9, Some(Duration::from_secs(1)), 7), Duration::from_secs(2));
    }
}
