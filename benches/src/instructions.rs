//! Instructions per operation, counted by valgrind's callgrind.
//!
//! Its processor has no SHA instructions, so that hashing costs some twenty times what it does on a real one. What is
//! told is therefore what there is besides hashing, and in how many blocks that was.

use crate::task::{self, Task};
use std::process::Command;

/// How many instructions sha2 takes for a block with the SHA extensions of x86-64: its loop, counted in a disassembly.
const PER_BLOCK: f64 = 170.0;

/// What one operation executes.
#[derive(Clone, Copy)]
pub struct Count {
    /// Everything outside of the compression function.
    pub besides: f64,
    /// How many blocks were compressed.
    pub blocks: f64,
}

impl Count {
    /// As on a processor with SHA instructions.
    pub fn total(&self) -> f64 {
        self.besides + self.blocks * PER_BLOCK
    }

    /// The difference between many runs and few is free of everything that happens once.
    pub fn of(task: &Task) -> Result<Self, String> {
        const FEW: u64 = 50;
        const MANY: u64 = 350;
        let collected = |times: u64, only: &[&str]| {
            let times = times.to_string();
            collected(only, &["run", task.group, task.who, &times])
        };
        let [all_many, all_few, hashing_many, hashing_few] = together([
            &|| collected(MANY, &[]),
            &|| collected(FEW, &[]),
            &|| collected(MANY, &[COMPRESSION]),
            &|| collected(FEW, &[COMPRESSION]),
        ])?;
        let once = |many: f64, few: f64| (many - few) / (MANY - FEW) as f64;
        let (all, hashing) = (once(all_many, all_few), once(hashing_many, hashing_few));
        Ok(Self::new(all - hashing, hashing))
    }

    /// From what was counted outside of the compression function, and in it.
    pub fn new(besides: f64, hashing: f64) -> Self {
        Self { besides, blocks: hashing / SOFT_PER_BLOCK }
    }
}

/// The same of sha2's portable compression function, which is what runs under callgrind.
const SOFT_PER_BLOCK: f64 = 3340.0;

/// sha2's compression function, as callgrind names it.
pub const COMPRESSION: &str = "sha2::sha256::compress256";

/// Starts this program again, under callgrind, and says how many instructions it counted. Counting is turned on and
/// off by entering and leaving each of the functions in `only`; without any, everything counts.
pub fn collected(only: &[&str], arguments: &[&str]) -> Result<f64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .args(only.iter().map(|function| format!("--toggle-collect={function}")))
        .arg(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let count = text.split("Collected : ").nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    count.filter(|_| output.status.success()).ok_or_else(|| format!("no count from callgrind:\n{text}"))
}

/// Runs all at the same time: counts do not depend on what else the machine does.
pub fn together<const N: usize>(counts: [&(dyn Fn() -> Result<f64, String> + Sync); N]) -> Result<[f64; N], String> {
    std::thread::scope(|scope| {
        let running = counts.map(|count| scope.spawn(count));
        let mut done = [0.0; N];
        for (place, thread) in done.iter_mut().zip(running) {
            *place = thread.join().map_err(|_| "a thread panicked")??;
        }
        Ok(done)
    })
}

/// Prints instructions per operation of awsig and its peers.
pub fn print() -> Result<(), String> {
    println!("| group | who | besides hashing | blocks hashed | together | awsig has fewer by |");
    println!("|---|---|---:|---:|---:|---:|");
    let mut awsig = f64::NAN;
    let mut last = "";
    for task in task::all().iter().filter(|task| !["awsig signing", "awsig, new buffer"].contains(&task.who)) {
        let count = Count::of(task)?;
        if task.who == "awsig" {
            awsig = count.total();
        }
        let fewer = if task.who == "floor" { "".into() } else { format!("{:.1}", count.total() / awsig) };
        println!(
            "| {} | {} | {:.0} | {:.0} | {:.0} | {fewer} |",
            if last == task.group { "" } else { task.group },
            task.who,
            count.besides,
            count.blocks,
            count.total()
        );
        last = task.group;
    }
    Ok(())
}
