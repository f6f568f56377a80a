//! Twelve mistakes of a faulty client, each made on purpose: verifying names the cause.

use awsig::signing::{
    Claim, ClaimError, Credentials, Expires, Payload, Request, Scope, Signer, Timestamp, Verifier, VerifyError,
};

const TOKEN: &str = "AQoDYXdzEPT//////////wEXAMPLE==";

fn time() -> Timestamp {
    Timestamp::parse("20150830T123600Z").unwrap()
}

fn credentials() -> Credentials {
    Credentials::new("ASIAEXAMPLE", "secret").unwrap().with_token(TOKEN).unwrap()
}

/// What the service finds in a request that was signed so, and changed so afterwards.
fn found(
    credentials_used: &Credentials,
    scope: (&str, &str, Timestamp),
    change: impl FnOnce(&mut String, &mut Vec<(String, String)>, &mut Vec<u8>),
) -> Result<Vec<VerifyError>, ClaimError> {
    let (region, service, at) = scope;
    let signer = Signer::new(credentials_used, Scope::new(at, region, service).unwrap());
    let request = Request::new("PUT", "https://bucket.s3.us-east-1.amazonaws.com/key?x=1").unwrap();
    let request = request.header("x-amz-meta-a", "b").unwrap().payload(Payload::Bytes(b"body"));
    let authorization = signer.sign(&request);
    let host = ("host", "bucket.s3.us-east-1.amazonaws.com");
    let signed = [host, ("x-amz-meta-a", "b")].into_iter().chain(authorization.headers());
    let mut headers: Vec<(String, String)> = signed.map(|(name, value)| (name.into(), value.into())).collect();
    let (mut target, mut body) = (signer.target(&request), b"body".to_vec());
    change(&mut target, &mut headers, &mut body);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    let received = Request::received("PUT", &target, &headers, Payload::Bytes(&body)).unwrap();
    let claim = Claim::parse(&received)?;
    Ok(Verifier::new("us-east-1", "s3").failures(&claim, &credentials(), time()))
}

/// The value of a header, to be changed.
fn value<'h>(headers: &'h mut [(String, String)], name: &str) -> &'h mut String {
    &mut headers.iter_mut().find(|(given, _)| given == name).unwrap().1
}

#[test]
fn each_of_twelve_mistakes_is_named() {
    use VerifyError::*;
    let (right, here) = (credentials(), ("us-east-1", "s3", time()));
    let wrong_secret = Credentials::new("ASIAEXAMPLE", "another").unwrap().with_token(TOKEN).unwrap();
    let without_token = Credentials::new("ASIAEXAMPLE", "secret").unwrap();
    let other_token = without_token.clone().with_token("AQoOTHER").unwrap();
    let late = time().plus_seconds(-1000);
    let of = |region: &str| Region { wanted: "us-east-1".into(), found: region.into() };
    assert_eq!(found(&right, here, |_, _, _| {}), Ok(vec![]), "nothing wrong");
    assert_eq!(found(&wrong_secret, here, |_, _, _| {}), Ok(vec![Signature]), "secret");
    assert_eq!(found(&right, ("eu-west-1", "s3", time()), |_, _, _| {}), Ok(vec![of("eu-west-1")]), "region");
    let service = Service { wanted: "s3".into(), found: "s3express".into() };
    assert_eq!(found(&right, ("us-east-1", "s3express", time()), |_, _, _| {}), Ok(vec![service]), "service");
    let expired = Expired { at: late, good_for: 900, now: time() };
    assert_eq!(found(&right, ("us-east-1", "s3", late), |_, _, _| {}), Ok(vec![expired]), "time");
    let path = found(&right, here, |target, _, _| *target = target.replace("key", "other"));
    assert_eq!(path, Ok(vec![Signature]), "path");
    let query = found(&right, here, |target, _, _| *target = target.replace("x=1", "x=2"));
    assert_eq!(query, Ok(vec![Signature]), "query");
    let header = found(&right, here, |_, headers, _| value(headers, "x-amz-meta-a").push('c'));
    assert_eq!(header, Ok(vec![Signature]), "header");
    assert_eq!(found(&right, here, |_, _, body| body.push(b'\n')), Ok(vec![Body]), "body");
    assert_eq!(found(&without_token, here, |_, _, _| {}), Ok(vec![TokenMissing]), "token missing");
    assert_eq!(found(&other_token, here, |_, _, _| {}), Ok(vec![TokenWrong]), "token of another key");
    let unsigned = found(&right, here, |_, headers, _| headers.push(("x-amz-acl".into(), "private".into())));
    assert_eq!(unsigned, Err(ClaimError::HeaderNotSigned("x-amz-acl".into())), "unsigned header");
    let signer = Signer::new(&right, Scope::new(time(), "us-east-1", "s3").unwrap());
    let request = Request::new("GET", "https://bucket.s3.us-east-1.amazonaws.com/key").unwrap();
    let url = signer.presign(&request, Expires::from_seconds(300).unwrap());
    let request = Request::new("GET", url.as_str()).unwrap();
    let claim = Claim::parse(&request).unwrap();
    let now = time().plus_seconds(301);
    let failures = Verifier::new("us-east-1", "s3").failures(&claim, &right, now);
    assert_eq!(failures, [Expired { at: time(), good_for: 300, now }], "expired presigned URL");
}
