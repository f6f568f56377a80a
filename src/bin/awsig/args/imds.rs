//! `awsig imds`.

#[derive(Debug, clap::Args)]
pub(crate) struct ImdsArgs {
    /// What to read: meta-data/instance-id, dynamic/instance-identity/document, user-data, …
    pub(crate) path: String,
}
