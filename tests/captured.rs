//! `tests/scenarios/captured/*.http`: requests as curl 7.88.1 and awscurl 0.44 really sent them to a server on loopback,
//! and what they did wrong, each found from the request and the secret key alone.

use awsig::signing::{Claim, Credentials, Mistake, Payload, Request, Verifier, VerifyError};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Every capture: its service, and the mistakes of its signer.
fn cases() -> Vec<(&'static str, &'static str, Vec<Mistake>)> {
    use Mistake::*;
    vec![
        ("awscurl-double-slash", "es", vec![PathNotResolved]),
        ("awscurl-path-blank", "es", vec![]),
        ("awscurl-path-colon", "es", vec![PathEncodedOnce]),
        ("awscurl-plain", "es", vec![]),
        ("awscurl-query-equals", "es", vec![QueryEncodedTwice]),
        ("awscurl-query-order", "es", vec![]),
        ("awscurl-query-raw-equals", "es", vec![QueryCut]),
        ("awscurl-s3-blank", "s3", vec![PathEncodedTwice]),
        ("awscurl-s3-plus", "s3", vec![PathEncodedTwice]),
        ("awscurl-s3-query-blank", "s3", vec![QueryEncodedTwice]),
        ("curl-blanks", "es", vec![]),
        ("curl-body", "es", vec![]),
        ("curl-path-blank", "es", vec![PathEncodedOnce]),
        ("curl-path-colon", "es", vec![PathAsSent]),
        ("curl-path-double-slash", "es", vec![PathNotResolved]),
        ("curl-plain", "es", vec![]),
        ("curl-query-blank-plus", "es", vec![QueryAsSent]),
        ("curl-query-empty", "es", vec![QueryWithoutEquals]),
        ("curl-query-order", "es", vec![QueryNotSorted]),
        ("curl-query-raw", "es", vec![QueryAsSent]),
        ("curl-s3-blank", "s3", vec![]),
        ("curl-s3-equals", "s3", vec![PathAsSent]),
        ("curl-upload", "es", vec![BodyLeftOut]),
    ]
}

#[test]
fn what_other_tools_sign_wrong_is_named() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/captured");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let files = files.filter(|name| name != ".gitattributes");
    let known = cases().iter().map(|(name, ..)| format!("{name}.http")).collect::<BTreeSet<_>>();
    assert_eq!(files.collect::<BTreeSet<_>>(), known);
    let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
    for (name, service, expected) in cases() {
        let text = fs::read_to_string(folder.join(name).with_extension("http")).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        let first: Vec<&str> = lines.next().unwrap().split(' ').collect();
        let headers: Vec<(&str, &str)> = lines.map(|line| line.split_once(": ").unwrap()).collect();
        let request = Request::received(first[0], first[1], &headers, Payload::Bytes(body.as_bytes())).unwrap();
        let claim = Claim::parse(&request).unwrap();
        let verifier = Verifier::new("us-east-1", service);
        let failures = verifier.failures(&claim, &credentials, claim.time());
        let wrong = if expected.is_empty() { vec![] } else { vec![VerifyError::Signature] };
        assert_eq!(failures, wrong, "{name}");
        if !expected.is_empty() {
            assert_eq!(verifier.mistakes(&claim, &credentials), expected, "{name}");
        }
    }
}
