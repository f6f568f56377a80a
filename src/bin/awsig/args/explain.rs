//! `awsig explain`.

use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// The answer: as curl -i or -v prints it, its body, or what a program printed [standard input]
    #[arg(value_name = "FILE|-")]
    pub(crate) answer: Option<String>,
    /// The request that was refused: as HTTP writes it, from curl -v, a HAR file, or its URL; its texts are compared
    #[arg(long, value_name = "FILE|URL|-")]
    pub(crate) request: Option<String>,
    /// The body of the request, where the request has none, such as in a trace of curl -v
    #[arg(long, value_name = "FILE", requires = "request")]
    pub(crate) body: Option<std::path::PathBuf>,
    /// When the answer came, if the clock of the machine that asked is known to be right
    #[arg(long, value_name = "TIME")]
    pub(crate) time: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub(crate) format: ExplainFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people
    Text,
    /// One JSON object: status, code, message, request_id, cause, passed, means, next, statement
    Json,
}
