//! `awsig imds PATH`: a document of the instance metadata service.

use crate::args::ImdsArgs;
use crate::output;
use crate::report::{CREDENTIALS, Failure};
use crate::secrets;
use awsig::imds::{Imds, ImdsError};
use awsig::transport::Client;
use std::sync::Arc;

pub(crate) fn run(args: &ImdsArgs) -> Result<(), Failure> {
    let imds = Imds::new(secrets::world(), Arc::new(Client::link_local())).map_err(|error| failure(&error))?;
    let path = args.path.trim_start_matches('/');
    let path = path.strip_prefix("latest/").unwrap_or(path);
    output::print(&imds.get(path).map_err(|error| failure(&error))?)
}

pub(crate) fn failure(error: &ImdsError) -> Failure {
    let failure = Failure::of(CREDENTIALS, error);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
