#![allow(
    clippy::panic,
    clippy::std_instead_of_alloc,
    reason = "a test: it says what is wrong by panicking, and has std"
)]

use awsig::endpoint::{Endpoint, Missing, Reason};
use awsig::signing::{Scope, Timestamp};
use std::collections::BTreeSet;

const FROM_BOTOCORE: &str = include_str!("../scenarios/endpoints.tsv");
const BY_HAND: &str = include_str!("../scenarios/endpoints-by-hand.tsv");
const LEFTOVERS: &str = include_str!("../scenarios/endpoints-leftovers.tsv");

/// The rows of a file, each of exactly `N` fields.
fn rows<const N: usize>(text: &str) -> Vec<[&str; N]> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap_or_else(|_| panic!("{N} fields: {line}")))
        .collect()
}

fn service(endpoint: &Endpoint) -> &str {
    endpoint.service().unwrap_or("-")
}

fn region(endpoint: &Endpoint) -> &str {
    if endpoint.needs_sigv4a() { "*" } else { endpoint.region().unwrap_or("-") }
}

fn partition(endpoint: &Endpoint) -> &str {
    endpoint.partition().map_or("-", |partition| partition.id())
}

#[test]
fn hosts_from_botocores_rules_are_read_right() {
    let rows = rows::<3>(FROM_BOTOCORE);
    let wrong: Vec<_> = rows
        .iter()
        .map(|[host, name, place]| (host, Endpoint::of(host), [*name, *place]))
        .filter(|(_, endpoint, wanted)| {
            [service(endpoint), region(endpoint)] != *wanted || !endpoint.missing().is_empty()
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(rows.len(), 3787);
    let partitions: BTreeSet<_> = rows.iter().map(|[host, ..]| partition(&Endpoint::of(host)).to_owned()).collect();
    assert_eq!(partitions.len(), 8, "{partitions:?}");
}

#[test]
fn hosts_written_by_hand_are_read_right() {
    let rows = rows::<4>(BY_HAND);
    for [host, name, place, home] in &rows {
        let endpoint = Endpoint::of(host);
        let told = [service(&endpoint), region(&endpoint), partition(&endpoint)];
        assert_eq!(told, [*name, *place, *home], "{host}: {endpoint:#?}");
    }
    assert_eq!(rows.len(), 152);
}

#[test]
fn the_known_leftovers_still_differ() {
    let rows = rows::<4>(LEFTOVERS);
    for [host, name, place, why] in &rows {
        let endpoint = Endpoint::of(host);
        assert_ne!([service(&endpoint), region(&endpoint)], [*name, *place], "{host} is right now: {why}");
    }
    assert_eq!(rows.len(), 6);
}

#[test]
fn what_is_not_told_is_said_to_be_missing_and_why() {
    for [host, name, place, _] in rows::<4>(BY_HAND) {
        let endpoint = Endpoint::of(host);
        let missing = endpoint.missing();
        assert_eq!(
            name == "-",
            missing.iter().any(|item| matches!(item, Missing::Service { .. })),
            "{host}: {missing:?}"
        );
        assert_eq!(
            place == "-",
            missing.iter().any(|item| matches!(item, Missing::Region { .. })),
            "{host}: {missing:?}"
        );
        let reasons: Vec<_> = endpoint.reasons().iter().map(ToString::to_string).collect();
        let is_explained = |item| reasons.iter().filter(|reason: &&String| reason.starts_with(item)).count() >= 1;
        assert_eq!(name != "-", is_explained("service: "), "{host}: {reasons:?}");
        assert_eq!(place != "-", is_explained("region: "), "{host}: {reasons:?}");
    }
}

#[test]
fn whatever_is_told_fits_a_scope_however_the_host_is_cut() {
    let mut told = 0;
    for [host, ..] in rows::<4>(BY_HAND) {
        for cut in 0..host.len() {
            for part in [&host[..cut], &host[cut..]] {
                let endpoint = Endpoint::of(part);
                if let (Some(service), Some(region)) = (endpoint.service(), endpoint.region()) {
                    let scope = Scope::new(Timestamp::from_unix(0).unwrap(), region, service);
                    assert!(scope.is_ok(), "{part}: {scope:?}");
                    told += 1;
                }
            }
        }
    }
    assert!(told > 1_000, "{told} cut hosts told something");
}

/// A row that no host uses is either wrong or not needed.
#[test]
fn every_row_of_the_tables_is_used() {
    let mut used = BTreeSet::new();
    let hosts = rows::<3>(FROM_BOTOCORE).into_iter().map(|[host, ..]| host);
    for host in hosts.chain(rows::<4>(BY_HAND).into_iter().map(|[host, ..]| host)) {
        let endpoint = Endpoint::of(host);
        used.extend(endpoint.reasons().iter().filter_map(|reason| match reason {
            Reason::ServiceTable(text) => Some((*text).to_owned()),
            Reason::ServicePath(text) => Some((*text).to_owned()),
            _ => None,
        }));
        used.extend(endpoint.missing().iter().map(|item| match item {
            Missing::Service { why } | Missing::Region { why } => (*why).to_owned(),
            _ => String::new(),
        }));
    }
    let mut count = 0;
    for file in ["src/endpoint/table.rs", "src/endpoint/global.rs"] {
        let text = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        for row in text.lines().filter_map(|line| line.strip_prefix("    (\"")) {
            let strings: Vec<_> = row.split('"').step_by(2).collect();
            let is_path_row = strings.get(1).is_some_and(|text| text.starts_with('/'));
            count += 1;
            let strings = if is_path_row { &strings[1..2] } else { &strings[..] };
            assert!(strings.iter().any(|text| used.contains(*text)), "no host uses the row {row}");
        }
    }
    assert!(count > 100, "{count} rows read");
}
