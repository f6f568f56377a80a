use crate::server::{Seen, Server, Step, answer, bytes};
use awsig::transport::{Body, Client, Failure, Limits, Phase, Proxies, Settings, Transport, TransportError};
use http::Request;
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

fn limits() -> Limits {
    Limits::none().with_connect(Duration::from_secs(2)).with_whole(Duration::from_secs(5))
}

fn get(url: &str) -> Request<Body<'static>> {
    Request::get(url).body(Body::Empty).unwrap()
}

/// The body of the response to a GET, or how it failed.
fn fetch(url: &str, limits: &Limits) -> Result<(u16, String), TransportError> {
    let response = Client::link_local().send(get(url), limits)?;
    let status = response.status().as_u16();
    Ok((status, String::from_utf8(response.into_body().read_all(1 << 20)?).unwrap()))
}

fn failure(url: &str, limits: &Limits) -> Failure {
    fetch(url, limits).unwrap_err().failure()
}

fn echo(seen: &Seen) -> Vec<Step> {
    answer(200, &[], &format!("{}\n{:?}\n{}", seen.line, seen.headers, String::from_utf8_lossy(&seen.body)))
}

#[test]
fn the_target_and_the_host_header_go_out_as_they_are() {
    let server = Server::http(echo);
    for target in ["/a//b/../c%2Bd?x=%20&y=+", "/%C3%A4", "/.", "/?b&a&b", "/?", "/~!$&'()*,;=:@[]|", "/"] {
        fetch(&server.url(target), &limits()).unwrap();
        assert_eq!(server.seen().last().unwrap().line, format!("GET {target} HTTP/1.1"));
    }
    let mut request = get(&server.url("/"));
    request.headers_mut().insert("host", "Svc.Example:80".parse().unwrap());
    Client::link_local().send(request, &limits()).unwrap();
    assert_eq!(server.seen().last().unwrap().header("host"), Some("Svc.Example:80"));
}

#[test]
fn no_header_is_added_but_host_and_user_agent() {
    let server = Server::http(echo);
    fetch(&server.url("/"), &limits()).unwrap();
    let agent = format!("awsig/{}", env!("CARGO_PKG_VERSION"));
    let expected = [("host".to_owned(), server.address.to_string()), ("user-agent".to_owned(), agent)];
    let mut headers = server.seen()[0].headers.clone();
    headers.sort();
    assert_eq!(headers, expected);
}

#[test]
fn bodies_go_out_with_their_length_or_in_chunks() {
    let server = Server::http(echo);
    let client = Client::link_local();
    let send = |method: &str, body: Body<'_>| {
        client.send(Request::builder().method(method).uri(server.url("/")).body(body).unwrap(), &limits()).unwrap();
        let seen = server.seen().pop().unwrap();
        let framing = (seen.header("content-length").map(str::to_owned), seen.header("transfer-encoding").is_some());
        (framing.0, framing.1, String::from_utf8(seen.body).unwrap())
    };
    let length = |length: &str| Some(length.to_owned());
    assert_eq!(send("GET", Body::Empty), (None, false, String::new()));
    assert_eq!(send("DELETE", Body::Empty), (None, false, String::new()));
    assert_eq!(send("POST", Body::Empty), (length("0"), false, String::new()));
    assert_eq!(send("GET", Body::Bytes(b"abc")), (length("3"), false, "abc".into()));
    assert_eq!(send("POST", Body::Bytes(b"")), (length("0"), false, String::new()));
    assert_eq!(send("PROPFIND", Body::Bytes(b"abc")), (length("3"), false, "abc".into()));
    let known = Body::Reader { reader: &mut &b"abcdef"[..], length: Some(4) };
    assert_eq!(send("PUT", known), (length("4"), false, "abcd".into()));
    let unknown = Body::Reader { reader: &mut &b"abcdef"[..], length: None };
    assert_eq!(send("PUT", unknown), (None, true, "abcdef".into()));
}

#[test]
fn a_body_that_ends_early_or_cannot_be_read_fails_the_request() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk on fire"))
        }
    }
    let server = Server::http(echo);
    let send = |reader: &mut dyn Read, length| {
        let request = Request::post(server.url("/")).body(Body::Reader { reader, length }).unwrap();
        Client::link_local().send(request, &limits()).unwrap_err()
    };
    assert_eq!(send(&mut &b"abc"[..], Some(4)).failure(), Failure::RequestBody);
    let error = send(&mut Broken, None);
    assert_eq!(error.failure(), Failure::RequestBody);
    assert_eq!(error.source().unwrap().to_string(), "disk on fire");
    assert_eq!(error.to_string(), "the body of the request could not be read to its end");
}

#[test]
fn statuses_are_answers_and_redirects_are_not_followed() {
    let server = Server::http(|seen| match seen.what() {
        "GET /302" => answer(302, &[("location", "/elsewhere")], "moved"),
        "GET /307" => answer(307, &[("location", "/elsewhere")], "moved"),
        "GET /204" => vec![Step::Send(b"HTTP/1.1 204 None\r\n\r\n".to_vec())],
        what => answer(what.trim_start_matches("GET /").parse().unwrap(), &[], "body"),
    });
    for status in [403, 404, 500, 503] {
        assert_eq!(fetch(&server.url(&format!("/{status}")), &limits()).unwrap(), (status, "body".into()));
    }
    assert_eq!(fetch(&server.url("/302"), &limits()).unwrap(), (302, "moved".into()));
    assert_eq!(fetch(&server.url("/307"), &limits()).unwrap(), (307, "moved".into()));
    assert_eq!(fetch(&server.url("/204"), &limits()).unwrap(), (204, String::new()));
    assert!(!server.asked().contains(&"GET /elsewhere".to_owned()));
}

#[test]
fn one_connection_serves_many_requests() {
    let server = Server::http(|_| answer(200, &[], "x"));
    let client = Client::link_local();
    let connections = (0..3).map(|_| {
        let response = client.send(get(&server.url("/")), &limits()).unwrap();
        response.into_body().read_all(10).unwrap()
    });
    assert_eq!(connections.count(), 3);
    let raw = Server::raw(|mut stream| {
        let mut count = 0;
        while stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {
            count += 1;
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{count}").unwrap();
        }
    });
    for expected in [b"1", b"2", b"3"] {
        let response = client.send(get(&raw.url("/")), &limits()).unwrap();
        assert_eq!(response.into_body().read_all(1).unwrap(), expected);
    }
}

#[test]
fn each_failure_has_its_name() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_eq!(failure(&format!("http://{closed}/"), &limits()), Failure::Refused);
    // Longer than a label may be, so that no name server is asked.
    let nowhere = format!("http://{}.example/", "a".repeat(70));
    assert_eq!(failure(&nowhere, &limits()), Failure::Resolve);
    assert_eq!(failure("ftp://127.0.0.1/", &limits()), Failure::Request);
    assert_eq!(failure("http://255.255.255.255/", &limits()), Failure::Unreachable);

    let empty = Server::http(|_| vec![Step::Close]);
    assert_eq!(failure(&empty.url("/"), &limits()), Failure::Empty);
    let half = Server::http(|_| bytes("HTTP/1.1 200 OK\r\ncontent-"));
    assert_eq!(failure(&half.url("/"), &limits()), Failure::Receive);
    let garbage = Server::http(|_| bytes("SSH-2.0-OpenSSH_9.6\r\n\r\n"));
    assert_eq!(failure(&garbage.url("/"), &limits()), Failure::BadResponse);
    let short = Server::http(|_| bytes("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc"));
    assert_eq!(failure(&short.url("/"), &limits()), Failure::Partial);
    let chunks = Server::http(|_| bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"));
    assert_eq!(failure(&chunks.url("/"), &limits()), Failure::Partial);
    let head = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    let huge_head = Server::http(move |_| bytes(&head));
    assert_eq!(failure(&huge_head.url("/"), &limits()), Failure::BadResponse);
    let huge = Server::http(|_| answer(200, &[], &"x".repeat(3 << 20)));
    assert_eq!(failure(&huge.url("/"), &limits()), Failure::TooLarge { max: 1 << 20 });
}

/// Closing a socket with bytes unread resets the connection.
fn reset_after(text: &'static str) -> Server {
    Server::raw(move |mut stream| {
        stream.peek(&mut [0]).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        if !text.is_empty() {
            thread::sleep(Duration::from_millis(50));
        }
    })
}

#[test]
fn a_reset_is_told_from_an_end() {
    let reset = reset_after("");
    assert_eq!(failure(&reset.url("/"), &limits()), Failure::Receive);
    let in_the_body = reset_after("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    assert_eq!(failure(&in_the_body.url("/"), &limits()), Failure::Receive);
    // Without a length the end of the connection is the end of the body, but a reset is no end.
    let without_length = reset_after("HTTP/1.1 200 OK\r\n\r\nabc");
    assert_eq!(failure(&without_length.url("/"), &limits()), Failure::Receive);
    let ended = Server::http(|_| bytes("HTTP/1.1 200 OK\r\n\r\nabc"));
    assert_eq!(fetch(&ended.url("/"), &limits()).unwrap(), (200, "abc".into()));
}

#[test]
fn an_answer_before_the_end_of_the_body_is_read() {
    let early = Server::raw(|mut stream| {
        let mut head = [0; 1000];
        assert!(stream.read(&mut head).unwrap() > 0);
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno").unwrap();
        thread::sleep(Duration::from_millis(100));
    });
    let body = vec![b'x'; 20 << 20];
    let request = Request::post(early.url("/")).body(Body::Bytes(&body)).unwrap();
    let response = Client::link_local().send(request, &limits()).unwrap();
    assert_eq!(response.status(), 403);

    let broken = Server::raw(|mut stream| assert!(stream.read(&mut [0; 1000]).unwrap() > 0));
    let request = Request::post(broken.url("/")).body(Body::Bytes(&body)).unwrap();
    assert_eq!(Client::link_local().send(request, &limits()).unwrap_err().failure(), Failure::Send);
}

#[test]
fn time_outs_name_their_phase() {
    let short = Duration::from_millis(150);
    let whole = Limits::none().with_whole(short);
    let first_byte = limits().with_first_byte(short);
    let stalled = Server::http(|_| vec![Step::Stall]);
    let mid_body =
        Server::http(|_| vec![Step::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_vec()), Step::Stall]);
    let drip = Server::http(|_| {
        let mut steps = vec![Step::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n".to_vec())];
        (0..100).for_each(|_| steps.extend([Step::Send(b"x".to_vec()), Step::Wait(Duration::from_millis(40))]));
        steps
    });
    let deaf = Server::raw(|stream| {
        thread::sleep(Duration::from_secs(2));
        drop(stream);
    });
    let begin = Instant::now();
    assert_eq!(failure(&stalled.url("/"), &first_byte), Failure::TimedOut(Phase::FirstByte));
    assert_eq!(failure(&stalled.url("/"), &whole), Failure::TimedOut(Phase::FirstByte));
    assert_eq!(failure(&mid_body.url("/"), &whole), Failure::TimedOut(Phase::Body));
    assert_eq!(failure(&drip.url("/"), &whole), Failure::TimedOut(Phase::Body));
    let tls = format!("https://{}/", deaf.address);
    assert_eq!(failure(&tls, &Limits::none().with_connect(short)), Failure::TimedOut(Phase::Tls));
    // More than any socket buffers.
    let body = Body::Reader { reader: &mut std::io::repeat(b'x'), length: Some(1 << 40) };
    let request = Request::post(deaf.url("/")).body(body).unwrap();
    let error = Client::link_local().send(request, &whole).unwrap_err();
    assert_eq!(error.failure(), Failure::TimedOut(Phase::Send));
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    // Only the head must come within the first limit.
    let slow = Server::http(|_| {
        let mut steps = vec![Step::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n".to_vec())];
        steps.extend([Step::Wait(Duration::from_millis(250)), Step::Send(b"x".to_vec())]);
        steps
    });
    assert_eq!(fetch(&slow.url("/"), &first_byte).unwrap(), (200, "x".into()));
}

#[test]
fn tls_with_who_speaks_none_is_a_handshake_failure() {
    let plain = Server::raw(|mut stream| {
        assert!(stream.read(&mut [0; 1000]).unwrap() > 0);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
    });
    assert_eq!(failure(&format!("https://{}/", plain.address), &limits()), Failure::Tls);
    let closed = Server::raw(|mut stream| assert!(stream.read(&mut [0; 1000]).unwrap() > 0));
    assert_eq!(failure(&format!("https://{}/", closed.address), &limits()), Failure::Tls);
}

/// Answers one request on each connection over TLS, with a certificate for 127.0.0.1 and svc.example of a root of its own.
fn tls_server(plain_first: Option<&'static str>) -> Server {
    tls_server_of(include_bytes!("tls/certificate.pem"), include_bytes!("tls/key.pem"), plain_first)
}

fn tls_server_of(certificate: &[u8], key: &[u8], plain_first: Option<&'static str>) -> Server {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    let config = std::sync::Arc::new(config);
    Server::raw(move |mut stream| {
        if let Some(answer) = plain_first {
            // ureq sends the request for a tunnel in several pieces.
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.extend(byte);
            }
            stream.write_all(answer.as_bytes()).unwrap();
        }
        let mut connection = rustls::ServerConnection::new(std::sync::Arc::clone(&config)).unwrap();
        let mut tls = rustls::Stream::new(&mut connection, &mut stream);
        // A client that does not trust the certificate leaves here.
        if tls.read(&mut [0; 1000]).is_ok_and(|count| count > 0) {
            tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret").unwrap();
        }
    })
}

#[test]
fn a_certificate_is_checked_against_the_roots_and_the_name() {
    let server = tls_server(None);
    let url = format!("https://{}/", server.address);
    assert_eq!(failure(&url, &limits()), Failure::Certificate);
    let root = include_bytes!("tls/root.pem");
    let client = Client::link_local().with_roots(root).unwrap();
    let response = client.send(get(&url), &limits()).unwrap();
    assert_eq!(response.into_body().read_all(100).unwrap(), b"secret");
    let localhost = format!("https://localhost:{}/", server.address.port());
    assert_eq!(client.send(get(&localhost), &limits()).unwrap().status(), 200);
    let other_name = format!("https://127.0.0.2:{}/", server.address.port());
    let error = client.send(get(&other_name), &limits()).unwrap_err();
    assert!(matches!(error.failure(), Failure::Certificate | Failure::Refused), "{error:?}");
    assert_eq!(Client::link_local().with_roots(b"no pem").unwrap_err().failure(), Failure::Certificate);
}

#[test]
fn a_certificate_that_is_its_own_issuer_is_taken_unless_it_is_an_authoritys() {
    let key = include_bytes!("tls/alone-key.pem");
    for (certificate, taken) in
        [(&include_bytes!("tls/alone.pem")[..], true), (&include_bytes!("tls/authority-as-host.pem")[..], false)]
    {
        let server = tls_server_of(certificate, key, None);
        let url = format!("https://localhost:{}/", server.address.port());
        let answer = Client::link_local().with_roots(certificate).unwrap().send(get(&url), &limits());
        if taken {
            assert_eq!(answer.unwrap().status(), 200);
            continue;
        }
        let error = answer.unwrap_err();
        assert_eq!(error.failure(), Failure::Certificate);
        // What the program tells it by.
        let cause = Error::source(&error).unwrap().to_string();
        assert!(cause.contains("CaUsedAsEndEntity"), "{cause}");
    }
}

#[test]
fn a_tunnel_carries_tls_to_the_host_itself() {
    let proxy = tls_server(Some("HTTP/1.1 200 Connected\r\n\r\n"));
    let client = through(&[("HTTPS_PROXY", &proxy.url(""))]).with_roots(include_bytes!("tls/root.pem")).unwrap();
    let response = client.send(get("https://svc.example/"), &limits()).unwrap();
    assert_eq!(response.into_body().read_all(100).unwrap(), b"secret");
    let error = client.send(get("https://other.example/"), &limits()).unwrap_err();
    assert_eq!(error.failure(), Failure::Certificate, "{error:?}");
}

fn through(variables: &[(&str, &str)]) -> Client {
    Client::new(Proxies::from_variables(|name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }))
}

#[test]
fn plain_http_goes_to_the_proxy_as_a_whole_url() {
    let proxy = Server::http(echo);
    let client = through(&[("http_proxy", &proxy.url("").replace("//", "//me:p%40ss@"))]);
    for _ in 0..2 {
        let mut request = Request::post("http://svc.example:8080/a//b?c=%20").body(Body::Bytes(b"body")).unwrap();
        request.headers_mut().insert("host", "svc.example:8080".parse().unwrap());
        assert_eq!(client.send(request, &limits()).unwrap().status(), 200);
        let seen = proxy.seen().pop().unwrap();
        assert_eq!(seen.line, "POST http://svc.example:8080/a//b?c=%20 HTTP/1.1");
        assert_eq!(seen.header("host"), Some("svc.example:8080"));
        assert_eq!(seen.header("proxy-authorization"), Some("Basic bWU6cEBzcw=="));
        assert_eq!(seen.body, b"body");
    }
    let direct = Server::http(echo);
    let client = through(&[("http_proxy", &proxy.url("")), ("no_proxy", "localhost,127.0.0.1")]);
    client.send(get(&direct.url("/direct")), &limits()).unwrap();
    assert_eq!(direct.asked(), ["GET /direct"]);
    assert_eq!(proxy.asked().len(), 2);
}

#[test]
fn https_goes_through_a_tunnel() {
    let proxy = Server::http(|_| answer(403, &[], ""));
    let client = through(&[("https_proxy", &proxy.url(""))]);
    let error = client.send(get("https://svc.example/"), &limits()).unwrap_err();
    assert_eq!(error.failure(), Failure::Proxy);
    assert_eq!(proxy.seen()[0].line, "CONNECT svc.example:443 HTTP/1.1");
}

#[test]
fn a_proxy_that_is_not_there_says_so() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nowhere = format!("http://{}.example:1", "a".repeat(70));
    for scheme in ["http", "https"] {
        let variable = format!("{scheme}_proxy");
        let attempt = |proxy: &str| {
            let client = through(&[(&variable, proxy)]);
            client.send(get(&format!("{scheme}://svc.example/")), &limits()).unwrap_err().failure()
        };
        assert_eq!(attempt(&format!("http://{closed}")), Failure::Refused, "{scheme}");
        assert_eq!(attempt(&nowhere), Failure::ProxyResolve, "{scheme}");
        assert_eq!(attempt("socks5://127.0.0.1:1"), Failure::ProxyUrl, "{scheme}");
        assert_eq!(attempt("http://"), Failure::ProxyUrl, "{scheme}");
    }
}

#[cfg(unix)]
#[test]
fn a_socket_of_this_machine_is_a_way_too() {
    use std::os::unix::net::UnixListener;
    let path = std::env::temp_dir().join(format!("awsig-transport-{}.sock", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let listener = UnixListener::bind(&path).unwrap();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
        // The next one is never answered.
        let (_stream, _) = listener.accept().unwrap();
        thread::sleep(Duration::from_millis(500));
        String::from_utf8(head).unwrap()
    });
    let mut settings = Settings::default();
    settings.unix_socket = Some(path.clone());
    let client = Client::with_settings(&settings).unwrap();
    let response = client.send(get("http://no-such-host.invalid/x"), &limits()).unwrap();
    assert_eq!(response.into_body().read_all(10).unwrap(), b"ok");
    let limit = Limits::none().with_idle(Duration::from_millis(100));
    let failure = client.send(get("http://no-such-host.invalid/x"), &limit).unwrap_err().failure();
    assert_eq!(failure, Failure::TimedOut(Phase::FirstByte));
    let seen = server.join().unwrap();
    assert!(seen.starts_with("GET /x HTTP/1.1\r\n") && seen.contains("no-such-host.invalid"), "{seen}");
    std::fs::remove_file(path).unwrap();
}
