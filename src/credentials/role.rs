//! [`Assume`]: a role to assume, and STS's answer kept between runs.

use super::cache;
use super::exchange::ServiceError;
use super::profiles::Profile;
use super::sources::Sources;
use super::sts::Sts;
use super::{Found, ProviderError, ProviderFailure, refused};
use crate::signing::{Credentials, Timestamp};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// A role to assume, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assume {
    role_arn: String,
    session_name: Option<String>,
    external_id: Option<String>,
    duration_seconds: Option<u32>,
    mfa_serial: Option<String>,
}

/// Why a role cannot be assumed as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssumeError {
    /// The duration is not between 900 and 43 200 seconds.
    Duration(String),
    /// The duration is longer than the hour that a role assumed by a role may last.
    ChainedDuration(u32),
    /// The role's ARN is no ARN of a role.
    RoleArn(String),
    /// A code of this device is needed, and there is no terminal to ask for it.
    NoTerminal(String),
}

impl fmt::Display for AssumeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Duration(text) => write!(formatter, "a duration of {text:?} is not between 900 and 43200 seconds"),
            Self::ChainedDuration(seconds) => {
                write!(formatter, "a role assumed by a role lasts 3600 seconds at most, not {seconds}")
            }
            Self::RoleArn(text) => write!(formatter, "not the ARN of a role: {text:?}"),
            Self::NoTerminal(device) => {
                write!(formatter, "a code of the MFA device {device} is needed, and there is no terminal to ask for it")
            }
        }
    }
}

impl Error for AssumeError {}

impl Assume {
    /// A role for as long as it lasts by itself, an hour, in a session named after this library and the time.
    ///
    /// # Errors
    /// When this is no ARN of a role: `arn:aws:iam::123456789012:role/name`.
    pub fn new(role_arn: impl Into<String>) -> Result<Self, AssumeError> {
        let role_arn = role_arn.into();
        let parts: Vec<&str> = role_arn.splitn(6, ':').collect();
        let fits = role_arn.len() <= 2048 && role_arn.bytes().all(|byte| byte.is_ascii_graphic());
        match parts.as_slice() {
            ["arn", _, _, _, _, name] if fits && !name.is_empty() => {}
            _ => return Err(AssumeError::RoleArn(role_arn)),
        }
        Ok(Self { role_arn, session_name: None, external_id: None, duration_seconds: None, mfa_serial: None })
    }

    /// The same with this name for the session.
    #[must_use]
    pub fn with_session_name(mut self, name: impl Into<String>) -> Self {
        self.session_name = Some(name.into());
        self
    }

    /// The same with the id that the role's owner asks strangers for.
    #[must_use]
    pub fn with_external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// The same for so many seconds.
    ///
    /// # Errors
    /// When they are fewer than 900 or more than 43 200.
    pub fn with_duration(mut self, seconds: u32) -> Result<Self, AssumeError> {
        if !(900..=43_200).contains(&seconds) {
            return Err(AssumeError::Duration(seconds.to_string()));
        }
        self.duration_seconds = Some(seconds);
        Ok(self)
    }

    /// The same with a code of this MFA device, which is asked for at the terminal.
    #[must_use]
    pub fn with_mfa_serial(mut self, serial: impl Into<String>) -> Self {
        self.mfa_serial = Some(serial.into());
        self
    }

    /// The role.
    pub fn role_arn(&self) -> &str {
        &self.role_arn
    }

    /// What a profile says.
    pub(super) fn from_profile(profile: &Profile, role_arn: &str) -> Result<Self, AssumeError> {
        let mut role = Self::new(role_arn)?;
        role.session_name = profile.value("role_session_name").map(ToOwned::to_owned);
        role.external_id = profile.value("external_id").map(ToOwned::to_owned);
        role.mfa_serial = profile.value("mfa_serial").map(ToOwned::to_owned);
        if let Some(text) = profile.value("duration_seconds") {
            let seconds = text.parse().map_err(|_| AssumeError::Duration(text.to_owned()))?;
            role = role.with_duration(seconds)?;
        }
        Ok(role)
    }

    pub(super) fn session_name_or_default(&self, now: Timestamp) -> String {
        self.session_name.clone().unwrap_or_else(|| session_name(now))
    }

    /// The AWS CLI's file for what STS answered: named after the arguments of the call, but a session name that was made up.
    fn cache(&self, sources: &Sources) -> Option<PathBuf> {
        let mut arguments = Map::new();
        let mut add = |name: &str, value: Option<Value>| value.map(|value| arguments.insert(name.to_owned(), value));
        let text = |value: &Option<String>| value.clone().map(Value::from);
        add("DurationSeconds", self.duration_seconds.map(Value::from));
        add("ExternalId", text(&self.external_id));
        add("RoleArn", Some(self.role_arn.clone().into()));
        add("RoleSessionName", text(&self.session_name));
        add("SerialNumber", text(&self.mfa_serial));
        let name = cache::sha1(&cache::python_json(&arguments, ", ", ": "));
        sources.at_home(&format!(".aws/cli/cache/{name}.json"))
    }
}

/// A session name for whoever gave none.
pub(super) fn session_name(now: Timestamp) -> String {
    format!("awsig-{}", now.unix())
}

/// What assumes a role with credentials.
pub(super) struct Assumption<'a> {
    pub(super) sources: &'a Sources,
    /// Whose settings count for reaching STS.
    pub(super) profile: Option<&'a Profile>,
    pub(super) region: &'a str,
    /// For errors.
    pub(super) name: &'static str,
}

impl Assumption<'_> {
    /// What a former run has kept of this role, if it is good for a quarter of an hour more.
    pub(super) fn kept(&self, role: &Assume) -> Option<Credentials> {
        let path = role.cache(self.sources)?;
        cache::load(self.sources, &path)
    }

    /// Assumes the role. `chained` tells that the base is a role itself.
    pub(super) fn fetch(&self, role: &Assume, base: &Credentials, chained: bool) -> Result<Credentials, ProviderError> {
        let wrong = |error: AssumeError| {
            let hint = match &error {
                AssumeError::NoTerminal(_) => {
                    "run this at a terminal, or once: aws sts get-caller-identity, which keeps the \
                                               role's credentials for others"
                        .into()
                }
                AssumeError::ChainedDuration(_) => "leave duration_seconds out".into(),
                _ => "mend the profile".to_owned(),
            };
            ProviderError::new(self.name, ProviderFailure::Failed).with_cause(error).with_hint(hint)
        };
        let duration = match role.duration_seconds {
            Some(seconds) if chained && seconds > 3600 => return Err(wrong(AssumeError::ChainedDuration(seconds))),
            seconds => seconds.map(|seconds| seconds.to_string()),
        };
        let session = role.session_name_or_default(self.sources.world.now());
        let mut parameters = alloc::vec![("RoleArn", role.role_arn.as_str()), ("RoleSessionName", &session)];
        if let Some(seconds) = &duration {
            parameters.push(("DurationSeconds", seconds));
        }
        if let Some(id) = &role.external_id {
            parameters.push(("ExternalId", id));
        }
        let code;
        if let Some(serial) = &role.mfa_serial {
            let question = format!("Enter MFA code for {serial}: ");
            code = self.sources.world.ask(&question).map_err(|_| wrong(AssumeError::NoTerminal(serial.clone())))?;
            parameters.push(("SerialNumber", serial));
            parameters.push(("TokenCode", code.trim()));
        }
        let sts = Sts { sources: self.sources, profile: self.profile, region: self.region };
        sts.credentials("AssumeRole", &parameters, Some(base)).map_err(|error| self.refused(role, error))
    }

    /// As [`fetch`](Self::fetch), and keeps the answer for the next run.
    pub(super) fn fetch_and_keep(
        &self,
        role: &Assume,
        base: &Credentials,
        chained: bool,
    ) -> Result<Credentials, ProviderError> {
        let credentials = self.fetch(role, base, chained)?;
        if let Some(path) = role.cache(self.sources) {
            let user = json!({ "Arn": format!("{}/{}", role.role_arn, session_name(self.sources.world.now())) });
            cache::keep(self.sources, &path, &credentials, "AssumedRoleUser", user);
        }
        Ok(credentials)
    }

    fn refused(&self, role: &Assume, error: ServiceError) -> ProviderError {
        let arn = &role.role_arn;
        let hint = match error.code() {
            Some("AccessDenied") => Some(format!(
                "the trust policy of {arn} must allow the base credentials to assume it, and their own policies \
                 sts:AssumeRole"
            )),
            Some("InvalidClientTokenId" | "SignatureDoesNotMatch") => {
                Some("the credentials that the role is assumed with are not valid".into())
            }
            Some("ExpiredToken" | "ExpiredTokenException") => {
                Some("the credentials that the role is assumed with have expired".into())
            }
            _ => None,
        };
        refused(self.name, error, hint)
    }
}

/// The role that `--role-arn` asks for, on top of what was found.
#[derive(Clone, Debug)]
pub(super) struct AssumedRole {
    sources: Sources,
    role: Assume,
}

impl AssumedRole {
    pub(super) const NAME: &'static str = "role";

    pub(super) fn new(sources: Sources, role: Assume) -> Self {
        Self { sources, role }
    }

    /// Never from a file: the same role may be assumed with credentials that are not allowed to.
    pub(super) fn on_top_of(&self, base: &Found) -> Result<(Credentials, String), ProviderError> {
        let name = Self::NAME;
        let profile = self.sources.profile().ok().flatten();
        let region = self.sources.region().ok().flatten().unwrap_or_else(|| "us-east-1".into());
        let assumption = Assumption { sources: &self.sources, profile: profile.as_ref(), region: &region, name };
        let credentials = assumption.fetch(&self.role, base.credentials(), false)?;
        Ok((credentials, format!("{} with {}", self.role.role_arn, base.source())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_arns_are_roles() {
        assert!(Assume::new("arn:aws:iam::123456789012:role/path/name").is_ok());
        for bad in
            ["", "name", "arn:aws:iam::1:", "arn:aws:iam::1", "arn:aws:iam::1:role/a b", "arn:aws:iam::1:role/a\n"]
        {
            assert_eq!(Assume::new(bad), Err(AssumeError::RoleArn(bad.into())));
        }
        let role = Assume::new("arn:aws:iam::1:role/a").unwrap();
        assert!(role.clone().with_duration(899).is_err() && role.clone().with_duration(43_201).is_err());
        assert!(role.clone().with_duration(900).is_ok() && role.with_duration(43_200).is_ok());
    }
}
