use crate::server::{Server, Step, answer};
use awsig::Timestamp;
use awsig::credentials::{Cached, Chain, ChainError, Found, Outcome, Sources, is_local};
use awsig::world::Scripted;
use std::error::Error;
use std::sync::Arc;

const ID: (&str, &str) = ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
const SECRET: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", "SENTINEL");

fn world(variables: &[(&str, &str)], server: &Server) -> Arc<Scripted> {
    let world = Scripted::at(Timestamp::parse("20150830T123600Z").unwrap())
        .with_var("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url("/"))
        .with_var("AWS_METADATA_SERVICE_TIMEOUT", "0.3");
    Arc::new(variables.iter().fold(world, |world, (name, value)| world.with_var(*name, *value)))
}

fn find(variables: &[(&str, &str)], server: &Server) -> Result<Found, ChainError> {
    let found = Chain::standard(world(variables, server)).find();
    let shown = match &found {
        Ok(found) => format!("{found:?}"),
        Err(error) => format!("{error} {error:?} {:?} {:?}", error.hint(), error.source().map(ToString::to_string)),
    };
    assert!(!shown.contains("SENTINEL"), "{shown}");
    found
}

/// A metadata service with a role.
fn instance() -> Server {
    Server::http(|seen| match seen.what() {
        "PUT /latest/api/token" => answer(200, &[], "SENTINEL-token"),
        "GET /latest/meta-data/iam/security-credentials/" => answer(200, &[], "my-role"),
        _ => answer(
            200,
            &[],
            r#"{"AccessKeyId":"ASIAX","SecretAccessKey":"SENTINEL","Token":"SENTINEL","Expiration":"2015-08-30T18:36:00Z"}"#,
        ),
    })
}

fn always(steps: Vec<Step>) -> Server {
    Server::http(move |_| steps.clone())
}

#[test]
fn the_environment_comes_before_the_instance() {
    let server = instance();
    let found = find(&[ID, SECRET], &server).unwrap();
    assert_eq!(found.source(), "environment (AWS_ACCESS_KEY_ID)");
    assert!(matches!(found.asked()[1].outcome, Outcome::NotAsked));
    assert!(server.asked().is_empty());
    let found = find(&[], &server).unwrap();
    assert_eq!(found.source(), "instance role (my-role)");
    assert_eq!(found.credentials().access_key_id(), "ASIAX");
    assert_eq!(found.asked()[0].outcome.to_string(), "skipped: AWS_ACCESS_KEY_ID is not set");
    assert_eq!(found.asked().last().unwrap().outcome.to_string(), "taken: my-role");
}

#[test]
fn half_an_environment_is_not_replaced_by_the_instance() {
    let server = instance();
    let error = find(&[SECRET], &server).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no credentials from the environment: AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not"
    );
    assert!(server.asked().is_empty());
}

#[test]
fn no_role_is_nothing_and_a_refusal_is_an_error() {
    let no_role = Server::http(|seen| match seen.what() {
        "PUT /latest/api/token" => answer(200, &[], "SENTINEL-token"),
        _ => answer(404, &[], ""),
    });
    let error = find(&[], &no_role).unwrap_err();
    assert!(error.broken().is_none());
    assert!(error.to_string().contains("instance role: this instance has no role (GET http://127.0.0.1:"), "{error}");
    assert!(error.hint().unwrap().contains("associate-iam-instance-profile"));

    let error = find(&[], &always(answer(403, &[], ""))).unwrap_err();
    assert_eq!(error.to_string(), "no credentials from the instance role");
    let cause = error.source().unwrap().to_string();
    assert!(cause.starts_with("the instance metadata service is disabled or forbids this (403) (PUT"), "{cause}");
    assert!(error.hint().unwrap().contains("--http-endpoint enabled"));
}

#[test]
fn silence_is_nothing_and_names_the_hop_limit() {
    let error = find(&[], &always(vec![Step::Stall])).unwrap_err();
    assert!(error.broken().is_none());
    assert!(error.to_string().contains("accepted the connection and never answered (PUT"), "{error}");
    assert!(error.hint().unwrap().contains("--http-put-response-hop-limit 2"));
}

#[test]
fn settings_that_make_no_sense_stop_and_disabling_does_not() {
    let server = instance();
    let error = find(&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "nonsense")], &server).unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "AWS_EC2_METADATA_SERVICE_ENDPOINT cannot be \"nonsense\"");
    let error = find(&[("AWS_EC2_METADATA_DISABLED", "TRUE")], &server).unwrap_err();
    assert!(error.broken().is_none() && error.hint().unwrap().contains("AWS_EC2_METADATA_DISABLED"));
    assert!(server.asked().is_empty());
}

#[test]
fn credentials_kept_are_fetched_once() {
    let server = instance();
    let world = world(&[], &server);
    let cached = Cached::new(Chain::standard(Arc::<Scripted>::clone(&world)), world);
    for _ in 0..3 {
        assert_eq!(cached.get().unwrap().credentials().access_key_id(), "ASIAX");
    }
    assert_eq!(server.asked().len(), 3);
}

/// A container's agent, or whatever else is at its URL.
fn agent() -> Server {
    Server::http(|_| {
        let body = r#"{"AccessKeyId":"ASIATASK","SecretAccessKey":"SENTINEL","Token":"SENTINEL","Expiration":"2015-08-30T18:36:00Z"}"#;
        answer(200, &[], body)
    })
}

#[test]
fn a_name_is_checked_by_the_addresses_it_leads_to() {
    let agent = agent();
    let url = format!("http://localhost:{}/creds", agent.address.port());
    let found = find(&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)], &agent).unwrap();
    assert_eq!(found.credentials().access_key_id(), "ASIATASK");
    // What the guard sees is what the resolver found, and nothing is sent if it says no.
    let client = awsig::transport::Client::guarded(|address| !is_local(address));
    let request = http::Request::get(&url).body(awsig::transport::Body::Empty).unwrap();
    let error = awsig::transport::Transport::send(&client, request, &awsig::transport::Limits::none()).unwrap_err();
    assert_eq!(error.failure(), awsig::transport::Failure::Forbidden);
    assert_eq!(agent.asked().len(), 1);
}

#[test]
fn what_a_service_rejects_is_not_taken_from_a_file_again() {
    let sts = Server::http(|_| {
        let body = "<R><AccessKeyId>ASIANEW</AccessKeyId><SecretAccessKey>SENTINEL</SecretAccessKey>\
                    <SessionToken>SENTINEL</SessionToken><Expiration>2015-08-30T13:36:00Z</Expiration></R>";
        answer(200, &[], body)
    });
    let config = "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = base\n[profile base]\n\
                  aws_access_key_id = AKBASE\naws_secret_access_key = SENTINEL\n";
    let world = Arc::new(
        Scripted::at(Timestamp::parse("20150830T123600Z").unwrap())
            .with_var("HOME", "/h")
            .with_var("AWS_ENDPOINT_URL_STS", sts.url(""))
            .with_file("/h/.aws/config", config),
    );
    let chain = || Sources::new(Arc::<Scripted>::clone(&world)).chain();
    let cached = Cached::new(chain(), Arc::<Scripted>::clone(&world));
    assert_eq!(cached.get().unwrap().credentials().access_key_id(), "ASIANEW");
    assert_eq!(chain().find().unwrap().credentials().access_key_id(), "ASIANEW");
    assert_eq!(sts.asked().len(), 1, "the second found it in the file");
    cached.invalidate("ASIANEW");
    cached.get().unwrap();
    assert_eq!(sts.asked().len(), 2, "what was rejected is asked for anew");
}
