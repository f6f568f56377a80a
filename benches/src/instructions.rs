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

    pub fn of(task: &Task) -> Result<Self, String> {
        let all = per_run(task, &[])?;
        let hashing = per_run(task, &["--toggle-collect=sha2::sha256::compress256"])?;
        Ok(Self { besides: all - hashing, blocks: hashing / SOFT_PER_BLOCK })
    }
}

/// The same of sha2's portable compression function, which is what runs under callgrind.
const SOFT_PER_BLOCK: f64 = 3340.0;

/// The difference between many runs and few is free of everything that happens once.
fn per_run(task: &Task, options: &[&str]) -> Result<f64, String> {
    const FEW: u64 = 50;
    const MANY: u64 = 350;
    let collected = |times: u64| -> Result<f64, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .args(options)
            .arg(program)
            .args(["run", task.group, task.who, &times.to_string()])
            .output()
            .map_err(|error| format!("valgrind: {error}"))?;
        let text = String::from_utf8_lossy(&output.stderr);
        let count = text.split("Collected : ").nth(1).and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        count.ok_or_else(|| format!("no count from callgrind:\n{text}"))
    };
    Ok((collected(MANY)? - collected(FEW)?) / (MANY - FEW) as f64)
}

/// Prints instructions per operation of awsig and its peers.
pub fn print() -> Result<(), String> {
    println!("| group | who | besides hashing | blocks hashed | together | awsig has fewer by |");
    println!("|---|---|---:|---:|---:|---:|");
    let mut awsig = f64::NAN;
    let mut last = "";
    for task in task::all().iter().filter(|task| task.who != "awsig signing" && task.who != "awsig, new buffer") {
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
