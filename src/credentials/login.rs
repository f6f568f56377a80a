//! `aws login`: the credentials that a login in the browser has left in a file, for as long as they last.
//!
//! They last 15 minutes and are renewed by whoever holds the login's private key, with a proof of possession (RFC 9449). This
//! library makes no such proofs, so that it needs no elliptic curves: the AWS CLI renews them with each of its calls.

use super::cache;
use super::profile::NAME;
use super::profiles::{expand, shown, var};
use super::sources::Sources;
use super::{ProviderError, ProviderFailure, document};
use crate::signing::{Credentials, Timestamp};
use alloc::format;
use alloc::string::String;
use core::error::Error;
use core::fmt;
use serde_json::Value;
use sha2::{Digest, Sha256};
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
    /// The credentials have expired, and renewing them takes a proof that this library does not make.
    Expired(Timestamp),
}

impl fmt::Display for LoginError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLogin(file) => write!(formatter, "nobody has logged in: there is no {file}"),
            Self::Malformed(file) => write!(formatter, "{file} holds no login"),
            Self::Missing(file, field) => write!(formatter, "{file} lacks {field}"),
            Self::Expired(end) => write!(
                formatter,
                "the credentials of the login have expired at {}, and renewing them takes a DPoP proof, which awsig does \
                 not make",
                end.to_rfc3339()
            ),
        }
    }
}

impl Error for LoginError {}

/// The credentials of a login.
pub(super) fn fetch(sources: &Sources, session: &str) -> Result<Credentials, ProviderError> {
    read(sources, session).map_err(|error| {
        let hint = match error {
            LoginError::Expired(_) => "renew them: aws sts get-caller-identity; or log in again: aws login",
            _ => "log in: aws login",
        };
        ProviderError::new(NAME, ProviderFailure::Failed).with_cause(error).with_hint(hint)
    })
}

fn read(sources: &Sources, session: &str) -> Result<Credentials, LoginError> {
    let world = &*sources.world;
    let name = hex::encode(Sha256::digest(session.trim().as_bytes()));
    let folder = var(world, "AWS_LOGIN_CACHE_DIRECTORY").map(|folder| expand(world, &folder));
    let folder = folder.or_else(|| sources.at_home(".aws/login/cache")).unwrap_or_default();
    let path = folder.join(format!("{name}.json"));
    let file = shown(&path);
    let bytes = Zeroizing::new(world.read(&path).map_err(|_| LoginError::NoLogin(file.clone()))?);
    let mut kept = document::object(&bytes).map_err(|_| LoginError::Malformed(file.clone()))?;
    for field in ["refreshToken", "clientId", "dpopKey"] {
        if !kept.contains_key(field) {
            return Err(LoginError::Missing(file, field));
        }
    }
    let Some(Value::Object(token)) = kept.remove("accessToken") else {
        return Err(LoginError::Missing(file, "accessToken"));
    };
    let ends = token.get("expiresAt").and_then(Value::as_str).and_then(cache::timestamp);
    let ends = ends.ok_or_else(|| LoginError::Missing(file.clone(), "expiresAt"))?;
    let credentials = document::parse_value(token).map_err(|_| LoginError::Malformed(file))?;
    if ends <= world.now() { Err(LoginError::Expired(ends)) } else { Ok(credentials) }
}
