//! Instructions per operation, counted by valgrind's callgrind.
//!
//! Its processor has no SHA instructions, so that hashing costs some twenty times what it does on a real one. What is
//! told is therefore what there is besides hashing, and in how many blocks that was.

use crate::task::{self, Task};
use std::process::Command;

/// How many instructions sha2 takes for a block with the SHA extensions of x86-64: its loop, counted in a disassembly.
const PER_BLOCK: f64 = 170.0;

/// The same of its portable compression function, which is what runs under callgrind.
const SOFT_PER_BLOCK: f64 = 3340.0;

/// sha2's compression function, as callgrind names it.
const COMPRESSION: &str = "sha2::sha256::compress256";

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
        let counted = |times: u64| Self::of_process(None, &["run", task.group, task.who, &times.to_string()]);
        let (many, few) = both(|| counted(MANY), || counted(FEW))?;
        let once = |part: fn(&Self) -> f64| (part(&many) - part(&few)) / (MANY - FEW) as f64;
        Ok(Self { besides: once(|count| count.besides), blocks: once(|count| count.blocks) })
    }

    /// Starts this program again, under callgrind. With a function named, what is outside of it does not count.
    pub fn of_process(within: Option<&str>, arguments: &[&str]) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/stdout"])
            .args(within.map(|function| format!("--toggle-collect={function}")))
            .arg(program)
            .args(arguments)
            .output()
            .map_err(|error| format!("valgrind: {error}"))?;
        let count = Self::read(&String::from_utf8_lossy(&output.stdout)).filter(|_| output.status.success());
        count.ok_or_else(|| format!("no count from callgrind:\n{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// From callgrind's own format. Functions have numbers, which are explained where they occur first; a call is told
    /// in two lines: how often it happened and, behind a position, the instructions below it.
    fn read(profile: &str) -> Option<Self> {
        let number = |text: &str| text.split_whitespace().next_back().and_then(|word| word.parse::<f64>().ok());
        let all = profile.lines().find_map(|line| line.strip_prefix("summary:")).and_then(number)?;
        let id = profile.lines().find_map(|line| line.strip_suffix(COMPRESSION)?.trim_end().split_once('='))?.1;
        let (mut hashing, mut called, mut calls) = (0.0, "", false);
        for line in profile.lines() {
            if calls && called == id {
                hashing += number(line)?;
            }
            calls = line.starts_with("calls=");
            if let Some(function) = line.strip_prefix("cfn=") {
                called = function.split(' ').next()?;
            }
        }
        Some(Self { besides: all - hashing, blocks: hashing / SOFT_PER_BLOCK })
    }
}

/// Does both at the same time: counts do not depend on what else the machine does.
pub fn both<T: Send>(
    left: impl FnOnce() -> Result<T, String> + Send,
    right: impl FnOnce() -> Result<T, String>,
) -> Result<(T, T), String> {
    std::thread::scope(|scope| {
        let left = scope.spawn(left);
        let right = right();
        Ok((left.join().map_err(|_| "a thread panicked")??, right?))
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
