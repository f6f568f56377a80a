//! What signs for a bucket of S3 Express.

use crate::report::{Failure, REFUSED};
use awsig::send::ExpressSessions;
use awsig::signing::{Request, Signer};
use awsig::transport::{Limits, Transport};
use std::time::Duration;

/// What signs for a bucket of S3 Express: its session, asked for with the credentials of this machine.
pub(super) fn express(request: &Request<'_>, signer: &Signer, transport: &dyn Transport) -> Result<Signer, Failure> {
    let bucket = format!("{}://{}", if request.is_https() { "https" } else { "http" }, request.host());
    ExpressSessions::new()
        .signer(&bucket, signer, transport, &session_limits())
        .map_err(|error| Failure::of(REFUSED, &error).hint("the role needs s3express:CreateSession for the bucket"))
}

/// S3 answers CreateSession at once or not at all; the times are those of a metadata document, tenfold.
fn session_limits() -> Limits {
    Limits::none().with_connect(Duration::from_secs(10)).with_whole(Duration::from_secs(30))
}
