//! What a signature is good for: service, region, time and credentials.

use super::SourceArgs;

/// What a signature is good for.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct PlaceArgs {
    /// The signing name of the service, when the host does not tell it [AWSIG_SERVICE]
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// The signing region, when the host does not tell it [AWS_REGION, AWS_DEFAULT_REGION, the profile's, the instance's]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Sign as of this time instead of now: 20150830T123600Z, RFC 3339 or @SECONDS
    #[arg(long, value_name = "TIME")]
    pub(crate) time: Option<String>,
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
}
