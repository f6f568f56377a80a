//! The bodies of all fuzz targets, and the test that replays their seeds.

// The laws are assertions; a body that finds one broken panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

pub use crate::signing::fuzzing::{canonical, chunks, claim, tamper};

#[cfg(feature = "imds")]
mod documents {
    use crate::imds::{DocumentError, parse_document, parse_role};
    use crate::signing::{PathEncoding, Request, Rules, Scope, Signer, Timestamp};
    use alloc::format;

    /// What the metadata service says is either refused, or fit for a header and a path; its secrets stay hidden.
    pub fn documents(data: &[u8]) {
        match parse_document(data) {
            Ok(credentials) => {
                let token = credentials.token().expect("a document has a token").expose();
                assert!(token.bytes().all(|byte| byte.is_ascii_graphic()));
                let shown = format!("{credentials:?}");
                let id = credentials.access_key_id();
                for secret in [token, credentials.secret().expose()] {
                    let hidden = shown.replace(id, "").replace(credentials.expires().unwrap().as_str(), "");
                    assert!(secret.len() < 16 || !hidden.contains(secret), "{shown}");
                }
                let scope = Scope::new(Timestamp::from_unix(0).unwrap(), "us-east-1", "iam").unwrap();
                let authorization = Signer::new(&credentials, scope);
                let authorization = authorization.sign(&Request::new("GET", "https://example.com/").unwrap());
                let request = Request::new("GET", "https://example.com/").unwrap();
                let headers: alloc::vec::Vec<_> = authorization.headers().collect();
                assert!(request.with_headers(&headers).is_ok());
            }
            Err(error) => {
                assert!(!format!("{error}").chars().any(char::is_control), "{error:?}");
                let refused = matches!(error, DocumentError::Refused { .. });
                assert!(refused || format!("{error}").len() < 100, "{error}");
            }
        }
        let Ok(Some(role)) = parse_role(data) else { return };
        let rules = Rules { path_encoding: PathEncoding::AsIs, ..Rules::S3 };
        let scope = Scope::new(Timestamp::from_unix(0).unwrap(), "us-east-1", "s3").unwrap();
        let credentials = crate::signing::Credentials::new("a", "b").unwrap();
        let url = format!("http://169.254.169.254/roles/{role}");
        let request = Request::new("GET", &url).expect("a role's name fits into a path");
        assert_eq!(Signer::new(&credentials, scope).with_rules(rules).url(&request), url);
        assert_eq!(request.path().split('/').count(), 3);
    }
}

#[cfg(feature = "imds")]
pub use documents::documents;

#[cfg(feature = "lab")]
mod policies {
    use crate::lab::policy::{Call, Policy, PolicyKind, Verdict};
    use alloc::format;
    use alloc::string::{String, ToString};
    use serde_json::Value;

    /// The verdict of a policy is that of its statements: one that denies outweighs all, whatever their order.
    ///
    /// The input is a policy, a line `--`, and then a method, a path and headers, one a line.
    pub fn policies(data: &[u8]) {
        let Ok(text) = core::str::from_utf8(data) else { return };
        let (text, call) = text.split_once("\n--\n").unwrap_or((text, ""));
        let mut lines = call.lines();
        let method = lines.next().unwrap_or("GET").into();
        let target = lines.next().unwrap_or("/");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pair = |text: &str, separator| text.split_once(separator).map(|(a, b): (&str, &str)| (a.into(), b.into()));
        let call = Call {
            method,
            path: path.into(),
            resource: format!("arn:aws:vpc-lattice:us-east-1:123456789012:service/svc-0{path}"),
            query: query.split('&').filter_map(|piece| pair(piece, '=')).collect(),
            headers: lines.filter_map(|line| pair(line, ':')).collect(),
            ..Call::default()
        };
        for kind in [PolicyKind::Resource, PolicyKind::Identity] {
            match Policy::parse(text, kind) {
                Ok(policy) => adds_up(text, kind, &policy, &call),
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }

    fn adds_up(text: &str, kind: PolicyKind, policy: &Policy, call: &Call) {
        let document: Value = serde_json::from_str(text).expect("a policy is JSON");
        let statements = match &document["Statement"] {
            Value::Array(list) => list.as_slice(),
            one => core::slice::from_ref(one),
        };
        let verdict = policy.verdict(call);
        let mut added = Verdict::Silent;
        for statement in statements {
            match alone(&[statement], kind).verdict(call) {
                Verdict::Deny => added = Verdict::Deny,
                Verdict::Allow if added == Verdict::Silent => added = Verdict::Allow,
                _ => {}
            }
        }
        assert_eq!(verdict, added, "{text}");
        let reversed: alloc::vec::Vec<_> = statements.iter().rev().collect();
        assert_eq!(alone(&reversed, kind).verdict(call), verdict, "{text}");
    }

    fn alone(statements: &[&Value], kind: PolicyKind) -> Policy {
        let list: alloc::vec::Vec<String> = statements.iter().map(ToString::to_string).collect();
        let text = format!("{{\"Statement\":[{}]}}", list.join(","));
        Policy::parse(&text, kind).expect("what is good among others is good alone")
    }
}

#[cfg(feature = "lab")]
pub use policies::policies;

#[cfg(feature = "refusal")]
mod refusals {
    use crate::refusal::{Asked, Diagnosis, Refusal};
    use crate::signing::{Credentials, Difference, Request, Scope, Signer, Timestamp};
    use alloc::format;
    use alloc::string::String;

    const TOKEN: &str = "SENTINELTOKENOFTHEREQUEST";

    /// Whatever a service answers: nothing that a terminal obeys gets out, no token behind its name, and not much.
    ///
    /// The input is a saved answer; two canonical requests with a line `--` between are compared too.
    pub fn refusals(data: &[u8]) {
        let credentials = Credentials::new("ASIAEXAMPLE", "secret").unwrap().with_token(TOKEN).unwrap();
        let scope = Scope::new(Timestamp::from_unix(1_440_938_160).unwrap(), "us-east-1", "execute-api").unwrap();
        let signer = Signer::new(&credentials, scope);
        let request = Request::new("GET", "https://example.com/a%20b?x=1").unwrap();
        let asked = Asked::signed(&request, &signer, &credentials);
        let mut echo = data.to_vec();
        echo.extend_from_slice(b"\nx-amz-security-token:");
        echo.extend_from_slice(TOKEN.as_bytes());
        let text = String::from_utf8_lossy(data);
        // A fuzzer that has learned the token writes it where no name stands before it.
        if text.contains("SENTINEL") {
            return;
        }
        let head = text.lines().next().unwrap_or_default();
        for body in [data, &echo] {
            for refusal in [
                Refusal::read_saved(body),
                Refusal::read(403, [("x-amzn-errortype", head), ("date", head), ("x-aoss-response-hint", head)], body),
                Refusal::read(403, [("content-type", "application/cbor")], body),
            ] {
                for diagnosis in [Diagnosis::of(&refusal, &asked), Diagnosis::of(&refusal, &Asked::default())] {
                    shown(&format!("{refusal:?} {diagnosis:?}"));
                    shown(&format!("{diagnosis} {}", diagnosis.statement().unwrap_or_default()));
                    shown(refusal.string_to_sign().unwrap_or_default());
                    shown(refusal.message());
                }
            }
        }
        let (ours, theirs) = text.split_once("\n--\n").unwrap_or((&text, ""));
        let difference = Difference::of_canonical_requests(ours, theirs);
        assert_eq!(difference.is_none(), ours.trim_end() == theirs.trim_end());
        let strings = Difference::of_strings_to_sign(ours, theirs);
        for difference in difference.into_iter().chain(strings) {
            shown(&format!("{difference} {difference:?}"));
        }
        let steps = signer.steps(&request);
        let ours = steps.canonical_request();
        assert_eq!(Difference::of_canonical_requests(ours, ours), None);
    }

    fn shown(text: &str) {
        let harmless = |character: char| character == '\n' || !character.is_control() && character != '\u{202e}';
        assert!(text.chars().all(harmless), "{text:?}");
        assert!(text.len() < 64 * 1024, "{} bytes", text.len());
        assert!(!text.contains(TOKEN), "{text}");
    }
}

#[cfg(feature = "refusal")]
pub use refusals::refusals;

#[cfg(all(test, feature = "std"))]
#[allow(clippy::print_stdout)]
mod tests {
    use alloc::vec::Vec;
    use std::fs;
    use std::path::Path;

    /// Runs a body on all seeds of its target. A published package has no seeds.
    fn replay(target: &str, body: impl Fn(&[u8])) {
        let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
        if !fuzz.exists() {
            return;
        }
        let seeds: Vec<_> = fs::read_dir(fuzz.join("corpus").join(target)).unwrap().collect();
        assert!(seeds.len() > 2, "{target} has seeds");
        for seed in seeds {
            let path = seed.unwrap().path();
            // Says which seed it was, if the body panics.
            std::println!("{}", path.display());
            body(&fs::read(path).unwrap());
        }
    }

    #[test]
    fn canonical() {
        replay("canonical", super::canonical);
    }

    /// Runs the body also with other bytes changed than the one that the seed names in its byte `at`.
    fn everywhere(seed: &[u8], at: usize, body: fn(&[u8])) {
        body(seed);
        let mut seed = seed.to_vec();
        for position in (0..=u8::MAX).step_by(5) {
            seed[at] = position;
            body(&seed);
        }
    }

    #[test]
    fn tamper() {
        replay("tamper", |seed| everywhere(seed, 1, super::tamper));
    }

    #[test]
    fn claim() {
        replay("claim", super::claim);
    }

    #[test]
    fn chunks() {
        replay("chunks", |seed| everywhere(seed, 2, super::chunks));
    }

    #[cfg(feature = "imds")]
    #[test]
    fn documents() {
        replay("documents", super::documents);
    }

    #[cfg(feature = "lab")]
    #[test]
    fn policies() {
        replay("policies", super::policies);
    }

    #[cfg(feature = "refusal")]
    #[test]
    fn refusals() {
        replay("refusals", super::refusals);
    }
}
