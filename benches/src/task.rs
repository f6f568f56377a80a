//! [`Task`]: one thing to measure, done many times over.

use crate::{allocations, floor, ours, requests::Case};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// What a number of runs took.
#[derive(Clone, Copy)]
pub struct Cost {
    pub time: Duration,
    pub allocations: u64,
}

pub struct Task {
    /// `sign a`, `presign`, …: the same work for everybody in the group.
    pub group: &'static str,
    pub who: &'static str,
    /// In a process of its own, whose allocations nobody counts.
    pub elsewhere: bool,
    work: Box<dyn FnMut(u64) -> Cost>,
}

impl Task {
    pub fn new<T>(group: &'static str, who: &'static str, mut one: impl FnMut() -> T + 'static) -> Self {
        Self::with_input(group, who, || (), move |()| one())
    }

    /// As [`new`](Self::new), for work that uses its input up; the inputs are made before the clock starts.
    pub fn with_input<I, T>(
        group: &'static str,
        who: &'static str,
        make: impl Fn() -> I + 'static,
        mut one: impl FnMut(I) -> T + 'static,
    ) -> Self {
        let work = move |times: u64| {
            let inputs: Vec<I> = (0..times).map(|_| make()).collect();
            let (allocations, start) = (allocations::count(), Instant::now());
            for input in inputs {
                black_box(one(black_box(input)));
            }
            Cost { time: start.elapsed(), allocations: allocations::count() - allocations }
        };
        Self { group, who, elsewhere: false, work: Box::new(work) }
    }

    /// Work that somebody else does and measures.
    pub fn elsewhere(group: &'static str, who: &'static str, work: impl FnMut(u64) -> Cost + 'static) -> Self {
        Self { group, who, elsewhere: true, work: Box::new(work) }
    }

    pub fn run(&mut self, times: u64) -> Cost {
        (self.work)(times)
    }
}

/// Every task, those of a group in a row, the floor first.
pub fn all() -> Vec<Task> {
    let mut tasks = Vec::new();
    for case in Case::all() {
        tasks.extend([floor::sign(case), ours::sign_into(case), ours::sign(case), ours::sign_checked(case)]);
        #[cfg(feature = "peers")]
        tasks.extend([crate::peers::aws_sigv4::sign(case), crate::peers::reqsign::sign(case)]);
        tasks.extend([floor::sign_cold(case), ours::sign_cold(case)]);
    }
    for case in Case::all() {
        tasks.extend([floor::presign(case), ours::presign(case)]);
        #[cfg(feature = "peers")]
        tasks.extend([crate::peers::aws_sigv4::presign(case), crate::peers::reqsign::presign(case)]);
    }
    for case in Case::all() {
        tasks.extend([floor::verify(case), ours::sign_for_verify(case), ours::verify(case)]);
    }
    let [a, ..] = Case::all();
    tasks.extend([floor::chunk(), ours::chunk(a)]);
    tasks
}
