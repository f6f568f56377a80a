use super::case::{Case, Expected};
use super::exceptions;
use super::message::Message;
use super::tamper::tampered;
use awsig::{Claim, Expires, Payload, PayloadRule, Request, Signer, Steps, Verifier};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt;

/// One difference.
pub(super) struct Failure {
    case: String,
    step: String,
    expected: String,
    got: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, step, expected, got } = self;
        write!(formatter, "{case}, {step}\n--- expected\n{expected}\n--- got\n{got}\n")
    }
}

/// Checks all cases of a set, and fails with every difference in full.
pub(super) fn check_all(set: &str, cases: &[Case]) {
    let mut failed = BTreeSet::new();
    let mut report = String::new();
    for case in cases {
        let failures = match exceptions::of(&case.name) {
            None => check(case),
            Some(exception) if check(case).is_empty() => vec![Failure {
                case: case.name.clone(),
                step: exception.step.clone(),
                expected: format!("an exception that is needed: {}", exception.reason),
                got: "the case passes without it".into(),
            }],
            Some(exception) => check(&exception.apply(case)),
        };
        for failure in failures {
            failed.insert(case.name.clone());
            report.push_str(&format!("\n{failure}"));
        }
    }
    assert!(failed.is_empty(), "{set}: {} of {} cases failed\n{report}", failed.len(), cases.len());
}

/// The differences of one case in its placements.
pub(super) fn check(case: &Case) -> Vec<Failure> {
    let mut checker = Checker { case, placement: "header", failures: Vec::new() };
    if let Some(expected) = &case.header {
        checker.header(expected);
    }
    checker.placement = "query";
    if let Some((expires, expected)) = &case.query {
        checker.query(*expires, expected);
    }
    checker.failures
}

struct Checker<'c> {
    case: &'c Case,
    placement: &'static str,
    failures: Vec<Failure>,
}

impl Checker<'_> {
    fn header(&mut self, expected: &Expected) {
        let (case, url) = (self.case, self.case.url());
        let request = match case.request(&url) {
            Ok(request) => request,
            Err(error) => return self.differ("request", "one that can be signed", &error.to_string()),
        };
        let signer = Signer::new(&case.credentials, case.scope.clone()).with_rules(case.rules);
        self.steps(expected, &signer.steps(&request));
        let authorization = signer.sign(&request);
        self.same("signature of sign", &expected.signature, &authorization.signature().to_string());
        if let Some(value) = &expected.authorization {
            self.same("authorization", value, authorization.value());
        }
        if let Some(url) = &expected.url {
            self.same("url", url, &signer.url(&request));
        }
        self.sent(expected, &sent(&request, &signer.url(&request), authorization.headers(), &case.message.body));
    }

    fn query(&mut self, expires: Expires, expected: &Expected) {
        let (case, url) = (self.case, self.case.url());
        let request = match case.request(&url) {
            Ok(request) => request,
            Err(error) => return self.differ("request", "one that can be signed", &error.to_string()),
        };
        let signer = Signer::new(&case.credentials, case.scope.clone()).with_rules(case.rules);
        self.steps(expected, &signer.presign_steps(&request, expires));
        let presigned = signer.presign(&request, expires);
        self.same("signature of presign", &expected.signature, &presigned.signature().to_string());
        if let Some(url) = &expected.url {
            self.same("url", url, presigned.as_str());
        }
        self.sent(expected, &sent(&request, presigned.as_str(), presigned.headers(), &case.message.body));
    }

    fn steps(&mut self, expected: &Expected, steps: &Steps) {
        if let Some(text) = &expected.canonical_request {
            self.same("canonical request", text, steps.canonical_request());
        }
        if let Some(digest) = &expected.canonical_request_sha256 {
            let got = hex::encode(Sha256::digest(steps.canonical_request()));
            if *digest != got {
                self.differ("canonical request sha256", digest, &format!("{got} of\n{}", steps.canonical_request()));
            }
        }
        if let Some(text) = &expected.string_to_sign {
            self.same("string to sign", text, steps.string_to_sign());
        }
        self.same("signature", &expected.signature, &steps.signature().to_string());
    }

    /// Compares what goes on the wire, verifies it, and changes it byte by byte.
    fn sent(&mut self, expected: &Expected, message: &Message) {
        if let Some(signed_request) = &expected.signed_request {
            self.same("signed request", &signed_request.normal(), &message.normal());
        }
        if let Err(refusal) = self.verify(message) {
            self.differ("verify", "accepted", &format!("{refusal}\n{}", message.normal()));
            return;
        }
        let mut parts = BTreeSet::new();
        for (part, changed) in tampered(message) {
            if part == "body" && !self.body_is_signed() {
                continue;
            }
            parts.insert(part);
            if self.verify(&changed).is_ok() {
                self.differ(&format!("verify with another {part}"), "refused", &changed.normal());
            }
        }
        let mut all = BTreeSet::from(["method", "path", "query", "header", "body", "signature", "date", "scope"]);
        if !self.body_is_signed() {
            all.remove("body");
        }
        assert_eq!(parts, all, "{}: not everything was changed once", self.case.name);
    }

    fn body_is_signed(&self) -> bool {
        self.case.word.is_none()
            && match self.case.rules.payload {
                PayloadRule::Unsigned => false,
                PayloadRule::UnsignedInUrl => self.placement == "header",
                _ => true,
            }
    }

    /// What a server makes of a message that reaches it at the second of signing.
    fn verify(&self, message: &Message) -> Result<(), String> {
        let case = self.case;
        let headers: Vec<_> = message.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let payload = case.word.unwrap_or(Payload::Bytes(message.body.as_bytes()));
        let request = Request::received(&message.method, &message.target, &headers, payload);
        let request = request.map_err(|error| error.to_string())?;
        let claim = Claim::parse(&request).map_err(|error| error.to_string())?;
        let verifier = Verifier::new(case.scope.region(), case.scope.service()).with_rules(case.rules);
        verifier.verify(&claim, &case.credentials, case.scope.time()).map_err(|error| error.to_string())?;
        Ok(())
    }

    fn same(&mut self, step: &str, expected: &str, got: &str) {
        if expected != got {
            self.differ(step, expected, got);
        }
    }

    fn differ(&mut self, step: &str, expected: &str, got: &str) {
        self.failures.push(Failure {
            case: self.case.name.clone(),
            step: format!("{} {step}", self.placement),
            expected: expected.to_owned(),
            got: got.to_owned(),
        });
    }
}

/// The request as it goes on the wire: to `url`, with what signing adds in place of what it replaces.
fn sent<'a>(request: &Request<'_>, url: &str, added: impl Iterator<Item = (&'a str, &'a str)>, body: &str) -> Message {
    let (_, rest) = url.split_once("://").unwrap();
    let target = &rest[rest.find('/').unwrap()..];
    let added: Vec<_> = added.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut headers = vec![("host".to_owned(), request.host().to_owned())];
    let kept = |name: &str| !added.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let given = request.headers().filter(|(name, _)| kept(name));
    headers.extend(given.map(|(name, value)| (name.to_owned(), value.to_owned())));
    headers.extend(added);
    Message { method: request.method().to_owned(), target: target.to_owned(), headers, body: body.to_owned() }
}
