//! `awsig endpoint`.

use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(crate) struct EndpointArgs {
    /// Host names or URLs; - reads one a line from standard input
    #[arg(required = true, value_name = "HOST")]
    pub(crate) hosts: Vec<String>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = EndpointFormat::Text)]
    pub(crate) format: EndpointFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EndpointFormat {
    /// For people, with the reasons
    Text,
    /// One JSON object a line
    Json,
}
