//! `awsig whoami`: whose credentials these are, as STS sees it.

use crate::args::{WhoamiArgs, WhoamiFormat};
use crate::report::{CREDENTIALS, Failure, chain};
use crate::secrets;
use crate::sources::{find, sources};
use crate::{fault, output};
use awsig::transport::TransportError;
use serde_json::json;
use std::error::Error;

const PROXY: &str =
    "STS is asked through https_proxy, unless no_proxy excepts it; AWS_ENDPOINT_URL_STS names another one";

pub(crate) fn run(args: &WhoamiArgs) -> Result<(), Failure> {
    let world = secrets::world();
    let sources = sources(&args.sources, &world)?;
    let found = find(&sources, world.as_ref())?;
    let region = match &args.region {
        Some(region) => Some(region.clone()),
        None => sources.region().map_err(|error| Failure::of(CREDENTIALS, &error))?,
    };
    let region = region.unwrap_or_else(|| "us-east-1".into());
    let identity = sources.identity(found.credentials(), &region).map_err(|error| {
        // It is not the credentials that are wrong when STS could not be asked.
        let cause = error.source().and_then(|cause| cause.downcast_ref::<TransportError>());
        if let Some(cause) = cause {
            let url = format!("https://{}", error.host());
            return fault::of_transport(&url, cause).hint(PROXY);
        }
        let failure = Failure::new(CREDENTIALS, format!("credentials from {}: {}", found.source(), chain(&error)));
        match error.code() {
            Some("InvalidClientTokenId") => {
                failure.hint("the access key does not exist (any more), or is of another partition")
            }
            Some("SignatureDoesNotMatch") => failure.hint("the secret access key does not belong to the access key id"),
            Some("ExpiredToken" | "ExpiredTokenException") => {
                failure.hint("the credentials have expired; get new ones")
            }
            _ => failure,
        }
    })?;
    let printed = match args.format {
        WhoamiFormat::Text => format!(
            "account  {}\narn      {}\nuser id  {}\nsource   {}\n",
            identity.account,
            identity.arn,
            identity.user_id,
            found.source()
        ),
        WhoamiFormat::Json => format!(
            "{:#}\n",
            json!({
                "Account": identity.account,
                "Arn": identity.arn,
                "UserId": identity.user_id,
                "Source": found.source(),
            })
        ),
    };
    output::print(printed.as_bytes())
}
