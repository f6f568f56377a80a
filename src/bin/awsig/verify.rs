//! `awsig verify`: checks the signature of a request, whoever made it, and shows each step.

use crate::args::VerifyArgs;
use crate::report::{Failure, INVALID, USAGE};
use crate::{captured, output, plan, secrets, texts};
use awsig::endpoint::Endpoint;
use awsig::signing::{Claim, ClaimError, Credentials, Request, Rules, Verifier, VerifyError, printable};
use awsig::world::World;
use std::fmt::Write as _;

/// Every check of a signature, in the order that services make them.
const CHECKS: [&str; 7] = ["time", "region", "service", "key", "token", "payload", "signature"];

pub(crate) fn run(args: &VerifyArgs) -> Result<(), Failure> {
    let world = secrets::world();
    let mut captured = captured::read(args.request.as_deref(), &args.method, args.body.as_deref())?;
    captured.complete();
    let headers: Vec<(&str, &str)> =
        captured.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = captured.request(&headers)?;
    let now = args.time.as_deref().map_or_else(|| Ok(world.now()), plan::time)?;
    let claim = match Claim::parse(&request) {
        Ok(claim) => claim,
        Err(error) => return unclaimed(&request, &error),
    };
    let found = plan::credentials(&world)?;
    let credentials = found.credentials();
    let endpoint = Endpoint::of_url(request.host(), request.path());
    let service = args.service.as_deref().or(endpoint.service()).unwrap_or(claim.service());
    let region = args.region.as_deref().or(endpoint.region()).unwrap_or(claim.region());
    let verifier = Verifier::new(region, service).with_rules(Rules::of(service));
    let failures = verifier.failures(&claim, credentials, now);
    let mut shown = claimed(&request, &claim);
    for check in CHECKS {
        match failures.iter().find(|failure| check_of(failure) == check) {
            Some(failure) => {
                let _ = writeln!(shown, "FAIL  {check}: {}", printable(&failure.to_string(), 500));
            }
            None if check == "signature" && is_last(&failures) => {
                let _ = writeln!(shown, "?     {check}: not checked, for want of a payload hash");
            }
            None => {
                let _ = writeln!(shown, "ok    {check}");
            }
        }
    }
    texts_of(&mut shown, &verifier, &claim, credentials, world.as_ref());
    finish(&shown, &verifier, &claim, credentials, &failures)
}

/// A signature that is not well-formed: no further check can be made.
fn unclaimed(request: &Request<'_>, error: &ClaimError) -> Result<(), Failure> {
    let mut shown = head(request);
    let _ = writeln!(shown, "FAIL  form: {}", printable(&error.to_string(), 500));
    output::print(shown.as_bytes())?;
    let code = if *error == ClaimError::NotSigned { USAGE } else { INVALID };
    Err(Failure::new(code, printable(&error.to_string(), 500)).hint(match error {
        ClaimError::NotSigned => "the request needs an Authorization header, or X-Amz-Algorithm in its query",
        ClaimError::SignedHeaderMissing(_) => {
            "a header without a value is often not sent at all: look for an empty variable"
        }
        ClaimError::HeaderNotSigned(_) => "sign every x-amz-… header, or add it before signing",
        ClaimError::Algorithm(_) => "only AWS4-HMAC-SHA256 can be checked",
        _ => "sign anew: awsig sign makes all parts of a signature",
    }))
}

fn head(request: &Request<'_>) -> String {
    let path = printable(request.path(), 500);
    format!("request     {} {}{path}\n", request.method(), request.host())
}

fn claimed(request: &Request<'_>, claim: &Claim<'_>) -> String {
    let mut shown = head(request);
    let _ = writeln!(shown, "signed by   {}", printable(claim.access_key_id(), 128));
    let _ = writeln!(shown, "at          {}{}", claim.time(), lifetime(claim));
    let _ = writeln!(shown, "for         {} in {}", printable(claim.service(), 64), printable(claim.region(), 64));
    let _ = writeln!(shown, "headers     {}\n\nok    form", printable(claim.signed_headers(), 500));
    shown
}

fn lifetime(claim: &Claim<'_>) -> String {
    claim.expires().map(|seconds| format!(", good for {}", awsig::refusal::span(seconds.into()))).unwrap_or_default()
}

fn check_of(failure: &VerifyError) -> &'static str {
    match failure {
        VerifyError::Expired { .. } | VerifyError::NotYet { .. } => "time",
        VerifyError::Region { .. } => "region",
        VerifyError::Service { .. } => "service",
        VerifyError::AccessKeyId => "key",
        VerifyError::TokenMissing | VerifyError::TokenWrong => "token",
        VerifyError::Signature => "signature",
        _ => "payload",
    }
}

/// Whether the signature could not be checked.
fn is_last(failures: &[VerifyError]) -> bool {
    matches!(failures.last(), Some(VerifyError::ContentSha256Missing | VerifyError::ContentSha256(_)))
        && !failures.contains(&VerifyError::Signature)
}

fn texts_of(
    shown: &mut String,
    verifier: &Verifier<'_>,
    claim: &Claim<'_>,
    credentials: &Credentials,
    world: &dyn World,
) {
    if let Ok(steps) = verifier.steps(claim, credentials) {
        let _ = write!(shown, "\n{}", texts::annotated(&steps, texts::is_colored(world)));
        let _ = writeln!(shown, "     {} is what the request carries", claim.signature());
    }
}

fn finish(
    shown: &str,
    verifier: &Verifier<'_>,
    claim: &Claim<'_>,
    credentials: &Credentials,
    failures: &[VerifyError],
) -> Result<(), Failure> {
    output::print(shown.as_bytes())?;
    let Some(first) = failures.first() else { return Ok(()) };
    let mut failure = Failure::new(INVALID, format!("not valid: {}", printable(&first.to_string(), 500)));
    if failures.contains(&VerifyError::Signature) {
        let mistakes = verifier.mistakes(claim, credentials);
        let told = mistakes.iter().map(|mistake| ("means", mistake.to_string())).collect::<Vec<_>>();
        failure = if told.is_empty() {
            failure.hint("no known mistake of a signer explains the signature: the secret key is another, or the request was changed after signing")
        } else {
            failure.tell(told)
        };
    }
    if let VerifyError::Expired { at, .. } = first {
        failure = failure.hint(format!("--time {} checks it as of its own moment", at));
    }
    Err(failure)
}
