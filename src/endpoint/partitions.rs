//! The eight partitions: what their host names end in.
//!
//! From botocore 1.44.5, `partitions.json` and the rule set of `signin`. To add a partition, add a row.

/// A group of regions with its own accounts and host names: `aws`, `aws-cn`, `aws-us-gov`, …
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    id: &'static str,
    /// What follows `service.region.`.
    pub(super) services: &'static [&'static str],
    /// What follows `resource.service.region.` of things that customers make: function URLs, Lattice services.
    pub(super) resources: &'static [&'static str],
    /// What follows `region.signin.` or `region.oauth.`.
    pub(super) consoles: &'static [&'static str],
    global_region: &'static str,
}

impl Partition {
    /// The partition that a region of this name is in; `aws` for those that no other claims.
    pub fn of_region(region: &str) -> &'static Self {
        let [aws, gov, china, europe, iso, iso_b, iso_e, iso_f] = PARTITIONS;
        let by_start = [
            (GOV_REGION, gov),
            ("cn-", china),
            ("eusc-", europe),
            ("us-iso-", iso),
            ("us-isob-", iso_b),
            ("eu-isoe-", iso_e),
            ("us-isof-", iso_f),
        ];
        by_start.into_iter().find(|(start, _)| region.starts_with(start)).map_or(aws, |(_, partition)| partition)
    }

    /// What follows `service.region.` in the host names of its services: `amazonaws.com`, or `api.aws` for those that
    /// answer over IPv6 too.
    pub fn suffix(&self, dual_stack: bool) -> &'static str {
        // GovCloud shares the names of `aws`.
        let names = if self.services.is_empty() { &["amazonaws.com", "api.aws"] } else { self.services };
        let name = if dual_stack { names.get(1) } else { names.first() };
        name.copied().unwrap_or("amazonaws.com")
    }

    /// The name: `aws`, `aws-cn`, …
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The region that its hosts without a region are signed for: `us-east-1`, `cn-northwest-1`, …
    pub fn global_region(&self) -> &'static str {
        self.global_region
    }
}

/// The partition of the hosts under `amazonaws.com` whose region starts with [`GOV_REGION`] or that carry [`GOV_LABEL`].
pub(super) static GOV: Partition = Partition {
    id: "aws-us-gov",
    services: &[],
    resources: &[],
    consoles: &["amazonaws-us-gov.com"],
    global_region: "us-gov-west-1",
};

/// What sets GovCloud's regions apart, since it shares `amazonaws.com` and `api.aws` with `aws`.
pub(super) const GOV_REGION: &str = "us-gov-";

/// What stands for the region in GovCloud's hosts without one: `iam.us-gov.amazonaws.com`.
pub(super) const GOV_LABEL: &str = "us-gov";

/// Every partition that has names of its own. [`GOV`] is told from `aws` by its regions.
pub(super) static PARTITIONS: [&Partition; 8] = [
    &Partition {
        id: "aws",
        services: &["amazonaws.com", "api.aws"],
        resources: &["on.aws"],
        consoles: &["aws.amazon.com", "signin.aws"],
        global_region: "us-east-1",
    },
    &GOV,
    &Partition {
        id: "aws-cn",
        services: &["amazonaws.com.cn", "api.amazonwebservices.com.cn"],
        resources: &["on.amazonwebservices.com.cn"],
        consoles: &["amazonaws.cn"],
        global_region: "cn-northwest-1",
    },
    &Partition {
        id: "aws-eusc",
        services: &["amazonaws.eu", "api.amazonwebservices.eu"],
        // inferred from China's, which is built the same way
        resources: &["on.amazonwebservices.eu"],
        consoles: &["amazonaws-eusc.eu"],
        global_region: "eusc-de-east-1",
    },
    &Partition {
        id: "aws-iso",
        services: &["c2s.ic.gov", "api.aws.ic.gov"],
        resources: &[],
        consoles: &["c2shome.ic.gov"],
        global_region: "us-iso-east-1",
    },
    &Partition {
        id: "aws-iso-b",
        services: &["sc2s.sgov.gov", "api.aws.scloud"],
        resources: &[],
        consoles: &["sc2shome.sgov.gov"],
        global_region: "us-isob-east-1",
    },
    &Partition {
        id: "aws-iso-e",
        services: &["cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"],
        resources: &[],
        consoles: &["csphome.adc-e.uk"],
        global_region: "eu-isoe-west-1",
    },
    &Partition {
        id: "aws-iso-f",
        services: &["csp.hci.ic.gov", "api.aws.hci.ic.gov"],
        resources: &[],
        consoles: &["csphome.hci.ic.gov"],
        global_region: "us-isof-south-1",
    },
];

/// Whether a host label is written like a region: letters, then words, then a number (`us-east-1`, `us-iso-west-1`,
/// `eusc-de-east-1`). The shape, not a list, so that a new region needs no new release.
pub(super) fn is_region(label: &str) -> bool {
    let Some((words, number)) = label.rsplit_once('-') else { return false };
    let is_word = |word: &str| (2..=9).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
    (1..=2).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && words.contains('-')
        && words.split('-').all(is_word)
        && words.split('-').next().is_some_and(|area| area.len() <= 4)
        && words.split('-').count() <= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_global_region_is_written_like_a_region() {
        for partition in PARTITIONS {
            assert!(is_region(partition.global_region()), "{partition:?}");
        }
    }

    #[test]
    fn a_region_tells_its_partition_and_the_names_in_it() {
        for partition in PARTITIONS {
            assert_eq!(Partition::of_region(partition.global_region()), partition);
        }
        assert_eq!(Partition::of_region("xx-new-1").id(), "aws");
        let names = |region| (Partition::of_region(region).suffix(false), Partition::of_region(region).suffix(true));
        assert_eq!(names("us-gov-east-1"), ("amazonaws.com", "api.aws"));
        assert_eq!(names("cn-north-1"), ("amazonaws.com.cn", "api.amazonwebservices.com.cn"));
    }

    #[test]
    fn other_labels_are_not_taken_for_regions() {
        for label in
            ["global", "us-gov", "s3-1", "compute-1", "us-east-1a", "vpce-0abc-1", "bedrock-agent-1", "", "-", "us--1"]
        {
            assert!(!is_region(label), "{label}");
        }
    }
}
