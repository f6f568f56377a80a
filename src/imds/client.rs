//! [`Imds`]: asks the metadata service.

use super::document::{DocumentError, parse_document, parse_role};
use super::error::{ImdsError, ImdsFailure};
use super::settings::Settings;
use super::token::{Token, Tokens};
use crate::signing::Credentials;
use crate::transport::{Body, Limits, Transport, TransportError};
use crate::world::World;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use zeroize::Zeroizing;

/// No document is longer: user data, the longest, ends at 16 KiB.
const MAX_DOCUMENT: usize = 64 * 1024;
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";
const TOKEN: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token");
const TOKEN_TTL: HeaderName = HeaderName::from_static("x-aws-ec2-metadata-token-ttl-seconds");

/// A client of the instance metadata service; for many threads at once.
pub struct Imds {
    pub(super) world: Arc<dyn World>,
    transport: Arc<dyn Transport>,
    settings: Settings,
    tokens: Tokens,
    /// Something has answered: from now on a time-out is a mishap, not the sign of another kind of machine.
    proven: AtomicBool,
}

/// The credentials of the instance's role.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RoleCredentials {
    /// The role's name.
    pub role: String,
    /// Its credentials; they may have expired.
    pub credentials: Credentials,
}

/// One moment by which everything must be done.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    begin: Duration,
    end: Duration,
}

/// What came of looking at an answer.
enum Refusal {
    /// It may be better next time.
    Again(ImdsFailure),
    /// It is what it is.
    Final(ImdsFailure),
}

impl Imds {
    /// A client that sends through `transport`, with the settings of the environment.
    ///
    /// The transport should be [`Client::link_local`](crate::transport::Client::link_local): a proxy would answer for
    /// itself.
    ///
    /// # Errors
    /// When a setting cannot be understood.
    pub fn new(world: Arc<dyn World>, transport: Arc<dyn Transport>) -> Result<Self, ImdsError> {
        let settings = Settings::from_world(&*world)?;
        Ok(Self::with_settings(world, transport, settings))
    }

    /// A client with these settings.
    pub fn with_settings(world: Arc<dyn World>, transport: Arc<dyn Transport>, settings: Settings) -> Self {
        Self { world, transport, settings, tokens: Tokens::default(), proven: AtomicBool::new(false) }
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The document at a path: `/latest/user-data`, or `meta-data/instance-id` for short.
    ///
    /// # Errors
    /// When the service gives none.
    pub fn get(&self, path: &str) -> Result<Vec<u8>, ImdsError> {
        let path = match path.strip_prefix("latest/").unwrap_or(path) {
            whole if whole.starts_with('/') => whole.to_string(),
            short => format!("/latest/{short}"),
        };
        let deadline = self.deadline(self.settings.document_time())?;
        self.read(&utf8_percent_encode(&path, NOT_IN_PATHS).to_string(), deadline, |bytes| Ok(bytes.to_vec()))
    }

    /// The region the instance is in.
    ///
    /// # Errors
    /// When the service does not say.
    pub fn region(&self) -> Result<String, ImdsError> {
        let deadline = self.deadline(self.settings.document_time())?;
        self.read("/latest/meta-data/placement/region", deadline, |bytes| {
            let text = core::str::from_utf8(bytes).unwrap_or_default().trim();
            if bytes.is_empty() {
                return Err(Refusal::Again(ImdsFailure::Empty));
            }
            let fits = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            if !fits || text.is_empty() || text.len() > 64 {
                return Err(Refusal::Final(ImdsFailure::RegionMalformed));
            }
            Ok(text.to_string())
        })
    }

    /// The name of the instance's role.
    ///
    /// # Errors
    /// [`ImdsFailure::NoRole`] when it has none; others when the service does not say.
    pub fn role(&self) -> Result<String, ImdsError> {
        self.role_by(self.deadline(self.settings.document_time())?)
    }

    /// The credentials of the instance's role, fresh from the service.
    ///
    /// # Errors
    /// [`ImdsFailure::NoRole`] when it has none; others when the service does not give them.
    pub fn credentials(&self) -> Result<RoleCredentials, ImdsError> {
        let deadline = self.deadline(self.settings.credentials_time())?;
        let mut again = true;
        loop {
            let role = self.role_by(deadline)?;
            let read = self.read(&format!("{ROLES}{role}"), deadline, |bytes| match parse_document(bytes) {
                Ok(credentials) => Ok(credentials),
                Err(_) if bytes.is_empty() => Err(Refusal::Again(ImdsFailure::Empty)),
                Err(DocumentError::NotAnObject) => {
                    Err(Refusal::Again(ImdsFailure::Document(DocumentError::NotAnObject)))
                }
                Err(error) => Err(Refusal::Final(ImdsFailure::Document(error))),
            });
            match read {
                Ok(credentials) => return Ok(RoleCredentials { role, credentials }),
                // The role may have been replaced between the two requests.
                Err(error) if again && *error.failure() == ImdsFailure::NotFound => again = false,
                Err(error) => return Err(error),
            }
        }
    }

    fn role_by(&self, deadline: Deadline) -> Result<String, ImdsError> {
        let no_role = || ImdsError::new(ImdsFailure::NoRole, "GET", &self.url(ROLES));
        let listed = self.read(ROLES, deadline, |bytes| {
            parse_role(bytes).map_err(|error| Refusal::Final(ImdsFailure::Document(error)))
        });
        match listed {
            Ok(role) => role.ok_or_else(|| no_role().after(self.since(deadline))),
            Err(error) if *error.failure() == ImdsFailure::NotFound => Err(no_role().after(error.elapsed())),
            Err(error) => Err(error),
        }
    }

    /// GET with a token, and once more with a new one if that is refused.
    fn read<T>(
        &self,
        path: &str,
        deadline: Deadline,
        accept: impl Fn(&[u8]) -> Result<T, Refusal>,
    ) -> Result<T, ImdsError> {
        let mut refused = None;
        loop {
            let token = self.tokens.get(self, deadline, refused)?;
            let read = self.exchange("GET", path, (TOKEN, token.header.clone()), deadline, |status, _, bytes| {
                match status.as_u16() {
                    200 => accept(bytes),
                    401 => Err(Refusal::Final(ImdsFailure::Unauthorized)),
                    403 => Err(Refusal::Final(ImdsFailure::Forbidden)),
                    404 => Err(Refusal::Final(ImdsFailure::NotFound)),
                    other => Err(Refusal::Final(ImdsFailure::Status(other))),
                }
            });
            match read {
                Err(error) if *error.failure() == ImdsFailure::Unauthorized && refused.is_none() => {
                    refused = Some(token.serial);
                }
                read => return read,
            }
        }
    }

    /// PUT for a token; gives its text and its seconds.
    pub(super) fn new_token(&self, deadline: Deadline) -> Result<Token, ImdsError> {
        let asked = self.settings.token_ttl;
        let wish = (TOKEN_TTL, HeaderValue::from(asked));
        self.exchange("PUT", "/latest/api/token", wish, deadline, |status, headers, bytes| match status.as_u16() {
            200 => {
                let text = core::str::from_utf8(bytes).unwrap_or_default().trim();
                if bytes.is_empty() {
                    return Err(Refusal::Again(ImdsFailure::Empty));
                }
                let fits = !text.is_empty() && text.len() <= 4096 && text.bytes().all(|byte| byte.is_ascii_graphic());
                let header = HeaderValue::from_str(text).ok().filter(|_| fits);
                let mut header = header.ok_or(Refusal::Final(ImdsFailure::TokenMalformed))?;
                header.set_sensitive(true);
                let echoed = headers.get(TOKEN_TTL).and_then(|value| value.to_str().ok()?.trim().parse().ok());
                Ok(Token::new(header, Duration::from_secs(u64::from(echoed.unwrap_or(asked)))))
            }
            400 => Err(Refusal::Final(ImdsFailure::TokenRefused)),
            403 => Err(Refusal::Final(ImdsFailure::Forbidden)),
            404 | 405 => Err(Refusal::Final(ImdsFailure::NoTokens)),
            other => Err(Refusal::Final(ImdsFailure::Status(other))),
        })
    }

    /// One exchange, with its retries.
    fn exchange<T>(
        &self,
        method: &'static str,
        path: &str,
        header: (HeaderName, HeaderValue),
        deadline: Deadline,
        accept: impl Fn(StatusCode, &HeaderMap, &[u8]) -> Result<T, Refusal>,
    ) -> Result<T, ImdsError> {
        let url = self.url(path);
        let mut attempt = 1;
        loop {
            let (error, attempts) = match self.once(method, &url, &header, deadline) {
                Err(error) => {
                    let error = ImdsError::from_transport(error, method, &url);
                    let attempts = self.attempts_for(error.failure(), deadline);
                    (error, attempts)
                }
                Ok((status, headers, bytes)) => {
                    self.proven.store(true, Ordering::Relaxed);
                    let judged = match status.as_u16() {
                        again @ (429 | 500..=599) => Err(Refusal::Again(ImdsFailure::Status(again))),
                        elsewhere @ 300..=399 => Err(Refusal::Final(ImdsFailure::Redirect(elsewhere))),
                        _ => accept(status, &headers, &bytes),
                    };
                    match judged {
                        Ok(accepted) => return Ok(accepted),
                        Err(Refusal::Again(failure)) => (ImdsError::new(failure, method, &url), self.settings.attempts),
                        Err(Refusal::Final(failure)) => (ImdsError::new(failure, method, &url), 0),
                    }
                }
            };
            let pause = self.pause(attempt);
            if attempt >= attempts || self.left(deadline) <= pause {
                return Err(error.after(self.since(deadline)));
            }
            self.world.sleep(pause);
            attempt += 1;
        }
    }

    fn once(
        &self,
        method: &'static str,
        url: &str,
        (name, value): &(HeaderName, HeaderValue),
        deadline: Deadline,
    ) -> Result<(StatusCode, HeaderMap, Zeroizing<Vec<u8>>), TransportError> {
        use crate::transport::Failure;
        let left = self.left(deadline);
        let limits = Limits::none()
            .with_connect(self.settings.patience.min(left))
            .with_first_byte(self.settings.patience.min(left))
            .with_whole(self.settings.exchange_time().min(left));
        let request = Request::builder().method(method).uri(url).header(name, value).body(Body::Empty);
        let request = request.map_err(|_| TransportError::new(Failure::Request))?;
        let (head, body) = self.transport.send(request, &limits)?.into_parts();
        Ok((head.status, head.headers, Zeroizing::new(body.read_all(MAX_DOCUMENT)?)))
    }

    /// How often in all to try when the exchange itself fails.
    fn attempts_for(&self, failure: &ImdsFailure, deadline: Deadline) -> u32 {
        let proven = self.proven.load(Ordering::Relaxed);
        match failure {
            ImdsFailure::NotReachable | ImdsFailure::NoAnswer if self.since(deadline) < self.settings.wait => u32::MAX,
            ImdsFailure::NotReachable | ImdsFailure::NoAnswer if proven => self.settings.first_attempts.max(2),
            ImdsFailure::NotReachable | ImdsFailure::NoAnswer => self.settings.first_attempts,
            ImdsFailure::Broken => self.settings.attempts,
            _ => 1,
        }
    }

    /// 50 ms, doubled each time up to a second, of which chance takes a part: so that many do not come back at once.
    fn pause(&self, attempt: u32) -> Duration {
        let most = 50_u64.saturating_mul(1_u64.checked_shl(attempt.saturating_sub(1)).unwrap_or(u64::MAX)).min(1000);
        Duration::from_millis(self.world.random() % (most + 1))
    }

    /// Whether a failure to get a token shows that there is nothing to ask.
    pub(super) fn is_nowhere(&self, error: &ImdsError) -> bool {
        let silent = matches!(error.failure(), ImdsFailure::NotReachable | ImdsFailure::NoAnswer);
        silent && !self.proven.load(Ordering::Relaxed)
    }

    fn deadline(&self, time: Duration) -> Result<Deadline, ImdsError> {
        if self.settings.disabled {
            return Err(ImdsError::without_exchange(ImdsFailure::Disabled));
        }
        let begin = self.world.monotonic();
        Ok(Deadline { begin, end: begin.saturating_add(time) })
    }

    fn left(&self, deadline: Deadline) -> Duration {
        deadline.end.saturating_sub(self.world.monotonic())
    }

    fn since(&self, deadline: Deadline) -> Duration {
        self.world.monotonic().saturating_sub(deadline.begin)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.settings.endpoint)
    }
}

/// What cannot stand in a path; `%` can, so what is encoded already stays as it is.
const NOT_IN_PATHS: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

impl fmt::Debug for Imds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Imds").field("settings", &self.settings).finish_non_exhaustive()
    }
}
