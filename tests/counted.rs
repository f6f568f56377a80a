//! A counting server: it sees exactly the requests that `-v` tells of, each signed, none twice by accident.

use crate::server::{Seen, Server, Step, answer};
use std::process::Command;
use std::sync::Mutex;

/// What a server answers, request by request; what is asked beyond that gets a 200, and is counted.
fn scripted(script: Vec<Vec<Step>>) -> Server {
    let script = Mutex::new(script.into_iter());
    Server::http(move |_| script.lock().unwrap().next().unwrap_or_else(|| answer(200, &[], "")))
}

/// The requests that the program tells of: `METHOD target`, and whether it shows a signature.
fn told(stderr: &str) -> Vec<(String, bool)> {
    let mut requests: Vec<(String, bool)> = Vec::new();
    for line in stderr.lines().filter_map(|line| line.strip_prefix("> ")) {
        if let Some(what) = line.strip_suffix(" HTTP/1.1") {
            requests.push((what.to_owned(), false));
        } else if line.starts_with("authorization: AWS4-HMAC-SHA256 ") {
            requests.last_mut().unwrap().1 = true;
        }
    }
    requests
}

fn seen(seen: &[Seen]) -> Vec<(String, bool)> {
    let signed = |seen: &Seen| seen.header("authorization").is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256 "));
    seen.iter().map(|seen| (seen.what().to_owned(), signed(seen))).collect()
}

/// Runs a command line against this script, and compares. The last answer is repeated by nobody.
fn count(arguments: &str, script: Vec<Vec<Step>>, expected: &[(&str, bool)]) {
    let server = scripted(script);
    let line = format!("-v {arguments}").replace("{server}", &format!("http://{}", server.address));
    let output = Command::new("/usr/bin/timeout")
        .args(["20", env!("CARGO_BIN_EXE_awsig")])
        .args(line.split(' '))
        .env_clear()
        .envs([("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "us-east-1")])
        .envs([("AWS_EC2_METADATA_DISABLED", "true"), ("AWSIG_SERVICE", "es")])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let expected: Vec<(String, bool)> = expected.iter().map(|(what, signed)| ((*what).to_owned(), *signed)).collect();
    assert_eq!(told(&stderr), expected, "{arguments} tells\n{stderr}");
    assert_eq!(seen(&server.seen()), expected, "{arguments}: what the server saw\n{stderr}");
}

fn status(status: u16) -> Vec<Step> {
    answer(status, &[], "")
}

fn to(code: u16, location: &str) -> Vec<Step> {
    answer(code, &[("location", location)], "")
}

#[test]
fn one_request_is_one() {
    count("{server}/a", vec![], &[("GET /a", true)]);
    count("-d body {server}/a", vec![], &[("POST /a", true)]);
    for code in [400, 401, 403, 404, 409, 500, 503] {
        count("{server}/a", vec![status(code)], &[("GET /a", true)]);
    }
    // No challenge is answered.
    let challenge = answer(401, &[("www-authenticate", "Basic realm=\"x\"")], "");
    count("-L --retry 3 {server}/a", vec![challenge], &[("GET /a", true)]);
}

#[test]
fn each_try_is_one() {
    let line = "--retry 3 --retry-delay 0.01 -d body {server}/a";
    count(line, vec![status(503), status(429), status(500)], &[("POST /a", true); 4]);
    count(line, vec![status(503); 4], &[("POST /a", true); 4]);
    count(line, vec![status(404)], &[("POST /a", true)]);
    // A POST that may have been received is not sent again, a GET is.
    count(line, vec![vec![Step::Close]], &[("POST /a", true)]);
    count("--retry 1 --retry-delay 0.01 {server}/a", vec![vec![Step::Close]], &[("GET /a", true); 2]);
}

#[test]
fn each_redirect_is_one() {
    count("{server}/a", vec![to(302, "/b")], &[("GET /a", true)]);
    count("-L {server}/a", vec![to(302, "/b"), to(307, "/c")], &[("GET /a", true), ("GET /b", true), ("GET /c", true)]);
    count("-L -d body {server}/a", vec![to(303, "/b")], &[("POST /a", true), ("GET /b", true)]);
    count("-L -d body {server}/a", vec![to(308, "/b")], &[("POST /a", true), ("POST /b", true)]);
    let both = vec![status(503), to(302, "/b"), status(503)];
    let line = "-L --retry 1 --retry-delay 0.01 {server}/a";
    count(line, both, &[("GET /a", true), ("GET /a", true), ("GET /b", true), ("GET /b", true)]);
    // To somebody else it goes unsigned, which is told too; a body does not go there at all.
    let other = Server::http(|_| answer(200, &[], ""));
    let elsewhere = format!("http://localhost:{}/b", other.address.port());
    let server = scripted(vec![to(302, &elsewhere)]);
    let output = Command::new(env!("CARGO_BIN_EXE_awsig"))
        .args(["-v", "-L", "-4", "-H", "x-own: secret", &server.url("/a")])
        .env_clear()
        .envs([("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "us-east-1")])
        .envs([("AWS_EC2_METADATA_DISABLED", "true"), ("AWSIG_SERVICE", "es"), ("AWS_SESSION_TOKEN", "token")])
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(told(&stderr), [("GET /a".to_owned(), true), ("GET /b".to_owned(), false)], "{stderr}");
    assert_eq!(server.asked(), ["GET /a"]);
    assert_eq!(seen(&other.seen()), [("GET /b".to_owned(), false)]);
    let headers: Vec<String> = other.seen()[0].headers.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(headers.iter().filter(|name| name.starts_with("x-")).count(), 0, "{headers:?}");
    count("-L -d body {server}/a", vec![to(307, &elsewhere)], &[("POST /a", true)]);
}

#[test]
fn each_region_answer_is_one() {
    let region = |code: u16| answer(code, &[("x-amz-bucket-region", "eu-west-1"), ("location", "/elsewhere")], "");
    for code in [301, 307, 400] {
        count("--service s3 {server}/b/k", vec![region(code)], &[("GET /b/k", true); 2]);
        // The same answer again is one.
        count("--service s3 {server}/b/k", vec![region(code), region(code)], &[("GET /b/k", true); 2]);
    }
    let both = vec![region(400), status(503)];
    count("--service s3 --retry 1 --retry-delay 0.01 {server}/b/k", both, &[("GET /b/k", true); 3]);
    // Other services have no such answers.
    count("{server}/b/k", vec![region(400)], &[("GET /b/k", true)]);
}

#[test]
fn each_correction_of_the_clock_is_one() {
    let skewed = || {
        let body = "{\"__type\": \"RequestExpired\", \"message\": \"x\"}";
        answer(403, &[("date", "Thu, 01 Jan 2099 00:00:00 GMT")], body)
    };
    count("-d body {server}/a", vec![skewed()], &[("POST /a", true); 2]);
    count("-d body {server}/a", vec![skewed(), skewed()], &[("POST /a", true); 2]);
    let line = "--retry 1 --retry-delay 0.01 {server}/a";
    count(line, vec![status(503), skewed(), status(503)], &[("GET /a", true); 3]);
    count("--time 20200101T000000Z {server}/a", vec![skewed()], &[("GET /a", true)]);
}
