//! Options of curl and awscurl that awsig does not take, and what to use instead.

/// What to do instead of an option of curl's or awscurl's that there is not.
pub(crate) fn instead(option: &str) -> Option<&'static str> {
    let option = option.split('=').next().unwrap_or(option);
    Some(match option {
        "--location-trusted" => "-L signs again for the same service; credentials go to nobody else",
        "-b" | "--cookie" | "-c" | "--cookie-jar" => {
            "no service that takes AWS signatures uses cookies; -H 'Cookie: …' sends one"
        }
        "-e" | "--referer" => "-H 'Referer: …'",
        "--oauth2-bearer" | "--basic" | "--digest" | "--negotiate" | "--ntlm" | "--anyauth" | "-n" | "--netrc"
        | "--netrc-file" | "--netrc-optional" => {
            "awsig only sends requests it has signed; credentials come from the environment, a profile or -u"
        }
        "-z" | "--time-cond" => "-H 'If-Modified-Since: …'",
        "-J" | "--remote-header-name" => "-o FILE; the service does not choose names of files here",
        "-Z" | "--parallel" | "--parallel-max" | "--next" | "-:" => {
            "one request a call; xargs -P 8 -n 1 awsig runs several"
        }
        "--socks4" | "--socks4a" | "--socks5" | "--socks5-hostname" | "--preproxy" => {
            "-x http://HOST:PORT; awsig speaks no SOCKS"
        }
        "--http3" | "--http3-only" | "--http2-prior-knowledge" | "-0" | "--http1.0" | "--http0.9" => {
            "leave it out; awsig speaks HTTP/1.1, as every AWS endpoint does"
        }
        "--sslv2" | "-2" | "--sslv3" | "-3" | "--ssl-allow-beast" => "leave it out; awsig speaks TLS 1.2 and 1.3",
        "--ciphers" | "--tls13-ciphers" | "--curves" | "--engine" => {
            "leave it out; awsig offers modern ciphers only; --tlsv1.3 for TLS 1.3 alone"
        }
        "--cert-type" | "--key-type" | "--pass" => {
            "--cert and --key take PEM files; openssl pkcs12 or openssl pkey convert others"
        }
        "--crlfile" | "--cert-status" | "--pinnedpubkey" => "--cacert FILE trusts that authority and no other",
        "--interface" | "--local-port" | "--dns-servers" | "--dns-interface" | "--doh-url" => {
            "--resolve HOST:PORT:ADDRESS or --connect-to"
        }
        "--limit-rate" | "--rate" => "leave it out, or run awsig under trickle or tc",
        "--trace" | "--trace-ascii" | "--trace-time" | "--trace-ids" => {
            "-v; it shows heads and what is signed, secrets blanked"
        }
        "--tr-encoding" | "--raw" | "--ignore-content-length" | "--request-target" => {
            "leave it out; what was signed is what is sent"
        }
        "--stderr" => "2>FILE",
        "--ssl" | "--ssl-reqd" | "--ftp-ssl" | "-l" | "-Q" | "--quote" | "--mail-from" | "--mail-rcpt" => {
            "awsig speaks HTTP and HTTPS only; use curl"
        }
        "--expect100-timeout" => "leave it out; awsig sends no Expect",
        "--fail-early" | "--remote-name-all" => "leave it out; one URL a call",
        "--variable" | "--expand-url" | "--expand-data" => "let the shell put it in: \"$NAME\"",
        "--etag-save" | "--etag-compare" => "-H 'If-None-Match: …', and -D FILE for the ETag that comes",
        "--xattr" | "-R" | "--remote-time" => "leave it out; -D FILE keeps the headers",
        "--aws-sigv4a" => "awsig makes no SigV4A signatures; call a regional endpoint",
        _ => return None,
    })
}
