//! [`Report`]: a tour on paper: numbered steps, what was sent, what came back.

use alloc::string::String;
use std::io::{self, Write};

/// Text is broken before this column, except words that are longer.
const WIDTH: usize = 110;
const INDENT: &str = "              ";

pub(super) struct Report<'w> {
    out: &'w mut dyn Write,
    steps: usize,
}

impl<'w> Report<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, steps: 0 }
    }

    pub(super) fn steps(&self) -> usize {
        self.steps
    }

    pub(super) fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// `name` and what it is, in two columns.
    pub(super) fn fact(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.paragraph(&alloc::format!("    {name:<8}  "), text)
    }

    /// One step; its number comes back.
    pub(super) fn step(
        &mut self,
        ok: bool,
        title: &str,
        sent: &[String],
        got: &str,
        wanted: Option<&str>,
    ) -> io::Result<usize> {
        self.steps += 1;
        writeln!(self.out)?;
        writeln!(self.out, "{:<4} {:>2}  {title}", if ok { "ok" } else { "FAIL" }, self.steps)?;
        for (at, line) in sent.iter().enumerate() {
            self.paragraph(if at == 0 { "         sent " } else { INDENT }, line)?;
        }
        self.paragraph("         got  ", got)?;
        if let Some(wanted) = wanted {
            self.paragraph("      wanted  ", wanted)?;
        }
        self.out.flush()?;
        Ok(self.steps)
    }

    /// `start` is as wide as the indent of the lines that follow.
    fn paragraph(&mut self, start: &str, text: &str) -> io::Result<()> {
        let mut line = String::from(start);
        let mut column = line.len();
        for (at, word) in text.split(' ').enumerate() {
            if at > 0 && column + 1 + word.chars().count() > WIDTH {
                writeln!(self.out, "{line}")?;
                line = INDENT.into();
                column = INDENT.len();
            } else if at > 0 {
                line.push(' ');
                column += 1;
            }
            line.push_str(word);
            column += word.chars().count();
        }
        writeln!(self.out, "{}", line.trim_end())
    }
}
