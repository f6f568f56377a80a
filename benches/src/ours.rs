//! awsig: from raw text to what is sent, every check included.

use crate::requests::{CHUNK, Case, REGION, SERVICE};
use crate::task::Task;
use awsig::{ChunkedBody, Claim, Expires, Payload, Request, Signer, SigningKey, Verifier};
use std::hint::black_box;

/// Parses, checks and signs with a buffer that is used again.
fn signing_again(group: &'static str, who: &'static str, case: &'static Case) -> Task {
    let signer = case.signer();
    let mut buffer = String::new();
    Task::new(group, who, move || {
        let authorization = signer.sign_into(&black_box(case).request(), std::mem::take(&mut buffer));
        buffer = black_box(authorization).into_buffer();
    })
}

pub fn sign_into(case: &'static Case) -> Task {
    signing_again(case.sign, "awsig", case)
}

pub fn sign(case: &'static Case) -> Task {
    let signer = case.signer();
    Task::new(case.sign, "awsig, new buffer", move || {
        black_box(signer.sign(&black_box(case).request()));
    })
}

/// Signs a request that was parsed and checked before, with a buffer that is used again.
pub fn sign_checked(case: &'static Case) -> Task {
    let signer = case.signer();
    let request = case.request();
    let mut buffer = String::new();
    Task::new(case.sign, "awsig, checked before", move || {
        let authorization = signer.sign_into(black_box(&request), std::mem::take(&mut buffer));
        buffer = black_box(authorization).into_buffer();
    })
}

pub fn sign_cold(case: &'static Case) -> Task {
    let credentials = case.credentials();
    Task::new(case.cold, "awsig", move || {
        black_box(Signer::new(black_box(&credentials), Case::scope()).sign(&black_box(case).request()));
    })
}

pub fn presign(case: &'static Case) -> Task {
    let signer = case.signer();
    let expires = Expires::from_seconds(900).expect("a good lifetime");
    Task::new(case.presign, "awsig", move || signer.presign(&black_box(case).request(), expires))
}

/// Signing once more, in the group of verifying.
pub fn sign_for_verify(case: &'static Case) -> Task {
    signing_again(case.verify, "awsig signing", case)
}

pub fn verify(case: &'static Case) -> Task {
    verify_target(case, case.signer().target(&case.request()))
}

/// As [`verify`], of a target that nobody encoded.
pub fn verify_as_typed(case: &'static Case) -> Task {
    let request = case.request();
    let query = request.query().map_or(String::new(), |query| format!("?{query}"));
    verify_target(case, format!("{}{query}", request.path()))
}

fn verify_target(case: &'static Case, target: String) -> Task {
    let signer = case.signer();
    let request = case.request();
    let authorization = signer.sign(&request);
    let mut headers: Vec<(String, String)> = vec![("Host".into(), request.host().into())];
    headers.extend(request.headers().chain(authorization.headers()).map(|(name, value)| (name.into(), value.into())));
    let (credentials, scope) = (case.credentials(), Case::scope());
    let key = SigningKey::derive(credentials.secret(), &scope);
    let verifier = Verifier::new(REGION, SERVICE);
    let headers: &'static [(String, String)] = headers.leak();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Task::new(case.verify, "awsig", move || {
        let received = Request::received(case.method, black_box(&target), &headers, Payload::Bytes(&case.body));
        let received = received.expect("a good request");
        let claim = Claim::parse(&received).expect("a claim");
        verifier.verify_with_key(&claim, &credentials, &key, scope.time()).map(|_| ()).expect("a good signature")
    })
}

pub fn chunk(case: &'static Case) -> Task {
    let signer = case.signer();
    // Never read to its end.
    let body = ChunkedBody::signed(1 << 50).with_chunk_size(CHUNK);
    let request = case.request().payload(body.payload());
    let mut encoder = body.encoder(&signer, &signer.sign(&request)).expect("a chunked request");
    let data = vec![0x5a; CHUNK];
    Task::new("chunk of 8 KiB", "awsig", move || {
        black_box(encoder.head(black_box(&data)).expect("the next chunk"));
    })
}
