//! `awsig sign`.

use super::RequestArgs;
use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(crate) struct SignArgs {
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    /// What to print; all but this command's own errors hold the session token, since the service needs it
    #[arg(long, value_enum, default_value_t = SignFormat::Headers)]
    pub(crate) format: SignFormat,
    /// Print the three texts of the signature instead, and where each line came from; secrets blanked
    #[arg(long, conflicts_with = "format")]
    pub(crate) explain: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SignFormat {
    /// The headers to add, one a line
    Headers,
    /// A curl command that sends the request
    Curl,
    /// Everything: method, url, headers, signed_headers, scope, canonical_request, string_to_sign, signature
    Json,
    /// The request as HTTP/1.1 writes it
    Http,
}
