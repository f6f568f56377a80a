//! The request itself.

use super::{AcceptedForRequest, BodyArgs, KeyArgs, PlaceArgs};
use clap::ValueEnum;
use std::ffi::OsString;

/// The request, as far as signing and sending have it in common.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct RequestArgs {
    /// Where to send the request
    pub(crate) url: Option<String>,
    /// The method, in any case; GET by default, POST when there is a body
    #[arg(value_name = "METHOD")]
    pub(crate) method: Option<String>,
    /// The method, as an option
    #[arg(short = 'X', long = "request", value_name = "METHOD", conflicts_with = "method")]
    pub(crate) request: Option<String>,
    /// Where to send the request, as an option
    #[arg(long = "url", value_name = "URL")]
    pub(crate) url_option: Vec<String>,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    /// Add this to the query of the URL, percent-encoded: TEXT, NAME=TEXT, NAME@FILE, or +TEXT, in which only what a URL cannot hold, and a + (%2B), is encoded; repeatable
    #[arg(long, value_name = "NAME=TEXT")]
    pub(crate) url_query: Vec<OsString>,
    /// Ask for the head of the answer only (HEAD), and print it
    #[arg(short = 'I', long, conflicts_with = "method")]
    pub(crate) head: bool,
    /// What the client calls itself
    #[arg(short = 'A', long, value_name = "NAME")]
    pub(crate) user_agent: Option<String>,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// A header, 'Name: value', or a file of them, @FILE; repeatable
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub(crate) headers: Vec<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// How often the path is encoded for signing [the service's way: once for S3, twice for all others]
    #[arg(long, value_name = "HOW", value_enum)]
    pub(crate) path_encoding: Option<PathEncodingArg>,
    /// Whether `.`, `..` and empty segments of the path are signed resolved [the service's way: no for S3]
    #[arg(long, value_name = "YES|NO", value_enum)]
    pub(crate) normalize_path: Option<YesNo>,
    /// What is signed of the body: signed, unsigned, or its SHA-256 in hexadecimal [the service's way]
    #[arg(long, value_name = "HOW|HASH")]
    pub(crate) payload: Option<String>,
    /// The checksum in the trailer of an upload to S3 from a pipe: crc32, crc32c or sha256
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) checksum: Option<ChecksumArg>,
    /// Sign this header though it is left unsigned otherwise; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) sign_header: Vec<String>,
    /// Send this header unsigned; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) dont_sign_header: Vec<String>,
    /// Read options from this file too, one a line, as curl does; - is standard input; repeatable
    #[arg(short = 'K', long = "config", value_name = "FILE")]
    pub(crate) config: Vec<std::path::PathBuf>,
    #[command(flatten)]
    pub(crate) accepted: AcceptedForRequest,
}

impl RequestArgs {
    /// The URL, typed in whichever way.
    pub(crate) fn typed_url(&self) -> Option<&String> {
        self.url.as_ref().or(self.url_option.last())
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PathEncodingArg {
    /// As it is sent: what S3 wants
    Once,
    /// As it is sent, encoded once more: what all others want
    Twice,
    /// Sent and signed byte for byte as typed
    AsIs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ChecksumArg {
    Crc32,
    Crc32c,
    Sha256,
}
