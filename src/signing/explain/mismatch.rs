//! [`Mismatch`]: the kinds of difference between two texts of a signature.

use alloc::string::String;
use core::fmt;

/// What is different between our text and theirs. *We* is who signed, *they* who checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// The methods differ.
    Method,
    /// We encoded the path once, they twice.
    PathEncodedOnce,
    /// We encoded the path twice, they once.
    PathEncodedTwice,
    /// The same path, but other characters are escaped.
    PathEscapes,
    /// We resolved `.`, `..` and `//`, they did not.
    PathResolved,
    /// They resolved `.`, `..` and `//`, we did not.
    PathNotResolved,
    /// Another path.
    Path,
    /// The same parameters in another order.
    QueryOrder,
    /// The value of this parameter, or its name, is escaped in another way.
    QueryEscapes(String),
    /// We encoded this parameter twice.
    QueryEncodedTwice(String),
    /// A blank or a plus sign of this parameter: one side has `%20`, the other `+` or `%2B`.
    QueryPlus(String),
    /// They have not got this parameter.
    QueryMissing(String),
    /// We have not signed this parameter.
    QueryExtra(String),
    /// This parameter has another value.
    QueryValue(String),
    /// The host has another port, or one of the two has none.
    HostPort,
    /// The same value but for blanks.
    HeaderBlanks(String),
    /// This header has another value.
    HeaderValue(String),
    /// We signed this header, but they have not got it.
    HeaderMissing(String),
    /// They have this header among the signed ones, we have not.
    HeaderExtra(String),
    /// The same headers in another order.
    HeaderOrder,
    /// The list of signed headers differs, the headers do not.
    SignedHeaders,
    /// We signed a body, but what arrived was empty.
    BodyLost,
    /// We signed an empty body, but something arrived.
    BodyAdded,
    /// We signed another body than the one that arrived.
    Body,
    /// We signed `UNSIGNED-PAYLOAD`, they want the hash of the body.
    PayloadUnsigned,
    /// We signed the hash of the body, they take `UNSIGNED-PAYLOAD`.
    PayloadSigned,
    /// The algorithms differ.
    Algorithm,
    /// The times differ.
    Time,
    /// The days in the scopes differ.
    Day,
    /// The regions in the scopes differ.
    Region {
        /// What we signed for.
        ours: String,
        /// What they check for.
        theirs: String,
    },
    /// The services in the scopes differ.
    Service {
        /// What we signed for.
        ours: String,
        /// What they check for.
        theirs: String,
    },
    /// The scopes differ in another way.
    Scope,
    /// The strings to sign differ in the hash of the canonical request only.
    CanonicalRequest,
    /// One text goes on where the other ends, or is not of the usual form.
    Shape,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Method => "the method was changed on the way",
            Self::PathEncodedOnce => "the path was encoded once for signing, the service encodes it twice",
            Self::PathEncodedTwice => "the path was encoded twice for signing, the service encodes it once",
            Self::PathEscapes => "the path is the same, but other characters of it are escaped",
            Self::PathResolved => "the path was resolved (., .. and //) for signing, the service takes it as it is",
            Self::PathNotResolved => "the path was signed as it is, the service resolves ., .. and // in it",
            Self::Path => "the path was changed on the way",
            Self::QueryOrder => "the query parameters are sorted in another order",
            Self::HostPort => {
                "the port in the host differs: a proxy changed it, or one side leaves the default port out"
            }
            Self::HeaderOrder => "the headers are sorted in another order",
            Self::SignedHeaders => "the list of signed headers differs",
            Self::BodyLost => "the body was signed, but did not arrive",
            Self::BodyAdded => "an empty body was signed, but something else arrived",
            Self::Body => "the body was changed after it was hashed",
            Self::PayloadUnsigned => "UNSIGNED-PAYLOAD was signed, the service wants the hash of the body",
            Self::PayloadSigned => "the hash of the body was signed, the service takes UNSIGNED-PAYLOAD",
            Self::Algorithm => "the algorithms differ",
            Self::Time => "the times differ: x-amz-date was changed on the way, or another time was signed",
            Self::Day => "the day in the scope differs",
            Self::Scope => "the scopes differ",
            Self::CanonicalRequest => "the canonical requests differ; the service does not tell its own",
            Self::Shape => "the texts are not of the same form",
            Self::QueryEscapes(name) => {
                return write!(formatter, "the query parameter {name} is escaped in another way");
            }
            Self::QueryEncodedTwice(name) => {
                return write!(formatter, "the query parameter {name} was encoded twice for signing");
            }
            Self::QueryPlus(name) => {
                return write!(
                    formatter,
                    "the query parameter {name} holds a plus sign or a blank: one side reads + as a blank"
                );
            }
            Self::QueryMissing(name) => return write!(formatter, "the query parameter {name} did not arrive"),
            Self::QueryExtra(name) => {
                return write!(formatter, "the query parameter {name} was not signed, or was added on the way");
            }
            Self::QueryValue(name) => return write!(formatter, "the query parameter {name} was changed on the way"),
            Self::HeaderBlanks(name) => return write!(formatter, "the blanks in the header {name} differ"),
            Self::HeaderValue(name) => return write!(formatter, "the header {name} was changed on the way"),
            Self::HeaderMissing(name) => return write!(formatter, "the header {name} was signed, but did not arrive"),
            Self::HeaderExtra(name) => return write!(formatter, "the header {name} is signed there, but not here"),
            Self::Region { ours, theirs } => {
                return write!(formatter, "signed for the region {ours}, the service wants {theirs}");
            }
            Self::Service { ours, theirs } => {
                return write!(formatter, "signed for the service {ours}, it wants {theirs}");
            }
        };
        formatter.write_str(text)
    }
}
