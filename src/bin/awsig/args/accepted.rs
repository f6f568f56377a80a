//! Options that ask for what awsig does anyway, so that command lines written for curl and awscurl work.

#[derive(Debug, Default, clap::Args)]
pub(crate) struct AcceptedForRequest {
    /// Take [] and {} of the URL as they are
    #[arg(short = 'g', long, hide = true)]
    globoff: bool,
    /// Leave /./ and /../ of the URL as they are
    #[arg(long, hide = true)]
    path_as_is: bool,
    /// Read no .curlrc
    #[arg(short = 'q', long, hide = true)]
    disable: bool,
}

#[derive(Debug, Default, clap::Args)]
pub(crate) struct AcceptedForCall {
    /// From 400 up, print the answer's body and exit with 22
    #[arg(long, conflicts_with = "fail")]
    fail_with_body: bool,
    /// Show progress as a bar
    #[arg(short = '#', long, hide = true)]
    progress_bar: bool,
    /// Show the answer as it comes
    #[arg(short = 'N', long, hide = true)]
    no_buffer: bool,
    /// TLS 1.2 or newer
    #[arg(long = "tlsv1.2", alias = "tlsv1", alias = "tlsv1.0", alias = "tlsv1.1")]
    tls12: bool,
    /// Speak HTTP/1.1
    #[arg(long = "http1.1", alias = "http2", hide = true)]
    http11: bool,
    /// With --retry, try again when the connection is refused
    #[arg(long, hide = true)]
    retry_connrefused: bool,
    /// Keep no file of which only a part has come
    #[arg(long, hide = true)]
    remove_on_error: bool,
    /// Take no user name in the URL
    #[arg(long, hide = true)]
    disallow_username_in_url: bool,
    /// Send name and password to the proxy at once
    #[arg(long, hide = true)]
    proxy_basic: bool,
    /// Show headers of the proxy's answer nowhere
    #[arg(long, hide = true)]
    suppress_connect_headers: bool,
    /// Set TCP_NODELAY
    #[arg(long, alias = "tcp-fastopen", alias = "no-keepalive", hide = true)]
    tcp_nodelay: bool,
    /// Leave out extensions of TLS
    #[arg(long, alias = "no-npn", alias = "no-sessionid", alias = "false-start", hide = true)]
    no_alpn: bool,
    /// Check for revocation where that is possible
    #[arg(long, alias = "ssl-revoke-best-effort", hide = true)]
    ssl_no_revoke: bool,
    /// Print headers in bold, or not
    #[arg(long, alias = "no-styled-output", hide = true)]
    styled_output: bool,
}
