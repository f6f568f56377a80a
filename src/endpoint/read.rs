//! Reads a host from the right.

use super::global::{REGIONLESS, Where};
use super::partitions::{GOV, GOV_LABEL, GOV_REGION, is_region};
use super::split::{self, Found, Kind};
use super::table::{AFTER_REGION, BEFORE_REGION, BY_PATH, FOR_GLOBAL_REGION, NOT_SIGNED};
use super::{Endpoint, Missing, Reason};
use alloc::string::ToString;

const NOT_AWS: &str = "the host is not under one of AWS's names";
const NO_LABEL: &str = "no label of the host names it";
const UNKNOWN: &str = "the host has none, and is not in the table of hosts without one";
const CALLERS: &str = "this host serves every region: it is the bucket's";

impl Endpoint {
    /// Fills in what the host tells.
    pub(super) fn read(&mut self, host: &str) {
        let found = if split::is_dns_name(host) { split::suffix(host) } else { None };
        let Some(Found { partition, suffix, kind, mut labels }) = found else {
            return self.miss(&[Missing::Service { why: NOT_AWS }, Missing::Region { why: NOT_AWS }]);
        };
        self.partition = Some(partition);
        self.reasons.push(Reason::Suffix { suffix, partition: partition.id() });

        // an interface endpoint's name is the service's with `vpce` around: `vpce-1a-2b.sqs.us-east-1.vpce`
        if labels.last() == Some(&"vpce") {
            labels.pop();
        }
        if labels.last() == Some(&GOV_LABEL) {
            labels.pop();
            self.enter_gov();
        }
        let plain = split::plain(&labels);
        if let Some((_, why)) = NOT_SIGNED.iter().find(|(row, _)| is_row(&plain, row)) {
            self.miss(&[Missing::Service { why }]);
            return match any_region(&plain) {
                Some(region) => self.set_region_label(region),
                None => self.miss(&[Missing::Region { why }]),
            };
        }
        match plain.as_slice() {
            [left @ .., region] if is_region(region) => self.read_before_region(left, region),
            labels => self.read_without_last_region(labels, kind),
        }
    }

    /// `….service.region`
    fn read_before_region(&mut self, labels: &[&str], region: &str) {
        self.set_region_label(region);
        let row = BEFORE_REGION
            .iter()
            .filter(|(row, _)| split::ends_in(labels, row))
            .max_by_key(|(row, _)| row.split('.').count());
        match (row, labels.last()) {
            (Some((row, service)), _) => self.set_service(service, Reason::ServiceTable(row)),
            (None, Some(label)) => self.set_service(label, Reason::ServiceLabel),
            (None, None) => self.miss(&[Missing::Service { why: NO_LABEL }]),
        }
        if FOR_GLOBAL_REGION.iter().any(|service| Some(*service) == self.service()) {
            self.reasons.retain(|reason| *reason != Reason::RegionLabel);
            self.set_where(Where::Global);
        }
    }

    /// `….region.service`, and hosts without a region.
    fn read_without_last_region(&mut self, labels: &[&str], kind: Kind) {
        let labels = match labels {
            [left @ .., "global"] if !left.is_empty() => left,
            labels => labels,
        };
        let partition = self.partition.map(|partition| partition.id());
        let is_here = |only: &Option<&str>| only.is_none() || *only == partition;
        if let Some((row, _, service, place)) =
            REGIONLESS.iter().find(|(row, only, ..)| is_here(only) && split::is(labels, row))
        {
            self.set_service(service, Reason::ServiceTable(row));
            return self.set_where(*place);
        }
        if let Some(region) = labels.last().and_then(|label| s3_region(label)) {
            self.set_region_label(region);
            return self.set_service("s3", Reason::ServiceTable("s3-region"));
        }
        match labels {
            [.., region, label] if is_region(region) => {
                self.set_region_label(region);
                match AFTER_REGION.iter().find(|(row, _)| row == label) {
                    Some((row, service)) => self.set_service(service, Reason::ServiceTable(row)),
                    None => self.miss(&[Missing::Service { why: NO_LABEL }]),
                }
            }
            [.., short, "cache"] => {
                self.set_service("elasticache", Reason::ServiceTable("cache"));
                self.region = split::long_region(short);
                match self.region {
                    Some(_) => self.reasons.push(Reason::ShortRegionLabel),
                    None => self.miss(&[Missing::Region { why: UNKNOWN }]),
                }
            }
            [label] if kind == Kind::Service => {
                self.set_service(label, Reason::ServiceLabel);
                self.set_where(Where::Global);
            }
            _ => self.miss(&[Missing::Service { why: NO_LABEL }, Missing::Region { why: UNKNOWN }]),
        }
    }

    /// Changes the service where the path decides it.
    pub(super) fn read_path(&mut self, path: &str) {
        let row =
            BY_PATH.iter().find(|(service, start, _)| Some(*service) == self.service() && path.starts_with(start));
        if let Some((_, start, service)) = row {
            self.set_service(service, Reason::ServicePath(start));
        }
    }

    fn set_service(&mut self, service: &str, reason: Reason) {
        self.service = Some(service.to_string());
        self.reasons.push(reason);
    }

    fn set_region_label(&mut self, region: &str) {
        if region.starts_with(GOV_REGION) {
            self.enter_gov();
        }
        self.region = Some(region.to_string());
        self.reasons.push(Reason::RegionLabel);
    }

    fn set_where(&mut self, place: Where) {
        let (region, reason) = match place {
            Where::Global => (self.partition.map(|partition| partition.global_region()), Reason::GlobalRegion),
            Where::Region(region) => (Some(region), Reason::PinnedRegion),
            Where::Everywhere => (None, Reason::EveryRegion),
            Where::Unknown => return self.miss(&[Missing::Region { why: CALLERS }]),
        };
        self.needs_sigv4a = place == Where::Everywhere;
        self.region = region.map(ToString::to_string);
        self.reasons.push(reason);
    }

    fn enter_gov(&mut self) {
        if self.partition != Some(&GOV) {
            self.partition = Some(&GOV);
            // The suffix alone would tell `aws`, whose names GovCloud shares.
            self.reasons.retain(|reason| !matches!(reason, Reason::Suffix { .. }));
            self.reasons.push(Reason::GovCloud);
        }
    }

    fn miss(&mut self, missing: &[Missing]) {
        self.missing.extend_from_slice(missing);
    }
}

/// Whether the labels, those before the region where it comes last, end in this row.
fn is_row(labels: &[&str], row: &str) -> bool {
    match labels {
        [left @ .., region] if is_region(region) => split::ends_in(left, row),
        labels => split::ends_in(labels, row),
    }
}

/// The region, last, in the last label, or before it.
fn any_region<'a>(labels: &[&'a str]) -> Option<&'a str> {
    match labels {
        [.., region] if is_region(region) => Some(region),
        [.., label] if s3_region(label).is_some() => s3_region(label),
        [.., region, _] if is_region(region) => Some(region),
        _ => None,
    }
}

/// The region of S3's hosts until 2019: `s3-us-west-2`, `s3-fips-us-gov-west-1`, `s3-website-us-east-1`.
fn s3_region(label: &str) -> Option<&str> {
    let region = label.strip_prefix("s3-")?;
    let region = region.strip_prefix("fips-").or_else(|| region.strip_prefix("website-")).unwrap_or(region);
    is_region(region).then_some(region)
}
