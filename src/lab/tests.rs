//! Both services over loopback, byte for byte, with a client of our own that adds nothing.

use super::policy::{Auth, Policy, PolicyKind};
use super::*;
use crate::imds::{self, Imds, ImdsFailure};
use crate::signing::{Credentials, Expires, Request, Scope, Signer, Timestamp};
use crate::transport::Client;
use crate::world::{Process, World};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicI64, Ordering};
use core::time::Duration;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Mutex;

const HOST: &str = "reservation-0123456789abcdef0.7d67968.vpc-lattice-svcs.us-west-2.on.aws";
const SENTINEL_QUERY: &str = "X-Amz-Security-Token";

type Headers = Vec<(String, String)>;

#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: String,
}

/// Writes one request as it stands and reads to the end of the connection.
fn raw(address: SocketAddr, request: &str) -> Reply {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    read_reply(stream)
}

fn read_reply(mut stream: TcpStream) -> Reply {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    Reply { status: head[9..12].parse().unwrap(), head: head.to_ascii_lowercase(), body: body.to_owned() }
}

fn send(address: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)]) -> Reply {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    raw(address, &format!("{method} {target} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n"))
}

/// A lab whose clock the test moves and whose log it reads.
struct Bench {
    lab: Lab,
    offset: Arc<AtomicI64>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Bench {
    fn new(change: impl FnOnce(&mut Settings)) -> Self {
        let offset = Arc::new(AtomicI64::new(0));
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let (moved, lines) = (Arc::clone(&offset), Arc::clone(&log));
        let start = Process::new().now();
        let mut settings = Settings {
            clock: Clock::new(move || start.plus_seconds(moved.load(Ordering::SeqCst))),
            log: Sink::new(move |line| lines.lock().unwrap().push(line.to_owned())),
            ..Settings::default()
        };
        change(&mut settings);
        Self { lab: Lab::start(settings).unwrap(), offset, log }
    }

    fn now(&self) -> Timestamp {
        self.lab.clock.now()
    }

    fn pass(&self, seconds: i64) {
        self.offset.fetch_add(seconds, Ordering::SeqCst);
    }

    fn metadata(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut all = vec![("Host", "169.254.169.254")];
        all.extend(headers);
        send(self.lab.metadata(), method, path, &all)
    }

    fn token(&self, ttl: &str) -> String {
        let reply = self.metadata("PUT", "/latest/api/token", &[("X-aws-ec2-metadata-token-ttl-seconds", ttl)]);
        assert_eq!(reply.status, 200, "{reply:?}");
        assert!(reply.head.contains(&format!("x-aws-ec2-metadata-token-ttl-seconds: {ttl}")), "{reply:?}");
        reply.body
    }

    fn read(&self, path: &str) -> Reply {
        let token = self.token("60");
        self.metadata("GET", path, &[("x-aws-ec2-metadata-token", &token)])
    }

    /// The role's credentials, by the protocol.
    fn credentials(&self) -> Credentials {
        let list = "/latest/meta-data/iam/security-credentials/";
        let role = self.read(list).body;
        let document: serde_json::Value = serde_json::from_str(&self.read(&format!("{list}{role}")).body).unwrap();
        let text = |name: &str| document[name].as_str().unwrap().to_owned();
        let expires = Timestamp::parse_rfc3339(&text("Expiration")).unwrap();
        Credentials::new(text("AccessKeyId"), text("SecretAccessKey"))
            .unwrap()
            .with_token(text("Token"))
            .unwrap()
            .with_expiry(expires)
    }

    fn signer(&self, region: &str, service: &str) -> Signer {
        Signer::new(&self.credentials(), Scope::new(self.now(), region, service).unwrap())
    }

    /// Signs, lets `change` loose on what would be sent, and sends it.
    fn signed(&self, signer: &Signer, method: &str, target: &str, change: impl FnOnce(&mut Headers)) -> Reply {
        let url = format!("http://{HOST}{target}");
        let request = Request::new(method, &url).unwrap().header("content-type", "application/json").unwrap();
        let mut headers: Vec<(String, String)> =
            vec![("host".to_owned(), HOST.to_owned()), ("content-type".to_owned(), "application/json".to_owned())];
        let authorization = signer.sign(&request);
        headers.extend(authorization.headers().map(|(name, value)| (name.to_owned(), value.to_owned())));
        change(&mut headers);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        send(self.lab.service(), method, target, &headers)
    }

    fn last_log(&self) -> serde_json::Value {
        serde_json::from_str(self.log.lock().unwrap().last().unwrap()).unwrap()
    }
}

fn set(headers: &mut [(String, String)], name: &str, value: &str) {
    let header = headers.iter_mut().find(|(given, _)| given == name).unwrap();
    value.clone_into(&mut header.1);
}

#[test]
fn a_metadata_token_is_given_for_one_second_to_six_hours() {
    let bench = Bench::new(|_| {});
    for ttl in ["1", "21600"] {
        bench.token(ttl);
    }
    let put = |path: &str, headers: &[(&str, &str)]| bench.metadata("PUT", path, headers).status;
    let ttl = "X-aws-ec2-metadata-token-ttl-seconds";
    assert_eq!(put("/latest/api/token", &[]), 400);
    for junk in ["0", "-1", "+5", "21601", "x", "", "1.5", "99999999999999999999"] {
        assert_eq!(put("/latest/api/token", &[(ttl, junk)]), 400, "{junk}");
    }
    assert_eq!(put("/latest/api/token", &[(ttl, "60"), ("X-Forwarded-For", "10.0.0.1")]), 403);
    assert_eq!(put("/2021-03-23/api/token", &[(ttl, "60")]), 403);
    assert_eq!(bench.metadata("GET", "/latest/api/token", &[]).status, 405);
    assert_eq!(bench.metadata("POST", "/latest/api/token", &[(ttl, "60")]).status, 405);
    assert_eq!(bench.metadata("DELETE", "/latest/meta-data/", &[]).status, 405);
}

#[test]
fn without_a_living_token_nothing_is_read() {
    let bench = Bench::new(|_| {});
    let path = "/latest/meta-data/instance-id";
    let get = |token: &str| bench.metadata("GET", path, &[("x-aws-ec2-metadata-token", token)]).status;
    assert_eq!(bench.metadata("GET", path, &[]).status, 401);
    assert_eq!(get("AQAEAinvented=="), 401);
    let token = bench.token("60");
    assert_eq!(get(&token), 200);
    bench.pass(59);
    assert_eq!(get(&token), 200);
    bench.pass(1);
    assert_eq!(get(&token), 401);
    let token = bench.token("60");
    bench.lab.forget_metadata_tokens();
    assert_eq!(get(&token), 401);
    bench.lab.disable_metadata(true);
    assert_eq!(get(&token), 403);
    assert_eq!(bench.metadata("PUT", "/latest/api/token", &[]).status, 403);
}

#[test]
fn the_documents_are_where_clients_look_for_them() {
    let bench = Bench::new(|_| {});
    for (path, expected) in [
        ("/latest/meta-data/placement/region", "us-west-2"),
        ("/latest/meta-data/placement/availability-zone", "us-west-2a"),
        ("/latest/meta-data/placement/availability-zone/", "us-west-2a"),
        ("/latest/meta-data/instance-id", "i-0123456789abcdef0"),
        ("/latest/meta-data/iam/security-credentials/", "workshop-role"),
        ("/latest/meta-data/iam/security-credentials", "workshop-role"),
        ("/latest/meta-data/placement/", "availability-zone\nregion"),
        ("/latest/meta-data/iam/", "info\nsecurity-credentials/"),
        ("/latest/", "dynamic/\nmeta-data/"),
    ] {
        let reply = bench.read(path);
        assert_eq!((reply.status, reply.body.as_str()), (200, expected), "{path}");
    }
    let json = |path: &str| serde_json::from_str::<serde_json::Value>(&bench.read(path).body).unwrap();
    assert_eq!(json("/latest/dynamic/instance-identity/document")["accountId"], "123456789012");
    let profile = "arn:aws:iam::123456789012:instance-profile/workshop-role";
    assert_eq!(json("/latest/meta-data/iam/info")["InstanceProfileArn"], profile);
    let document = json("/latest/meta-data/iam/security-credentials/workshop-role");
    assert_eq!((&document["Code"], &document["Type"]), (&"Success".into(), &"AWS-HMAC".into()));
    assert!(document["AccessKeyId"].as_str().unwrap().starts_with("ASIA"));
    for path in
        ["/latest/user-data", "/latest/meta-data/iam/security-credentials/other", "/1.0/", "/latest/meta-data/x"]
    {
        assert_eq!(bench.read(path).status, 404, "{path}");
    }
}

#[test]
fn an_instance_without_a_role_has_no_credentials() {
    let bench = Bench::new(|settings| {
        settings.place.role = None;
        settings.place.user_data = Some("#!/bin/sh".to_owned());
    });
    assert_eq!(bench.read("/latest/meta-data/iam/security-credentials/").status, 404);
    assert_eq!(bench.read("/latest/meta-data/iam/info").status, 404);
    assert_eq!(bench.read("/latest/user-data").body, "#!/bin/sh");
}

#[test]
fn our_own_client_understands_the_metadata_service() {
    let client = |bench: &Bench| {
        let settings = imds::Settings::default().with_endpoint(&format!("http://{}", bench.lab.metadata())).unwrap();
        Imds::with_settings(Arc::new(Process::new()), Arc::new(Client::link_local()), settings)
    };
    let bench = Bench::new(|_| {});
    let imds = client(&bench);
    let first = imds.credentials().unwrap();
    assert_eq!(first.role, "workshop-role");
    assert_eq!(imds.region().unwrap(), "us-west-2");
    // The client's token is forgotten under its hands: it gets another after the 401.
    bench.lab.forget_metadata_tokens();
    bench.lab.rotate_credentials().unwrap();
    let second = imds.credentials().unwrap();
    assert_ne!(first.credentials.access_key_id(), second.credentials.access_key_id());
    assert_eq!(*imds.get("user-data").unwrap_err().failure(), ImdsFailure::NotFound);
    bench.lab.disable_metadata(true);
    assert_eq!(*imds.credentials().unwrap_err().failure(), ImdsFailure::Forbidden);
    let bench = Bench::new(|settings| settings.place.role = None);
    assert_eq!(*client(&bench).credentials().unwrap_err().failure(), ImdsFailure::NoRole);
}

#[test]
fn the_policies_decide_as_the_workshop_shows() {
    let bench = Bench::new(|_| {});
    let signer = bench.signer("us-west-2", "vpc-lattice-svcs");
    let arn = "arn:aws:vpc-lattice:us-west-2:123456789012:service/svc-0123456789abcdef0/";
    let denied = |user: &str| {
        format!(
            "AccessDeniedException: User: {user} is not authorized to perform: vpc-lattice-svcs:Invoke on resource: \
             {arn} because no service-based policy allows the vpc-lattice-svcs:Invoke action"
        )
    };
    let role = "arn:aws:sts::123456789012:assumed-role/workshop-role/i-0123456789abcdef0";
    for (policy, get) in [("authenticated", 200), ("post-only", 403)] {
        bench.lab.set_service_auth(Auth::Iam(Policy::named(policy)));
        for method in ["GET", "POST"] {
            let reply = send(bench.lab.service(), method, "/?q=1", &[("Host", HOST)]);
            assert_eq!((reply.status, reply.body), (403, denied("anonymous")), "{policy} {method}");
        }
        let reply = bench.signed(&signer, "POST", "/", |_| {});
        assert_eq!(reply.status, 200, "{reply:?}");
        assert!(reply.body.contains("<p>Hello From Lattice Reservations!</p>"), "{reply:?}");
        assert!(reply.head.contains("content-type: text/html; charset=utf-8"), "{reply:?}");
        assert_eq!(bench.signed(&signer, "PUT", "/", |_| {}).status, 200);
        let reply = bench.signed(&signer, "GET", "/", |_| {});
        assert_eq!(reply.status, get, "{reply:?}");
        if get == 403 {
            assert_eq!(reply.body, denied(role));
        }
    }
    bench.lab.set_service_auth(Auth::None);
    assert_eq!(send(bench.lab.service(), "GET", "/", &[("Host", HOST)]).status, 200);
    // Even where anybody may call, a signature that is there has to be right.
    assert_eq!(bench.signed(&signer, "GET", "/", |headers| set(headers, "content-type", "text/plain")).status, 403);
    // Another scheme is between the caller and the target.
    let bearer = [("Host", HOST), ("Authorization", "Bearer abc")];
    assert_eq!(send(bench.lab.service(), "GET", "/", &bearer).status, 200);
}

#[test]
fn every_wrong_signature_is_refused_with_its_reason() {
    let bench = Bench::new(|_| {});
    let signer = bench.signer("us-west-2", "vpc-lattice-svcs");
    let body = |signer: &Signer, change: &dyn Fn(&mut Headers)| {
        let reply = bench.signed(signer, "POST", "/rates?x=1", change);
        assert_eq!(reply.status, 403, "{reply:?}");
        assert_eq!(bench.last_log()["failureReason"], "ClientAccessDenied");
        reply.body
    };
    let mismatch = "InvalidSignatureException: The request signature we calculated does not match";
    assert!(body(&signer, &|headers| set(headers, "content-type", "text/plain")).starts_with(mismatch));
    let hashed = "InvalidSignatureException: Signed payloads are not supported";
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(body(&signer, &|headers| set(headers, "x-amz-content-sha256", digest)), hashed);
    assert_eq!(
        body(&signer, &|headers| headers.retain(|(name, _)| name != "x-amz-security-token")),
        "IncompleteSignatureException: 'x-amz-security-token' is named as a SignedHeader, but it does not exist in the \
         HTTP request."
    );
    let unsign = |headers: &mut Headers| {
        let value = headers.iter().find(|(name, _)| name == "authorization").unwrap().1.clone();
        set(headers, "authorization", &value.replace("x-amz-content-sha256;", ""));
    };
    let missing = "IncompleteSignatureException: Missing the 'x-amz-content-sha256' in canonical headers.";
    assert_eq!(body(&signer, &unsign), missing);
    let absent = |headers: &mut Headers| {
        unsign(headers);
        headers.retain(|(name, _)| name != "x-amz-content-sha256");
    };
    assert_eq!(body(&signer, &absent), missing);
    assert_eq!(
        body(&bench.signer("us-east-1", "vpc-lattice-svcs"), &|_| {}),
        "InvalidSignatureException: Credential should be scoped to a valid region, not 'us-east-1'."
    );
    assert_eq!(
        body(&bench.signer("us-west-2", "execute-api"), &|headers| {
            headers.push(("x-amz-content-sha256".to_owned(), "UNSIGNED-PAYLOAD".to_owned()));
            let value = headers.iter().find(|(name, _)| name == "authorization").unwrap().1.clone();
            set(headers, "authorization", &value.replace(";x-amz-date", ";x-amz-content-sha256;x-amz-date"));
        }),
        "InvalidSignatureException: Credential should be scoped to correct service: 'vpc-lattice-svcs'."
    );
    assert!(body(&bench.signer("eu-west-1", "s3"), &|_| {}).ends_with("correct service: 'vpc-lattice-svcs'."));
    let stranger = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
    let scope = Scope::new(bench.now(), "us-west-2", "vpc-lattice-svcs").unwrap();
    assert_eq!(
        body(&Signer::new(&stranger, scope), &|_| {}),
        "UnrecognizedClientException: The security token included in the request is invalid."
    );
    let early = signer.at(bench.now().plus_seconds(901));
    assert!(body(&early, &|_| {}).starts_with("InvalidSignatureException: Signature not yet current: "));
    let late = signer.at(bench.now().plus_seconds(-901));
    let text = body(&late, &|_| {});
    assert!(
        text.starts_with("InvalidSignatureException: Signature expired: ") && text.ends_with(" - 15 min.)"),
        "{text}"
    );
    let sigv4a = |headers: &mut Headers| {
        let value = headers.iter().find(|(name, _)| name == "authorization").unwrap().1.clone();
        set(headers, "authorization", &value.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"));
    };
    assert_eq!(
        body(&signer, &sigv4a),
        "IncompleteSignatureException: Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'."
    );
}

#[test]
fn expired_credentials_are_told_from_wrong_ones_and_rotated_ones_live_on() {
    let bench = Bench::new(|_| {});
    let signer = bench.signer("us-west-2", "vpc-lattice-svcs");
    bench.lab.rotate_credentials().unwrap();
    assert_ne!(
        bench.credentials().access_key_id(),
        signer.sign(&Request::new("GET", "http://h/").unwrap()).value()[29..49].to_owned()
    );
    assert_eq!(bench.signed(&signer, "GET", "/", |_| {}).status, 200);
    bench.pass(6 * 3600);
    let reply = bench.signed(&signer.at(bench.now()), "GET", "/", |_| {});
    assert_eq!(reply.body, "ExpiredTokenException: The security token included in the request is expired");
}

#[test]
fn a_presigned_url_works_with_the_header_that_it_signs() {
    let bench = Bench::new(|_| {});
    let signer = bench.signer("us-west-2", "vpc-lattice-svcs");
    let url = format!("http://{HOST}/rates?x=1");
    let presigned = signer.presign(&Request::new("GET", &url).unwrap(), Expires::from_seconds(60).unwrap());
    let target = presigned.as_str().strip_prefix(&format!("http://{HOST}")).unwrap();
    let mut headers = vec![("Host", HOST)];
    headers.extend(presigned.headers());
    assert_eq!(send(bench.lab.service(), "GET", target, &headers).status, 200);
    assert_eq!(send(bench.lab.service(), "GET", &target.replace("x=1", "x=2"), &headers).status, 403);
    let authorization = signer.sign(&Request::new("GET", &url).unwrap()).value().to_owned();
    headers.push(("authorization", &authorization));
    assert_eq!(send(bench.lab.service(), "GET", target, &headers).status, 403);
    bench.pass(61);
    headers.pop();
    let reply = send(bench.lab.service(), "GET", target, &headers);
    assert!(reply.body.ends_with(" - 1 min.)"), "{reply:?}");
    // The query, which holds the token, is in no line of the log.
    assert!(bench.log.lock().unwrap().iter().all(|line| !line.contains(SENTINEL_QUERY) && !line.contains("X-Amz-")));
}

#[test]
fn a_client_reaches_the_service_as_its_proxy() {
    let bench = Bench::new(|settings| settings.legs.service = Auth::None);
    let address = bench.lab.service();
    let host = "parking-0dcc67d057e4a5626.7d67968.vpc-lattice-svcs.ap-northeast-2.on.aws";
    let reply = send(address, "GET", &format!("http://{host}/rates"), &[("Host", host)]);
    assert_eq!((reply.status, reply.body.as_str()), (200, "Hello from \"rates\"\n"));
    let arn = "arn:aws:vpc-lattice:ap-northeast-2:123456789012:service/svc-0dcc67d057e4a5626";
    assert_eq!(bench.last_log()["serviceArn"], arn);
    assert_eq!(send(address, "GET", "http://other.example/", &[("Host", host)]).status, 400);

    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "CONNECT {host}:80 HTTP/1.1\r\nHost: {host}:80\r\n\r\n").unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&head));
    write!(stream, "GET /payments HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    assert!(read_reply(stream).body.contains("payments"));

    // Nothing but this lab is behind it: no tunnel in a tunnel, and none through the metadata service.
    assert_eq!(send(bench.lab.metadata(), "CONNECT", "h:80", &[("Host", "h")]).status, 405);
}

#[test]
fn what_lattice_does_not_take_is_a_bad_request() {
    let bench = Bench::new(|settings| settings.legs.service = Auth::None);
    let address = bench.lab.service();
    assert_eq!(send(address, "GET", "/", &[]).status, 400);
    assert_eq!(send(address, "GET", "/", &[("Host", "a"), ("Host", "b")]).status, 400);
    assert_eq!(send(address, "GET", "/%zz", &[("Host", HOST)]).status, 400);
    let names: Vec<String> = (0..100).map(|number| format!("x-{number}")).collect();
    let mut many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "v")).collect();
    many.push(("Host", HOST));
    assert_eq!(send(address, "GET", "/", &many).status, 400);
    assert_eq!(send(address, "GET", "/", &many[3..]).status, 200);
    let long = "v".repeat(61 * 1024);
    assert_eq!(send(address, "GET", "/", &[("Host", HOST), ("x-long", &long)]).status, 400);
    assert_eq!(bench.last_log()["failureReason"], "ClientProtocolError");
    let huge = format!("POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 6291457\r\nConnection: close\r\n\r\n");
    assert_eq!(raw(address, &huge).status, 413);
}

#[test]
fn each_request_is_one_line_of_access_log_without_secrets() {
    let bench = Bench::new(|_| {});
    let credentials = bench.credentials();
    let signer = Signer::new(&credentials, Scope::new(bench.now(), "us-west-2", "vpc-lattice-svcs").unwrap());
    let reply = bench.signed(&signer, "POST", "/rates", |_| {});
    let log = bench.last_log();
    let role = "arn:aws:sts::123456789012:assumed-role/workshop-role/i-0123456789abcdef0";
    for (field, expected) in [
        ("resolvedUser", role),
        ("callerPrincipal", role),
        ("requestMethod", "POST"),
        ("requestPath", "/rates"),
        ("hostHeader", HOST),
        ("authDeniedReason", "-"),
        ("failureReason", "-"),
    ] {
        assert_eq!(log[field], expected, "{field}");
    }
    assert_eq!(log["responseCode"], 200);
    assert!(reply.head.contains(&format!("x-amzn-requestid: {}", log["requestId"].as_str().unwrap())), "{reply:?}");
    let own = [("Host", HOST), ("x-amzn-requestid", "my-own")];
    assert!(send(bench.lab.service(), "GET", "/", &own).head.contains("x-amzn-requestid: my-own"));
    let log = bench.last_log();
    assert_eq!((&log["resolvedUser"], &log["authDeniedReason"]), (&"Anonymous".into(), &"Service".into()));
    let lines = bench.log.lock().unwrap().join("\n");
    assert!(!lines.contains(credentials.secret().expose()) && !lines.contains(credentials.token().unwrap().expose()));
    assert_eq!(lines.lines().count(), 2);
}

#[test]
fn a_network_policy_is_asked_first_and_conditions_see_the_request() {
    let text = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*/rates", "Condition": {
        "StringEquals": {"vpc-lattice-svcs:RequestHeader/x-team": "blue"}, "IpAddress": {"aws:SourceIp": "127.0.0.0/8"},
        "NumericEquals": {"vpc-lattice-svcs:Port": 80},
        "ForAnyValue:StringEquals": {"vpc-lattice-svcs:RequestQueryString/tag": "a b"}}}}"#;
    let policy = Policy::parse(text, PolicyKind::Resource).unwrap();
    let bench = Bench::new(|settings| {
        settings.legs.network = Auth::Iam(Some(policy));
        settings.legs.service = Auth::None;
    });
    let get = |target: &str, team: &str| {
        let reply = send(bench.lab.service(), "GET", target, &[("Host", HOST), ("X-Team", team)]);
        (reply.status, reply.body.contains("because no network-based policy allows"))
    };
    assert_eq!(get("/rates?tag=x&tag=a%20b", "blue"), (200, false));
    assert_eq!(get("/rates?tag=x", "blue"), (403, true));
    assert_eq!(get("/rates?tag=a%20b", "red"), (403, true));
    assert_eq!(get("/payments?tag=a%20b", "blue"), (403, true));
}

#[test]
fn a_lab_stops_when_it_is_dropped() {
    let lab = Lab::start(Settings::default()).unwrap();
    let (metadata, service) = (lab.metadata(), lab.service());
    let idle = TcpStream::connect(service).unwrap();
    drop(lab);
    assert!(TcpStream::connect(metadata).is_err() && TcpStream::connect(service).is_err());
    let _ = idle.shutdown(Shutdown::Both);
}

#[test]
fn what_serve_writes_can_be_pasted() {
    struct Once(Vec<u8>);
    impl Write for Once {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    let mut out = Once(Vec::new());
    serve(Settings::default(), &mut out).unwrap();
    let text = String::from_utf8(out.0).unwrap().to_string();
    assert!(text.contains("\nexport AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:"), "{text}");
    assert!(text.contains("\nexport http_proxy=http://127.0.0.1:"), "{text}");
}

#[test]
fn what_is_no_http_harms_nobody_else() {
    let bench = Bench::new(|settings| settings.legs.service = Auth::None);
    for address in [bench.lab.service(), bench.lab.metadata()] {
        let hostile: [&[u8]; 6] = [
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GET",
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            b"CONNECT / HTTP/1.1\r\n\r\n",
        ];
        let _held: Vec<TcpStream> = hostile
            .iter()
            .map(|bytes| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.write_all(bytes).unwrap();
                stream
            })
            .collect();
        assert_ne!(send(address, "GET", "/", &[("Host", HOST)]).status, 400);
    }
}

#[test]
fn many_clients_are_answered_at_once() {
    let bench = Bench::new(|settings| settings.legs.service = Auth::None);
    let address = bench.lab.service();
    let clients: Vec<_> =
        (0..200).map(|_| std::thread::spawn(move || send(address, "GET", "/", &[("Host", HOST)]).status)).collect();
    assert!(clients.into_iter().all(|client| client.join().unwrap() == 200));
    assert_eq!(bench.log.lock().unwrap().len(), 200);
}
