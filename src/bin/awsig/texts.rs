//! The three texts of a signature for people: numbered, each line with where it came from.

use awsig::signing::Steps;
use awsig::world::World;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};

/// How wide a line may be before its origin goes below it.
const WIDTH: usize = 72;

/// Whether standard output takes colours: a terminal, and `NO_COLOR` is not set (no-color.org).
pub(crate) fn is_colored(world: &dyn World) -> bool {
    io::stdout().is_terminal() && world.var("NO_COLOR").is_none_or(|value| value.is_empty())
}

pub(crate) fn annotated(steps: &Steps, colored: bool) -> String {
    let (bold, dim, plain) = if colored { ("\x1b[1m", "\x1b[2m", "\x1b[0m") } else { ("", "", "") };
    let lines = steps.lines();
    let fits = |width: &usize| *width <= WIDTH;
    let width = lines.iter().map(|line| line.content.chars().count()).filter(fits).max().unwrap_or_default();
    let mut shown = String::new();
    let mut text = None;
    for line in lines {
        if text.replace(line.text) != Some(line.text) {
            let gap = if shown.is_empty() { "" } else { "\n" };
            let _ = writeln!(shown, "{gap}{bold}{}{plain}", line.text);
        }
        let (number, content, origin) = (line.number, &line.content, &line.origin);
        if content.chars().count() > width {
            let _ = writeln!(shown, "{dim}{number:>3}{plain}  {content}\n     {:width$}  {dim}{origin}{plain}", "");
        } else {
            let _ = writeln!(shown, "{dim}{number:>3}{plain}  {content:width$}  {dim}{origin}{plain}");
        }
    }
    shown
}
