//! How the host is reached.

use std::path::PathBuf;

/// How many seconds a host has to be found and to answer.
pub(crate) const CONNECT_TIMEOUT: f64 = 10.0;

#[derive(Debug, Default, clap::Args)]
pub(crate) struct ConnectionArgs {
    /// Do not check the host's certificate: whoever is in between can read and change everything
    #[arg(short = 'k', long)]
    pub(crate) insecure: bool,
    /// Trust these authorities (PEM) and no others [AWS_CA_BUNDLE, CURL_CA_BUNDLE, SSL_CERT_FILE, compiled-in roots]
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Trust the authorities in this folder (one PEM file each) and no others
    #[arg(long, value_name = "FOLDER")]
    pub(crate) capath: Option<PathBuf>,
    /// Show this certificate (PEM) to the host; it may hold the key too
    #[arg(short = 'E', long, value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
    /// The key of that certificate (PEM, not encrypted)
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// TLS 1.3 only
    #[arg(long = "tlsv1.3")]
    pub(crate) tls13: bool,
    /// The oldest TLS to accept: 1.2 or 1.3
    #[arg(long, value_name = "VERSION", value_parser = ["1.0", "1.1", "1.2", "1.3"])]
    pub(crate) tls_min: Option<String>,
    /// The newest TLS to accept: 1.2 or 1.3
    #[arg(long, value_name = "VERSION", value_parser = ["1.2", "1.3", "default"])]
    pub(crate) tls_max: Option<String>,
    /// Ask this proxy, http://[user:password@]host:port, and not those of http_proxy and https_proxy; '' for none
    #[arg(short = 'x', long, value_name = "URL")]
    pub(crate) proxy: Option<String>,
    /// Name and password for the proxy
    #[arg(short = 'U', long, value_name = "NAME:PASSWORD")]
    pub(crate) proxy_user: Option<String>,
    /// Hosts, domains and networks that need no proxy; * for all [no_proxy]
    #[arg(long, value_name = "LIST")]
    pub(crate) noproxy: Option<String>,
    /// Which schemes may be called: =https for that alone, -http for any but that
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub(crate) proto: Option<String>,
    /// Follow redirects only to these
    #[arg(long, value_name = "LIST", allow_hyphen_values = true)]
    pub(crate) proto_redir: Option<String>,
    /// Give up when no connection is made within so many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = CONNECT_TIMEOUT)]
    pub(crate) connect_timeout: f64,
    /// Give up when the whole exchange takes longer than so many seconds [no limit]
    #[arg(short, long, value_name = "SECONDS")]
    pub(crate) max_time: Option<f64>,
    /// Give up when less than --speed-limit arrives or leaves for so many seconds
    #[arg(short = 'y', long, value_name = "SECONDS")]
    pub(crate) speed_time: Option<u64>,
    /// The bytes a second below which it is too slow [1; over 30 seconds]
    #[arg(short = 'Y', long, value_name = "BYTES")]
    pub(crate) speed_limit: Option<u64>,
    /// Use this address for that host and port, and ask no name server; repeatable
    #[arg(long, value_name = "HOST:PORT:ADDRESS[,…]")]
    pub(crate) resolve: Vec<String>,
    /// Connect there instead; the signature stays that of the URL's host; repeatable
    #[arg(long, value_name = "HOST1:PORT1:HOST2:PORT2")]
    pub(crate) connect_to: Vec<String>,
    /// Connect to this socket of the machine
    #[arg(long, value_name = "PATH")]
    pub(crate) unix_socket: Option<PathBuf>,
    /// Use IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub(crate) ipv4: bool,
    /// Use IPv6 addresses only
    #[arg(short = '6', long)]
    pub(crate) ipv6: bool,
}
