//! aws-sigv4, the signer of the AWS SDK for Rust. It derives its key for every signature.

use crate::requests::{Case, KEY_ID, REGION, SECRET, SERVICE, UNIX_TIME};
use crate::task::Task;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningParams, SigningSettings, sign as sign_request,
};
use aws_sigv4::sign::v4;
use std::hint::black_box;
use std::time::{Duration, UNIX_EPOCH};

fn task(case: &'static Case, group: &'static str, settings: SigningSettings) -> Task {
    let identity = Credentials::new(KEY_ID, SECRET, case.token.clone(), None, "benches").into();
    let identity = Box::leak(Box::new(identity));
    let builder = v4::SigningParams::builder().identity(identity).region(REGION).name(SERVICE).settings(settings);
    let params = builder.time(UNIX_EPOCH + Duration::from_secs(UNIX_TIME)).build().expect("good parameters");
    let params: &'static SigningParams<'static> = Box::leak(Box::new(params.into()));
    let uri = case.encoded_url();
    Task::new(group, "aws-sigv4", move || {
        let headers = black_box(case).headers.iter().copied();
        let request = SignableRequest::new(case.method, uri.as_str(), headers, SignableBody::Bytes(&case.body));
        sign_request(request.expect("a good request"), params).expect("a signature")
    })
}

pub fn sign(case: &'static Case) -> Task {
    task(case, case.sign, SigningSettings::default())
}

pub fn presign(case: &'static Case) -> Task {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(900));
    task(case, case.presign, settings)
}
