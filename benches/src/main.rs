//! What a signature costs: awsig beside its floor and its peers. `benches/README.md` says how to read it.

mod allocations;
mod bulk;
mod floor;
mod guard;
mod instructions;
mod ours;
#[cfg(feature = "peers")]
mod peers;
mod requests;
mod sample;
mod table;
mod task;

use std::process::ExitCode;

const USAGE: &str = "usage: awsig-benches [table | instructions | guard [--write] | bulk PROGRAM FILE | run GROUP WHO TIMES]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        [] | ["table"] => {
            table::print();
            Ok(())
        }
        ["instructions"] => instructions::print(),
        ["guard"] => guard::check(),
        ["guard", "--write"] => guard::write(),
        ["bulk", program, file] => bulk::print(program, file),
        // What `instructions` and `guard` start under callgrind.
        ["run", group, who, times] => run(group, who, times),
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

fn run(group: &str, who: &str, times: &str) -> Result<(), String> {
    let times = times.parse().map_err(|_| format!("not a number: {times}"))?;
    let mut task = task::all()
        .into_iter()
        .find(|task| task.group == group && task.who == who)
        .ok_or_else(|| format!("no task {group} {who}"))?;
    task.run(times);
    Ok(())
}
