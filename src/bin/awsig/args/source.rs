//! Where credentials are looked for.

/// Told with each of them: a heading for what is next would stand above all that is behind this too.
const HEADING: &str = "Credentials";

/// Where credentials are looked for.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct SourceArgs {
    /// Use this profile of ~/.aws/config and ~/.aws/credentials, not the environment's keys [AWS_PROFILE]
    #[arg(long, help_heading = HEADING, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Ask only this source for credentials
    #[arg(long, help_heading = HEADING, value_name = "NAME", value_parser = ["environment", "profile", "web-identity", "container", "instance"])]
    pub(crate) credentials_source: Option<String>,
    /// Assume this role with whatever credentials are found
    #[arg(long, help_heading = HEADING, value_name = "ARN")]
    pub(crate) role_arn: Option<String>,
    /// The id that the owner of --role-arn asks strangers for
    #[arg(long, help_heading = HEADING, value_name = "ID", requires = "role_arn")]
    pub(crate) external_id: Option<String>,
    /// The name of the session of --role-arn [awsig-SECONDS]
    #[arg(long, help_heading = HEADING, value_name = "NAME", requires = "role_arn")]
    pub(crate) role_session_name: Option<String>,
    /// For how many seconds to assume --role-arn, from 900 to 43200
    #[arg(long, help_heading = HEADING, value_name = "SECONDS", requires = "role_arn")]
    pub(crate) duration_seconds: Option<u32>,
    /// The MFA device that --role-arn wants a code of, asked for at the terminal
    #[arg(long, help_heading = HEADING, value_name = "SERIAL", requires = "role_arn")]
    pub(crate) mfa_serial: Option<String>,
    /// Wait for a metadata service that is not there yet, as while a machine starts: 90s, 2m
    #[arg(long, help_heading = HEADING, value_name = "DURATION")]
    pub(crate) wait_imds: Option<String>,
}
