//! reqsign-aws-v4. It takes a request that is parsed already, edits it, reads the clock, and does not hash bodies: the
//! caller hands it the hash as a header, which is why hashing is part of the work here.

use crate::requests::{Case, KEY_ID, REGION, SECRET, SERVICE};
use crate::task::Task;
use http::request::Parts;
use reqsign_aws_v4::{Credential, RequestSigner};
use reqsign_core::hash::hex_sha256;
use reqsign_core::{Context, SignRequest};
use std::pin::pin;
use std::task::{Poll, Waker};
use std::time::Duration;

fn task(case: &'static Case, group: &'static str, expires: Option<Duration>) -> Task {
    let credential = Credential {
        access_key_id: KEY_ID.into(),
        secret_access_key: SECRET.into(),
        session_token: case.token.clone(),
        expires_in: None,
    };
    let (context, signer) = (Context::new(), RequestSigner::new(SERVICE, REGION));
    let mut builder = http::Request::builder().method(case.method).uri(case.url.as_str());
    for (name, value) in &case.headers {
        builder = builder.header(*name, *value);
    }
    let (parts, ()) = builder.body(()).expect("a good request").into_parts();
    let one = move |mut parts: Parts| {
        let hash = hex_sha256(&case.body).parse().expect("a hash");
        parts.headers.insert("x-amz-content-sha256", hash);
        {
            let future = pin!(signer.sign_request(&context, &mut parts, Some(&credential), expires));
            // It never waits.
            let Poll::Ready(result) = future.poll(&mut std::task::Context::from_waker(Waker::noop())) else {
                unreachable!("nothing to wait for");
            };
            result.expect("a signature");
        }
        parts
    };
    Task::with_input(group, "reqsign-aws-v4", move || parts.clone(), one)
}

pub fn sign(case: &'static Case) -> Task {
    task(case, case.sign, None)
}

pub fn presign(case: &'static Case) -> Task {
    task(case, case.presign, Some(Duration::from_secs(900)))
}
