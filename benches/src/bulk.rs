//! What hashing a large file costs: sha2 over memory, the program over a file, and openssl, in turns.

use sha2::{Digest, Sha256};
use std::fs;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;
const MIB: f64 = 1_048_576.0;

/// Prints the medians of a few rounds. The file is read once before, so that it is in memory.
pub fn print(program: &str, file: &str) -> Result<(), String> {
    let length = fs::metadata(file).map_err(|error| format!("{file}: {error}"))?.len();
    let mut warm = fs::File::open(file).map_err(|error| format!("{file}: {error}"))?;
    std::io::copy(&mut warm, &mut std::io::sink()).map_err(|error| format!("{file}: {error}"))?;

    let sign = ["sign", "--service", "s3", "--region", "us-east-1", "-d", &format!("@{file}"), "http://127.0.0.1/b/k"];
    let mut seconds = [const { Vec::new() }; 3];
    let mut peak = 0;
    for _ in 0..ROUNDS {
        seconds[0].push(in_memory(length).as_secs_f64());
        let (time, memory) = measured(program, &sign)?;
        seconds[1].push(time.as_secs_f64());
        peak = peak.max(memory);
        seconds[2].push(measured("openssl", &["dgst", "-sha256", file])?.0.as_secs_f64());
    }
    let rates = seconds.map(|mut seconds| {
        seconds.sort_by(f64::total_cmp);
        length as f64 / MIB / seconds[seconds.len() / 2]
    });
    println!("| {:.1} GiB | MiB/s | of sha2's | peak KiB |", length as f64 / MIB / 1024.0);
    println!("|---|---:|---:|---:|");
    println!("| sha2 in memory | {:.0} | 100 % | |", rates[0]);
    println!("| awsig sign -d @FILE | {:.0} | {:.0} % | {peak} |", rates[1], rates[1] / rates[0] * 100.0);
    println!("| openssl dgst -sha256 FILE | {:.0} | {:.0} % | |", rates[2], rates[2] / rates[0] * 100.0);
    Ok(())
}

/// Hashes so many bytes that are never further away than the second cache.
fn in_memory(length: u64) -> Duration {
    let block = vec![7; 64 * 1024];
    let start = Instant::now();
    let mut hash = Sha256::new();
    for _ in 0..length / block.len() as u64 {
        hash.update(black_box(&block));
    }
    black_box(hash.finalize());
    start.elapsed()
}

/// How long a command takes, and its peak of resident memory in KiB.
fn measured(program: &str, arguments: &[&str]) -> Result<(Duration, u64), String> {
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env_remove("AWS_SESSION_TOKEN")
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let mut peak = 0;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| format!("{program}: {error}"))? {
            break status;
        }
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        peak = peak.max(mark.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(5));
    };
    if status.success() { Ok((start.elapsed(), peak)) } else { Err(format!("{program}: {status}")) }
}
