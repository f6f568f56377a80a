//! What signs for a bucket of S3 Express.

use crate::fault;
use crate::report::{Failure, REFUSED, chain};
use awsig::send::{ExpressSessions, SessionError};
use awsig::signing::{Request, Signer};
use awsig::transport::{Client, Limits};
use std::time::Duration;

/// What signs for a bucket of S3 Express: its session, asked for with the credentials of this machine.
pub(super) fn express(request: &Request<'_>, signer: &Signer, client: &Client) -> Result<Signer, Failure> {
    let bucket = bucket(request);
    ExpressSessions::new().signer(&bucket, signer, client, &session_limits()).map_err(|error| {
        let failure = match &error {
            SessionError::Call(error) => {
                let failure = fault::of_call(&bucket, error, client.proxy_of(&bucket).as_deref(), None);
                let told = "S3 Express was asked for a session of the bucket, which signs requests to it";
                return failure.tell(vec![("means", told.into())]);
            }
            error => Failure::new(REFUSED, format!("{}: {}", request.host(), chain(error))),
        };
        match error {
            SessionError::Refused { status: 403, .. } => {
                failure.hint("the role needs s3express:CreateSession for the bucket")
            }
            _ => failure,
        }
    })
}

/// Where a session is asked for.
pub(super) fn session_url(request: &Request<'_>) -> String {
    format!("{}/?session", bucket(request))
}

fn bucket(request: &Request<'_>) -> String {
    format!("{}://{}", if request.is_https() { "https" } else { "http" }, request.host())
}

/// S3 answers CreateSession at once or not at all; the times are those of a metadata document, tenfold.
fn session_limits() -> Limits {
    Limits::none().with_connect(Duration::from_secs(10)).with_whole(Duration::from_secs(30))
}
