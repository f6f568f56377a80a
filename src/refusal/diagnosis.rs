//! [`Diagnosis`]: from what was asked and what was answered to the cause.

use super::find::{between, says};
use super::{Asked, Cause, Check, Permission, Refusal, Skew, means, next};
use crate::endpoint::Endpoint;
use crate::signing::{Difference, Timestamp};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Why a request was refused, what the refusal proves, and what to do next.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    cause: Cause,
    passed: Vec<Check>,
    means: String,
    next: Vec<String>,
    statement: Option<String>,
}

impl Diagnosis {
    /// Finds the cause of a refusal.
    pub fn of(refusal: &Refusal, asked: &Asked) -> Self {
        let cause = cause(refusal, asked);
        let statement = match &cause {
            Cause::Permission(permission) => permission.statement(),
            _ => None,
        };
        Self {
            passed: passed(&cause, refusal, asked),
            means: means::of(&cause, refusal, asked),
            next: next::of(&cause, refusal, asked),
            statement,
            cause,
        }
    }

    /// The cause.
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// The checks that the request passed, since the service got further than them; empty where that is not certain.
    pub fn passed(&self) -> &[Check] {
        &self.passed
    }

    /// What the refusal means, in lower case and without a full stop.
    pub fn means(&self) -> &str {
        &self.means
    }

    /// What to do or type next, the likeliest first.
    pub fn next(&self) -> &[String] {
        &self.next
    }

    /// A statement for a policy that would allow what was refused, as JSON.
    pub fn statement(&self) -> Option<&str> {
        self.statement.as_deref()
    }
}

/// Lines of `name: text`: what it means, what passed, what to do next.
impl fmt::Display for Diagnosis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "means: {}", self.means)?;
        if !self.passed.is_empty() {
            let passed: Vec<String> = self.passed.iter().map(|check| alloc::format!("{check}")).collect();
            write!(formatter, "\npassed: {}", passed.join(", "))?;
        }
        for next in &self.next {
            write!(formatter, "\nhint: {next}")?;
        }
        Ok(())
    }
}

fn cause(refusal: &Refusal, asked: &Asked) -> Cause {
    let message = refusal.message();
    if refusal.told.is_metadata {
        return Cause::Metadata;
    }
    if matches!(refusal.status(), Some(200..=299)) && refusal.code().is_none() {
        return Cause::Accepted;
    }
    if let Some(permission) = Permission::of_sentence(message) {
        return Cause::Permission(permission);
    }
    if let Some(skew) = Skew::of_sentence(message) {
        return clock(skew, asked);
    }
    by_hint(refusal)
        .or_else(|| by_sentence(refusal, asked))
        .or_else(|| by_code(refusal, asked))
        .unwrap_or_else(|| by_status(refusal, asked))
}

/// OpenSearch Serverless tells nothing but this.
fn by_hint(refusal: &Refusal) -> Option<Cause> {
    let hint = refusal.told.hint.as_deref()?;
    if hint.contains("network-policy") {
        Some(Cause::NetworkPolicy)
    } else {
        hint.contains("gw-helper-deny").then_some(Cause::DataPolicy)
    }
}

/// What the message says, whatever the code: the codes of the service families differ, their sentences hardly do.
fn by_sentence(refusal: &Refusal, asked: &Asked) -> Option<Cause> {
    let message = refusal.message();
    let has = |piece: &str| says(message, piece);
    let quoted = || between(message, "'", "'").unwrap_or_default().to_owned();
    Some(if has("Signed payloads are not supported") {
        Cause::PayloadSigned
    } else if has("Missing the 'x-amz-content-sha256'") || has("required header for this request: x-amz-content-sha256")
    {
        Cause::PayloadHashMissing
    } else if has("x-amz-content-sha256 must be") {
        Cause::PayloadHashForm
    } else if has("is named as a SignedHeader, but it does not exist") {
        Cause::SignedHeaderMissing(quoted())
    } else if has("must be a 'SignedHeader' in the AWS Authorization") {
        Cause::HostNotSigned
    } else if has("headers present in the request which were not signed") {
        Cause::HeaderNotSigned(refusal.told.headers_not_signed.clone().unwrap_or_default())
    } else if has("scoped to a valid region")
        || has("' is wrong; expecting '")
        || has("location constraint is incompatible")
    {
        let wanted = between(message, "expecting '", "'").map(str::to_owned).or(refusal.told.region.clone());
        let signed = between(message, "the region '", "'").or_else(|| between(message, "valid region, not '", "'"));
        Cause::Region { signed: signed.map(str::to_owned).or(asked.region.clone()), wanted }
    } else if has("scoped to correct service") || has("incorrect service") {
        let wanted = between(message, "correct service: '", "'").or_else(|| between(message, "belongs to \"", "\""));
        let signed = between(message, "incorrect service \"", "\"").map(str::to_owned);
        Cause::Service { signed: signed.or(asked.service.clone()), wanted: wanted.map(str::to_owned) }
    } else if has("with a valid terminator") || has("incorrect terminal") {
        Cause::Terminator
    } else if has("Date in Credential scope does not match") || has("Invalid credential date") {
        Cause::Day
    } else if has("5 slash-delimited elements") || has("the Credential is mal-formed") || has("a non-empty Access Key")
    {
        Cause::Credential
    } else if has("AWS4-ECDSA-P256-SHA256") || has("SigV4A") {
        Cause::NeedsSigV4a
    } else if has("Unsupported AWS 'algorithm'") || has("authorization mechanism you have provided is not supported") {
        Cause::Algorithm
    } else if has("not a valid key=value pair") || has("Authorization header is invalid -- one and only one") {
        Cause::NotKeyValue
    } else if has("Authorization header requires")
        || has("query-string parameters must include")
        || has("Query-string authentication version 4 requires")
    {
        Cause::PartMissing(parts(message))
    } else if has("Date must be in ISO-8601") || has("requires a valid Date or x-amz-date header") {
        Cause::Date
    } else if has("escape % sequence") || has("in escape % pattern") {
        Cause::Url
    } else if has("Request has expired") && refusal.code() != Some("RequestExpired") || has("Policy expired") {
        Cause::UrlExpired
    } else if has("token") && (has("is expired") || has("has expired")) {
        expired(asked)
    } else if has("token is malformed or otherwise invalid") || has("token provided is invalid") {
        Cause::TokenInvalid
    } else if has("is missing Authentication Token") {
        Cause::NotSigned
    } else if message == "Missing Authentication Token" {
        route(refusal, asked)
    } else if message == "Forbidden" {
        by_status(refusal, asked)
    } else if has("signature we calculated does not match") {
        signature(refusal, asked)
    } else if has("User is not authorized to access this resource") {
        Cause::Authorizer { denies: has("explicit deny") }
    } else if has("multiple authentication types") || has("Only one auth mechanism allowed") {
        Cause::NotKeyValue
    } else {
        return None;
    })
}

fn by_code(refusal: &Refusal, asked: &Asked) -> Option<Cause> {
    let code = refusal.code()?;
    let code = code.strip_prefix("Client.").unwrap_or(code);
    let name = code.strip_suffix("Exception").unwrap_or(code);
    Some(match name {
        "SignatureDoesNotMatch" | "InvalidSignature" => signature(refusal, asked),
        "RequestTimeTooSkewed" | "RequestInTheFuture" | "RequestExpired" => {
            let server = refusal.server_time();
            let signed = refusal.told.request_time.or(asked.time);
            match signed.zip(server) {
                Some((signed, server)) => clock(Skew { signed, server }, asked),
                None => Cause::Clock(None),
            }
        }
        "ExpiredToken" | "TokenRefreshRequired" => expired(asked),
        "InvalidToken" => token(asked),
        "InvalidClientTokenId" | "UnrecognizedClient" => match asked.has_token {
            Some(true) => token(asked),
            _ => key(asked),
        },
        "InvalidAccessKeyId" | "AuthFailure" => key(asked),
        "MissingAuthenticationToken" => route(refusal, asked),
        "IncompleteSignature"
        | "AuthorizationQueryParametersError"
        | "MissingSecurityHeader"
        | "AuthorizationHeaderMalformed" => match &refusal.told.region {
            Some(wanted) => Cause::Region { signed: asked.region.clone(), wanted: Some(wanted.clone()) },
            None => Cause::PartMissing(parts(refusal.message())),
        },
        "MalformedQueryString" | "InvalidURI" => Cause::Url,
        "XAmzContentSHA256Mismatch" | "BadDigest" => Cause::PayloadChanged,
        "PermanentRedirect" | "TemporaryRedirect" | "Redirect" => Cause::Redirect,
        "OptInRequired" | "SubscriptionRequired" | "NotSignedUp" => Cause::Subscription,
        "AccessDenied"
        | "UnauthorizedOperation"
        | "AuthorizationError"
        | "NotAuthorized"
        | "Unauthorized"
        | "AllAccessDisabled" => Cause::AccessDenied,
        "Throttling"
        | "ThrottlingException"
        | "Throttled"
        | "TooManyRequests"
        | "SlowDown"
        | "RequestLimitExceeded"
        | "ProvisionedThroughputExceeded" => Cause::Throttled,
        "InternalFailure" | "InternalError" | "InternalServerError" | "ServiceUnavailable" => Cause::Server,
        _ => return None,
    })
}

fn by_status(refusal: &Refusal, asked: &Asked) -> Cause {
    let message = refusal.message();
    let is_lattice = asked.is_service("vpc-lattice-svcs", "vpc-lattice-svcs");
    let is_gateway = refusal.told.is_api_gateway || asked.is_service("execute-api", "execute-api");
    match refusal.status() {
        Some(301 | 302 | 307 | 308) => Cause::Redirect,
        Some(400 | 403)
            if refusal.told.is_s3 && refusal.told.region.is_some() && refusal.told.region != asked.region =>
        {
            Cause::Region { signed: asked.region.clone(), wanted: refusal.told.region.clone() }
        }
        Some(404) if is_lattice && refusal.code().is_none() => Cause::LatticeHost,
        Some(429) => Cause::Throttled,
        Some(500..) => Cause::Server,
        Some(401) if asked.host.as_deref().is_some_and(|host| host.starts_with("169.254.169.254")) => Cause::Metadata,
        _ if message == "Forbidden" && asked.is_service("lambda", "lambda-url") => Cause::FunctionUrl,
        _ if message == "Forbidden" && is_gateway => Cause::ApiForbidden,
        _ if says(message, "security token included in the request is invalid") => match asked.has_token {
            Some(true) => token(asked),
            _ => key(asked),
        },
        _ if message == "Access Denied" || message == "Forbidden" => Cause::AccessDenied,
        _ if refusal.code().is_some() => Cause::Request,
        _ if refusal.is_html() => Cause::Foreign,
        _ => Cause::Unknown,
    }
}

/// Compares what the service computed with ours, if both are known.
fn signature(refusal: &Refusal, asked: &Asked) -> Cause {
    let Some(ours) = &asked.steps else { return Cause::Signature };
    // Both hold the token if it is signed; `Difference` blanks it.
    let theirs = refusal.canonical_request().map(crate::signing::Secret::expose);
    let canonical = theirs.and_then(|theirs| Difference::of_canonical_requests(ours.canonical_request(), theirs));
    if let Some(difference) = canonical {
        return Cause::Differs(difference);
    }
    let strings = refusal.string_to_sign();
    let difference = strings.and_then(|theirs| Difference::of_strings_to_sign(ours.string_to_sign(), theirs));
    match difference {
        Some(difference) => Cause::Differs(difference),
        None if theirs.is_none() && strings.is_none() => Cause::Signature,
        None if asked.signed_here => Cause::Secret,
        None => Cause::Signer,
    }
}

/// The clock is wrong, unless it is known to be right.
fn clock(skew: Skew, asked: &Asked) -> Cause {
    // The tolerance of the strictest services.
    const TOLERANCE: u64 = 300;
    match asked.now {
        Some(now) if now.seconds_since(&skew.server).unsigned_abs() < TOLERANCE => Cause::Old(skew),
        _ => Cause::Clock(Some(skew)),
    }
}

fn expired(asked: &Asked) -> Cause {
    let past = |expires: &Timestamp| asked.now.is_none_or(|now| *expires <= now);
    Cause::TokenExpired { since: asked.expires.filter(past) }
}

fn token(asked: &Asked) -> Cause {
    if asked.is_temporary() && asked.has_token == Some(false) { Cause::TokenMissing } else { Cause::TokenInvalid }
}

fn key(asked: &Asked) -> Cause {
    if asked.is_temporary() && asked.has_token == Some(false) {
        return Cause::TokenMissing;
    }
    let partition = asked.host.as_deref().and_then(|host| Endpoint::of(host).partition());
    match partition {
        Some(partition) if partition.id() != "aws" => Cause::Partition(partition.id().into()),
        _ => Cause::KeyUnknown,
    }
}

/// API Gateway answers so for a route that does not exist, signed or not.
fn route(refusal: &Refusal, asked: &Asked) -> Cause {
    let is_gateway = refusal.told.is_api_gateway
        || asked.is_service("execute-api", "execute-api")
        || asked.host.is_none() && refusal.message() == "Missing Authentication Token";
    if is_gateway { Cause::Route } else { Cause::NotSigned }
}

/// The names in `requires 'Credential' parameter`, without those in what is echoed.
fn parts(message: &str) -> Vec<String> {
    const NAMES: [&str; 9] = [
        "Credential",
        "Signature",
        "SignedHeaders",
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Signature",
        "X-Amz-SignedHeaders",
        "X-Amz-Expires",
        "X-Amz-Date",
    ];
    let quoted = |name: &&&str| message.contains(&alloc::format!("'{name}'"));
    NAMES.iter().filter(quoted).map(|name| (*name).into()).collect()
}

/// What a refusal proves, by the order of the checks.
fn passed(cause: &Cause, refusal: &Refusal, asked: &Asked) -> Vec<Check> {
    let is_lattice =
        asked.is_service("vpc-lattice-svcs", "vpc-lattice-svcs") || refusal.message().contains("vpc-lattice-svcs:");
    let failed = match cause {
        Cause::Permission(permission) if permission.is_anonymous() => return Vec::new(),
        Cause::Permission(_) => Check::Permission,
        Cause::Differs(_) | Cause::Secret | Cause::Signer | Cause::Signature if !is_lattice => Check::Signature,
        // In which order these services check is not known.
        _ if is_lattice || refusal.told.is_s3 || asked.is_service("s3", "s3") => return Vec::new(),
        Cause::NotSigned => Check::Present,
        Cause::NotKeyValue | Cause::PartMissing(_) | Cause::Algorithm => Check::Form,
        Cause::HostNotSigned => Check::Host,
        Cause::Clock(Some(_)) | Cause::Old(_) => Check::Time,
        Cause::Region { .. } => Check::Region,
        Cause::Service { .. } => Check::Service,
        Cause::KeyUnknown | Cause::TokenMissing | Cause::Partition(_) => Check::Key,
        Cause::TokenInvalid | Cause::TokenExpired { .. } => Check::Token,
        _ => return Vec::new(),
    };
    // A string to sign with another scope shows what the service wants, so those two were not compared before.
    let by_scope = |check: &Check| match cause {
        Cause::Differs(difference) if difference.text() == crate::signing::Text::StringToSign => {
            !matches!(check, Check::Region | Check::Service | Check::Time)
        }
        _ => true,
    };
    Check::ALL.into_iter().filter(|check| *check < failed).filter(by_scope).collect()
}
