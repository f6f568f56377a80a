//! Two builds of this program beside each other: every task takes its turn here and there in every round.

use crate::helper::Helper;
use crate::table;
use crate::task::{Cost, Task, all};
use std::cell::RefCell;
use std::io::BufRead;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

/// What the other build is: answers `group|who|times` with nanoseconds.
pub fn take_turns() -> Result<(), String> {
    let mut tasks = all();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let [group, who, times] = line.split('|').collect::<Vec<_>>()[..] else {
            return Err(format!("not a turn: {line}"));
        };
        let task = tasks.iter_mut().find(|task| task.group == group && task.who == who);
        let task = task.ok_or_else(|| format!("no task {group}, {who}"))?;
        // The caches of the processor are the other's by now.
        task.run(1);
        let times = times.parse().map_err(|_| format!("not a number: {times}"))?;
        println!("{}", task.run(times).time.as_nanos());
    }
    Ok(())
}

/// Prints what every task takes in both builds.
pub fn print(other: &str) -> Result<(), String> {
    let here = std::env::current_exe().map_err(|error| error.to_string())?;
    let pairs = turns(&here.display().to_string())?.into_iter().zip(turns(other)?);
    let rows = table::measure(pairs.flat_map(|(here, there)| [here, there]).collect());
    println!("| group | who | ns here | ns there | there / here | fastest tenth: ns here | ns there | there / here |");
    println!("|---|---|---:|---:|---:|---:|---:|---:|");
    let mut last = "";
    for pair in rows.chunks(2) {
        let [here, there] = pair else { continue };
        println!(
            "| {} | {} | {:.0} | {:.0} | {:.2} | {:.0} | {:.0} | {:.2} |",
            if last == here.group { "" } else { here.group },
            here.who,
            here.sample.median(),
            there.sample.median(),
            there.sample.beside(&here.sample),
            here.sample.fastest_tenth(),
            there.sample.fastest_tenth(),
            there.sample.fastest_beside(&here.sample),
        );
        last = here.group;
    }
    Ok(())
}

/// All tasks, done by a build of this program in a process of its own: both builds are, so that they are treated alike.
fn turns(program: &str) -> Result<Vec<Task>, String> {
    let helper = Rc::new(RefCell::new(Helper::start(Command::new(program).arg("turns"))?));
    let turn = |group, who| {
        let helper = Rc::clone(&helper);
        Task::elsewhere(group, who, move |times| {
            let answer = helper.borrow_mut().ask(&format!("{group}|{who}|{times}")).expect("an answer");
            Cost { time: Duration::from_nanos(answer.trim().parse().expect("nanoseconds")), allocations: 0 }
        })
    };
    Ok(all().iter().map(|task| turn(task.group, task.who)).collect())
}
