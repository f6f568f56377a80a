//! `awsig verify`.

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The request: as HTTP writes it, from curl -v, a HAR file, or a presigned URL [standard input]
    #[arg(value_name = "FILE|URL|-")]
    pub(crate) request: Option<String>,
    /// The method of a presigned URL
    #[arg(short = 'X', long = "method", value_name = "METHOD", default_value = "GET")]
    pub(crate) method: String,
    /// The body of the request, where the request has none, such as in a trace of curl -v
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<std::path::PathBuf>,
    /// The service that checks [what the host tells, else what is signed]
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// The region that checks [what the host tells, else what is signed]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Check as of this time instead of now: 20150830T123600Z, RFC 3339 or @SECONDS
    #[arg(long, value_name = "TIME")]
    pub(crate) time: Option<String>,
}
