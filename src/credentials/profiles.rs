//! [`Profiles`]: what `~/.aws/config` and `~/.aws/credentials` say, put together.

use super::ini::{self, IniError, Property, Section};
use crate::world::World;
use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The profiles of a machine, with the sections that they refer to.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    profiles: BTreeMap<String, Profile>,
    sso_sessions: BTreeMap<String, Profile>,
    services: BTreeMap<String, Profile>,
}

/// A named group of settings.
#[derive(Clone, Debug)]
pub(super) struct Profile {
    pub(super) name: String,
    properties: BTreeMap<String, (Property, File)>,
}

/// Which of the two files something is from.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) path: Arc<PathBuf>,
    /// The one for keys.
    pub(super) is_credentials: bool,
}

/// Why the two files cannot be used.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum FilesError {
    /// A file is there and cannot be read.
    Unreadable(PathBuf, Arc<io::Error>),
    /// A file breaks the grammar.
    Malformed(PathBuf, IniError),
}

impl fmt::Display for FilesError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, _) => write!(formatter, "{} cannot be read", path.display()),
            Self::Malformed(path, _) => write!(formatter, "{} is malformed", path.display()),
        }
    }
}

impl Error for FilesError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable(_, error) => Some(&**error),
            Self::Malformed(_, error) => Some(error),
        }
    }
}

impl Profiles {
    /// Reads both files. One that is not there is empty.
    pub(super) fn load(world: &dyn World) -> Result<Self, FilesError> {
        let mut all = Self::default();
        let mut plain_default = None;
        let (config, sections) = read(world, config_path(world), false)?;
        for section in sections {
            let (kind, rest) = section.header.split_once([' ', '\t']).unwrap_or((&section.header, ""));
            let group = match kind {
                "profile" => &mut all.profiles,
                "sso-session" => &mut all.sso_sessions,
                "services" => &mut all.services,
                // It counts only if there is no [profile default].
                "default" if rest.is_empty() => {
                    merge(plain_default.get_or_insert_with(|| Profile::new("default")), section, &config);
                    continue;
                }
                _ => continue,
            };
            if let Some(name) = name(rest) {
                merge(group.entry(name.clone()).or_insert_with(|| Profile::new(&name)), section, &config);
            }
        }
        if let Some(plain) = plain_default {
            all.profiles.entry("default".into()).or_insert(plain);
        }
        let (credentials, sections) = read(world, credentials_path(world), true)?;
        for section in sections {
            if let Some(name) = name(&section.header) {
                merge(all.profiles.entry(name.clone()).or_insert_with(|| Profile::new(&name)), section, &credentials);
            }
        }
        Ok(all)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Profile> {
        self.profiles.get(name)
    }

    pub(super) fn sso_session(&self, name: &str) -> Option<&Profile> {
        self.sso_sessions.get(name)
    }

    pub(super) fn services(&self, name: &str) -> Option<&Profile> {
        self.services.get(name)
    }
}

impl Profile {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), properties: BTreeMap::new() }
    }

    /// The value of a property; blank is as good as missing.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        let (property, _) = self.properties.get(key)?;
        Some(property.value.trim()).filter(|value| !value.is_empty())
    }

    /// The file that a property is from.
    pub(super) fn file(&self, key: &str) -> Option<&File> {
        self.properties.get(key).map(|(_, file)| file)
    }

    /// The value of a property of a property.
    pub(super) fn nested(&self, key: &str, inner: &str) -> Option<&str> {
        let (property, _) = self.properties.get(key)?;
        property.nested.iter().find(|(name, _)| name.eq_ignore_ascii_case(inner)).map(|(_, value)| value.as_str())
    }

    /// Every property with a value.
    pub(super) fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.properties.keys().filter_map(|key| Some((key.as_str(), self.value(key)?)))
    }
}

fn merge(profile: &mut Profile, section: Section, file: &File) {
    for property in section.properties {
        profile.properties.insert(property.key.clone(), (property, file.clone()));
    }
}

/// The name of a section, if a profile may have it. Sections with other names are passed over, as in all SDKs. botocore
/// reads names as a shell does; of its rules only the quotes around a whole name are in use.
fn name(text: &str) -> Option<String> {
    let text = text.trim_matches([' ', '\t']);
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner.split(' ').all(ini::is_name).then(|| inner.to_owned());
        }
    }
    ini::is_name(text).then(|| text.to_owned())
}

fn read(world: &dyn World, path: Option<PathBuf>, is_credentials: bool) -> Result<(File, Vec<Section>), FilesError> {
    let path = Arc::new(path.unwrap_or_default());
    let file = File { path: Arc::clone(&path), is_credentials };
    if path.as_os_str().is_empty() {
        return Ok((file, Vec::new()));
    }
    let bytes = match world.read(&path) {
        Ok(bytes) => zeroize::Zeroizing::new(bytes),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok((file, Vec::new()));
        }
        Err(error) => return Err(FilesError::Unreadable(path.to_path_buf(), Arc::new(error))),
    };
    let sections = ini::parse(&bytes).map_err(|error| FilesError::Malformed(path.to_path_buf(), error))?;
    Ok((file, sections))
}

pub(super) fn config_path(world: &dyn World) -> Option<PathBuf> {
    path(world, "AWS_CONFIG_FILE", ".aws/config")
}

pub(super) fn credentials_path(world: &dyn World) -> Option<PathBuf> {
    path(world, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")
}

fn path(world: &dyn World, variable: &str, default: &str) -> Option<PathBuf> {
    match var(world, variable) {
        Some(path) => Some(expand(world, &path)),
        None => home(world).map(|home| home.join(default)),
    }
}

/// A path whose `~/` is the home folder.
pub(super) fn expand(world: &dyn World, path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), home(world)) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// The home folder: `HOME`, or what Windows has in its place.
pub(super) fn home(world: &dyn World) -> Option<PathBuf> {
    let set = |name| var(world, name);
    let windows = || set("USERPROFILE").or_else(|| Some(format!("{}{}", set("HOMEDRIVE")?, set("HOMEPATH")?)));
    set("HOME").or_else(|| if cfg!(windows) { windows() } else { None }).map(PathBuf::from)
}

/// A variable, trimmed; blank is as good as unset.
pub(super) fn var(world: &dyn World, name: &str) -> Option<String> {
    world.var(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// How a path is shown to people.
pub(super) fn shown(path: &Path) -> String {
    format!("{}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::Timestamp;
    use crate::world::Scripted;

    fn load(config: &str, credentials: &str) -> Profiles {
        let world = Scripted::at(Timestamp::UNIX_EPOCH).with_var("HOME", "/h").with_file("/h/.aws/config", config);
        Profiles::load(&world.with_file("/h/.aws/credentials", credentials)).unwrap()
    }

    fn region(profiles: &Profiles, name: &str) -> Option<String> {
        profiles.get(name).and_then(|profile| profile.value("region")).map(ToOwned::to_owned)
    }

    #[test]
    fn sections_are_told_apart_by_file_and_kind() {
        let config = "[default]\nregion=1\n[profile \t b ]\nregion=2\n[c]\nregion=3\n[sso-session s]\nregion=4\n\
                      [services v]\nsts =\n  endpoint_url = 5\n[profile \"q r\"]\nregion=6\n[other x]\nregion=7\n\
                      [profile a!b]\nregion=8\n[profile]\nregion=9\n";
        let profiles = load(config, "[d]\nregion=10\n[profile e]\nregion=11\n[sso-sessionx]\nregion=12\n");
        let names: Vec<&str> = profiles.profiles.keys().map(String::as_str).collect();
        assert_eq!(names, ["b", "d", "default", "q r", "sso-sessionx"]);
        assert_eq!(profiles.sso_session("s").unwrap().value("region"), Some("4"));
        assert_eq!(profiles.services("v").unwrap().nested("sts", "endpoint_url"), Some("5"));
    }

    #[test]
    fn profile_default_hides_default_wherever_it_stands() {
        assert_eq!(region(&load("[profile default]\nx=1\n[default]\nregion=1\n", ""), "default"), None);
        assert_eq!(region(&load("[default]\nregion=1\n[profile default]\nregion=2\n", ""), "default").unwrap(), "2");
    }

    #[test]
    fn both_files_are_merged_and_credentials_win() {
        let profiles = load("[profile a]\nregion=1\nx=1\n[profile a]\ny=2", "[a]\nregion=2\n");
        let profile = profiles.get("a").unwrap();
        assert_eq!(
            (profile.value("x"), profile.value("y"), profile.value("region")),
            (Some("1"), Some("2"), Some("2"))
        );
        assert!(profile.file("region").unwrap().is_credentials && !profile.file("x").unwrap().is_credentials);
    }

    #[test]
    fn files_are_where_the_variables_say() {
        let world = || Scripted::at(Timestamp::UNIX_EPOCH).with_file("/h/x", "[profile a]\nregion=1\n");
        let found = |world| region(&Profiles::load(&world).unwrap(), "a");
        assert_eq!(found(world().with_var("HOME", "/h").with_var("AWS_CONFIG_FILE", "~/x")).unwrap(), "1");
        assert_eq!(found(world().with_var("AWS_CONFIG_FILE", " /h/x ")).unwrap(), "1");
        assert_eq!(found(world().with_var("AWS_CONFIG_FILE", "/nowhere").with_var("HOME", "/h")), None);
        assert_eq!(found(world()), None);
    }
}
