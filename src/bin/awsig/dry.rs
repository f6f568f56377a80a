//! `--dry-run`: what would be sent, shown where it would be.

use crate::plan::Plan;
use crate::report::Failure;
use crate::{fault, secrets, verbose};
use awsig::send::{Again, Event, Retries};
use awsig::transport::{Body, Failure as Kind, Limits, ResponseBody, Transport, TransportError};
use awsig::world::World;
use http::{Request, Response};

/// Sends nothing.
#[derive(Debug)]
struct Nowhere;

impl Transport for Nowhere {
    fn send(&self, _: Request<Body<'_>>, _: &Limits) -> Result<Response<ResponseBody>, TransportError> {
        Err(TransportError::new(Kind::Request))
    }
}

/// The very call that would be made, up to its first byte: so a body from a pipe is chunked here too.
pub(crate) fn run(plan: &mut Plan, world: &dyn World) -> Result<String, Failure> {
    let mut shown = None;
    let found = plan.found.clone();
    let mut tell = |event: Event<'_>| {
        if let Event::Sending { request, signer } = event {
            shown = Some(verbose::request(signer, request, "> ") + &verbose::signature(signer, &found, request, "* "));
        }
    };
    let mut retries = Retries::default();
    retries.max = 0;
    let mut again = Again { retries, world, fixed_time: true, refresh: &mut || None };
    let sent = plan.send(&Nowhere, &Limits::none(), &mut again, &mut tell);
    match (shown, sent) {
        (None, Err(error)) => Err(fault::of_call(plan.url(), &error, None, None)),
        (shown, _) => Ok(secrets::blanked(&shown.unwrap_or_default())),
    }
}
