//! From a host name to what signs it: service, region, partition and [`Rules`].
//!
//! ```text
//!  bucket.name . s3-fips . dualstack . us-west-2 . amazonaws.com : 443
//!  └─anything─┘ └service┘            └─region──┘ └─partition──┘
//! ```
//!
//! A host is read from the right, because its left part is the customer's and may look like anything: the partition's
//! suffix (`partitions.rs`), then the region, then the labels that name the service (`table.rs`); hosts without a region
//! are in `global.rs`. No list of services or regions is needed: only what breaks the pattern has a row.

mod global;
mod partitions;
mod read;
mod reason;
mod split;
mod table;

pub use partitions::Partition;
pub use reason::{Missing, Reason};

use crate::signing::Rules;
use alloc::string::String;
use alloc::vec::Vec;

/// What a host name tells about signing: each item with the reason why, and what it does not tell.
///
/// ```
/// use awsig::endpoint::Endpoint;
/// let endpoint = Endpoint::of("reservation-09bb2a1b2bc13ecc9.7d67968.vpc-lattice-svcs.us-west-2.on.aws");
/// assert_eq!((endpoint.service(), endpoint.region()), (Some("vpc-lattice-svcs"), Some("us-west-2")));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    host: String,
    partition: Option<&'static Partition>,
    service: Option<String>,
    region: Option<String>,
    needs_sigv4a: bool,
    reasons: Vec<Reason>,
    missing: Vec<Missing>,
}

impl Endpoint {
    /// What this host tells, or this URL. A port, a trailing dot and upper case are fine; what is no host tells nothing.
    pub fn of(host_or_url: &str) -> Self {
        let rest = host_or_url.split_once("://").map_or(host_or_url, |(_, rest)| rest);
        match rest.find(['/', '?', '#']).and_then(|end| rest.split_at_checked(end)) {
            Some((host, path)) => Self::of_url(host, path),
            None => Self::of_url(rest, "/"),
        }
    }

    /// What this host tells for requests to this path: a few hosts serve two services, told apart by the path.
    pub fn of_url(host: &str, path: &str) -> Self {
        let host = split::host_name(host);
        let mut endpoint = Self {
            host: host.clone(),
            partition: None,
            service: None,
            region: None,
            needs_sigv4a: false,
            reasons: Vec::new(),
            missing: Vec::new(),
        };
        endpoint.read(&host);
        endpoint.read_path(path);
        endpoint
    }

    /// The host as it was understood: lower case, without port and trailing dot.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The signing name, the third part of the credential scope: `execute-api`, `s3`, `ses`, …
    pub fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }

    /// The signing region, the second part of the credential scope; none for hosts that [need
    /// SigV4A](Self::needs_sigv4a), whose signatures are good for a set of regions instead.
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// The partition whose suffix the host has.
    pub fn partition(&self) -> Option<&'static Partition> {
        self.partition
    }

    /// How the service wants to be signed; the [general](Rules::GENERAL) rules when the service is not known.
    pub fn rules(&self) -> Rules {
        self.service().map_or(Rules::GENERAL, Rules::of)
    }

    /// Whether only Signature Version 4A, with the region set `*`, is accepted here.
    pub fn needs_sigv4a(&self) -> bool {
        self.needs_sigv4a
    }

    /// Why each derived item is what it is, in the order they were derived.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }

    /// What the host does not tell, and why; empty when it can be signed for as it is.
    pub fn missing(&self) -> &[Missing] {
        &self.missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(host: &str) -> (Option<String>, Option<String>) {
        let endpoint = Endpoint::of(host);
        (endpoint.service().map(Into::into), endpoint.region().map(Into::into))
    }

    #[test]
    fn the_hosts_people_call_most() {
        for (host, service, region) in [
            ("a.7d67968.vpc-lattice-svcs.us-west-2.on.aws", "vpc-lattice-svcs", "us-west-2"),
            ("abc.execute-api.eu-west-1.amazonaws.com", "execute-api", "eu-west-1"),
            ("abc.lambda-url.ap-southeast-2.on.aws", "lambda", "ap-southeast-2"),
            ("sqs.eu-central-1.amazonaws.com", "sqs", "eu-central-1"),
            ("iam.amazonaws.com", "iam", "us-east-1"),
            ("my.execute-api.bucket.s3.us-east-1.amazonaws.com", "s3", "us-east-1"),
        ] {
            assert_eq!(of(host), (Some(service.into()), Some(region.into())), "{host}");
        }
    }
}
