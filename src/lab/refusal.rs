//! [`Refusal`]: why a request is not let in, in VPC Lattice's words: `<ErrorName>: <message>`.
//!
//! The sentences about payloads and missing headers are VPC Lattice's own; those about dates and scopes are the ones that
//! AWS services share.

use crate::signing::{Claim, ClaimError, Timestamp, Verifier, VerifyError};
use alloc::format;
use alloc::string::{String, ToString};

pub(super) const SERVICE: &str = "vpc-lattice-svcs";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    name: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn text(&self) -> String {
        format!("{}: {}", self.name, self.message)
    }

    pub(super) fn denied(sentence: String) -> Self {
        Self { status: 403, name: "AccessDeniedException", message: sentence }
    }

    pub(super) fn unknown_token() -> Self {
        let message = "The security token included in the request is invalid.".to_string();
        Self { status: 403, name: "UnrecognizedClientException", message }
    }

    pub(super) fn expired_token() -> Self {
        let message = "The security token included in the request is expired".to_string();
        Self { status: 403, name: "ExpiredTokenException", message }
    }

    fn incomplete(message: String) -> Self {
        Self { status: 403, name: "IncompleteSignatureException", message }
    }

    fn invalid(message: String) -> Self {
        Self { status: 403, name: "InvalidSignatureException", message }
    }

    fn not_signed(name: &str) -> Self {
        Self::incomplete(format!("Missing the '{name}' in canonical headers."))
    }

    fn mismatch() -> Self {
        let message = "The request signature we calculated does not match the signature you provided. Check your AWS \
                       Secret Access Key and signing method. Consult the service documentation for details.";
        Self::invalid(message.to_string())
    }

    /// What cannot be read as a signature.
    pub(super) fn of_claim(error: &ClaimError) -> Self {
        match error {
            ClaimError::SignedTwice => Self::mismatch(),
            ClaimError::Algorithm(found) => Self::incomplete(format!("Unsupported AWS 'algorithm': '{found}'.")),
            ClaimError::NotKeyValue(piece) => Self::incomplete(format!(
                "'{piece}' not a valid key=value pair (missing equal-sign) in Authorization header."
            )),
            ClaimError::Missing(name) if name.starts_with("X-Amz-") => {
                Self::incomplete(format!("AWS query-string parameters must include '{name}'."))
            }
            ClaimError::Missing(name) => Self::incomplete(format!("Authorization header requires '{name}' parameter.")),
            ClaimError::NoDate => Self::incomplete(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.".to_string(),
            ),
            ClaimError::Date(found) => Self::incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{found}'. See http://en.wikipedia.org/wiki/ISO_8601"
            )),
            ClaimError::Credential(found) => Self::incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 '{found}'"
            )),
            ClaimError::Terminator(found) => Self::invalid(format!(
                "Credential should be scoped with a valid terminator: 'aws4_request', not '{found}'."
            )),
            ClaimError::Day { scope, date } => Self::invalid(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scope}' != \
                 '{date}'."
            )),
            ClaimError::HostNotSigned => {
                Self::invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_string())
            }
            ClaimError::SignedHeaderMissing(name) => Self::incomplete(format!(
                "'{name}' is named as a SignedHeader, but it does not exist in the HTTP request."
            )),
            ClaimError::HeaderNotSigned(name) => Self::not_signed(name),
            other => Self::incomplete(other.to_string()),
        }
    }

    /// What was read, and is not so.
    pub(super) fn of_verify(error: &VerifyError, claim: &Claim<'_>) -> Self {
        match error {
            VerifyError::Expired { at, good_for, now } => {
                let seconds = i64::try_from(*good_for).unwrap_or(i64::MAX);
                let oldest = now.plus_seconds(seconds.saturating_neg());
                Self::invalid(format!(
                    "Signature expired: {at} is now earlier than {oldest} ({now} - {}.)",
                    span(seconds)
                ))
            }
            VerifyError::NotYet { at, now } => Self::invalid(not_yet(*at, *now)),
            VerifyError::Region { .. } | VerifyError::Service { .. } => Self::invalid(scope(error, claim)),
            VerifyError::AccessKeyId | VerifyError::TokenMissing | VerifyError::TokenWrong => Self::unknown_token(),
            VerifyError::ContentSha256Missing => Self::not_signed("x-amz-content-sha256"),
            VerifyError::ContentSha256(_) | VerifyError::PayloadSigned => {
                Self::invalid("Signed payloads are not supported".to_string())
            }
            _ => Self::mismatch(),
        }
    }
}

fn not_yet(at: Timestamp, now: Timestamp) -> String {
    let skew = i64::try_from(Verifier::MAX_SKEW.as_secs()).unwrap_or(i64::MAX);
    let latest = now.plus_seconds(skew);
    format!("Signature not yet current: {at} is still later than {latest} ({now} + {}.)", span(skew))
}

/// Both sentences when both are wrong.
fn scope(error: &VerifyError, claim: &Claim<'_>) -> String {
    let service = format!("Credential should be scoped to correct service: '{SERVICE}'.");
    match error {
        VerifyError::Region { found, .. } => {
            let region = format!("Credential should be scoped to a valid region, not '{found}'.");
            if claim.service() == SERVICE { region } else { format!("{region} {service}") }
        }
        _ => service,
    }
}

fn span(seconds: i64) -> String {
    if seconds % 60 == 0 { format!("{} min", seconds / 60) } else { format!("{seconds} s") }
}
