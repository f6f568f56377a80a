//! Hosts without a region.
//!
//! One label before the partition's suffix, perhaps followed by `global` or `us-gov`, signs as that label for the
//! partition's global region: `iam.amazonaws.com` as `iam` for `us-east-1`, `budgets.global.sc2s.sgov.gov` as `budgets`
//! for `us-isob-east-1`. So only what differs needs a row, written without `global`.

/// What a host without a region is signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Where {
    /// The partition's global region.
    Global,
    /// This one.
    Region(&'static str),
    /// Every region: Signature Version 4A with the region set `*`.
    Everywhere,
    /// The caller's or the bucket's; the host does not tell.
    Unknown,
}

/// The labels, the partition if only there, the name they sign as, and for where.
pub(super) static REGIONLESS: &[(&str, Option<&str>, &str, Where)] = &[
    ("*.cloudfront-kvs", None, "cloudfront-keyvaluestore", Where::Everywhere),
    ("*.endpoint.events", None, "events", Where::Everywhere),
    ("global.health", None, "health", Where::Global),
    ("iam", Some("aws-cn"), "iam", Where::Region("cn-north-1")),
    ("importexport", Some("aws"), "IngestionService", Where::Global),
    ("partnercentral-prm", None, "partnercentral", Where::Global),
    ("queue", None, "sqs", Where::Global),
    ("s3", None, "s3", Where::Global),
    ("*.s3", None, "s3", Where::Global),
    ("s3-accelerate", None, "s3", Where::Unknown),
    ("*.s3-accelerate", None, "s3", Where::Unknown),
    ("s3-external-1", None, "s3", Where::Region("us-east-1")),
    ("*.s3-external-1", None, "s3", Where::Region("us-east-1")),
    ("*.accesspoint.s3-global", None, "s3", Where::Everywhere),
    ("*.endpoints.email", None, "ses", Where::Everywhere),
    ("signin", None, "signin", Where::Global),
];
