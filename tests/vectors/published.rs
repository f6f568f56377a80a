use super::case::{self, Case, Expected, requests};
use super::check::{check, check_all};
use super::fields::{self, Fields};
use super::reference::{chained_string_to_sign, hmac, sha256, sigv4a_private_key};
use super::{names, path, set};
use awsig::{Scope, Secret, SigningKey, Timestamp};
use base64::Engine;

/// Files of requests, and how many are in each.
const REQUESTS: [(&str, usize); 5] = [
    ("s3-header.json", 4),
    ("s3-presign.json", 1),
    ("iam-list-users.json", 1),
    ("lattice.json", 5),
    ("database-tokens.json", 3),
];

#[test]
fn published_requests_every_step_of_14_cases() {
    let mut cases = Vec::new();
    for (file, count) in REQUESTS {
        let found = requests("published", &path("published").join(file));
        assert_eq!(found.len(), count, "{file}");
        cases.extend(found);
    }
    assert_eq!(cases.len(), 14);
    check_all("published", &cases);
}

#[test]
fn published_files_are_all_read() {
    let mut known = set(&REQUESTS.map(|(file, _)| file));
    known.extend(set(&["s3-chunked.json", "s3-chunked-trailer.json", "s3-post-policy.json", "event-stream.json"]));
    known.extend(set(&["key-derivation.json", "sigv4a-key-derivation.json"]));
    assert_eq!(names(&path("published")), known);
}

#[test]
fn published_chunks_3_and_3_with_a_trailer() {
    for (name, trailers) in [("s3-chunked", 0), ("s3-chunked-trailer", 1)] {
        fields::file(&path("published").join(format!("{name}.json")), |fields| {
            let (case, key, mut previous) = seed(name, fields);
            let chain = |algorithm, previous: &str, hashes: &[String]| {
                let (time, scope) = (case.scope.time(), case.scope.to_string());
                key.sign_text(&chained_string_to_sign(algorithm, time.as_str(), &scope, previous, hashes)).to_string()
            };
            let (byte, length) = fields.object("data", |fields| (fields.text("byte"), fields.number("length")));
            let (mut total, mut encoded) = (0, 0);
            let chunks = fields.list("chunks", |place, value| {
                fields::object(place, value, |fields| {
                    let length = usize::try_from(fields.number("length")).unwrap();
                    let hashes = [sha256(b""), sha256(byte.repeat(length).as_bytes())];
                    let signature = chain("AWS4-HMAC-SHA256-PAYLOAD", &previous, &hashes);
                    assert_eq!(signature, fields.text("signature"), "{place}");
                    total += length;
                    encoded += format!("{length:x};chunk-signature={signature}\r\n").len() + length + "\r\n".len();
                    previous = signature;
                })
            });
            assert_eq!((chunks.len(), u64::try_from(total).unwrap()), (3, length));
            for _ in 0..trailers {
                fields.object("trailer", |fields| {
                    let line = format!("{}:{}", fields.text("name"), fields.text("value"));
                    let signature =
                        chain("AWS4-HMAC-SHA256-TRAILER", &previous, &[sha256(format!("{line}\n").as_bytes())]);
                    assert_eq!(signature, fields.text("signature"), "{name}");
                    // The trailer takes the place of the empty line that ends the last chunk.
                    encoded += format!("{line}\r\nx-amz-trailer-signature:{signature}\r\n").len();
                });
            }
            assert_eq!(u64::try_from(encoded).unwrap(), fields.number("encoded_length"), "{name}");
        });
    }
}

#[test]
fn published_event_stream_4_messages() {
    fields::file(&path("published/event-stream.json"), |fields| {
        let (case, key, mut previous) = seed("event-stream", fields);
        let events = fields.list("events", |place, value| {
            fields::object(place, value, |fields| {
                let (time, date_header) = (Timestamp::parse(&fields.text("time")).unwrap(), fields.text("date_header"));
                let milliseconds = (time.unix() * 1000).to_be_bytes();
                let encoded = [b"\x05:date\x08".as_slice(), &milliseconds].concat();
                assert_eq!(hex::encode(&encoded), date_header, "{place}");
                let hashes = [sha256(&encoded), sha256(fields.text("payload").as_bytes())];
                let scope = case.scope.to_string();
                let text =
                    chained_string_to_sign("AWS4-HMAC-SHA256-PAYLOAD", time.as_str(), &scope, &previous, &hashes);
                previous = key.sign_text(&text).to_string();
                assert_eq!(previous, fields.text("signature"), "{place}");
            })
        });
        assert_eq!(events.len(), 4);
    });
}

#[test]
fn published_post_policy() {
    fields::file(&path("published/s3-post-policy.json"), |fields| {
        let case = sourced("s3-post-policy", fields);
        let string_to_sign = fields.text("string_to_sign");
        assert_eq!(base64::engine::general_purpose::STANDARD.encode(fields.text("policy")), string_to_sign);
        let key = SigningKey::derive(case.credentials.secret(), &case.scope);
        assert_eq!(key.sign_text(&string_to_sign).to_string(), fields.text("signature"));
    });
}

#[test]
fn published_signing_keys_2() {
    let keys = fields::file(&path("published/key-derivation.json"), |fields| {
        assert!(!fields.text("source").is_empty());
        fields.list("cases", |place, value| {
            fields::object(place, value, |fields| {
                let (name, secret, day) = (fields.text("name"), fields.text("secret_access_key"), fields.text("day"));
                let (region, service) = (fields.text("region"), fields.text("service"));
                let mut key = format!("AWS4{secret}").into_bytes();
                for (part, step) in [(&day, "date_key"), (&region, "region_key"), (&service, "service_key")] {
                    key = hmac(&key, part.as_bytes());
                    if let Some(expected) = fields.maybe_text(step) {
                        assert_eq!(hex::encode(&key), expected, "{name} {step}");
                    }
                }
                let time = Timestamp::parse(&format!("{day}T000000Z")).unwrap();
                let scope = Scope::new(time, &region, &service).unwrap();
                let got = hex::encode(SigningKey::derive(&Secret::new(secret), &scope).expose());
                assert_eq!(got, fields.text("signing_key"), "{name}");
            })
        })
    });
    assert_eq!(keys.len(), 2);
}

/// The library does not sign with SigV4A yet; this keeps the data right until it does. `x` and `y` are only read.
#[test]
fn published_sigv4a_keys_3() {
    let keys = fields::file(&path("published/sigv4a-key-derivation.json"), |fields| {
        assert!(!fields.text("note").is_empty());
        fields.list("cases", |place, value| {
            fields::object(place, value, |fields| {
                assert!(!fields.text("source").is_empty() && !fields.text("name").is_empty(), "{place}");
                let key = sigv4a_private_key(&fields.text("access_key_id"), &fields.text("secret_access_key"));
                assert_eq!(key, fields.text("private_key"), "{place}");
                for coordinate in ["x", "y"] {
                    assert_eq!(hex::decode(fields.text(coordinate)).unwrap().len(), 32, "{place}");
                }
            })
        })
    });
    assert_eq!(keys.len(), 3);
}

/// Reads what every file about one request starts with.
fn sourced(name: &str, fields: &mut Fields) -> Case {
    let note = fields.maybe_text("note");
    assert!(!fields.text("source").is_empty() && note != Some(String::new()), "{name}");
    case::bare(&format!("published/{name}"), fields)
}

/// Reads and checks the request that a chain of signatures starts with: the case, its key, its signature.
fn seed(name: &str, fields: &mut Fields) -> (Case, SigningKey, String) {
    let mut case = sourced(name, fields);
    fields.object("request", |fields| case::request(&mut case, fields));
    let expected = fields.object("seed", |fields| Expected {
        canonical_request: Some(fields.text("canonical_request")),
        canonical_request_sha256: Some(fields.text("canonical_request_sha256")),
        signature: fields.text("signature"),
        ..Expected::default()
    });
    let signature = expected.signature.clone();
    case.header = Some(expected);
    let failures: Vec<_> = check(&case).iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let key = SigningKey::derive(case.credentials.secret(), &case.scope);
    (case, key, signature)
}
