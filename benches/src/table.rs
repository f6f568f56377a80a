//! Times and allocations of every task, all in one run.

use crate::task::{Task, all};
use std::time::Duration;

const ROUNDS: usize = 31;
/// How long one measurement is meant to take.
const SLICE: Duration = Duration::from_micros(250);

struct Row {
    task: Task,
    times: u64,
    nanoseconds: Vec<f64>,
    allocations: u64,
}

impl Row {
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

    fn median(&self) -> f64 {
        let mut sorted = self.nanoseconds.clone();
        sorted.sort_by(f64::total_cmp);
        sorted[sorted.len() / 2]
    }

    /// How far the middle half of the rounds lies apart, in per cent of the median.
    fn spread(&self) -> f64 {
        let mut sorted = self.nanoseconds.clone();
        sorted.sort_by(f64::total_cmp);
        (sorted[sorted.len() * 3 / 4] - sorted[sorted.len() / 4]) / self.median() * 100.0
    }
}

/// Prints the table: every task of a group takes its turn in every round, so that noise meets all alike.
pub fn print() {
    let mut rows: Vec<Row> = all().into_iter().map(Row::new).collect();
    for _ in 0..ROUNDS {
        for row in &mut rows {
            row.measure();
        }
    }
    println!("| group | who | ns | × floor | awsig is faster by | allocations | spread |");
    println!("|---|---|---:|---:|---:|---:|---:|");
    let mut last = "";
    for row in &rows {
        let of = |who: &str| {
            rows.iter()
                .find(|other| other.task.group == row.task.group && other.task.who == who)
                .map_or(1.0, Row::median)
        };
        println!(
            "| {} | {} | {:.0} | {:.2} | {:.2} | {} | {:.0} % |",
            if last == row.task.group { "" } else { row.task.group },
            row.task.who,
            row.median(),
            row.median() / of("floor"),
            row.median() / of("awsig"),
            row.allocations,
            row.spread()
        );
        last = row.task.group;
    }
}
