//! [`Reason`] and [`Missing`]: why an item was derived, or was not.

use core::fmt;

/// Why one item of an [`Endpoint`](super::Endpoint) is what it is; prints as a sentence without full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The partition, by what the host ends in.
    Suffix {
        /// What the host ends in.
        suffix: &'static str,
        /// The partition's name.
        partition: &'static str,
    },
    /// The partition, by a region or a label that only GovCloud has.
    GovCloud,
    /// The region stands in the host.
    RegionLabel,
    /// The region stands in the host in its short form: `use1`.
    ShortRegionLabel,
    /// The region is the partition's global one: the host has none, or it does not count.
    GlobalRegion,
    /// The region is in the table of hosts without one.
    PinnedRegion,
    /// The signature is good for every region, which only Signature Version 4A can say.
    EveryRegion,
    /// The service is the label next to the region, or the only one.
    ServiceLabel,
    /// The service is in the table, under these labels.
    ServiceTable(&'static str),
    /// The service is another one on paths that start like this.
    ServicePath(&'static str),
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Suffix { suffix, partition } => {
                write!(formatter, "partition: hosts that end in .{suffix} belong to {partition}")
            }
            Self::GovCloud => {
                formatter.write_str("partition: the region is one of aws-us-gov, which shares the names of aws")
            }
            Self::RegionLabel => formatter.write_str("region: it stands in the host"),
            Self::ShortRegionLabel => formatter.write_str("region: it stands in the host, in its short form"),
            Self::GlobalRegion => formatter
                .write_str("region: this service is signed for one region of the partition, whatever the host says"),
            Self::PinnedRegion => formatter.write_str("region: this host is in the table of hosts without a region"),
            Self::EveryRegion => formatter.write_str("region: every one, so Signature Version 4A is needed"),
            Self::ServiceLabel => formatter.write_str("service: the label that names it in the host"),
            Self::ServiceTable(labels) => write!(formatter, "service: hosts of the form {labels} sign under this name"),
            Self::ServicePath(path) => write!(formatter, "service: paths that start with {path} sign under this name"),
        }
    }
}

/// An item that the host does not tell; prints as a sentence without full stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// The service.
    Service {
        /// Why not.
        why: &'static str,
    },
    /// The region.
    Region {
        /// Why not.
        why: &'static str,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service { why } => write!(formatter, "service: {why}"),
            Self::Region { why } => write!(formatter, "region: {why}"),
        }
    }
}
