//! [`Container`]: credentials of a task of ECS or a pod of EKS, from the agent next to it.

use super::document::{self, JsonError};
use super::exchange::{Patience, ServiceFailure, Verdict, ask};
use super::guard::is_local;
use super::profiles::var;
use super::sources::Sources;
use super::web_identity::TokenFileError;
use super::{Absence, Answer, Provider, ProviderError, ProviderFailure, refused};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use core::net::IpAddr;
use http::{HeaderValue, Request, Uri, header};
use std::path::Path;
use zeroize::Zeroizing;

const NAME: &str = "container";
const RELATIVE: &str = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const FULL: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const TOKEN_FILE: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
/// The agent of ECS.
const ECS: &str = "http://169.254.170.2";

/// `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` (ECS) or `AWS_CONTAINER_CREDENTIALS_FULL_URI` (EKS Pod Identity, Greengrass,
/// `awsig creds serve`), with `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` or `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
///
/// Once one of the two URIs is set, this source stops the search rather than let another identity take its place.
#[derive(Clone, Debug)]
pub struct Container {
    sources: Sources,
}

/// What is wrong with the variables of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContainerError {
    /// The relative URI does not begin with a slash, or cannot stand in a URL.
    RelativeUri,
    /// The full URI is no URL of http or https.
    FullUri,
    /// The host of the full URI, over plain HTTP, is neither this machine nor the agent of ECS or EKS.
    Host(String),
    /// The authorization token holds a line break or what cannot stand in a header.
    Token,
}

impl fmt::Display for ContainerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RelativeUri => write!(formatter, "{RELATIVE} is no path that begins with /"),
            Self::FullUri => write!(formatter, "{FULL} is no URL of http or https"),
            Self::Host(host) => write!(formatter, "credentials do not come from {host} over plain http"),
            Self::Token => formatter.write_str("the authorization token holds what cannot be sent"),
        }
    }
}

impl Error for ContainerError {}

impl Container {
    /// What the variables say.
    pub fn new(sources: Sources) -> Self {
        Self { sources }
    }

    fn url(&self) -> Result<Option<String>, ContainerError> {
        let world = &*self.sources.world;
        if let Some(path) = var(world, RELATIVE) {
            let url = format!("{ECS}{path}");
            let fits = path.starts_with('/') && url.parse::<Uri>().is_ok_and(|uri| uri.host() == Some("169.254.170.2"));
            return if fits { Ok(Some(url)) } else { Err(ContainerError::RelativeUri) };
        }
        let Some(url) = var(world, FULL) else { return Ok(None) };
        let uri: Uri = url.parse().map_err(|_| ContainerError::FullUri)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(ContainerError::FullUri)?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(ContainerError::FullUri);
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") => {
                let bare = host.trim_start_matches('[').trim_end_matches(']');
                // Names are looked up, checked and connected to in one step, by the guarded client.
                if bare.parse().is_ok_and(|address: IpAddr| !is_local(address)) {
                    return Err(ContainerError::Host(host.to_owned()));
                }
            }
            _ => return Err(ContainerError::FullUri),
        }
        Ok(Some(url))
    }

    fn authorization(&self) -> Result<Option<HeaderValue>, ProviderError> {
        let world = &*self.sources.world;
        let token = if let Some(path) = var(world, TOKEN_FILE) {
            let failed = |error| failed(error, "see that the file is mounted, or unset the variable");
            let read = world.read(Path::new(&path));
            let bytes = read.map_err(|error| failed(TokenFileError::Unreadable(path.clone(), error.kind())))?;
            let bytes = Zeroizing::new(bytes);
            if bytes.is_empty() {
                return Err(failed(TokenFileError::Empty(path)));
            }
            Some(bytes)
        } else {
            // Not trimmed: what is set is what is sent, or an error.
            world.var(TOKEN).filter(|token| !token.is_empty()).map(|token| Zeroizing::new(Vec::from(token)))
        };
        let Some(token) = token else { return Ok(None) };
        let value = core::str::from_utf8(&token).ok().and_then(|text| HeaderValue::from_str(text).ok());
        let mut value = value.ok_or_else(|| failed(ContainerError::Token, "look for a line break at its end"))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

fn failed(error: impl Error + Send + Sync + 'static, hint: &'static str) -> ProviderError {
    ProviderError::new(NAME, ProviderFailure::Failed).with_cause(error).with_hint(hint)
}

impl Provider for Container {
    fn name(&self) -> &'static str {
        NAME
    }

    fn provide(&self) -> Result<Answer, ProviderError> {
        let Some(url) = self.url().map_err(|error| {
            failed(error, "plain http goes to loopback, 169.254.170.2, 169.254.170.23 and fd00:ec2::23 only")
        })?
        else {
            return Ok(Answer::Nothing(Absence::new("AWS_CONTAINER_CREDENTIALS_FULL_URI is not set")));
        };
        let authorization = self.authorization()?;
        let world = &*self.sources.world;
        let transport = if url.starts_with("https://") { self.sources.local() } else { self.sources.guarded() };
        let make = || {
            let mut request = Request::get(&url).header(header::ACCEPT, "application/json");
            if let Some(authorization) = &authorization {
                request = request.header(header::AUTHORIZATION, authorization);
            }
            request.body(Zeroizing::default()).ok()
        };
        let asked =
            ask(world, &*transport, "the container's agent", &url, Patience::with_neighbours(), make, |reply| {
                let parsed = document::object(&reply.body).and_then(document::parse_value);
                let refusal = |code, message| ServiceFailure::Refused { status: reply.status, code, message };
                match (reply.status, parsed) {
                    (200, Ok(credentials)) => Verdict::Good(credentials),
                    (200, Err(JsonError::NotAnObject)) => {
                        Verdict::Again(ServiceFailure::NotUnderstood("no JSON object"))
                    }
                    (200, Err(JsonError::Missing(field))) => Verdict::Final(ServiceFailure::NotUnderstood(field)),
                    (200, Err(JsonError::Malformed(field))) => Verdict::Final(ServiceFailure::NotUnderstood(field)),
                    (status, parsed) => {
                        let (code, message) = match parsed {
                            Err(JsonError::Refused { code, message }) => (code, message),
                            _ => (String::new(), String::new()),
                        };
                        let failure = refusal(code, message);
                        if status == 429 || status >= 500 { Verdict::Again(failure) } else { Verdict::Final(failure) }
                    }
                }
            });
        let credentials = asked.map_err(|error| {
            let hint = match error.failure() {
                ServiceFailure::Refused { status: 401 | 403, .. } => {
                    "the agent does not accept the authorization token"
                }
                ServiceFailure::Exchange => "is the agent running? it is not replaced by the role of the machine",
                _ => "the role of the machine is not used in its place",
            };
            refused(NAME, error, Some(hint.to_string()))
        })?;
        let host = url.parse::<Uri>().ok().and_then(|uri| uri.authority().map(ToString::to_string)).unwrap_or_default();
        let place = if ECS.ends_with(&format!("/{host}")) { "ECS".to_owned() } else { host };
        Ok(Answer::Credentials(credentials, place))
    }
}
