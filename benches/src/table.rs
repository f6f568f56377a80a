//! Times and allocations of every task, all in one run.

use crate::sample::Sample;
use crate::task::{Task, all};
use std::time::Duration;

const ROUNDS: usize = 101;
/// How long one measurement is meant to take.
const SLICE: Duration = Duration::from_micros(250);

/// What was measured of one task.
pub struct Row {
    pub group: &'static str,
    pub who: &'static str,
    pub sample: Sample,
    /// Not known of what runs in a process of its own.
    pub allocations: Option<u64>,
}

/// A task while it is measured.
struct Running {
    task: Task,
    times: u64,
    nanoseconds: Vec<f64>,
    allocations: u64,
}

impl Running {
    fn new(mut task: Task) -> Self {
        task.run(100);
        let one = task.run(400).time / 400;
        let times = (SLICE.as_nanos() / one.as_nanos().max(1)).clamp(5, 20_000) as u64;
        let allocations = task.run(times).allocations / times;
        Self { task, times, nanoseconds: Vec::new(), allocations }
    }

    fn measure(&mut self) {
        let time = self.task.run(self.times).time;
        self.nanoseconds.push(time.as_nanos() as f64 / self.times as f64);
    }

    fn row(self) -> Row {
        let Self { task, nanoseconds, allocations, .. } = self;
        Row {
            group: task.group,
            who: task.who,
            sample: Sample::new(nanoseconds),
            allocations: (!task.elsewhere).then_some(allocations),
        }
    }
}

/// Every task of a group takes its turn in every round, so that noise meets all alike.
pub fn measure(tasks: Vec<Task>) -> Vec<Row> {
    let mut running: Vec<Running> = tasks.into_iter().map(Running::new).collect();
    for _ in 0..ROUNDS {
        running.iter_mut().for_each(Running::measure);
    }
    running.into_iter().map(Running::row).collect()
}

/// Each group's tasks, with those of signers in processes of their own behind them.
#[cfg(feature = "peers")]
fn with_those_elsewhere(mut tasks: Vec<Task>) -> Vec<Task> {
    for task in crate::peers::process::tasks() {
        let last = tasks.iter().rposition(|other| other.group == task.group);
        tasks.insert(last.map_or(tasks.len(), |last| last + 1), task);
    }
    tasks
}

#[cfg(not(feature = "peers"))]
fn with_those_elsewhere(tasks: Vec<Task>) -> Vec<Task> {
    tasks
}

/// Prints the table: medians first, then the rounds that were disturbed least.
pub fn print() {
    let rows = measure(with_those_elsewhere(all()));
    println!(
        "| group | who | ns | × floor | awsig is faster by | fastest tenth, ns | × floor | awsig is faster by \
         | allocations | spread |"
    );
    println!("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
    let mut last = "";
    for row in &rows {
        let beside = |who: &str, ratio: fn(&Sample, &Sample) -> f64| {
            let other = rows.iter().find(|other| other.group == row.group && other.who == who);
            other.map_or("".into(), |other| format!("{:.2}", ratio(&row.sample, &other.sample)))
        };
        println!(
            "| {} | {} | {:.0} | {} | {} | {:.0} | {} | {} | {} | {:.0} % |",
            if last == row.group { "" } else { row.group },
            row.who,
            row.sample.median(),
            beside("floor", Sample::beside),
            beside("awsig", Sample::beside),
            row.sample.fastest_tenth(),
            beside("floor", Sample::fastest_beside),
            beside("awsig", Sample::fastest_beside),
            row.allocations.map_or("".into(), |count| count.to_string()),
            row.sample.spread()
        );
        last = row.group;
    }
}
