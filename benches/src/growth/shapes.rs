//! [`Shape`]: requests of one kind and any size, the kinds that an attacker would choose among them.

use crate::requests::Case;
use std::fmt::Write;

/// A way for a request to grow.
pub struct Shape {
    pub name: &'static str,
    pub unit: Unit,
    /// The largest size that is measured.
    pub most: usize,
    grow: fn(usize, &mut Case),
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Headers,
    Parameters,
    Bytes,
}

impl Shape {
    /// The request of this size; it lives as long as the process.
    pub fn case(&self, size: usize) -> &'static Case {
        let mut case = Case {
            sign: self.name,
            cold: self.name,
            presign: self.name,
            verify: self.name,
            method: "GET",
            url: "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod".into(),
            headers: Vec::new(),
            body: Vec::new(),
            token: None,
        };
        (self.grow)(size, &mut case);
        Box::leak(Box::new(case))
    }
}

pub const ALL: [Shape; 12] = [
    Shape {
        name: "headers",
        unit: Unit::Headers,
        most: 10_000,
        grow: |size, case| headers(size, case, |at| format!("X{:016X}", mixed(at))),
    },
    Shape {
        name: "headers that begin alike, descending",
        unit: Unit::Headers,
        most: 10_000,
        grow: |size, case| headers(size, case, |at| format!("X-Amz-Meta-Entry{:08}", size - at)),
    },
    Shape {
        name: "headers that begin alike, shuffled",
        unit: Unit::Headers,
        most: 10_000,
        grow: |size, case| headers(size, case, |at| format!("X-Amz-Meta-Entry{:016X}", mixed(at))),
    },
    Shape {
        name: "one header, repeated",
        unit: Unit::Headers,
        most: 10_000,
        grow: |size, case| headers(size, case, |_| "X-Amz-Meta-Entry".into()),
    },
    Shape {
        name: "parameters",
        unit: Unit::Parameters,
        most: 100_000,
        grow: |size, case| parameters(size, case, |at| format!("{:016x}", mixed(at))),
    },
    Shape {
        name: "parameters that begin alike, descending",
        unit: Unit::Parameters,
        most: 100_000,
        grow: |size, case| parameters(size, case, |at| format!("filter-attribute{:08}", size - at)),
    },
    Shape {
        name: "parameters that begin alike, shuffled",
        unit: Unit::Parameters,
        most: 100_000,
        grow: |size, case| parameters(size, case, |at| format!("filter-attribute{:016x}", mixed(at))),
    },
    Shape {
        name: "path segments, half of them `..`",
        unit: Unit::Parameters,
        most: 100_000,
        grow: |size, case| {
            case.url.push_str(&"/ab".repeat(size - size / 2));
            case.url.push_str(&"/..".repeat(size / 2));
        },
    },
    Shape {
        name: "one header's value",
        unit: Unit::Bytes,
        most: 1_000_000,
        grow: |size, case| {
            case.headers.push((
                "x-amz-meta-entry",
                String::leak("reservation 1234; ".chars().cycle().take(size - 1).chain(['.']).collect()),
            ));
        },
    },
    Shape {
        name: "query, nothing to encode",
        unit: Unit::Bytes,
        most: 1_000_000,
        grow: |size, case| {
            case.url.push_str("?filter=");
            case.url.extend("reservation-1234_".chars().cycle().take(size));
        },
    },
    Shape {
        name: "query, all of it escaped",
        unit: Unit::Bytes,
        most: 1_000_000,
        grow: |size, case| {
            case.url.push_str("?filter=");
            case.url.extend("%c3%a9%2f%41".chars().cycle().take(size - size % 3));
        },
    },
    Shape {
        name: "body",
        unit: Unit::Bytes,
        most: 1_000_000,
        grow: |size, case| {
            case.method = "POST";
            case.body = vec![b'x'; size];
        },
    },
];

fn headers(size: usize, case: &mut Case, name: impl Fn(usize) -> String) {
    case.headers.extend((0..size).map(|at| (&*name(at).leak(), "reservation 1234")));
}

fn parameters(size: usize, case: &mut Case, name: impl Fn(usize) -> String) {
    for at in 0..size {
        let separator = if at == 0 { '?' } else { '&' };
        let _ = write!(case.url, "{separator}{}={at}", name(at));
    }
}

/// Different for every number, and in no order.
fn mixed(number: usize) -> u64 {
    // The finish of SplitMix64, which maps no two numbers to one.
    let mut bits = number as u64;
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}
