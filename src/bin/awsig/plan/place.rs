//! What a signature is good for, and whose it is: service, region, time, credentials.

use crate::args::PlaceArgs;
use crate::report::{ENDPOINT, Failure, USAGE, chain};
use crate::sources::{find, sources};
use awsig::credentials::{Found, InstanceRole, Sources};
use awsig::endpoint::Endpoint;
use awsig::imds::Imds;
use awsig::signing::{Credentials, Rules, Scope, Signer, Timestamp};
use awsig::world::World;
use std::sync::Arc;

/// When to sign: as typed, as a header says, or now.
pub(crate) fn signing_time(args: &PlaceArgs, header: Option<&str>, world: &dyn World) -> Result<Timestamp, Failure> {
    let Some(text) = args.time.as_deref().or(header) else {
        return Ok(world.now());
    };
    time(text)
}

/// A time as it is typed.
pub(crate) fn time(text: &str) -> Result<Timestamp, Failure> {
    let time = match text.strip_prefix('@') {
        Some(seconds) => seconds.parse().ok().and_then(|seconds| Timestamp::from_unix(seconds).ok()),
        None => Timestamp::parse(text).or_else(|_| Timestamp::parse_rfc3339(text)).ok(),
    };
    time.ok_or_else(|| {
        Failure::new(USAGE, format!("not a time: {text:?}"))
            .hint("--time takes 20150830T123600Z, 2015-08-30T12:36:00Z or @1440938160")
    })
}

/// What signs for this place, with the credentials that were typed, else those of this machine.
pub(crate) fn signer(
    args: &PlaceArgs,
    endpoint: &Endpoint,
    time: Timestamp,
    world: &Arc<dyn World>,
    typed: Option<Found>,
) -> Result<(Signer, Found), Failure> {
    let (service, rules) = service(args, endpoint, world.as_ref())?;
    let sources = sources(&args.sources, world)?;
    let instance = sources.instance_role();
    let sources = sources.with_instance(instance.clone());
    let region = region(args, endpoint, &service, &sources, &instance)?;
    let scope = Scope::new(time, &region, &service).map_err(|error| {
        Failure::of(ENDPOINT, &error).hint("--region takes a name like us-east-1, --service one like s3")
    })?;
    let found = typed.map_or_else(|| find(&sources, world.as_ref()), Ok)?;
    Ok((Signer::new(found.credentials(), scope).with_rules(rules), found))
}

fn service(args: &PlaceArgs, endpoint: &Endpoint, world: &dyn World) -> Result<(String, Rules), Failure> {
    if let Some(service) = &args.service {
        return Ok((service.clone(), Rules::of(service)));
    }
    if endpoint.needs_sigv4a() {
        return Err(Failure::new(
            ENDPOINT,
            format!("{} takes SigV4A signatures only, which awsig does not make", endpoint.host()),
        )
        .hint("call a regional endpoint of the service instead"));
    }
    if let Some(service) = endpoint.service() {
        return Ok((service.to_owned(), endpoint.rules()));
    }
    // Only for hosts that tell nothing: it must not change what others tell.
    match world.var("AWSIG_SERVICE").filter(|service| !service.is_empty()) {
        Some(service) => Ok((service.clone(), Rules::of(&service))),
        None => Err(Failure::new(ENDPOINT, format!("the host {} does not tell the service", endpoint.host())).hint(
            format!(
                "add --service NAME (vpc-lattice-svcs, execute-api, lambda, s3, es, …){}",
                if endpoint.region().is_none() { " and --region REGION" } else { "" }
            ),
        )),
    }
}

fn region(
    args: &PlaceArgs,
    endpoint: &Endpoint,
    service: &str,
    sources: &Sources,
    instance: &InstanceRole,
) -> Result<String, Failure> {
    if let Some(region) = args.region.clone().or_else(|| endpoint.region().map(str::to_owned)) {
        return Ok(region.to_ascii_lowercase());
    }
    if let Some(region) = sources.region().map_err(|error| Failure::of(ENDPOINT, &error))? {
        return Ok(region.to_ascii_lowercase());
    }
    instance.imds().and_then(Imds::region).map_err(|error| {
        Failure::new(
            ENDPOINT,
            format!(
                "the host {} tells the service {service}, but no region: neither do AWS_REGION, the profile and the instance: {}",
                endpoint.host(),
                chain(&error)
            ),
        )
        .hint("add --region REGION, such as --region us-east-1")
    })
}

/// The credentials of this machine, and where they come from.
pub(crate) fn credentials(world: &Arc<dyn World>) -> Result<Found, Failure> {
    find(&Sources::new(Arc::clone(world)), world.as_ref())
}

/// What the sources of this machine hold now, if it is something else than these.
pub(crate) fn other_credentials(args: &PlaceArgs, world: &Arc<dyn World>, old: &Credentials) -> Option<Found> {
    let found = find(&sources(&args.sources, world).ok()?, world.as_ref()).ok()?;
    // Compared, not shown.
    let token = |credentials: &Credentials| credentials.token().map(|token| token.expose().to_owned());
    let same = found.credentials().access_key_id() == old.access_key_id() && token(found.credentials()) == token(old);
    (!same).then_some(found)
}
