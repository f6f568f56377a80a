//! What a cause means, in words.

use super::{Asked, Cause, Refusal, Skew, span};
use crate::signing::Mismatch;
use alloc::format;
use alloc::string::String;

pub(super) fn of(cause: &Cause, refusal: &Refusal, asked: &Asked) -> String {
    let text = match cause {
        Cause::Differs(difference) => return differs(difference.mismatch(), asked),
        Cause::Clock(Some(skew)) => return clock(skew, asked),
        Cause::Old(skew) => return old(skew),
        Cause::Region { signed, wanted } => return scope("region", signed.as_deref(), wanted.as_deref()),
        Cause::Service { signed, wanted } => return scope("service", signed.as_deref(), wanted.as_deref()),
        Cause::HeaderNotSigned(names) => return format!("headers that have to be signed are not: {names}"),
        Cause::SignedHeaderMissing(name) => {
            return format!(
                "{name} is among the signed headers, but did not arrive: it was empty and so not sent, or a proxy took it out"
            );
        }
        Cause::PartMissing(parts) if !parts.is_empty() => {
            return format!("the signature is not complete; the service names {}", parts.join(", "));
        }
        Cause::Partition(partition) => {
            return format!(
                "the access key is not known in the partition {partition}: keys are good in one partition only"
            );
        }
        Cause::TokenExpired { since: Some(since) } => {
            let ago = asked.now.map(|now| format!(", {} ago", span(now.seconds_since(since)))).unwrap_or_default();
            return format!("the temporary credentials expired at {}{ago}", since.to_rfc3339());
        }
        Cause::Permission(permission) => return may_not(permission),
        Cause::Secret => {
            "the service computed the very texts that were signed here, so the secret key is not that of the access key id"
        }
        Cause::Signer => {
            "the service computed what this request has to be signed with, so its signer computed something else, or \
             has another secret key"
        }
        Cause::Signature if refusal.canonical_request().is_some() => {
            "the signature is not that of the request as it arrived; the service tells the texts it computed"
        }
        Cause::Signature => {
            "the signature is not that of the request as it arrived, and the service does not tell what it computed"
        }
        Cause::Clock(None) => "the clocks of signer and service disagree",
        Cause::Day => "the day in the scope is not that of x-amz-date",
        Cause::Terminator => "the scope does not end with aws4_request",
        Cause::Credential => "the credential is not of the form key/day/region/service/aws4_request",
        Cause::Date => "x-amz-date is missing or not of the form 20150830T123600Z",
        Cause::Algorithm => "the service does not accept this kind of signature",
        Cause::NeedsSigV4a => "only SigV4A signatures are accepted here",
        Cause::NotSigned => {
            "the request arrived without a signature: it was not signed, or a redirect or proxy took the header out"
        }
        Cause::Route => {
            "this is API Gateway's answer for a method, path or stage that does not exist; only for one that does \
             exist does it mean a missing signature"
        }
        Cause::NotKeyValue => "the Authorization header is there, but is no AWS signature",
        Cause::PartMissing(_) => "the signature is not complete",
        Cause::HostNotSigned => "host is not among the signed headers",
        Cause::Url => {
            "the URL holds a percent sign without two hexadecimal digits behind it, or cannot be read otherwise"
        }
        Cause::KeyUnknown => {
            "the service does not know the access key id: it was deleted, belongs to another partition, or is mistyped"
        }
        Cause::TokenMissing => "the access key is a temporary one (ASIA…), but its session token was not sent",
        Cause::TokenExpired { since: None } => "the temporary credentials have expired",
        Cause::TokenInvalid => {
            "the session token is not that of the access key, or was cut or changed when it was copied"
        }
        Cause::UrlExpired => "the lifetime of the presigned URL is over",
        Cause::AccessDenied => "the service refuses, and does not tell which policy does",
        Cause::PayloadSigned => {
            "VPC Lattice takes x-amz-content-sha256: UNSIGNED-PAYLOAD only, over http and https alike"
        }
        Cause::PayloadHashMissing => "x-amz-content-sha256 has to be sent and signed",
        Cause::PayloadHashForm => "x-amz-content-sha256 is neither a SHA-256 nor one of the words that stand for one",
        Cause::PayloadChanged => "the body that arrived is not the one that was hashed",
        Cause::NetworkPolicy => "a network policy of the collection does not let this network in",
        Cause::DataPolicy => {
            "no data access policy of the collection names the caller, or x-amz-content-sha256 was not sent and signed"
        }
        Cause::FunctionUrl => "the caller may not use the function URL, or it is not signed for",
        Cause::ApiForbidden => {
            "API Gateway itself refuses: an API key is missing, a web firewall or resource policy refuses, or the \
             domain name is not mapped"
        }
        Cause::Authorizer { denies: true } => {
            "the policy that the Lambda authorizer of the API answered with denies it, or a policy of the API does"
        }
        Cause::Authorizer { denies: false } => {
            "the policy that the Lambda authorizer of the API answered with does not allow it"
        }
        Cause::LatticeHost => {
            "no VPC Lattice service of this name is in the service network that the request came through"
        }
        Cause::Redirect => "what is asked for is elsewhere, and a signature is good for one host and region only",
        Cause::Subscription => "the account is not subscribed to the service, or has not opted in to the region",
        Cause::Metadata => "the instance metadata service wants a session token of version 2; this is no AWS signature",
        Cause::Throttled => "too many requests: the signature is not what is wrong",
        Cause::Server => "the service itself failed: the signature is not what is wrong",
        Cause::Request => "the request is refused for what it asks, not for its signature",
        Cause::Foreign => {
            "a page of HTML, which no service of AWS answers a signed request with: a proxy, a load balancer or a web \
             server on the way answered"
        }
        Cause::Accepted => "the request was accepted: this is no refusal",
        Cause::Unknown => "the answer does not tell why",
    };
    text.into()
}

fn differs(mismatch: &Mismatch, asked: &Asked) -> String {
    if asked.signed_here {
        format!("the service computed another text: {mismatch}")
    } else {
        format!("the service computed another text than this request gives, so it arrived changed: {mismatch}")
    }
}

fn clock(skew: &Skew, asked: &Asked) -> String {
    let word = if skew.seconds() < 0 { "slow" } else { "fast" };
    let by = span(skew.seconds());
    let times = format!("it signed at {}, when it was {}", skew.signed, skew.server);
    if asked.now.is_none() && skew.seconds() < 0 {
        return format!(
            "the request was sent {by} after it was signed, or the clock of the signer is {by} slow: {times}"
        );
    }
    format!("the clock of the signer is {by} {word}: {times}")
}

fn old(skew: &Skew) -> String {
    let by = span(skew.seconds());
    if skew.seconds() < 0 {
        format!("the clock is right, but the request was signed {by} before it arrived, which is too long")
    } else {
        format!("the clock is right, but the request was signed for a time {by} ahead")
    }
}

fn scope(part: &str, signed: Option<&str>, wanted: Option<&str>) -> String {
    match (signed, wanted) {
        (Some(signed), Some(wanted)) => format!("signed for the {part} {signed}, the endpoint wants {wanted}"),
        (Some(signed), None) => format!("signed for the {part} {signed}, the endpoint wants another"),
        (None, Some(wanted)) => format!("signed for another {part}; the endpoint wants {wanted}"),
        (None, None) => format!("signed for another {part} than the endpoint wants"),
    }
}

fn may_not(permission: &super::Permission) -> String {
    let resource = permission.resource.as_deref().map(|name| format!(" on {name}")).unwrap_or_default();
    let why = match (&permission.layer, permission.explicit_deny) {
        (Some(layer), true) => format!("{layer} denies it"),
        (Some(layer), false) => format!("nothing in {layer} allows it"),
        (None, true) => "a policy denies it; the service does not tell which".into(),
        (None, false) => "the service does not tell which policy".into(),
    };
    if permission.is_anonymous() {
        return format!(
            "the request was not signed, and nobody without a signature may {}{resource}: {why}",
            permission.action
        );
    }
    format!("the signature is right, but {} may not {}{resource}: {why}", permission.principal, permission.action)
}
