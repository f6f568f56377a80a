//! What a signature costs: awsig beside its floor and its peers. `benches/README.md` says how to read it.

mod allocations;
mod beside;
mod bulk;
mod floor;
mod growth;
mod guard;
mod helper;
mod instructions;
mod ours;
#[cfg(feature = "peers")]
mod peers;
mod requests;
mod sample;
mod table;
mod task;

use std::process::ExitCode;

const USAGE: &str =
    "usage: awsig-benches [table | instructions | growth | guard [--write] | beside PROGRAM | bulk PROGRAM FILE]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        [] | ["table"] => {
            table::print();
            Ok(())
        }
        ["instructions"] => instructions::print(),
        ["growth"] => growth::print(),
        ["guard"] => all([guard::check(), growth::check()]),
        ["guard", "--write"] => guard::write(),
        ["bulk", program, file] => bulk::print(program, file),
        ["beside", other] => beside::print(other),
        // What that one starts, of both builds.
        ["turns"] => beside::take_turns(),
        // What the others start under callgrind.
        ["run", group, who, times] => run(group, who, times),
        ["grow", shape, act, size] => growth::run(shape, act, size),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Fails with all that failed.
fn all(results: [Result<(), String>; 2]) -> Result<(), String> {
    let failed: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

fn run(group: &str, who: &str, times: &str) -> Result<(), String> {
    let times = times.parse().map_err(|_| format!("not a number: {times}"))?;
    let mut task = task::all()
        .into_iter()
        .find(|task| task.group == group && task.who == who)
        .ok_or_else(|| format!("no task {group} {who}"))?;
    task.run(times);
    Ok(())
}
