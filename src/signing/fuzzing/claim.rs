//! Hostile signatures are read or refused, and never believed.

use super::super::{Claim, Credentials, Payload, Request, Verifier};
use super::message::Message;
use super::{REGION, rule_sets};

/// Reads a claim out of any bytes, and checks it against a secret that no input knows.
pub fn claim(data: &[u8]) {
    let Some((&choice, rest)) = data.split_first() else { return };
    let text = core::str::from_utf8(rest).unwrap_or_default();
    let head = [("host", "example.com"), ("x-amz-date", "20150830T123600Z"), ("authorization", text)];
    match choice % 3 {
        0 => {
            let Some(message) = Message::read(data) else { return };
            let mut headers = message.headers.clone();
            headers.push(("host", message.host));
            let request = Request::received(message.method, message.target, &headers, Payload::Bytes(message.body));
            request.iter().for_each(refused);
        }
        1 => Request::received("GET", "/", &head, Payload::Bytes(b"")).iter().for_each(refused),
        _ => {
            let target = alloc::format!("/?{text}");
            Request::received("GET", &target, &head[..1], Payload::Bytes(b"")).iter().for_each(refused);
        }
    }
}

fn refused<'r>(request: &'r Request<'r>) {
    let Ok(claim) = Claim::parse(request) else { return };
    assert!(claim.expires().is_none_or(|seconds| (1..=604_800).contains(&seconds)));
    assert_eq!(claim.scope().matches('/').count(), 3);
    let secret = "no input was signed with this";
    let credentials = Credentials::new(claim.access_key_id(), secret)
        .or_else(|_| Credentials::new("AKIDEXAMPLE", secret))
        .and_then(|credentials| credentials.with_token(claim.token().unwrap_or_default()))
        .or_else(|_| Credentials::new("AKIDEXAMPLE", secret))
        .unwrap();
    for (_, rules) in rule_sets() {
        for (region, service) in [(claim.region(), claim.service()), (REGION, "service")] {
            let verifier = Verifier::new(region, service).with_rules(rules).accept_unsigned_payload();
            assert!(verifier.verify(&claim, &credentials, claim.time()).is_err());
            let Ok(steps) = verifier.steps(&claim, &credentials) else { continue };
            assert!(!steps.signature().matches(claim.signature()));
            let shown = steps.shown_canonical_request();
            assert!(!shown.contains("\nx-amz-security-token:") || shown.contains("\nx-amz-security-token:(blanked)\n"));
        }
    }
}
