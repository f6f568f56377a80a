use crate::server::{Seen, Server, Step, answer, bytes};
use awsig::Timestamp;
use awsig::imds::{DocumentError, Imds, ImdsError, ImdsFailure, Settings};
use awsig::transport::{Body, Client, Failure, Limits, Phase, ResponseBody, Transport, TransportError};
use awsig::world::{Process, Scripted, World};
use std::error::Error;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const DOCUMENT: &str = r#"{"Code":"Success","AccessKeyId":"ASIAX","SecretAccessKey":"SENTINEL-secret",
    "Token":"SENTINEL-session","Expiration":"2015-08-30T18:36:00Z"}"#;

fn world() -> Scripted {
    Scripted::at(Timestamp::parse("20150830T123600Z").unwrap())
}

/// A client of this server whose clock is scripted: retries take no time, the network's own limits hold.
fn client(server: &Server) -> Imds {
    let settings = Settings::from_world(&world().with_var("AWS_METADATA_SERVICE_TIMEOUT", "0.3")).unwrap();
    let settings = settings.with_endpoint(&server.url("/")).unwrap();
    Imds::with_settings(Arc::new(world()), Arc::new(Client::link_local()), settings)
}

/// A service as it should be, with one answer changed.
fn service(change: impl Fn(&Seen) -> Option<Vec<Step>> + Send + Sync + 'static) -> Server {
    Server::http(move |seen| {
        if let Some(steps) = change(seen) {
            return steps;
        }
        let is_token = seen.header("x-aws-ec2-metadata-token").is_some_and(|token| token.starts_with("SENTINEL-token"));
        match seen.what() {
            "PUT /latest/api/token" => {
                let ttl = seen.header("x-aws-ec2-metadata-token-ttl-seconds").unwrap();
                answer(200, &[("X-Aws-Ec2-Metadata-Token-Ttl-Seconds", ttl)], "SENTINEL-token==")
            }
            _ if !is_token => answer(401, &[], ""),
            "GET /latest/meta-data/iam/security-credentials/" => answer(200, &[], "my-role\n"),
            "GET /latest/meta-data/iam/security-credentials/my-role" => answer(200, &[], DOCUMENT),
            "GET /latest/meta-data/placement/region" => answer(200, &[], "eu-central-1"),
            "GET /latest/user-data" => answer(200, &[], ""),
            _ => answer(404, &[], "<html>"),
        }
    })
}

const TOKEN: &str = "PUT /latest/api/token";
const ROLES: &str = "GET /latest/meta-data/iam/security-credentials/";
const ROLE: &str = "GET /latest/meta-data/iam/security-credentials/my-role";
const REGION: &str = "GET /latest/meta-data/placement/region";

/// The same answer to the same request every time.
fn when(what: &'static str, steps: Vec<Step>) -> Server {
    service(move |seen| (seen.what() == what).then(|| steps.clone()))
}

/// These answers to a request one after the other, then the good one.
fn first(what: &'static str, answers: Vec<Vec<Step>>) -> Server {
    let count = AtomicU32::new(0);
    service(move |seen| {
        let asked = (seen.what() == what).then(|| count.fetch_add(1, Ordering::SeqCst))?;
        answers.get(usize::try_from(asked).unwrap()).cloned()
    })
}

fn no_secret(error: &ImdsError) {
    let source = error.source().map(|source| format!("{source} {source:?}"));
    let shown = format!("{error} {error:?} {:?} {source:?}", error.hint());
    assert!(!shown.contains("SENTINEL"), "{shown}");
}

fn failure(server: &Server) -> ImdsFailure {
    let error = client(server).credentials().unwrap_err();
    no_secret(&error);
    error.failure().clone()
}

#[test]
fn credentials_take_three_requests_on_one_token() {
    let server = service(|_| None);
    let imds = client(&server);
    let found = imds.credentials().unwrap();
    assert_eq!(found.role, "my-role");
    assert_eq!(found.credentials.access_key_id(), "ASIAX");
    assert_eq!(found.credentials.token().unwrap().expose(), "SENTINEL-session");
    assert_eq!(imds.region().unwrap(), "eu-central-1");
    assert_eq!(imds.role().unwrap(), "my-role");
    assert_eq!(imds.get("user-data").unwrap(), b"");
    assert_eq!(server.asked(), [TOKEN, ROLES, ROLE, REGION, ROLES, "GET /latest/user-data"]);
    let put = &server.seen()[0];
    assert_eq!(put.header("x-aws-ec2-metadata-token-ttl-seconds"), Some("21600"));
    assert_eq!(put.header("content-length"), Some("0"));
    assert!(server.seen().iter().all(|seen| seen.header("x-forwarded-for").is_none()));
    assert!(!format!("{imds:?} {found:?}").contains("SENTINEL"));
}

#[test]
fn any_path_can_be_asked_for() {
    let server = service(|seen| (seen.what() != TOKEN).then(|| answer(200, &[], "x")));
    let imds = client(&server);
    for path in
        ["meta-data/instance-id", "latest/user-data", "/2021-07-15/meta-data/", "meta-data/tags/instance/a b?c%20"]
    {
        imds.get(path).unwrap();
    }
    let asked = server.asked();
    assert_eq!(
        asked[1..],
        [
            "GET /latest/meta-data/instance-id",
            "GET /latest/user-data",
            "GET /2021-07-15/meta-data/",
            "GET /latest/meta-data/tags/instance/a%20b%3Fc%20",
        ]
    );
}

#[test]
fn each_status_of_the_token_request_has_its_meaning() {
    for (status, expected, asked) in [
        (400, ImdsFailure::TokenRefused, 1),
        (401, ImdsFailure::Status(401), 1),
        (403, ImdsFailure::Forbidden, 1),
        (404, ImdsFailure::NoTokens, 1),
        (405, ImdsFailure::NoTokens, 1),
        (302, ImdsFailure::Redirect(302), 1),
        (307, ImdsFailure::Redirect(307), 1),
        (204, ImdsFailure::Status(204), 1),
        (429, ImdsFailure::Status(429), 4),
        (500, ImdsFailure::Status(500), 4),
        (503, ImdsFailure::Status(503), 4),
    ] {
        let server = when(TOKEN, answer(status, &[("location", "/elsewhere")], ""));
        assert_eq!(failure(&server), expected, "{status}");
        assert_eq!(server.asked(), vec![TOKEN; asked], "{status}");
    }
}

#[test]
fn each_status_of_a_document_has_its_meaning() {
    for (status, expected, asked) in [
        (400, ImdsFailure::Status(400), 1),
        (403, ImdsFailure::Forbidden, 1),
        (404, ImdsFailure::NotFound, 1),
        (405, ImdsFailure::Status(405), 1),
        (301, ImdsFailure::Redirect(301), 1),
        (429, ImdsFailure::Status(429), 4),
        (503, ImdsFailure::Status(503), 4),
    ] {
        let server = when(REGION, answer(status, &[], ""));
        let error = client(&server).region().unwrap_err();
        assert_eq!(*error.failure(), expected, "{status}");
        assert_eq!(server.asked()[1..], vec![REGION; asked], "{status}");
    }
}

#[test]
fn what_may_pass_is_tried_again() {
    let broken: Vec<(&str, Vec<Step>)> = vec![
        ("503", answer(503, &[], "")),
        ("429", answer(429, &[], "slow down")),
        ("closed", vec![Step::Close]),
        ("half a head", bytes("HTTP/1.1 200 O")),
        ("half a body", bytes("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{")),
        ("empty", answer(200, &[], "")),
        ("stalled", vec![Step::Stall]),
    ];
    for what in [TOKEN, ROLE] {
        for (name, steps) in &broken {
            let server = first(what, vec![steps.clone()]);
            let found = client(&server).credentials();
            // Before anything has answered, silence is taken for the absence of a service.
            if (what, *name) == (TOKEN, "stalled") {
                assert_eq!(*found.unwrap_err().failure(), ImdsFailure::NoAnswer);
            } else {
                assert_eq!(found.unwrap().role, "my-role", "{what} {name}");
            }
        }
    }
    let garbage = answer(200, &[], "<html>not now</html>");
    let server = first(ROLE, vec![garbage.clone(), garbage.clone(), garbage.clone()]);
    assert_eq!(client(&server).credentials().unwrap().role, "my-role");
    let server = when(ROLE, garbage);
    assert_eq!(failure(&server), ImdsFailure::Document(DocumentError::NotAnObject));
    assert_eq!(server.asked().len(), 2 + 4);
}

#[test]
fn pauses_grow_and_chance_has_its_part() {
    let server = when(TOKEN, answer(503, &[], ""));
    let paused = |random: u64| {
        let world = Arc::new(world().with_random(random));
        let settings = Settings::default().with_endpoint(&server.url("")).unwrap();
        let imds = Imds::with_settings(Arc::<Scripted>::clone(&world), Arc::new(Client::link_local()), settings);
        assert!(imds.region().is_err());
        world.slept().iter().map(|pause| u64::try_from(pause.as_millis()).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(paused(0), [0, 0, 0]);
    assert_eq!(paused(50), [50, 50, 50]);
    assert_eq!(paused(100), [100 % 51, 100, 100]);
    assert_eq!(paused(200), [200 % 51, 200 % 101, 200]);
}

#[test]
fn a_token_that_is_refused_is_replaced_once() {
    let server = first(REGION, vec![answer(401, &[], "")]);
    assert_eq!(client(&server).region().unwrap(), "eu-central-1");
    assert_eq!(server.asked(), [TOKEN, REGION, TOKEN, REGION]);
    let server = when(REGION, answer(401, &[], ""));
    let error = client(&server).region().unwrap_err();
    assert_eq!(*error.failure(), ImdsFailure::Unauthorized);
    assert_eq!(server.asked(), [TOKEN, REGION, TOKEN, REGION]);
}

#[test]
fn a_token_is_renewed_two_minutes_before_the_end_the_service_named() {
    for (echoed, good_for) in [(Some("600"), 480), (Some("100"), 50), (None, 21_480), (Some("soon"), 21_480)] {
        let server = service(move |seen| {
            let headers = echoed.map(|echoed| ("x-aws-ec2-metadata-token-ttl-seconds", echoed));
            (seen.what() == TOKEN).then(|| answer(200, headers.as_slice(), "SENTINEL-token=="))
        });
        let world = Arc::new(world());
        let settings = Settings::default().with_endpoint(&server.url("")).unwrap();
        let imds = Imds::with_settings(Arc::<Scripted>::clone(&world), Arc::new(Client::link_local()), settings);
        imds.region().unwrap();
        world.advance(Duration::from_secs(good_for - 1));
        imds.region().unwrap();
        assert_eq!(server.asked(), [TOKEN, REGION, REGION], "{echoed:?}");
        world.advance(Duration::from_secs(1));
        imds.region().unwrap();
        assert_eq!(server.asked(), [TOKEN, REGION, REGION, TOKEN, REGION], "{echoed:?}");
    }
}

#[test]
fn what_is_no_token_is_refused() {
    for token in ["two words", "\u{e4}", "a\u{7f}", " \r\n"] {
        let server = when(TOKEN, answer(200, &[], token));
        assert_eq!(failure(&server), ImdsFailure::TokenMalformed, "{token:?}");
    }
    assert_eq!(failure(&when(TOKEN, answer(200, &[], &"x".repeat(4097)))), ImdsFailure::TokenMalformed);
    assert_eq!(failure(&when(TOKEN, answer(200, &[], &"x".repeat(70_000)))), ImdsFailure::TooLarge);
    let server = when(TOKEN, answer(200, &[], "\r\nSENTINEL-token==\n"));
    assert_eq!(client(&server).region().unwrap(), "eu-central-1");
}

#[test]
fn an_instance_without_a_role_says_so() {
    for steps in [answer(404, &[], "<html>"), answer(200, &[], ""), answer(200, &[], " \n")] {
        let error = client(&when(ROLES, steps)).credentials().unwrap_err();
        assert_eq!(*error.failure(), ImdsFailure::NoRole);
        assert!(error.is_absence());
        assert!(error.hint().unwrap().contains("associate-iam-instance-profile"));
    }
    let odd = when(ROLES, answer(200, &[], "../../user-data"));
    assert_eq!(failure(&odd), ImdsFailure::Document(DocumentError::Malformed("the role's name")));
}

#[test]
fn a_role_that_changes_in_between_is_asked_for_again() {
    let server = first(ROLES, vec![answer(200, &[], "old-role")]);
    assert_eq!(client(&server).credentials().unwrap().role, "my-role");
    let server = when(ROLE, answer(404, &[], ""));
    assert_eq!(failure(&server), ImdsFailure::NotFound);
    assert_eq!(server.asked(), [TOKEN, ROLES, ROLE, ROLES, ROLE]);
}

#[test]
fn documents_that_hold_no_credentials_stop() {
    let refused = r#"{"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume the role"}"#;
    let server = when(ROLE, answer(200, &[], refused));
    let error = client(&server).credentials().unwrap_err();
    assert!(
        error.to_string().starts_with("no credentials: AssumeRoleUnauthorizedAccess: EC2 cannot assume the role (GET")
    );
    assert!(error.hint().unwrap().contains("ec2.amazonaws.com"));
    assert!(!error.is_absence());
    assert_eq!(server.asked(), [TOKEN, ROLES, ROLE]);
    let server = when(ROLE, answer(200, &[], &DOCUMENT.replace("\"Token\"", "\"token2\"")));
    assert_eq!(failure(&server), ImdsFailure::Document(DocumentError::Missing("Token")));
    let server = when(ROLE, answer(200, &[], &DOCUMENT.replace('}', &"x".repeat(70_000))));
    assert_eq!(failure(&server), ImdsFailure::TooLarge);
}

#[test]
fn a_token_that_never_comes_is_the_hop_limit() {
    let server = when(TOKEN, vec![Step::Stall]);
    let settings = Settings::default().with_endpoint(&server.url("")).unwrap();
    let imds = Imds::with_settings(Arc::new(Process::new()), Arc::new(Client::link_local()), settings);
    let begin = Instant::now();
    let error = imds.credentials().unwrap_err();
    // What a person is promised; a machine with nothing else to do takes one second.
    assert!(begin.elapsed() < Duration::from_secs(3), "{:?}", begin.elapsed());
    assert_eq!(*error.failure(), ImdsFailure::NoAnswer);
    assert!(error.is_absence());
    assert!(error.elapsed() >= Duration::from_millis(900));
    let expected = format!(
        "the instance metadata service accepted the connection and never answered (PUT {}, {:.1} s)",
        server.url("/latest/api/token"),
        error.elapsed().as_secs_f64()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.source().unwrap().to_string(), "timed out while waiting for the response");
    assert!(error.hint().unwrap().contains(
        "aws ec2 modify-instance-metadata-options --instance-id INSTANCE --http-put-response-hop-limit 2 \
         --http-endpoint enabled"
    ));
    // It is remembered, so that a second question costs nothing.
    let begin = Instant::now();
    assert_eq!(*imds.region().unwrap_err().failure(), ImdsFailure::NoAnswer);
    assert!(begin.elapsed() < Duration::from_millis(900), "asked again: {:?}", begin.elapsed());
    assert_eq!(server.asked(), [TOKEN]);
}

#[test]
fn nothing_there_is_not_ec2() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = Settings::default().with_endpoint(&format!("http://{closed}")).unwrap();
    let imds = Imds::with_settings(Arc::new(world()), Arc::new(Client::link_local()), settings);
    let error = imds.credentials().unwrap_err();
    assert_eq!(*error.failure(), ImdsFailure::NotReachable);
    assert!(error.is_absence() && error.hint().unwrap().contains("not an EC2 instance"));
    assert_eq!(error.source().unwrap().to_string(), "the connection was refused");
}

#[test]
fn absence_is_believed_for_half_a_minute() {
    let transport = Arc::new(Failing(Failure::TimedOut(Phase::Connect), AtomicU32::new(0)));
    let world = Arc::new(world());
    let imds =
        Imds::with_settings(Arc::<Scripted>::clone(&world), Arc::<Failing>::clone(&transport), Settings::default());
    for (later, asked) in [(0, 1), (29, 1), (2, 2), (29, 2)] {
        world.advance(Duration::from_secs(later));
        assert_eq!(*imds.region().unwrap_err().failure(), ImdsFailure::NotReachable);
        assert_eq!(transport.1.load(Ordering::SeqCst), asked);
    }
    // What answers and breaks off is there, and is asked again at once.
    let transport = Arc::new(Failing(Failure::Receive, AtomicU32::new(0)));
    let imds =
        Imds::with_settings(Arc::<Scripted>::clone(&world), Arc::<Failing>::clone(&transport), Settings::default());
    assert!(imds.region().is_err() && imds.region().is_err());
    assert_eq!(transport.1.load(Ordering::SeqCst), 8);
}

/// Fails each request in the same way, and counts them.
#[derive(Debug)]
struct Failing(Failure, AtomicU32);

impl Transport for Failing {
    fn send(&self, _: http::Request<Body<'_>>, _: &Limits) -> Result<http::Response<ResponseBody>, TransportError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Err(TransportError::new(self.0))
    }
}

#[test]
fn each_failure_on_the_way_is_told_apart() {
    for (failed, expected, asked) in [
        (Failure::Unreachable, ImdsFailure::NotReachable, 1),
        (Failure::Resolve, ImdsFailure::NotReachable, 1),
        (Failure::TimedOut(Phase::Connect), ImdsFailure::NotReachable, 1),
        (Failure::TimedOut(Phase::FirstByte), ImdsFailure::NoAnswer, 1),
        (Failure::TimedOut(Phase::Body), ImdsFailure::NoAnswer, 1),
        (Failure::Receive, ImdsFailure::Broken, 4),
        (Failure::Empty, ImdsFailure::Broken, 4),
        (Failure::BadResponse, ImdsFailure::Broken, 4),
    ] {
        let transport = Arc::new(Failing(failed, AtomicU32::new(0)));
        let imds = Imds::with_settings(Arc::new(world()), Arc::<Failing>::clone(&transport), Settings::default());
        assert_eq!(*imds.region().unwrap_err().failure(), expected, "{failed:?}");
        assert_eq!(transport.1.load(Ordering::SeqCst), asked, "{failed:?}");
    }
}

#[test]
fn attempts_and_waiting_can_be_set() {
    let transport = Arc::new(Failing(Failure::TimedOut(Phase::Connect), AtomicU32::new(0)));
    let ask = |settings: Settings| {
        let world = Arc::new(world().with_random(500));
        let imds = Imds::with_settings(Arc::<Scripted>::clone(&world), Arc::<Failing>::clone(&transport), settings);
        assert_eq!(*imds.region().unwrap_err().failure(), ImdsFailure::NotReachable);
        (transport.1.swap(0, Ordering::SeqCst), world.monotonic())
    };
    let five = Settings::from_world(&world().with_var("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "5")).unwrap();
    assert_eq!(ask(five).0, 5);
    let (attempts, waited) = ask(Settings::default().with_wait(Duration::from_secs(60)));
    assert!(attempts > 10, "{attempts}");
    assert!((60..62).contains(&waited.as_secs()), "{waited:?}");
}

#[test]
fn disabled_means_no_packet() {
    let transport = Arc::new(Failing(Failure::Refused, AtomicU32::new(0)));
    let settings = Settings::from_world(&world().with_var("AWS_EC2_METADATA_DISABLED", "True")).unwrap();
    let imds = Imds::with_settings(Arc::new(world()), Arc::<Failing>::clone(&transport), settings);
    let error = imds.credentials().unwrap_err();
    assert_eq!(*error.failure(), ImdsFailure::Disabled);
    assert!(error.is_absence() && error.url().is_none());
    assert_eq!(*imds.get("user-data").unwrap_err().failure(), ImdsFailure::Disabled);
    assert_eq!(transport.1.load(Ordering::SeqCst), 0);
}

#[test]
fn many_threads_share_one_token_and_one_failure() {
    let together = |server: &Server| {
        let imds = client(server);
        thread::scope(|scope| {
            let asking: Vec<_> = (0..20).map(|_| scope.spawn(|| imds.region().is_ok())).collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        })
    };
    let slow = service(|seen| {
        let mut steps = vec![Step::Wait(Duration::from_millis(100))];
        steps.extend(answer(200, &[], "SENTINEL-token=="));
        (seen.what() == TOKEN).then_some(steps)
    });
    assert_eq!(together(&slow), [true; 20]);
    assert_eq!(slow.asked().iter().filter(|asked| *asked == TOKEN).count(), 1);
    let stalled = when(TOKEN, vec![Step::Stall]);
    let begin = Instant::now();
    assert_eq!(together(&stalled), [false; 20]);
    assert_eq!(stalled.asked(), [TOKEN]);
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[test]
fn one_deadline_covers_all_requests_and_retries() {
    // Each answer is in time, all together are not.
    let slow = service(|seen| {
        let mut steps = vec![Step::Wait(Duration::from_millis(50))];
        steps.extend(answer(503, &[], ""));
        (seen.what() == ROLE).then_some(steps)
    });
    let world = Arc::new(world().with_random(999));
    let settings = Settings::default().with_endpoint(&slow.url("")).unwrap();
    let imds = Imds::with_settings(Arc::<Scripted>::clone(&world), Arc::new(Client::link_local()), settings);
    let error = imds.credentials().unwrap_err();
    assert_eq!(*error.failure(), ImdsFailure::Status(503));
    assert!(error.hint().unwrap().contains("overloaded"));
    assert!(world.monotonic() <= Duration::from_secs(10));
}
