//! [`Check`]: what a service checks, in its order.

use core::fmt;

/// One of the checks that a service makes before it does what is asked. The order of the variants is their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Check {
    /// The URL can be read.
    Url,
    /// There is one signature.
    Present,
    /// The signature has all its parts.
    Form,
    /// `host` is signed.
    Host,
    /// The time is within the tolerance.
    Time,
    /// The region in the scope.
    Region,
    /// The service in the scope.
    Service,
    /// The access key is known.
    Key,
    /// The session token belongs to the key and is in force.
    Token,
    /// The signature is that of the request.
    Signature,
    /// The caller may do it.
    Permission,
}

impl Check {
    pub(super) const ALL: [Self; 11] = [
        Self::Url,
        Self::Present,
        Self::Form,
        Self::Host,
        Self::Time,
        Self::Region,
        Self::Service,
        Self::Key,
        Self::Token,
        Self::Signature,
        Self::Permission,
    ];
}

impl fmt::Display for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Url => "the URL",
            Self::Present => "the presence of a signature",
            Self::Form => "its form",
            Self::Host => "the signed headers",
            Self::Time => "the time",
            Self::Region => "the region",
            Self::Service => "the service",
            Self::Key => "the access key id",
            Self::Token => "the session token",
            Self::Signature => "the signature",
            Self::Permission => "the permission",
        })
    }
}
