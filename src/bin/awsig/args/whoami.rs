//! `awsig whoami`.

use super::SourceArgs;
use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(crate) struct WhoamiArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// The region whose STS is asked [AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = WhoamiFormat::Text)]
    pub(crate) format: WhoamiFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum WhoamiFormat {
    /// For people
    Text,
    /// A JSON object: Account, Arn, UserId, Source
    Json,
}
