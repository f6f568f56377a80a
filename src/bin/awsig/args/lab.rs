//! `awsig lab`.

use clap::Subcommand;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct LabArgs {
    #[command(subcommand)]
    pub(crate) tour: Option<LabVerb>,
    /// The auth policy of the service: open, authenticated, post-only or a JSON file
    #[arg(long, value_name = "NAME|FILE", default_value = "authenticated")]
    pub(crate) policy: String,
    /// The auth policy of the service network [none: the network asks for nothing]
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) network_policy: Option<String>,
    /// The port of the service on 127.0.0.1
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The port of the metadata service on 127.0.0.1
    #[arg(long, default_value_t = 0)]
    pub(crate) imds_port: u16,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LabVerb {
    /// Play the VPC Lattice workshop in one process and show each step
    Tour,
}
