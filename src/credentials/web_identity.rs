//! [`WebIdentity`]: a role by the token of an identity provider, as pods of EKS have it (IRSA).

use super::exchange::ServiceError;
use super::profiles::{Profile, expand, shown, var};
use super::role::Assume;
use super::sources::Sources;
use super::sts::Sts;
use super::{Absence, Answer, Provider, ProviderError, ProviderFailure, refused};
use crate::signing::Credentials;
use alloc::format;
use alloc::string::{String, ToString};
use core::error::Error;
use core::fmt;
use std::io;
use std::path::Path;
use zeroize::Zeroizing;

const NAME: &str = "web identity";
const TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
const ROLE: &str = "AWS_ROLE_ARN";

/// `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`, with `AWS_ROLE_SESSION_NAME` if it is set. The file is read anew each
/// time, since its token is replaced before it ends.
#[derive(Clone, Debug)]
pub struct WebIdentity {
    sources: Sources,
}

/// Why the token of a file cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFileError {
    /// The file cannot be read.
    Unreadable(String, io::ErrorKind),
    /// The file is empty.
    Empty(String),
    /// The file holds what cannot be a token: a line break, or bytes that are no text.
    Malformed(String),
}

impl fmt::Display for TokenFileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, kind) => write!(formatter, "the token file {path} cannot be read: {kind}"),
            Self::Empty(path) => write!(formatter, "the token file {path} is empty"),
            Self::Malformed(path) => write!(formatter, "the token file {path} holds what is no token"),
        }
    }
}

impl Error for TokenFileError {}

impl WebIdentity {
    /// What the variables say.
    pub fn new(sources: Sources) -> Self {
        Self { sources }
    }
}

impl Provider for WebIdentity {
    fn name(&self) -> &'static str {
        NAME
    }

    fn provide(&self) -> Result<Answer, ProviderError> {
        let world = &*self.sources.world;
        let Some(file) = var(world, TOKEN_FILE) else {
            return Ok(Answer::Nothing(Absence::new("AWS_WEB_IDENTITY_TOKEN_FILE is not set")));
        };
        let failed = |failure| ProviderError::new(NAME, failure);
        let partial = ProviderFailure::Partial { found: TOKEN_FILE, missing: ROLE };
        let arn =
            var(world, ROLE).ok_or_else(|| failed(partial).with_hint("set both, or neither to look elsewhere"))?;
        let mut role = Assume::new(arn.as_str()).map_err(|error| {
            failed(ProviderFailure::Failed)
                .with_cause(error)
                .with_hint("set AWS_ROLE_ARN to arn:aws:iam::ACCOUNT:role/NAME")
        })?;
        if let Some(name) = var(world, "AWS_ROLE_SESSION_NAME") {
            role = role.with_session_name(name);
        }
        let profile = self.sources.profile().ok().flatten();
        let region = self.sources.region().ok().flatten().unwrap_or_else(|| "us-east-1".into());
        let token_file = expand(world, &file);
        let credentials = fetch(NAME, &self.sources, profile.as_ref(), &region, &role, &token_file)?;
        Ok(Answer::Credentials(credentials, arn))
    }
}

/// Reads the token and hands it to STS; the call is not signed, since the token is the proof.
pub(super) fn fetch(
    name: &'static str,
    sources: &Sources,
    profile: Option<&Profile>,
    region: &str,
    role: &Assume,
    token_file: &Path,
) -> Result<Credentials, ProviderError> {
    let failed = |error: TokenFileError| {
        ProviderError::new(name, ProviderFailure::Failed)
            .with_cause(error)
            .with_hint("the service account's token is mounted into the pod by EKS; see that it is")
    };
    let token = read_token(sources, token_file).map_err(failed)?;
    let session = role.session_name_or_default(sources.world.now());
    let parameters =
        [("RoleArn", role.role_arn()), ("RoleSessionName", session.as_str()), ("WebIdentityToken", token.as_str())];
    let sts = Sts { sources, profile, region };
    sts.credentials("AssumeRoleWithWebIdentity", &parameters, None).map_err(|error: ServiceError| {
        let hint = match error.code() {
            Some("AccessDenied") => Some(format!(
                "the trust policy of {} must allow sts:AssumeRoleWithWebIdentity for this service account and audience",
                role.role_arn()
            )),
            Some("ExpiredTokenException") => Some(format!("the token in {} has expired", shown(token_file))),
            Some("InvalidIdentityToken") => {
                Some("the account needs an IAM identity provider for the issuer of the token".to_string())
            }
            _ => None,
        };
        refused(name, error, hint)
    })
}

/// The token of a file, unchanged but for blanks and a line break at its end.
pub(super) fn read_token(sources: &Sources, path: &Path) -> Result<Zeroizing<String>, TokenFileError> {
    let bytes = sources.world.read(path).map_err(|error| TokenFileError::Unreadable(shown(path), error.kind()))?;
    let bytes = Zeroizing::new(bytes);
    let text = core::str::from_utf8(&bytes).map_err(|_| TokenFileError::Malformed(shown(path)))?;
    let text = text.trim_end_matches([' ', '\t', '\r', '\n']);
    if text.is_empty() {
        return Err(TokenFileError::Empty(shown(path)));
    }
    if text.chars().any(char::is_control) {
        return Err(TokenFileError::Malformed(shown(path)));
    }
    Ok(Zeroizing::new(text.into()))
}
