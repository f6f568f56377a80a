//! Options of curl and awscurl that awsig does not take, and what to use instead.

/// What to do instead of an option of curl's or awscurl's that there is not.
pub(crate) fn instead(option: &str) -> Option<&'static str> {
    let option = option.split('=').next().unwrap_or(option);
    Some(match option {
        "--location-trusted" | "--follow" => "-L signs again for the same service; credentials go to nobody else",
        "--post301" | "--post302" | "--post303" => {
            "call the URL that the redirect names; a POST that is redirected becomes a GET"
        }
        "-b" | "--cookie" | "-c" | "--cookie-jar" | "-j" | "--junk-session-cookies" => {
            "no service that takes AWS signatures uses cookies; -H 'Cookie: …' sends one"
        }
        "-e" | "--referer" => "-H 'Referer: …'",
        "--oauth2-bearer" | "--basic" | "--digest" | "--negotiate" | "--ntlm" | "--ntlm-wb" | "--anyauth" | "--krb"
        | "--delegation" | "--service-name" | "--login-options" | "--sasl-authzid" | "--sasl-ir" | "-n" | "--netrc"
        | "--netrc-file" | "--netrc-optional" => {
            "awsig only sends requests it has signed; credentials come from the environment, a profile or -u"
        }
        "-z" | "--time-cond" => "-H 'If-Modified-Since: …'",
        "-J" | "--remote-header-name" => "-o FILE; the service does not choose names of files here",
        "--no-clobber" | "--skip-existing" => "test -e FILE || awsig -o FILE …",
        "--out-null" => "-o /dev/null",
        "--create-file-mode" => "umask, or chmod FILE afterwards",
        "-Z" | "--parallel" | "--parallel-max" | "--parallel-max-host" | "--parallel-immediate" | "--next" | "-:" => {
            "one request a call; xargs -P 8 -n 1 awsig runs several"
        }
        "--fail-early" | "--remote-name-all" => "leave it out; one URL a call",
        "--socks4"
        | "--socks4a"
        | "--socks5"
        | "--socks5-hostname"
        | "--socks5-basic"
        | "--socks5-gssapi"
        | "--socks5-gssapi-nec"
        | "--socks5-gssapi-service"
        | "--preproxy" => "-x http://HOST:PORT; awsig speaks no SOCKS",
        "-p" | "--proxytunnel" => "leave it out; https goes through a proxy by CONNECT anyway",
        "--proxy-cacert"
        | "--proxy-capath"
        | "--proxy-ca-native"
        | "--proxy-insecure"
        | "--proxy-crlfile"
        | "--proxy-pinnedpubkey" => "--cacert FILE; what is trusted, is trusted for proxies too",
        proxy if proxy.starts_with("--proxy") => "-x http://NAME:PASSWORD@HOST:PORT is all that a proxy is told",
        "--http3" | "--http3-only" | "--http2-prior-knowledge" | "-0" | "--http1.0" | "--http0.9" | "--alt-svc" => {
            "leave it out; awsig speaks HTTP/1.1, as every AWS endpoint does"
        }
        "--hsts" | "--proto-default" => "write https:// in the URL",
        "--sslv2" | "-2" | "--sslv3" | "-3" | "--ssl-allow-beast" => "leave it out; awsig speaks TLS 1.2 and 1.3",
        "--ciphers" | "--tls13-ciphers" | "--curves" | "--sigalgs" | "--engine" | "--ech" | "--tls-earlydata" => {
            "leave it out; awsig offers modern ciphers only; --tlsv1.3 for TLS 1.3 alone"
        }
        "--random-file" | "--egd-file" => "leave it out; the system gives random bytes",
        "--cert-type" | "--key-type" | "--pass" | "--ssl-auto-client-cert" => {
            "--cert and --key take PEM files; openssl pkcs12 or openssl pkey convert others"
        }
        "--tlsauthtype" | "--tlsuser" | "--tlspassword" => "--cert and --key; awsig speaks no TLS-SRP",
        "--crlfile" | "--cert-status" | "--pinnedpubkey" => "--cacert FILE trusts that authority and no other",
        "--ca-native" | "--dump-ca-embed" => "--cacert FILE, such as /etc/ssl/certs/ca-certificates.crt",
        "--interface" | "--local-port" | "--dns-servers" | "--dns-interface" | "--dns-ipv4-addr"
        | "--dns-ipv6-addr" | "--doh-url" | "--doh-insecure" | "--doh-cert-status" => {
            "--resolve HOST:PORT:ADDRESS or --connect-to"
        }
        "--abstract-unix-socket" => "--unix-socket PATH",
        "--haproxy-protocol" | "--haproxy-clientip" => "-H 'X-Forwarded-For: …'",
        "--keepalive-time"
        | "--keepalive-cnt"
        | "--happy-eyeballs-timeout-ms"
        | "--ip-tos"
        | "--vlan-priority"
        | "--mptcp" => "leave it out; -m, --connect-timeout and --speed-time bound how long it takes",
        "--limit-rate" | "--rate" => "leave it out, or run awsig under trickle or tc",
        "--trace" | "--trace-ascii" | "--trace-time" | "--trace-ids" | "--trace-config" => {
            "-v; it shows heads and what is signed, secrets blanked"
        }
        "--libcurl" => "awsig sign --format curl, or --format http",
        "-M" | "--manual" => "man awsig, or awsig --help",
        "--tr-encoding" | "--raw" | "--ignore-content-length" | "--request-target" | "--request-mode" => {
            "leave it out; what was signed is what is sent"
        }
        "--form-escape" => "leave it out; names of fields and files are escaped as browsers do it",
        "-B" | "--use-ascii" | "--crlf" => "leave it out; bodies are sent byte for byte",
        "--stderr" => "2>FILE",
        "--ssl" | "--ssl-reqd" | "--ftp-ssl" | "-l" | "--list-only" | "-Q" | "--quote" | "-a" | "--append" | "-P"
        | "-t" | "--telnet-option" | "--compressed-ssh" | "--hostpubmd5" | "--hostpubsha256" | "--knownhosts"
        | "--pubkey" | "--disable-eprt" | "--disable-epsv" | "--metalink" | "--ipfs-gateway" | "--upload-flags" => {
            "awsig speaks HTTP and HTTPS only; use curl"
        }
        other if ["--ftp-", "--mail-", "--tftp-"].iter().any(|start| other.starts_with(start)) => {
            "awsig speaks HTTP and HTTPS only; use curl"
        }
        "--expect100-timeout" => "leave it out; awsig sends no Expect",
        "--variable" | "--expand-url" | "--expand-data" => "let the shell put it in: \"$NAME\"",
        "--etag-save" | "--etag-compare" => "-H 'If-None-Match: …', and -D FILE for the ETag that comes",
        "--xattr" | "-R" | "--remote-time" => "leave it out; -D FILE keeps the headers",
        "--ssl-sessions" => "leave it out; a call is one connection",
        "--aws-sigv4a" => "awsig makes no SigV4A signatures; call a regional endpoint",
        _ => return None,
    })
}
