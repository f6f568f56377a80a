//! [`Cause`]: why a request was refused.

use super::{Permission, Skew};
use crate::signing::{Difference, Timestamp};
use alloc::string::String;
use alloc::vec::Vec;

/// Why a request was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// The service computed another canonical request or string to sign.
    Differs(Difference),
    /// The service computed the same texts: the secret key is not that of the access key id.
    Secret,
    /// The service computed what this request should have been signed with; its signer did something else.
    Signer,
    /// The signature does not match, and nothing tells why.
    Signature,
    /// The clock is wrong.
    Clock(Option<Skew>),
    /// The clock is right, but the signature is old, or for later.
    Old(Skew),
    /// The scope names another region than the service wants.
    Region {
        /// What was signed, if it is known.
        signed: Option<String>,
        /// What is wanted, if the service tells.
        wanted: Option<String>,
    },
    /// The scope names another service than the endpoint wants.
    Service {
        /// What was signed, if it is known.
        signed: Option<String>,
        /// What is wanted, if the service tells.
        wanted: Option<String>,
    },
    /// The day of the scope is not that of the date.
    Day,
    /// The scope does not end with `aws4_request`.
    Terminator,
    /// The credential has not its five parts.
    Credential,
    /// The date cannot be read.
    Date,
    /// The algorithm is not accepted here.
    Algorithm,
    /// Only SigV4A is accepted here.
    NeedsSigV4a,
    /// The request carries no signature.
    NotSigned,
    /// API Gateway: there is no such route, method or stage.
    Route,
    /// The `Authorization` header is no signature.
    NotKeyValue,
    /// Parts of the signature are missing.
    PartMissing(Vec<String>),
    /// `host` is not signed.
    HostNotSigned,
    /// Headers that have to be signed are not.
    HeaderNotSigned(String),
    /// A signed header did not arrive.
    SignedHeaderMissing(String),
    /// The URL cannot be read.
    Url,
    /// The access key id is not known.
    KeyUnknown,
    /// The access key id is not known in this partition.
    Partition(String),
    /// A temporary key was sent without its session token.
    TokenMissing,
    /// The session token has expired.
    TokenExpired {
        /// When, if it is known.
        since: Option<Timestamp>,
    },
    /// The session token is not that of the key, or was cut.
    TokenInvalid,
    /// The presigned URL has expired.
    UrlExpired,
    /// The caller is known and may not do it.
    Permission(Permission),
    /// The caller may not do it; the service tells no more.
    AccessDenied,
    /// VPC Lattice takes `UNSIGNED-PAYLOAD` only.
    PayloadSigned,
    /// `x-amz-content-sha256` is missing or not signed.
    PayloadHashMissing,
    /// `x-amz-content-sha256` is no hash and none of its words.
    PayloadHashForm,
    /// The body is not the one that was hashed.
    PayloadChanged,
    /// OpenSearch Serverless: a network policy refuses.
    NetworkPolicy,
    /// OpenSearch Serverless: a data access policy refuses, or the payload hash header is missing.
    DataPolicy,
    /// Lambda: the function URL's permissions refuse.
    FunctionUrl,
    /// API Gateway refuses for a reason of its own.
    ApiForbidden,
    /// API Gateway: the Lambda authorizer in front of the method refuses.
    Authorizer {
        /// Whether something denies it; otherwise nothing allows it.
        denies: bool,
    },
    /// VPC Lattice: no service of this name in the caller's service network.
    LatticeHost,
    /// The bucket is elsewhere.
    Redirect,
    /// The account has not subscribed to the service, or not opted in to the region.
    Subscription,
    /// The instance metadata service wants a session of version 2.
    Metadata,
    /// Too many requests.
    Throttled,
    /// The service itself failed.
    Server,
    /// The request is refused for what it asks, not for who asks.
    Request,
    /// The answer is none of the service, but of a web server on the way.
    Foreign,
    /// The request was accepted: this is no refusal.
    Accepted,
    /// Nothing tells why.
    Unknown,
}

impl Cause {
    /// The cause in one word, for programs; stays the same from version to version.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Differs(_) => "differs",
            Self::Secret => "secret",
            Self::Signer => "signer",
            Self::Signature => "signature",
            Self::Clock(_) => "clock",
            Self::Old(_) => "old",
            Self::Region { .. } => "region",
            Self::Service { .. } => "service",
            Self::Day => "day",
            Self::Terminator => "terminator",
            Self::Credential => "credential",
            Self::Date => "date",
            Self::Algorithm => "algorithm",
            Self::NeedsSigV4a => "sigv4a",
            Self::NotSigned => "not-signed",
            Self::Route => "route",
            Self::NotKeyValue => "not-key-value",
            Self::PartMissing(_) => "part-missing",
            Self::HostNotSigned => "host-not-signed",
            Self::HeaderNotSigned(_) => "header-not-signed",
            Self::SignedHeaderMissing(_) => "signed-header-missing",
            Self::Url => "url",
            Self::KeyUnknown => "key-unknown",
            Self::Partition(_) => "partition",
            Self::TokenMissing => "token-missing",
            Self::TokenExpired { .. } => "token-expired",
            Self::TokenInvalid => "token-invalid",
            Self::UrlExpired => "url-expired",
            Self::Permission(_) => "permission",
            Self::AccessDenied => "access-denied",
            Self::PayloadSigned => "payload-signed",
            Self::PayloadHashMissing => "payload-hash-missing",
            Self::PayloadHashForm => "payload-hash-form",
            Self::PayloadChanged => "payload-changed",
            Self::NetworkPolicy => "network-policy",
            Self::DataPolicy => "data-policy",
            Self::FunctionUrl => "function-url",
            Self::ApiForbidden => "api-forbidden",
            Self::Authorizer { .. } => "authorizer",
            Self::LatticeHost => "lattice-host",
            Self::Redirect => "redirect",
            Self::Subscription => "subscription",
            Self::Metadata => "metadata",
            Self::Throttled => "throttled",
            Self::Server => "server",
            Self::Request => "request",
            Self::Foreign => "foreign",
            Self::Accepted => "accepted",
            Self::Unknown => "unknown",
        }
    }
}
