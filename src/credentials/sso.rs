//! IAM Identity Center: the token that `aws sso login` has left, renewed if need be, for the credentials of a role.

use super::cache;
use super::exchange::{Patience, Reply, ServiceError, ServiceFailure, Verdict, ask, printable};
use super::profile::{NAME, ProfileError, Resolved, wrong};
use super::profiles::{Profile, Profiles, shown};
use super::sources::{SSO, SSO_OIDC, Sources};
use super::{ProviderError, ProviderFailure, document, refused};
use crate::signing::{Credentials, Secret, Timestamp};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use core::error::Error;
use core::fmt;
use http::{HeaderName, HeaderValue, Request, header};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::path::PathBuf;
use zeroize::Zeroizing;

/// When a token is renewed, before its end: as botocore has it.
const WINDOW_SECONDS: i64 = 15 * 60;
const BEARER: HeaderName = HeaderName::from_static("x-amz-sso_bearer_token");

/// Why there is no token to ask with.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SsoError {
    /// Nobody has logged in: the file of the token is not there.
    NoToken(String),
    /// The file of the token holds none.
    Malformed(String),
    /// The token has expired and cannot be renewed.
    Expired(Timestamp),
}

impl fmt::Display for SsoError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoToken(file) => write!(formatter, "nobody has logged in: there is no {file}"),
            Self::Malformed(file) => write!(formatter, "{file} holds no token"),
            Self::Expired(end) => write!(formatter, "the login has expired at {}", end.to_rfc3339()),
        }
    }
}

impl Error for SsoError {}

/// What a profile says, with its `sso-session`.
struct Login {
    session: Option<String>,
    start_url: String,
    region: String,
    account: String,
    role: String,
    profile: String,
}

/// The credentials of the profile's role.
pub(super) fn fetch(sources: &Sources, profiles: &Profiles, profile: &Profile) -> Result<Resolved, ProviderError> {
    let login = Login::of(profiles, profile).map_err(wrong)?;
    let place = format!("role {} of account {} by SSO", login.role, login.account);
    let resolved = |credentials| Ok(Resolved { credentials, place, is_role: true });
    let kept = login.cache(sources);
    if let Some(credentials) = kept.as_ref().and_then(|path| cache::load(sources, path)) {
        return resolved(credentials);
    }
    let token = login.token(sources, profile)?;
    let credentials = login.credentials(sources, profile, &token)?;
    if let Some(path) = kept {
        cache::keep(sources, &path, &credentials, "ProviderType", "sso".into());
    }
    resolved(credentials)
}

impl Login {
    fn of(profiles: &Profiles, profile: &Profile) -> Result<Self, ProfileError> {
        let session = match profile.value("sso_session") {
            None => None,
            Some(name) => {
                let (profile, session) = (profile.name.clone(), name.to_owned());
                let unknown = ProfileError::UnknownSession { profile, session };
                Some(profiles.sso_session(name).ok_or(unknown)?)
            }
        };
        for (key, value) in session.iter().flat_map(|session| session.values()) {
            if profile.value(key).is_some_and(|other| other != value) {
                return Err(ProfileError::Contradiction { profile: profile.name.clone(), key: key.to_owned() });
            }
        }
        let value = |missing: &'static str| {
            let of_session = || session.and_then(|session| session.value(missing));
            let found = if missing == "sso_role_name" { "sso_account_id" } else { "SSO" };
            let lacking = || ProfileError::Missing { profile: profile.name.clone(), found, missing };
            profile.value(missing).or_else(of_session).map(ToOwned::to_owned).ok_or_else(lacking)
        };
        Ok(Self {
            session: profile.value("sso_session").map(ToOwned::to_owned),
            start_url: value("sso_start_url")?,
            region: value("sso_region")?,
            account: value("sso_account_id")?,
            role: value("sso_role_name")?,
            profile: profile.name.clone(),
        })
    }

    /// The AWS CLI's file for the role's credentials.
    fn cache(&self, sources: &Sources) -> Option<PathBuf> {
        let mut fields = Map::new();
        fields.insert("accountId".into(), self.account.clone().into());
        fields.insert("roleName".into(), self.role.clone().into());
        match &self.session {
            Some(session) => fields.insert("sessionName".into(), session.clone().into()),
            None => fields.insert("startUrl".into(), self.start_url.clone().into()),
        };
        let name = cache::sha1(&cache::python_json(&fields, ",", ":"));
        sources.at_home(&format!(".aws/cli/cache/{name}.json"))
    }

    /// The token that `aws sso login` has left, renewed if it ends soon.
    fn token(&self, sources: &Sources, profile: &Profile) -> Result<Secret, ProviderError> {
        let name = cache::sha1(self.session.as_ref().unwrap_or(&self.start_url));
        let path = sources.at_home(&format!(".aws/sso/cache/{name}.json")).unwrap_or_default();
        let fail = |error| self.log_in(ProviderError::new(NAME, ProviderFailure::Failed).with_cause(error));
        let bytes = sources.world.read(&path).map_err(|_| fail(SsoError::NoToken(shown(&path))))?;
        let malformed = || fail(SsoError::Malformed(shown(&path)));
        let kept = document::object(&Zeroizing::new(bytes)).map_err(|_| malformed())?;
        let text = |name: &str| kept.get(name).and_then(Value::as_str);
        let token = Secret::new(text("accessToken").ok_or_else(malformed)?);
        let ends = text("expiresAt").and_then(cache::timestamp).ok_or_else(malformed)?;
        let now = sources.world.now();
        if ends.seconds_since(&now) >= WINDOW_SECONDS {
            return Ok(token);
        }
        let registered = text("registrationExpiresAt").and_then(cache::timestamp).is_some_and(|end| end > now);
        let renewal = [text("clientId"), text("clientSecret"), text("refreshToken")];
        if let ([Some(id), Some(secret), Some(refresh)], Some(_), true) = (renewal, &self.session, registered) {
            let body = json!({
                "clientId": id, "clientSecret": secret, "grantType": "refresh_token", "refreshToken": refresh,
            });
            // A token that cannot be renewed is used to its end.
            if let Ok(renewed) = self.renew(sources, profile, &Zeroizing::new(body.to_string())) {
                return self.save(sources, &path, kept, renewed).ok_or_else(malformed);
            }
        }
        if ends <= now { Err(fail(SsoError::Expired(ends))) } else { Ok(token) }
    }

    fn renew(&self, sources: &Sources, profile: &Profile, body: &str) -> Result<Map<String, Value>, ServiceError> {
        let url = format!("{}/token", sources.endpoint(&SSO_OIDC, &self.region, Some(profile)));
        let make = || {
            let request = Request::post(&url).header(header::CONTENT_TYPE, "application/json");
            request.body(Zeroizing::new(body.as_bytes().to_vec())).ok()
        };
        let patience = Patience::with_services();
        ask(&*sources.world, &*sources.services(), SSO_OIDC.title, &url, patience, make, |reply| {
            match (reply.status, document::object(&reply.body)) {
                (200, Ok(fields)) => Verdict::Good(fields),
                (200, Err(_)) => Verdict::Again(ServiceFailure::NotUnderstood("no JSON object")),
                _ => judge(reply),
            }
        })
    }

    /// Leaves the new token where the AWS CLI finds it.
    fn save(
        &self,
        sources: &Sources,
        path: &std::path::Path,
        mut kept: Map<String, Value>,
        mut renewed: Map<String, Value>,
    ) -> Option<Secret> {
        let token = renewed.remove("accessToken")?;
        let secret = Secret::new(token.as_str()?);
        let seconds = renewed.get("expiresIn")?.as_i64()?;
        kept.insert("startUrl".into(), self.start_url.clone().into());
        kept.insert("region".into(), self.region.clone().into());
        kept.insert("accessToken".into(), token);
        kept.insert("expiresAt".into(), sources.world.now().plus_seconds(seconds).to_rfc3339().into());
        if let Some(refresh) = renewed.remove("refreshToken") {
            kept.insert("refreshToken".into(), refresh);
        }
        cache::save(sources, path, Value::Object(kept));
        Some(secret)
    }

    fn credentials(&self, sources: &Sources, profile: &Profile, token: &Secret) -> Result<Credentials, ProviderError> {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let base = sources.endpoint(&SSO, &self.region, Some(profile));
        let (role, account) = (encoded(&self.role), encoded(&self.account));
        let url = format!("{base}/federation/credentials?role_name={role}&account_id={account}");
        let make = || {
            // Sent to the service that has given it.
            let mut bearer = HeaderValue::from_str(token.expose()).ok()?;
            bearer.set_sensitive(true);
            Request::get(&url).header(BEARER, bearer).body(Zeroizing::default()).ok()
        };
        let patience = Patience::with_services();
        let asked = ask(&*sources.world, &*sources.services(), SSO.title, &url, patience, make, |reply| {
            match (reply.status, document::object(&reply.body)) {
                (200, Ok(fields)) => match parse(fields) {
                    Ok(credentials) => Verdict::Good(credentials),
                    Err(field) => Verdict::Final(ServiceFailure::NotUnderstood(field)),
                },
                (200, Err(_)) => Verdict::Again(ServiceFailure::NotUnderstood("no JSON object")),
                _ => judge(reply),
            }
        });
        asked.map_err(|error| match error.failure() {
            ServiceFailure::Refused { status: 401, .. } => self.log_in(refused(NAME, error, None)),
            ServiceFailure::Refused { status: 403 | 404, .. } => {
                let hint = format!("does the account {} give you the role {}?", self.account, self.role);
                refused(NAME, error, Some(hint))
            }
            _ => refused(NAME, error, None),
        })
    }

    fn log_in(&self, error: ProviderError) -> ProviderError {
        error.with_hint(format!("log in: aws sso login --profile {}", self.profile))
    }
}

/// What a response that is no 200 tells.
pub(super) fn judge<T>(reply: &Reply) -> Verdict<T> {
    let mut fields = document::object(&reply.body).unwrap_or_default();
    let of_header = reply.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let mut text = |names: &[&'static str]| document::text(&mut fields, names).ok().flatten();
    let code = of_header.or_else(|| text(&["__type", "error"])).unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    let code = printable(code.rsplit('#').next().unwrap_or_default());
    let message = printable(&text(&["message", "error_description"]).unwrap_or_default());
    let again = reply.status == 429 || reply.status >= 500 || code == "TooManyRequestsException";
    let failure = ServiceFailure::Refused { status: reply.status, code, message };
    if again { Verdict::Again(failure) } else { Verdict::Final(failure) }
}

fn parse(mut fields: Map<String, Value>) -> Result<Credentials, &'static str> {
    let Some(Value::Object(mut role)) = fields.remove("roleCredentials") else { return Err("no roleCredentials") };
    let milliseconds = role.remove("expiration").and_then(|end| end.as_i64()).ok_or("no expiration")?;
    let expires = Timestamp::from_unix(milliseconds / 1000).map_err(|_| "expiration is no time")?;
    let credentials = document::parse_value(role).map_err(|_| "roleCredentials is malformed")?;
    if credentials.token().is_none() {
        return Err("no sessionToken");
    }
    Ok(credentials.with_expiry(expires))
}
