use crate::server::{Server, Step, answer};
use awsig::Timestamp;
use awsig::credentials::{Cached, Chain, ChainError, Found, Outcome};
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
    assert_eq!(found.asked()[1].outcome.to_string(), "taken: my-role");
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
