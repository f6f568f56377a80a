use super::*;
use crate::signing::{Claim, Credentials, Payload, Request, Scope, Signer, Timestamp};
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

fn signer() -> (Credentials, Signer) {
    let credentials = Credentials::new("ASIAEXAMPLE", "secret").unwrap().with_token("SENTINELTOKEN").unwrap();
    let scope = Scope::new(Timestamp::from_unix(1_440_938_160).unwrap(), "us-east-1", "sts").unwrap();
    let signer = Signer::new(&credentials, scope);
    (credentials, signer)
}

/// What a service answers that computed these texts.
fn mismatch(canonical: &str, string: &str) -> String {
    let message = alloc::format!(
        "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'{canonical}'\n\nThe String-to-Sign should have been\n'{string}'\n"
    );
    serde_json::json!({ "message": message }).to_string()
}

#[test]
fn identical_texts_mean_a_wrong_secret() {
    let (credentials, signer) = signer();
    let request = Request::new("GET", "https://sts.amazonaws.com/a%20b?x=1").unwrap();
    let steps = signer.steps(&request);
    let body = mismatch(steps.canonical_request(), steps.string_to_sign());
    let refusal = Refusal::read(403, [], body.as_bytes());
    let diagnosis = Diagnosis::of(&refusal, &Asked::signed(&request, &signer, &credentials));
    assert_eq!(diagnosis.cause(), &Cause::Secret);
    assert!(diagnosis.passed().contains(&Check::Token) && !diagnosis.passed().contains(&Check::Signature));
    let changed = mismatch(&steps.canonical_request().replace("x=1", "x=2"), steps.string_to_sign());
    let refusal = Refusal::read(403, [], changed.as_bytes());
    let diagnosis = Diagnosis::of(&refusal, &Asked::signed(&request, &signer, &credentials));
    assert_eq!(diagnosis.cause().name(), "differs");
    let shown = alloc::format!("{refusal:?} {diagnosis:?} {diagnosis}");
    assert!(!shown.contains("SENTINEL"), "{shown}");
}

#[test]
fn a_request_of_somebody_else_is_compared_without_its_secret() {
    let (credentials, signer) = signer();
    let request = Request::new("GET", "https://sts.amazonaws.com/").unwrap();
    let steps = signer.steps(&request);
    let authorization = signer.sign(&request);
    let headers: Vec<_> = [("host", "sts.amazonaws.com")].into_iter().chain(authorization.headers()).collect();
    let received = Request::received("GET", "/", &headers, Payload::Bytes(b"")).unwrap();
    let claim = Claim::parse(&received).unwrap();
    let refusal = Refusal::read(403, [], mismatch(steps.canonical_request(), steps.string_to_sign()).as_bytes());
    let diagnosis = Diagnosis::of(&refusal, &Asked::claimed(&received, &claim));
    assert_eq!(diagnosis.cause(), &Cause::Signer);
    drop(credentials);
}

#[test]
fn hostile_answers_are_read_in_bounded_time() {
    let deep = "<a>".repeat(20_000);
    let nested = "{\"error\":".repeat(5_000);
    let cbor = [[0x81].repeat(60_000), [0xbf, 0x9f].repeat(30_000), vec![0xbb; 9], vec![0xa1, 0x7b, 255, 255, 255]];
    let codes = "Aa: ".repeat(20_000);
    let names = "x-amz-security-token:".repeat(3_000);
    let quotes = alloc::format!("The Canonical String for this request should have been{}", "'".repeat(60_000));
    let many = alloc::format!("\n\n\n{}", "a:b\n".repeat(15_000));
    let request = Request::new("GET", "https://h/").unwrap();
    let (credentials, signer) = signer();
    let asked = Asked::signed(&request, &signer, &credentials);
    let mut bodies: Vec<Vec<u8>> = cbor.into();
    bodies.extend([deep, nested, codes, names, quotes, mismatch(&many, &many)].map(String::into_bytes));
    for body in bodies {
        let start = std::time::Instant::now();
        for refusal in [Refusal::read(403, [("content-type", "application/cbor")], &body), Refusal::read_saved(&body)] {
            let shown = alloc::format!("{refusal:?} {}", Diagnosis::of(&refusal, &asked));
            assert!(!shown.chars().any(|character| character.is_control() && character != '\n'));
        }
        assert!(start.elapsed().as_secs() < 1, "{:?} for {:?}", start.elapsed(), body.get(..40));
    }
}
