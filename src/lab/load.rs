//! [`load_auth`]: what a person types for a policy.

use super::policy::{Auth, POLICY_NAMES, Policy, PolicyError, PolicyKind};
use crate::world::World;
use alloc::borrow::ToOwned;
use alloc::string::String;
use core::error::Error;
use core::fmt;
use std::io;
use std::path::Path;

/// Why a name or a file gives no policy.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// It is neither a name nor a file that can be read.
    Read {
        /// What was given.
        argument: String,
        /// Why it cannot be read.
        error: io::Error,
    },
    /// The file holds no valid policy.
    Policy {
        /// The file.
        path: String,
        /// Why it is none.
        error: PolicyError,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { argument, .. } => {
                write!(formatter, "{argument:?} is neither a policy (none, ")?;
                formatter.write_str(&POLICY_NAMES.join(", "))?;
                formatter.write_str(") nor a file that can be read")
            }
            Self::Policy { path, .. } => write!(formatter, "no valid policy in {path:?}"),
        }
    }
}

impl Error for LoadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Read { error, .. } => Some(error),
            Self::Policy { error, .. } => Some(error),
        }
    }
}

/// The authorisation that `none`, the name of a policy, or the path of a JSON file stands for.
///
/// # Errors
/// When it is none of these, or the file holds no valid policy.
pub fn load_auth(argument: &str, world: &dyn World) -> Result<Auth, LoadError> {
    if argument == "none" {
        return Ok(Auth::None);
    }
    if let Some(policy) = Policy::named(argument) {
        return Ok(Auth::Iam(Some(policy)));
    }
    let read = |error| LoadError::Read { argument: argument.to_owned(), error };
    let bytes = world.read(Path::new(argument)).map_err(read)?;
    let text = String::from_utf8(bytes).map_err(|_| read(io::ErrorKind::InvalidData.into()))?;
    // Editors leave it, and serde_json takes it for an error.
    let text = text.trim_start_matches('\u{feff}');
    Policy::parse(text, PolicyKind::Resource)
        .map(|policy| Auth::Iam(Some(policy)))
        .map_err(|error| LoadError::Policy { path: argument.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::Timestamp;
    use crate::world::Scripted;
    use alloc::string::ToString;

    #[test]
    fn a_policy_is_none_a_name_or_a_file() {
        let good = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
        let world = Scripted::at(Timestamp::UNIX_EPOCH)
            .with_file("good.json", good)
            .with_file("bad.json", r#"{"Statement": {"Effect": "Allow", "Colour": "red"}}"#)
            .with_file("binary", [0xff, 0xfe]);
        assert!(matches!(load_auth("none", &world), Ok(Auth::None)));
        for argument in ["open", "authenticated", "post-only", "good.json"] {
            assert!(matches!(load_auth(argument, &world), Ok(Auth::Iam(Some(_)))), "{argument}");
        }
        let unknown = PolicyError::UnknownElement("Colour".to_owned());
        assert!(matches!(load_auth("bad.json", &world), Err(LoadError::Policy { error, .. }) if error == unknown));
        assert!(matches!(load_auth("binary", &world), Err(LoadError::Read { .. })));
        assert_eq!(
            load_auth("opne", &world).unwrap_err().to_string(),
            "\"opne\" is neither a policy (none, open, authenticated, post-only) nor a file that can be read"
        );
    }
}
