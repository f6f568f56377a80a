//! Fails when awsig needs more instructions, compressions or allocations than `ceilings.txt` allows.

use crate::instructions::Count;
use crate::task::{self, Task};
use std::fmt::Write;
use std::path::PathBuf;

/// Compilers differ by a little from version to version.
const TOLERANCE: f64 = 1.05;

struct Ceiling {
    group: String,
    who: String,
    instructions: f64,
    blocks: f64,
    allocations: u64,
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("ceilings.txt")
}

/// What is guarded: everything that awsig does.
fn guarded() -> impl Iterator<Item = Task> {
    task::all().into_iter().filter(|task| task.who.starts_with("awsig") && task.who != "awsig signing")
}

fn measure(task: &mut Task) -> Result<(Count, u64), String> {
    task.run(10);
    let allocations = task.run(100).allocations.div_ceil(100);
    Ok((Count::of(task)?, allocations))
}

/// Compares every task with its ceiling.
pub fn check() -> Result<(), String> {
    let text = std::fs::read_to_string(file()).map_err(|error| format!("{}: {error}", file().display()))?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let ceilings: Vec<Ceiling> = lines.map(parse).collect::<Result<_, _>>()?;
    let mut over = String::new();
    let mut used = 0;
    for mut task in guarded() {
        let found = ceilings.iter().find(|ceiling| ceiling.group == task.group && ceiling.who == task.who);
        let ceiling = found.ok_or_else(|| format!("no ceiling for {}, {}", task.group, task.who))?;
        used += 1;
        let (Count { besides, blocks }, allocations) = measure(&mut task)?;
        let change = (besides / ceiling.instructions - 1.0) * 100.0;
        let costs = format!("{besides:.0} instructions, {blocks:.0} blocks, {allocations} allocations");
        println!("{}, {}: {costs} ({change:+.1} %)", task.group, task.who);
        if besides > ceiling.instructions * TOLERANCE
            || blocks.round() > ceiling.blocks
            || allocations > ceiling.allocations
        {
            let Ceiling { instructions, blocks, allocations, .. } = ceiling;
            let _ = writeln!(
                over,
                "{}, {}: {costs}; the ceiling is at {instructions:.0}, {blocks:.0} and {allocations}",
                task.group, task.who
            );
        }
    }
    if used != ceilings.len() {
        return Err(format!("{} ceilings for {used} tasks", ceilings.len()));
    }
    if over.is_empty() { Ok(()) } else { Err(format!("over the ceiling:\n{over}")) }
}

fn parse(line: &str) -> Result<Ceiling, String> {
    let parts: Vec<&str> = line.split('|').map(str::trim).collect();
    let bad = || format!("not a ceiling: {line}");
    let [group, who, instructions, blocks, allocations] = parts[..] else { return Err(bad()) };
    Ok(Ceiling {
        group: group.into(),
        who: who.into(),
        instructions: instructions.parse().map_err(|_| bad())?,
        blocks: blocks.parse().map_err(|_| bad())?,
        allocations: allocations.parse().map_err(|_| bad())?,
    })
}

/// Writes the file anew, from what is measured now.
pub fn write() -> Result<(), String> {
    let mut text = String::from(
        "# What one operation may cost: group | who | instructions besides hashing | blocks hashed | allocations.\n\
         # `guard` fails at 5 % more instructions, one block or one allocation more. Made by `guard --write`.\n",
    );
    for mut task in guarded() {
        let (Count { besides, blocks }, allocations) = measure(&mut task)?;
        let _ = writeln!(text, "{} | {} | {besides:.0} | {blocks:.0} | {allocations}", task.group, task.who);
    }
    std::fs::write(file(), text).map_err(|error| format!("{}: {error}", file().display()))
}
