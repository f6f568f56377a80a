//! S3 Express One Zone: sessions of a bucket, which sign in place of the caller's own credentials.
//!
//! Amazon S3 User Guide, "Authorizing Zonal endpoint API operations with CreateSession": the session is asked for with the
//! caller's credentials, is good for five minutes, and its token goes into `x-amz-s3session-token`.

use super::{Call, CallError, Source};
use crate::signing::{Credentials, Rules, Signer, Timestamp, TokenRule};
use crate::transport::{Limits, Transport};
use crate::xml::text_of;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use std::sync::Mutex;

/// A session is not used in its last half minute, so that it does not end on the way.
const SPARE_SECONDS: i64 = 30;
/// How long a session is good when it does not say so itself.
const SESSION_SECONDS: i64 = 300;
/// No answer to `CreateSession` is longer.
const MAX_ANSWER: usize = 64 * 1024;

/// The sessions of S3 Express buckets, kept while they are good; for many threads at once.
#[derive(Debug, Default)]
pub struct ExpressSessions {
    kept: Mutex<Vec<Session>>,
}

#[derive(Clone)]
struct Session {
    host: String,
    /// Whose session it is.
    access_key_id: String,
    credentials: Credentials,
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("host", &self.host).finish_non_exhaustive()
    }
}

/// Why there is no session.
#[derive(Debug)]
#[non_exhaustive]
pub enum SessionError {
    /// `CreateSession` got no answer.
    Call(CallError),
    /// S3 refused it.
    Refused {
        /// The status of the answer.
        status: u16,
        /// The code in it, such as `AccessDenied`.
        code: Option<String>,
    },
    /// The answer holds no credentials.
    Answer,
}

impl fmt::Display for SessionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(error) => error.fmt(formatter),
            Self::Refused { status, code } => {
                write!(
                    formatter,
                    "S3 refused a session of the bucket: {status} {}",
                    code.as_deref().unwrap_or_default()
                )
            }
            Self::Answer => formatter.write_str("S3 answered CreateSession without credentials"),
        }
    }
}

impl core::error::Error for SessionError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Call(error) => error.source(),
            _ => None,
        }
    }
}

/// Whether requests to this host are signed with a session of its bucket.
pub fn wants_session(signer: &Signer, host: &str, query: Option<&str>) -> bool {
    let is_create = query.is_some_and(|query| query.split('&').any(|piece| piece == "session" || piece == "session="));
    let name = host.split('.').next().unwrap_or_default();
    signer.scope().service() == "s3express" && name.ends_with("--x-s3") && !is_create
}

impl ExpressSessions {
    /// No sessions yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What signs requests to the bucket at `scheme://host`: a kept session, or a new one asked for with `signer`, whose
    /// credentials are the caller's own.
    ///
    /// # Errors
    /// When S3 gives none.
    pub fn signer(
        &self,
        scheme_and_host: &str,
        signer: &Signer,
        transport: &dyn Transport,
        limits: &Limits,
    ) -> Result<Signer, SessionError> {
        let scope = signer.scope();
        let rules = Rules { token: TokenRule::S3Session, ..*signer.rules() };
        let kept = |sessions: &Vec<Session>| {
            let good = |session: &&Session| {
                session.host == scheme_and_host
                    && session.access_key_id == signer.access_key_id()
                    && session.credentials.expires().is_some_and(|end| end > scope.time().plus_seconds(SPARE_SECONDS))
            };
            sessions.iter().find(good).map(|session| session.credentials.clone())
        };
        // A thread that panicked while it held the lock has left whole sessions behind.
        let found = kept(&self.kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        let credentials = match found {
            Some(credentials) => credentials,
            None => {
                let credentials = create(scheme_and_host, signer, transport, limits)?;
                let mut sessions = self.kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                sessions.retain(|session| session.host != scheme_and_host);
                sessions.push(Session {
                    host: scheme_and_host.to_owned(),
                    access_key_id: signer.access_key_id().to_owned(),
                    credentials: credentials.clone(),
                });
                credentials
            }
        };
        Ok(Signer::new(&credentials, scope).with_rules(rules))
    }
}

fn create(
    scheme_and_host: &str,
    signer: &Signer,
    transport: &dyn Transport,
    limits: &Limits,
) -> Result<Credentials, SessionError> {
    let url = format!("{scheme_and_host}/?session");
    let answer = Call::new("GET", &url).send(signer, &mut Source::Empty, transport, limits, &mut |_| {});
    let (head, body) = answer.map_err(SessionError::Call)?.into_parts();
    let body = body.read_all(MAX_ANSWER).map_err(|error| SessionError::Call(error.into()))?;
    let text = core::str::from_utf8(&body).map_err(|_| SessionError::Answer)?;
    if head.status.as_u16() != 200 {
        return Err(SessionError::Refused { status: head.status.as_u16(), code: text_of(text, "Code") });
    }
    let part = |name: &str| text_of(text, name).ok_or(SessionError::Answer);
    let end = text_of(text, "Expiration").and_then(|text| Timestamp::parse_rfc3339(&text).ok());
    Credentials::new(part("AccessKeyId")?, part("SecretAccessKey")?)
        .and_then(|credentials| credentials.with_token(part("SessionToken").unwrap_or_default()))
        .map(|credentials| {
            credentials.with_expiry(end.unwrap_or_else(|| signer.scope().time().plus_seconds(SESSION_SECONDS)))
        })
        .map_err(|_| SessionError::Answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::Scope;
    use crate::transport::{Body, ResponseBody, TransportError};
    use alloc::string::ToString;
    use std::io::Cursor;

    /// Answers `CreateSession`, and keeps what it was asked.
    #[derive(Debug, Default)]
    struct Express {
        asked: Mutex<Vec<(String, Option<String>)>>,
    }

    impl Transport for Express {
        fn send(
            &self,
            request: http::Request<Body<'_>>,
            _: &Limits,
        ) -> Result<http::Response<ResponseBody>, TransportError> {
            let token = request.headers().get("x-amz-security-token").map(|value| value.to_str().unwrap().to_owned());
            self.asked.lock().unwrap().push((request.uri().to_string(), token));
            let body = "<CreateSessionResult><Credentials><SessionToken>session</SessionToken>\
                        <SecretAccessKey>s</SecretAccessKey><AccessKeyId>ASIASESSION</AccessKeyId>\
                        <Expiration>2015-08-30T12:41:00Z</Expiration></Credentials></CreateSessionResult>";
            Ok(http::Response::new(ResponseBody::new(Cursor::new(body))))
        }
    }

    #[test]
    fn a_session_is_asked_for_once_while_it_is_good() {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret").unwrap().with_token("own").unwrap();
        let scope = Scope::new(Timestamp::parse("20150830T123600Z").unwrap(), "us-east-1", "s3express").unwrap();
        let own = Signer::new(&credentials, scope);
        let host = "https://b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com";
        let (sessions, express) = (ExpressSessions::new(), Express::default());
        let mut signed = Vec::new();
        for seconds in [0, 100, 269, 271] {
            let own = own.at(own.scope().time().plus_seconds(seconds));
            let signer = sessions.signer(host, &own, &express, &Limits::none()).unwrap();
            let url = alloc::format!("{host}/key");
            let request = crate::signing::Request::new("GET", &url).unwrap();
            let authorization = signer.sign(&request);
            let names: Vec<_> = authorization.headers().map(|(name, _)| name.to_string()).collect();
            assert!(names.contains(&"x-amz-s3session-token".to_string()), "{names:?}");
            assert!(!names.contains(&"x-amz-security-token".to_string()), "{names:?}");
            assert!(authorization.value().contains("Credential=ASIASESSION/20150830/us-east-1/s3express/"));
            signed.push(authorization);
        }
        let asked = express.asked.lock().unwrap();
        assert_eq!(asked.len(), 2, "once, and again when it was about to end");
        assert!(asked.iter().all(|(url, token)| url.ends_with("/?session") && token.as_deref() == Some("own")));
    }

    #[test]
    fn only_objects_of_a_directory_bucket_want_a_session() {
        let credentials = Credentials::new("A", "s").unwrap();
        let of = |service: &str| {
            Signer::new(&credentials, Scope::new(Timestamp::from_unix(0).unwrap(), "us-east-1", service).unwrap())
        };
        let bucket = "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com";
        assert!(wants_session(&of("s3express"), bucket, None));
        assert!(!wants_session(&of("s3express"), bucket, Some("session")));
        assert!(!wants_session(&of("s3express"), "s3express-control.us-east-1.amazonaws.com", None));
        assert!(!wants_session(&of("s3"), "b--use1-az4--x-s3.s3.us-east-1.amazonaws.com", None));
    }
}
