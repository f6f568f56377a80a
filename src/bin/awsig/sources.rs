//! Where to look for credentials: what was typed made into sources.

use crate::args::SourceArgs;
use crate::report::{CREDENTIALS, Failure, USAGE, warn};
use crate::secrets;
use awsig::credentials::{Assume, ChainError, Found, Sources};
use awsig::imds::Settings;
use awsig::world::World;
use std::sync::Arc;
use std::time::Duration;

/// What was typed, as where to look.
pub(crate) fn sources(args: &SourceArgs, world: &Arc<dyn World>) -> Result<Sources, Failure> {
    let mut sources = Sources::new(Arc::clone(world));
    if let Some(profile) = &args.profile {
        sources = sources.with_profile(profile);
    }
    if let Some(name) = &args.credentials_source {
        sources = sources.only(match name.as_str() {
            "web-identity" => "web identity",
            "instance" => "instance role",
            name => name,
        });
    }
    if let Some(wait) = &args.wait_imds {
        sources = sources.with_wait(duration(wait)?);
    }
    if let Some(arn) = &args.role_arn {
        sources = sources.with_role(role(args, arn)?);
    }
    Ok(sources)
}

fn role(args: &SourceArgs, arn: &str) -> Result<Assume, Failure> {
    let mut role = Assume::new(arn)
        .map_err(|error| Failure::of(USAGE, &error).hint("--role-arn takes arn:aws:iam::ACCOUNT:role/NAME"))?;
    if let Some(id) = &args.external_id {
        role = role.with_external_id(id);
    }
    if let Some(name) = &args.role_session_name {
        role = role.with_session_name(name);
    }
    if let Some(serial) = &args.mfa_serial {
        role = role.with_mfa_serial(serial);
    }
    match args.duration_seconds {
        None => Ok(role),
        Some(seconds) => role
            .with_duration(seconds)
            .map_err(|error| Failure::of(USAGE, &error).hint("--duration-seconds takes 900 to 43200")),
    }
}

/// `90s`, `2m`, or a plain number of seconds.
fn duration(text: &str) -> Result<Duration, Failure> {
    let (number, unit) = match text.strip_suffix(['s', 'm']) {
        Some(number) => (number, if text.ends_with('m') { 60.0 } else { 1.0 }),
        None => (text, 1.0),
    };
    let seconds = number.parse::<f64>().ok().map(|number| number * unit).filter(|seconds| *seconds <= 86_400.0);
    seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).ok_or_else(|| {
        Failure::new(USAGE, format!("not a duration of at most a day: {text:?}")).hint("write 90s or 2m")
    })
}

/// Looks, and warns of what has expired.
pub(crate) fn find(sources: &Sources, world: &dyn World) -> Result<Found, Failure> {
    let found = sources.chain().find().map_err(|error| failure(&error))?;
    secrets::keep_credentials(found.credentials());
    if let Some(unclear) = Settings::from_world(world).ok().and_then(|read| read.unclear_disabled().map(str::to_owned))
    {
        warn(&format!("AWS_EC2_METADATA_DISABLED is {unclear:?}, which disables nothing: only true does"));
    }
    if let Some(expires) = found.credentials().expires() {
        let left = expires.seconds_since(&world.now());
        if left <= 0 {
            warn(&format!("the credentials from {} expired {} s ago", found.source(), left.saturating_neg()));
        }
    }
    Ok(found)
}

/// No credentials, and what to do about it.
pub(crate) fn failure(error: &ChainError) -> Failure {
    let failure = Failure::of(CREDENTIALS, error);
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None if failure.error().ends_with("are swapped") => failure.hint("the id is the one of 20 capitals and digits"),
        None if failure.error().contains("cannot be used") => {
            failure.hint("print what holds it: a quote, a blank or a line break may have been pasted along")
        }
        None => failure,
    }
}
