//! How the cost grows with the size of a request: as a table, as a plot, and as a check.

mod plot;
mod shapes;

use crate::instructions::{Count, both};
use crate::task::Task;
use crate::{ours, sample::Sample};
use shapes::{ALL, Shape, Unit};
use std::fmt::Write;
use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

/// What is done with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Sign,
    Verify,
}

impl Act {
    const ALL: [Self; 2] = [Self::Sign, Self::Verify];

    fn name(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Verify => "verify",
        }
    }

    fn task(self, shape: &Shape, size: usize) -> Task {
        let case = shape.case(size);
        match self {
            Self::Sign => ours::sign_into(case),
            Self::Verify => ours::verify_as_typed(case),
        }
    }
}

/// One shape's cost by size.
struct Line {
    shape: &'static Shape,
    act: Act,
    points: Vec<Point>,
}

struct Point {
    size: usize,
    nanoseconds: f64,
    instructions: f64,
}

/// By the fastest tenth.
fn nanoseconds(task: &mut Task) -> f64 {
    const ROUNDS: u32 = 41;
    const SLICE: Duration = Duration::from_micros(250);
    task.run(3);
    let one = task.run(2).time / 2;
    let times = (SLICE.as_nanos() / one.as_nanos().max(1)).clamp(1, 1000) as u64;
    Sample::new((0..ROUNDS).map(|_| task.run(times).time.as_nanos() as f64 / times as f64).collect()).fastest_tenth()
}

/// What callgrind counts.
const COUNTED: &str = "awsig_benches::growth::counted";

#[inline(never)]
fn counted(task: &mut Task) {
    black_box(task.run(1));
}

fn instructions(shape: &Shape, act: Act, size: usize) -> Result<f64, String> {
    Ok(Count::of_process(Some(COUNTED), &["grow", shape.name, act.name(), &size.to_string()])?.total())
}

/// What is started under callgrind: once to fill the buffers, once to be counted.
pub fn run(name: &str, act: &str, size: &str) -> Result<(), String> {
    let size = size.parse().map_err(|_| format!("not a number: {size}"))?;
    let shape = ALL.iter().find(|shape| shape.name == name);
    let act = Act::ALL.into_iter().find(|known| known.name() == act);
    let (Some(shape), Some(act)) = (shape, act) else { return Err(format!("nothing grows that way: {name}")) };
    let mut task = act.task(shape, size);
    task.run(1);
    counted(&mut task);
    Ok(())
}

/// 10, 30, 100, … up to the largest.
fn sizes(most: usize) -> impl Iterator<Item = usize> {
    let decades = std::iter::successors(Some(10), |size| Some(size * 10));
    decades.flat_map(|size| [size, size * 3]).take_while(move |&size| size <= most)
}

/// Measures everything, prints the tables and draws the plot.
pub fn print() -> Result<(), String> {
    let mut lines = Vec::new();
    for shape in &ALL {
        let mut acts = Act::ALL.map(|act| Line { shape, act, points: Vec::new() });
        for size in sizes(shape.most) {
            let times = Act::ALL.map(|act| nanoseconds(&mut act.task(shape, size)));
            let counted = both(|| instructions(shape, Act::Sign, size), || instructions(shape, Act::Verify, size))?;
            for ((line, nanoseconds), instructions) in acts.iter_mut().zip(times).zip([counted.0, counted.1]) {
                line.points.push(Point { size, nanoseconds, instructions });
            }
        }
        lines.extend(acts);
    }
    println!("Nanoseconds per header, parameter, segment or byte:\n");
    println!("{}", table(&lines, |point| point.nanoseconds));
    println!("Instructions per header, parameter, segment or byte:\n");
    print!("{}", table(&lines, |point| point.instructions));
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("growth.svg");
    std::fs::write(&file, plot::draw(&lines)).map_err(|error| format!("{}: {error}", file.display()))
}

/// What one of the things costs of which there are so many; that is a constant where growth is linear.
fn table(lines: &[Line], cost: fn(&Point) -> f64) -> String {
    let decades = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
    let mut text = String::from("| what there are many of | | 10 | 100 | 1 000 | 10 000 | 100 000 | 1 000 000 |\n");
    text.push_str("|---|---|---:|---:|---:|---:|---:|---:|\n");
    let mut last = "";
    for line in lines {
        let name = if last == line.shape.name { "" } else { line.shape.name };
        last = line.shape.name;
        let _ = write!(text, "| {name} | {} |", line.act.name());
        for decade in decades {
            match line.points.iter().find(|point| point.size == decade) {
                Some(point) => {
                    let each = cost(point) / point.size as f64;
                    let digits = if each < 10.0 { 2 } else { 0 };
                    let _ = write!(text, " {each:.digits$} |");
                }
                None => text.push_str(" |"),
            }
        }
        text.push('\n');
    }
    text
}

/// At double the size, instructions may be this many times as many. Sorting 8 000 takes 2.17 times what 4 000 take.
const DOUBLING: f64 = 2.3;

/// Fails where a cost grows faster than sorting does.
pub fn check() -> Result<(), String> {
    let mut over = String::new();
    for shape in &ALL {
        let size = if shape.unit == Unit::Bytes { 50_000 } else { 4_000 };
        for act in Act::ALL {
            let (more, less) = both(|| instructions(shape, act, size * 2), || instructions(shape, act, size))?;
            let line = format!("{} {}, from {size} to twice that: × {:.2}", act.name(), shape.name, more / less);
            println!("{line}");
            if more > less * DOUBLING {
                let _ = writeln!(over, "{line}");
            }
        }
    }
    if over.is_empty() { Ok(()) } else { Err(format!("more than × {DOUBLING} instructions:\n{over}")) }
}
