//! Keys and places as curl and awscurl have them typed.

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Default, clap::Args)]
pub(crate) struct KeyArgs {
    /// The access key id and the secret key, as curl takes them; every process of this machine can see them
    #[arg(short = 'u', long, value_name = "ID:SECRET", conflicts_with_all = ["access_key", "secret_key"])]
    pub(crate) user: Option<Hidden>,
    /// The access key id, as awscurl takes it
    #[arg(long = "access_key", alias = "access-key", value_name = "ID", requires = "secret_key")]
    pub(crate) access_key: Option<String>,
    /// Its secret key; every process of this machine can see it
    #[arg(long = "secret_key", alias = "secret-key", value_name = "SECRET", requires = "access_key")]
    pub(crate) secret_key: Option<Hidden>,
    /// Its session token
    #[arg(long = "session_token", alias = "session-token", value_name = "TOKEN")]
    pub(crate) session_token: Option<Hidden>,
    /// The same by its older name
    #[arg(long = "security_token", alias = "security-token", value_name = "TOKEN")]
    pub(crate) security_token: Option<Hidden>,
    /// Region and service as curl takes them; without them the host tells
    #[arg(long, value_name = "aws:amz[:REGION[:SERVICE]]")]
    pub(crate) aws_sigv4: Option<String>,
}

/// A secret on the command line: not shown by `Debug`.
#[derive(Clone)]
pub(crate) struct Hidden(pub(crate) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(blanked)")
    }
}

impl FromStr for Hidden {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}
