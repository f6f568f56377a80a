//! `awsig presign` and `awsig presign-post`.

use super::{PlaceArgs, RequestArgs};
use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(crate) struct PresignArgs {
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    /// For how long the URL is good: 900, 90s, 15m, 12h or 7d
    #[arg(long, value_name = "DURATION", default_value = "15m")]
    pub(crate) expires: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PresignPostArgs {
    /// The bucket: https://BUCKET.s3.REGION.amazonaws.com/ or https://s3.REGION.amazonaws.com/BUCKET
    pub(crate) url: String,
    /// The key to upload to
    #[arg(long, required_unless_present = "key_starts_with", conflicts_with = "key_starts_with")]
    pub(crate) key: Option<String>,
    /// Upload to any key that starts like this; the name of the uploaded file is put behind it
    #[arg(long, value_name = "PREFIX")]
    pub(crate) key_starts_with: Option<String>,
    /// The smallest and the largest size of the upload, in bytes (K, M, G may follow)
    #[arg(long, value_name = "MIN-MAX")]
    pub(crate) content_length_range: Option<String>,
    /// A field that the form has to have, with its value: acl, Content-Type, x-amz-meta-…; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) field: Vec<String>,
    /// For how long the form is good: 900, 90s, 15m, 12h or 7d
    #[arg(long, value_name = "DURATION", default_value = "15m")]
    pub(crate) expires: String,
    /// What to print; all hold the session token, since S3 needs it
    #[arg(long, value_enum, default_value_t = PostFormat::Json)]
    pub(crate) format: PostFormat,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PostFormat {
    /// An object with url and fields
    Json,
    /// A curl command that uploads FILE
    Curl,
    /// A form for a web page
    Html,
}
