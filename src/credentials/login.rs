//! `aws login`: the credentials that a login in the browser has left in a file, renewed if need be.
//!
//! They last 15 minutes, and are renewed with a token and a proof that the private key of the login is here.

use super::cache;
use super::exchange::{Patience, ServiceError, ServiceFailure, Verdict, ask};
use super::profile::NAME;
use super::profiles::{expand, shown, var};
use super::proof::{Prover, id};
use super::sources::{SIGNIN, Sources};
use super::{ProviderError, ProviderFailure, document, refused, sso};
use crate::signing::{Credentials, Timestamp};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::error::Error;
use core::fmt;
use http::{HeaderValue, Request, header};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Why a login gives no credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoginError {
    /// Nobody has logged in: the file of the login is not there.
    NoLogin(String),
    /// The file of the login is not what `aws login` writes.
    Malformed(String),
    /// The file of the login lacks a field.
    Missing(String, &'static str),
    /// The private key of the login cannot be used.
    Key(String),
}

impl fmt::Display for LoginError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLogin(file) => write!(formatter, "nobody has logged in: there is no {file}"),
            Self::Malformed(file) => write!(formatter, "{file} holds no login"),
            Self::Missing(file, field) => write!(formatter, "{file} lacks {field}"),
            Self::Key(file) => write!(formatter, "the dpopKey in {file} cannot be used"),
        }
    }
}

impl Error for LoginError {}

const LOG_IN: &str = "log in: aws login";

/// When credentials are renewed, before their end: as botocore has it.
const WINDOW_SECONDS: i64 = 5 * 60;

/// The credentials of a login.
pub(super) fn fetch(sources: &Sources, session: &str) -> Result<Credentials, ProviderError> {
    let fail = |error| ProviderError::new(NAME, ProviderFailure::Failed).with_cause(error).with_hint(LOG_IN);
    let login = Login::read(sources, session).map_err(fail)?;
    let now = sources.world.now();
    let (credentials, ends) = login.credentials().map_err(fail)?;
    if ends.seconds_since(&now) > WINDOW_SECONDS {
        return Ok(credentials);
    }
    match login.renew(sources) {
        Ok(renewed) => Ok(renewed),
        // They are used to their end.
        Err(_) if ends > now => Ok(credentials),
        Err(Renewal::Login(error)) => Err(fail(error)),
        Err(Renewal::Service(error)) => {
            let hint = match error.code() {
                Some("INSUFFICIENT_PERMISSIONS") => {
                    "the login is not allowed to renew credentials: signin:CreateOAuth2Token"
                }
                _ => LOG_IN,
            };
            Err(refused(NAME, error, Some(hint.into())))
        }
    }
}

/// The file of a login.
struct Login {
    path: PathBuf,
    fields: Map<String, Value>,
}

/// Why credentials were not renewed.
enum Renewal {
    Login(LoginError),
    Service(ServiceError),
}

impl Login {
    fn read(sources: &Sources, session: &str) -> Result<Self, LoginError> {
        let world = &*sources.world;
        let name = hex::encode(Sha256::digest(session.trim().as_bytes()));
        let folder = var(world, "AWS_LOGIN_CACHE_DIRECTORY").map(|folder| expand(world, &folder));
        let folder = folder.or_else(|| sources.at_home(".aws/login/cache")).unwrap_or_default();
        let path = folder.join(format!("{name}.json"));
        let bytes = Zeroizing::new(world.read(&path).map_err(|_| LoginError::NoLogin(shown(&path)))?);
        let fields = document::object(&bytes).map_err(|_| LoginError::Malformed(shown(&path)))?;
        for field in ["accessToken", "refreshToken", "clientId", "dpopKey"] {
            if !fields.contains_key(field) {
                return Err(LoginError::Missing(shown(&path), field));
            }
        }
        Ok(Self { path, fields })
    }

    /// The credentials, and when they end.
    fn credentials(&self) -> Result<(Credentials, Timestamp), LoginError> {
        let malformed = || LoginError::Malformed(shown(&self.path));
        let token = self.fields.get("accessToken").and_then(Value::as_object).ok_or_else(malformed)?;
        let ends = token.get("expiresAt").and_then(Value::as_str).and_then(cache::timestamp);
        let ends = ends.ok_or_else(|| LoginError::Missing(shown(&self.path), "expiresAt"))?;
        let credentials = document::parse_value(token.clone()).map_err(|_| malformed())?;
        Ok((credentials.with_expiry(ends), ends))
    }

    /// New credentials, which are left where the AWS CLI finds them.
    fn renew(mut self, sources: &Sources) -> Result<Credentials, Renewal> {
        let world = &*sources.world;
        let (ends, file) = (self.credentials().map_err(Renewal::Login)?.1, shown(&self.path));
        let text = |name: &str| self.fields.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let prover = text("dpopKey").map(Zeroizing::new).and_then(|pem| Prover::from_pem(&pem));
        let prover = prover.ok_or_else(|| Renewal::Login(LoginError::Key(file)))?;
        let region = text("signInRegion").or_else(|| sources.region().ok().flatten());
        let profile = sources.profile().ok().flatten();
        let region = region.unwrap_or_else(|| "us-east-1".into());
        let url = format!("{}/v1/token", sources.endpoint(&SIGNIN, &region, profile.as_ref()));
        let body = json!({
            "clientId": text("clientId"), "grantType": "refresh_token", "refreshToken": text("refreshToken"),
        });
        let body = Zeroizing::new(format!("{body}"));
        let make = || {
            // Another for each proof; that it cannot be guessed is not needed.
            let id = id([world.random(), world.random()].into_iter());
            let mut proof = HeaderValue::from_str(&prover.prove(&url, world.now(), &id)?).ok()?;
            proof.set_sensitive(true);
            let request = Request::post(&url).header(header::CONTENT_TYPE, "application/json").header("dpop", proof);
            request.body(Zeroizing::new(body.as_bytes().to_vec())).ok()
        };
        let patience = Patience::with_services();
        let renewed = ask(world, &*sources.services(), SIGNIN.title, &url, patience, make, |reply| {
            match (reply.status, document::object(&reply.body)) {
                (200, Ok(fields)) => Verdict::Good(fields),
                (200, Err(_)) => Verdict::Again(ServiceFailure::NotUnderstood("no JSON object")),
                _ => sso::judge(reply),
            }
        });
        let renewed = renewed.map_err(Renewal::Service)?;
        let bad =
            || Renewal::Service(ServiceError::new(SIGNIN.title, &url, ServiceFailure::NotUnderstood("no credentials")));
        self.replace(renewed, world.now()).ok_or_else(bad)?;
        let (credentials, new_end) = self.credentials().map_err(|_| bad())?;
        if new_end <= ends {
            return Err(bad());
        }
        cache::save(sources, &self.path, Value::Object(self.fields));
        Ok(credentials)
    }

    /// Puts what is new in the place of what is old.
    fn replace(&mut self, mut renewed: Map<String, Value>, now: Timestamp) -> Option<()> {
        let seconds = renewed.get("expiresIn")?.as_i64()?;
        let Some(Value::Object(mut token)) = renewed.remove("accessToken") else { return None };
        token.insert("expiresAt".into(), now.plus_seconds(seconds).to_rfc3339().into());
        if let Some(account) = self.fields.get("accessToken").and_then(|old| old.get("accountId")) {
            token.insert("accountId".into(), account.clone());
        }
        self.fields.insert("accessToken".into(), Value::Object(token));
        self.fields.insert("refreshToken".into(), renewed.remove("refreshToken")?);
        Some(())
    }
}
