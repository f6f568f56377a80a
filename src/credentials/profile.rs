//! [`ProfileSource`]: what a profile of `~/.aws/config` and `~/.aws/credentials` says about credentials.
//!
//! A profile may say several things at once. They are looked at in botocore's order:
//!
//! ```text
//! role_arn with source_profile or credential_source ─▶ web_identity_token_file ─▶ sso_account_id, sso_role_name
//!   ─▶ keys in the credentials file ─▶ login_session ─▶ credential_process ─▶ keys in the config file
//! ```

use super::container::Container;
use super::profiles::{FilesError, Profile, Profiles, config_path, credentials_path, expand, shown};
use super::role::{Assume, AssumeError, Assumption};
use super::sources::{Selected, Sources};
use super::{
    Absence, Answer, Environment, Provider, ProviderError, ProviderFailure, login, process, sso, web_identity,
};
use crate::signing::{Credentials, CredentialsError};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;

pub(super) const NAME: &str = "profile";

/// The credentials of the profile that is asked for, or of `default`.
#[derive(Clone, Debug)]
pub struct ProfileSource {
    sources: Sources,
}

/// What is wrong with a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileError {
    /// The profile that was asked for is in neither file.
    Unknown {
        /// Its name.
        profile: String,
        /// `--profile`, or the variable that names it.
        by: &'static str,
        /// The file it would have to be in.
        file: String,
    },
    /// A profile names another that is in neither file.
    UnknownSource {
        /// The profile.
        profile: String,
        /// What it names as `source_profile`.
        source: String,
    },
    /// A profile that others take credentials from has none.
    EmptySource(String),
    /// Profiles take their credentials from each other.
    Loop(Vec<String>),
    /// A profile has both `source_profile` and `credential_source`.
    TwoSources(String),
    /// A profile has `role_arn`, and nothing to assume the role with.
    NoSource(String),
    /// A `credential_source` that nobody knows.
    CredentialSource {
        /// The profile.
        profile: String,
        /// What it says.
        value: String,
    },
    /// A `credential_source` has no credentials.
    EmptyCredentialSource {
        /// The profile.
        profile: String,
        /// What it says.
        value: String,
        /// Why there are none.
        reason: String,
    },
    /// A profile lacks something that goes with something it has.
    Missing {
        /// The profile, or `sso-session NAME`.
        profile: String,
        /// What is there.
        found: &'static str,
        /// What is not.
        missing: &'static str,
    },
    /// A value cannot be used.
    Malformed {
        /// The profile.
        profile: String,
        /// The name of the value.
        key: &'static str,
    },
    /// A profile names an `sso-session` that is not in the file.
    UnknownSession {
        /// The profile.
        profile: String,
        /// What it names.
        session: String,
    },
    /// A profile and its `sso-session` contradict each other.
    Contradiction {
        /// The profile.
        profile: String,
        /// The name of the value.
        key: String,
    },
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { profile, by, file } => {
                write!(f, "there is no profile {profile:?} in {file}, which {by} asks for")
            }
            Self::UnknownSource { profile, source } => {
                write!(f, "profile {profile:?} takes credentials from {source:?}, which does not exist")
            }
            Self::EmptySource(profile) => {
                write!(f, "profile {profile:?}, which others take credentials from, has none")
            }
            Self::Loop(names) => write!(f, "profiles take credentials from each other: {}", names.join(" from ")),
            Self::TwoSources(profile) => write!(f, "profile {profile:?} has both source_profile and credential_source"),
            Self::NoSource(profile) => {
                write!(f, "profile {profile:?} has role_arn, but neither source_profile nor credential_source")
            }
            Self::CredentialSource { profile, value } => {
                write!(f, "profile {profile:?} has the credential_source {value:?}, which nobody knows")
            }
            Self::EmptyCredentialSource { profile, value, reason } => {
                write!(f, "the credential_source {value} of profile {profile:?} has nothing: {reason}")
            }
            Self::Missing { profile, found, missing } => {
                write!(f, "profile {profile:?} has {found}, but not {missing}")
            }
            Self::Malformed { profile, key } => write!(f, "{key} of profile {profile:?} cannot be used"),
            Self::UnknownSession { profile, session } => {
                write!(f, "profile {profile:?} names the sso-session {session:?}, which does not exist")
            }
            Self::Contradiction { profile, key } => {
                write!(f, "{key} differs between profile {profile:?} and its sso-session")
            }
        }
    }
}

impl Error for ProfileError {}

pub(super) fn wrong(error: ProfileError) -> ProviderError {
    let hint = match &error {
        ProfileError::Unknown { .. } | ProfileError::UnknownSource { .. } => {
            "check the name: [profile NAME] in ~/.aws/config, [NAME] in ~/.aws/credentials"
        }
        ProfileError::Loop(_) => "give one of them keys of its own",
        ProfileError::TwoSources(_) => "take one of the two out",
        ProfileError::NoSource(_) => "add source_profile = NAME, or credential_source = Ec2InstanceMetadata",
        ProfileError::CredentialSource { .. } => "it is Environment, Ec2InstanceMetadata or EcsContainer",
        _ => "mend the profile",
    };
    ProviderError::new(NAME, ProviderFailure::Failed).with_cause(error).with_hint(hint)
}

/// Credentials, where they are from, and whether they are a role's.
pub(super) struct Resolved {
    pub(super) credentials: Credentials,
    pub(super) place: String,
    pub(super) is_role: bool,
}

impl ProfileSource {
    /// The profile that these sources ask for.
    pub fn new(sources: Sources) -> Self {
        Self { sources }
    }
}

impl Provider for ProfileSource {
    fn name(&self) -> &'static str {
        NAME
    }

    fn provide(&self) -> Result<Answer, ProviderError> {
        let world = &*self.sources.world;
        let profiles = Profiles::load(world).map_err(|error| unusable(NAME, error))?;
        let Selected { name, by } = self.sources.selected();
        let Some(profile) = profiles.get(&name) else {
            let file = [config_path(world), credentials_path(world)].into_iter().flatten();
            let file = file.map(|path| shown(&path)).collect::<Vec<_>>().join(" or ");
            return match by {
                Some(by) => Err(wrong(ProfileError::Unknown { profile: name, by, file })),
                None if file.is_empty() => Ok(Answer::Nothing(Absence::new("HOME is not set"))),
                None => Ok(Answer::Nothing(Absence::new(format!("there is no profile \"default\" in {file}")))),
            };
        };
        let resolver = Resolver { sources: &self.sources, profiles: &profiles };
        match resolver.whole(profile, &mut Vec::new())? {
            Some(Resolved { credentials, place, .. }) => {
                Ok(Answer::Credentials(credentials, format!("{name}: {place}")))
            }
            None => Ok(Answer::Nothing(Absence::new(format!("profile {name:?} has no credentials")))),
        }
    }

    fn reject(&self, access_key_id: &str) {
        self.sources.reject(access_key_id);
    }
}

/// Files that are there and cannot be used stop the search.
pub(super) fn unusable(name: &'static str, error: FilesError) -> ProviderError {
    ProviderError::new(name, ProviderFailure::Failed).with_cause(error).with_hint("mend the file, or take it away")
}

struct Resolver<'a> {
    sources: &'a Sources,
    profiles: &'a Profiles,
}

impl Resolver<'_> {
    /// What the profile that was asked for has.
    fn whole(&self, profile: &Profile, visited: &mut Vec<String>) -> Result<Option<Resolved>, ProviderError> {
        match profile.value("role_arn") {
            Some(arn) if profile.value("web_identity_token_file").is_none() => {
                self.role(profile, arn, visited).map(Some)
            }
            _ => self.own(profile),
        }
    }

    /// What a profile has without asking another.
    fn own(&self, profile: &Profile) -> Result<Option<Resolved>, ProviderError> {
        let sources = self.sources;
        let resolved = |credentials, place| Resolved { credentials, place, is_role: false };
        if let Some(file) = profile.value("web_identity_token_file") {
            let missing = "role_arn";
            let arn = profile.value(missing).ok_or_else(|| {
                let profile = profile.name.clone();
                wrong(ProfileError::Missing { profile, found: "web_identity_token_file", missing })
            })?;
            let role = Assume::from_profile(profile, arn).map_err(assume_error)?;
            let token_file = expand(&*sources.world, file);
            let region = self.region(profile);
            let credentials = web_identity::fetch(NAME, sources, Some(profile), &region, &role, &token_file)?;
            return Ok(Some(Resolved { credentials, place: format!("role {arn} by web identity"), is_role: true }));
        }
        if profile.value("sso_account_id").is_some() || profile.value("sso_role_name").is_some() {
            return sso::fetch(sources, self.profiles, profile).map(Some);
        }
        let in_credentials_file = |wanted: bool| {
            let file = profile.file("aws_access_key_id").or_else(|| profile.file("aws_secret_access_key"));
            file.is_some_and(|file| file.is_credentials == wanted)
        };
        if in_credentials_file(true) {
            if let Some(keys) = keys(profile)? {
                return Ok(Some(keys));
            }
        }
        if let Some(session) = profile.value("login_session") {
            return login::fetch(sources, session)
                .map(|found| Some(resolved(found, format!("login session {session}"))));
        }
        if let Some(command) = profile.value("credential_process") {
            return process::fetch(sources, command).map(|found| Some(resolved(found, "credential_process".into())));
        }
        if in_credentials_file(false) {
            if let Some(keys) = keys(profile)? {
                return Ok(Some(keys));
            }
        }
        for found in ["sso_session", "sso_start_url"] {
            if profile.value(found).is_some() {
                let (profile, missing) = (profile.name.clone(), "sso_account_id and sso_role_name");
                return Err(wrong(ProfileError::Missing { profile, found, missing }));
            }
        }
        Ok(None)
    }

    fn role(&self, profile: &Profile, arn: &str, visited: &mut Vec<String>) -> Result<Resolved, ProviderError> {
        visited.push(profile.name.clone());
        let role = Assume::from_profile(profile, arn).map_err(assume_error)?;
        let region = self.region(profile);
        let settings = self.sources.selected();
        let settings = self.profiles.get(&settings.name).unwrap_or(profile);
        let assumption = Assumption { sources: self.sources, profile: Some(settings), region: &region, name: NAME };
        let base = match (profile.value("source_profile"), profile.value("credential_source")) {
            (Some(_), Some(_)) => return Err(wrong(ProfileError::TwoSources(profile.name.clone()))),
            (None, None) => return Err(wrong(ProfileError::NoSource(profile.name.clone()))),
            (Some(source), None) => Base::Profile(self.source(profile, source, visited)?),
            (None, Some(source)) => Base::Named(known(profile, source)?),
        };
        if let Some(credentials) = assumption.kept(&role) {
            return Ok(Resolved {
                credentials,
                place: format!("role {arn} as kept in ~/.aws/cli/cache"),
                is_role: true,
            });
        }
        let base = match base {
            Base::Profile(source) => self.base(source, visited)?,
            Base::Named(source) => self.named(profile, source)?,
        };
        let credentials = assumption.fetch_and_keep(&role, &base.credentials, base.is_role)?;
        Ok(Resolved { credentials, place: format!("role {arn} with {}", base.place), is_role: true })
    }

    /// The profile that `profile` names as its source.
    fn source(&self, profile: &Profile, name: &str, visited: &[String]) -> Result<&Profile, ProviderError> {
        let unknown = || ProfileError::UnknownSource { profile: profile.name.clone(), source: name.to_owned() };
        let source = self.profiles.get(name).ok_or_else(|| wrong(unknown()))?;
        // A profile may take keys of its own to assume its role.
        if visited.iter().any(|seen| seen == name) && !has_keys(source) {
            let mut names = visited.to_vec();
            names.push(name.to_owned());
            return Err(wrong(ProfileError::Loop(names)));
        }
        Ok(source)
    }

    /// What a role is assumed with. Here keys beat a role.
    fn base(&self, source: &Profile, visited: &mut Vec<String>) -> Result<Resolved, ProviderError> {
        let found = if has_keys(source) { keys(source)? } else { self.whole(source, visited)? };
        let mut found = found.ok_or_else(|| wrong(ProfileError::EmptySource(source.name.clone())))?;
        found.place = format!("profile {}: {}", source.name, found.place);
        Ok(found)
    }

    fn named(&self, profile: &Profile, source: NamedSource) -> Result<Resolved, ProviderError> {
        let answer = match source {
            NamedSource::Environment => Environment::new(Arc::clone(&self.sources.world)).provide()?,
            NamedSource::Instance => self.sources.instance_role().provide()?,
            NamedSource::Container => Container::new(self.sources.clone()).provide()?,
        };
        match answer {
            Answer::Credentials(credentials, place) => {
                let place = format!("{}: {place}", source.text());
                // AWS does not count the roles of machines and containers as links of a chain.
                Ok(Resolved { credentials, place, is_role: false })
            }
            Answer::Nothing(absence) => {
                let (profile, value) = (profile.name.clone(), source.text().to_owned());
                let reason = absence.reason().to_owned();
                let error = wrong(ProfileError::EmptyCredentialSource { profile, value, reason });
                Err(match absence.hint() {
                    Some(hint) => error.with_hint(hint.to_owned()),
                    None => error,
                })
            }
        }
    }

    fn region(&self, profile: &Profile) -> String {
        let settings = self.sources.region().ok().flatten();
        settings.or_else(|| profile.value("region").map(ToOwned::to_owned)).unwrap_or_else(|| "us-east-1".into())
    }
}

enum Base<'a> {
    Profile(&'a Profile),
    Named(NamedSource),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum NamedSource {
    Environment,
    Instance,
    Container,
}

impl NamedSource {
    fn text(self) -> &'static str {
        match self {
            Self::Environment => "Environment",
            Self::Instance => "Ec2InstanceMetadata",
            Self::Container => "EcsContainer",
        }
    }
}

fn known(profile: &Profile, text: &str) -> Result<NamedSource, ProviderError> {
    let all = [NamedSource::Environment, NamedSource::Instance, NamedSource::Container];
    let found = all.into_iter().find(|source| source.text().eq_ignore_ascii_case(text));
    let (profile, value) = (profile.name.clone(), text.to_owned());
    found.ok_or_else(|| wrong(ProfileError::CredentialSource { profile, value }))
}

fn assume_error(error: AssumeError) -> ProviderError {
    ProviderError::new(NAME, ProviderFailure::Failed).with_cause(error).with_hint("mend the profile")
}

fn has_keys(profile: &Profile) -> bool {
    profile.value("aws_access_key_id").is_some() || profile.value("aws_secret_access_key").is_some()
}

/// The keys that are written down in a profile.
fn keys(profile: &Profile) -> Result<Option<Resolved>, ProviderError> {
    let (id, secret) = ("aws_access_key_id", "aws_secret_access_key");
    let missing = |found, missing| Err(wrong(ProfileError::Missing { profile: profile.name.clone(), found, missing }));
    let (key_id, key_secret) = match (profile.value(id), profile.value(secret)) {
        (None, None) => return Ok(None),
        (Some(_), None) => return missing(id, secret),
        (None, Some(_)) => return missing(secret, id),
        (Some(key_id), Some(key_secret)) => (key_id, key_secret),
    };
    let malformed = |key| wrong(ProfileError::Malformed { profile: profile.name.clone(), key });
    let mut credentials = Credentials::new(key_id, key_secret).map_err(|error| match error {
        CredentialsError::Secret => malformed(secret),
        _ => malformed(id),
    })?;
    for token in ["aws_session_token", "aws_security_token"] {
        if let Some(value) = profile.value(token) {
            credentials = credentials.with_token(value).map_err(|_| malformed(token))?;
            break;
        }
    }
    let file = profile.file(id).map(|file| shown(&file.path)).unwrap_or_default();
    Ok(Some(Resolved { credentials, place: format!("keys in {file}"), is_role: false }))
}
