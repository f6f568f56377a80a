//! What is done with the answer.

use std::path::PathBuf;

/// As many redirects as curl follows.
pub(crate) const MAX_REDIRS: u32 = 50;

#[derive(Debug, Default, clap::Args)]
pub(crate) struct AnswerArgs {
    /// Write the answer's body to this file instead of standard output; it gets its name once it is whole
    #[arg(short, long, value_name = "FILE", conflicts_with = "remote_name")]
    pub(crate) output: Option<PathBuf>,
    /// The same, to a file named like the end of the URL's path
    #[arg(short = 'O', long)]
    pub(crate) remote_name: bool,
    /// The folder of that file
    #[arg(long, value_name = "FOLDER")]
    pub(crate) output_dir: Option<PathBuf>,
    /// Make the folders of that file
    #[arg(long)]
    pub(crate) create_dirs: bool,
    /// Print the answer's status line and headers before its body
    #[arg(short, long, alias = "show-headers")]
    pub(crate) include: bool,
    /// Write the status line and the headers to this file; - is standard output
    #[arg(short = 'D', long, value_name = "FILE")]
    pub(crate) dump_header: Option<PathBuf>,
    /// From 400 up, print nothing of the answer's body on standard output
    #[arg(short, long)]
    pub(crate) fail: bool,
    /// Exit with 0 whatever the service answers, as curl does without --fail
    #[arg(long, conflicts_with_all = ["fail", "fail_with_body"])]
    pub(crate) no_fail: bool,
    /// Print this when all is done; %{http_code}, %{time_total}, %header{name} … stand for what they say
    #[arg(short, long, value_name = "TEXT|@FILE", allow_hyphen_values = true)]
    pub(crate) write_out: Option<String>,
    /// Go on with a download where it broke off: at this byte, or (-) behind what the file holds
    #[arg(short = 'C', long, value_name = "OFFSET|-", conflicts_with = "range", allow_hyphen_values = true)]
    pub(crate) continue_at: Option<String>,
    /// Ask for these bytes only: 0-499, 500-, -500
    #[arg(short, long, value_name = "RANGE", allow_hyphen_values = true)]
    pub(crate) range: Option<String>,
    /// Let the service compress its answer (gzip, deflate), and decompress it
    #[arg(long)]
    pub(crate) compressed: bool,
    /// Give up when the answer's body is larger than so many bytes (K, M, G may follow)
    #[arg(long, value_name = "BYTES")]
    pub(crate) max_filesize: Option<String>,
    /// Follow redirects; signed again for the same service, unsigned and without secrets to anybody else
    #[arg(short = 'L', long)]
    pub(crate) location: bool,
    /// Follow no more redirects than this
    #[arg(long, value_name = "NUMBER", default_value_t = MAX_REDIRS)]
    pub(crate) max_redirs: u32,
    /// Show no progress, nor errors
    #[arg(short, long)]
    pub(crate) silent: bool,
    /// Show errors even with --silent
    #[arg(short = 'S', long)]
    pub(crate) show_error: bool,
    /// Show no progress
    #[arg(long)]
    pub(crate) no_progress_meter: bool,
}
