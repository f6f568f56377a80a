//! `awsig presign`: prints a URL that is signed for a while.

use crate::args::PresignArgs;
use crate::headers::Headers;
use crate::output;
use crate::plan::Plan;
use crate::report::{Failure, USAGE, warn};
use crate::secrets;
use crate::verbose;
use awsig::signing::Expires;

const TYPE: &str = "content-type";

pub(crate) fn run(args: &PresignArgs) -> Result<(), Failure> {
    let expires = expires(&args.expires)?;
    let world = secrets::world();
    let mut plan = Plan::make(&args.request, &world)?;
    // What -d and its kin say of the body is for sending it; in a URL it would bind whoever uses that.
    if !Headers::parse(&args.request.headers)?.given.iter().any(|(name, _)| name.eq_ignore_ascii_case(TYPE)) {
        plan.remove_header(TYPE);
    }
    let printed = plan.with_request(|request, signer, found| {
        let presigned = signer.presign(request, expires);
        if let Some(end) = found.credentials().expires() {
            let left = end.seconds_since(&signer.scope().time());
            if left < i64::from(expires.seconds()) {
                warn(&format!("the URL ends with its credentials, at {} (in {} s)", end.to_rfc3339(), left.max(0)));
            }
        }
        let signed = signed_names(presigned.as_str());
        let own_host = |name: &str, value: &str| name.eq_ignore_ascii_case("host") && value == request.host();
        let typed = request.headers().filter(|(name, value)| {
            signed.iter().any(|signed| signed.eq_ignore_ascii_case(name)) && !own_host(name, value)
        });
        for (name, value) in typed.chain(presigned.headers()) {
            let value = verbose::shown(name, value);
            warn(&format!("whoever uses the URL must also send the header {name}: {value}"));
        }
        Ok(format!("{}\n", presigned.as_str()))
    })?;
    output::print(printed.as_bytes())
}

/// The names that a presigned URL says are signed.
fn signed_names(url: &str) -> Vec<&str> {
    let names = url.split(['?', '&']).find_map(|parameter| parameter.strip_prefix("X-Amz-SignedHeaders="));
    names.unwrap_or_default().split("%3B").collect()
}

/// A lifetime that was typed.
pub(crate) fn expires(text: &str) -> Result<Expires, Failure> {
    seconds(text)
        .ok_or_else(|| Failure::new(USAGE, format!("not a duration: {text:?}")))
        .and_then(|seconds| Expires::from_seconds(seconds).map_err(|error| Failure::of(USAGE, &error)))
        .map_err(|failure| failure.hint("--expires takes 1 s to 7 days: 900, 90s, 15m, 12h or 7d"))
}

/// `900`, `90s`, `15m`, `12h`, `7d`.
fn seconds(text: &str) -> Option<u64> {
    let (digits, unit) = match text.strip_suffix(['s', 'm', 'h', 'd']) {
        Some(digits) => (digits, text.get(digits.len()..)?),
        None => (text, "s"),
    };
    let factor = match unit {
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => 1,
    };
    let digits = digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits)?;
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, wanted) in [
            ("900", Some(900)),
            ("90s", Some(90)),
            ("15m", Some(900)),
            ("12h", Some(43_200)),
            ("7d", Some(604_800)),
            ("", None),
            ("m", None),
            ("-5", None),
            ("1.5h", None),
            ("99999999999999999999d", None),
        ] {
            assert_eq!(seconds(text), wanted, "{text}");
        }
    }
}
