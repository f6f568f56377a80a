//! Host names taken apart: port, suffix, labels, and how table rows match labels.

use super::partitions::{PARTITIONS, Partition};
use alloc::string::String;
use alloc::vec::Vec;

/// What kind of name a suffix makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `service.region.amazonaws.com`
    Service,
    /// `resource.service.region.on.aws`
    Resource,
    /// `region.signin.aws.amazon.com`
    Console,
}

/// A host under one of AWS's suffixes.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) partition: &'static Partition,
    pub(super) suffix: &'static str,
    pub(super) kind: Kind,
    /// What stands left of the suffix.
    pub(super) labels: Vec<&'a str>,
}

/// The host in lower case, without port and trailing dot.
pub(super) fn host_name(host: &str) -> String {
    // A user's name is none of a host, and its password is not to be repeated.
    if host.contains('@') {
        return String::new();
    }
    let name = match host.rsplit_once(':') {
        // an IPv6 literal keeps its colons, with or without brackets
        Some((name, port)) if !name.contains(':') && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.strip_suffix('.')
        .unwrap_or(name)
        .chars()
        .filter(|character| !character.is_control())
        .collect::<String>()
        .to_ascii_lowercase()
}

/// Whether this is a host name of at least two labels of letters, digits, `-` and `_` (buckets have them).
pub(super) fn is_dns_name(host: &str) -> bool {
    host.len() <= 253
        && host.contains('.')
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
}

/// The longest of AWS's suffixes that this host ends in.
pub(super) fn suffix(host: &str) -> Option<Found<'_>> {
    let kinds = |partition: &'static Partition| {
        [
            (Kind::Service, partition.services),
            (Kind::Resource, partition.resources),
            (Kind::Console, partition.consoles),
        ]
    };
    PARTITIONS
        .into_iter()
        .flat_map(|partition| kinds(partition).map(|(kind, suffixes)| (partition, kind, suffixes)))
        .flat_map(|(partition, kind, suffixes)| suffixes.iter().map(move |suffix| (partition, kind, *suffix)))
        .filter_map(|(partition, kind, suffix)| {
            let left = host.strip_suffix(suffix)?.strip_suffix('.')?;
            Some(Found { partition, suffix, kind, labels: left.split('.').collect() })
        })
        .max_by_key(|found| found.suffix.len())
}

/// The labels without what says FIPS or dual-stack: neither changes the signing name.
pub(super) fn plain<'a>(labels: &[&'a str]) -> Vec<&'a str> {
    labels
        .iter()
        .filter(|label| !matches!(**label, "dualstack" | "fips"))
        .map(|label| {
            let service = label.strip_prefix("fips-").or_else(|| label.strip_suffix("-fips"));
            service.filter(|service| !service.is_empty()).unwrap_or(label)
        })
        .collect()
}

/// Whether the labels end in this row of a table: `*` is a label, `name-*` one that starts so.
pub(super) fn ends_in(labels: &[&str], row: &str) -> bool {
    let mut labels = labels.iter().rev();
    row.rsplit('.').all(|wanted| {
        labels.next().is_some_and(|label| match wanted.strip_suffix('*') {
            Some(start) => label.starts_with(start),
            None => *label == wanted,
        })
    })
}

/// Whether the labels are exactly this row, where a leading `*.` is one label or more.
pub(super) fn is(labels: &[&str], row: &str) -> bool {
    ends_in(labels, row) && (row.starts_with("*.") || labels.len() == row.split('.').count())
}

/// `us-east-1` from `use1`, as ElastiCache's host names have it.
pub(super) fn long_region(short: &str) -> Option<String> {
    let (area, rest) = short.split_at_checked(2)?;
    let number = rest.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
    let direction = match rest.strip_suffix(number)? {
        "n" => "north",
        "ne" => "northeast",
        "e" => "east",
        "se" => "southeast",
        "s" => "south",
        "w" => "west",
        "nw" => "northwest",
        "c" => "central",
        _ => return None,
    };
    let region = alloc::format!("{area}-{direction}-{number}");
    super::partitions::is_region(&region).then_some(region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn port_dot_and_case_do_not_matter() {
        assert_eq!(host_name("SQS.us-east-1.AmazonAWS.com.:443"), "sqs.us-east-1.amazonaws.com");
        assert_eq!(host_name("[::1]:80"), "[::1]:80");
        assert_eq!(host_name("::1"), "::1");
    }

    #[test]
    fn the_longest_suffix_wins() {
        assert_eq!(suffix("s3.cn-north-1.amazonaws.com.cn").unwrap().partition.id(), "aws-cn");
        assert_eq!(suffix("iam.api.aws.ic.gov").unwrap().suffix, "api.aws.ic.gov");
        assert_eq!(suffix("a.on.aws").unwrap().kind, Kind::Resource);
        assert!(suffix("amazonaws.com").is_none());
        assert!(suffix("sqs.us-east-1.notamazonaws.com").is_none());
        assert!(suffix("sqs.us-east-1.amazonaws.com.example").is_none());
    }

    #[test]
    fn rows_match_from_the_right() {
        assert!(ends_in(&["a", "b", "s3express-use1-az4"], "s3express-*"));
        assert!(ends_in(&["x", "iot"], "*.iot") && !ends_in(&["iot"], "*.iot"));
        assert!(is(&["a", "b", "s3"], "*.s3") && !is(&["a", "s3"], "s3"));
        assert_eq!(plain(&["b", "s3-fips", "dualstack"]), ["b", "s3"]);
    }

    #[test]
    fn short_regions_are_spelled_out() {
        assert_eq!(long_region("use1").as_deref(), Some("us-east-1"));
        assert_eq!(long_region("apne3").as_deref(), Some("ap-northeast-3"));
        for other in ["", "u", "us1", "usx1", "use", "use1a", "éa1"] {
            assert_eq!(long_region(other), None, "{other}");
        }
    }
}
