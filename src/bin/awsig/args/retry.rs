//! How often it is tried.

#[derive(Debug, Default, clap::Args)]
pub(crate) struct RetryArgs {
    /// Try so many times more after 408, 429, 500, 502, 503, 504 and faults of the connection, signed anew each time
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) retry: u32,
    /// Wait so many seconds in between [a random time that doubles at most, or what the service asks for]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) retry_delay: Option<f64>,
    /// Start no other try after so many seconds
    #[arg(long, value_name = "SECONDS")]
    pub(crate) retry_max_time: Option<f64>,
    /// Try again after any answer from 400 up, and when a POST may have been received already
    #[arg(long)]
    pub(crate) retry_all_errors: bool,
}
