//! [`Helper`]: another process, which answers each line with a line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub struct Helper {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Helper {
    pub fn start(command: &mut Command) -> Result<Self, String> {
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().map_err(|error| format!("{}: {error}", command.get_program().display()))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both are pipes");
        };
        Ok(Self { child, input: Some(input), output: BufReader::new(output) })
    }

    /// Without an answer, the error is what the helper said last.
    pub fn ask(&mut self, line: &str) -> Result<String, String> {
        let mut answer = String::new();
        let asked = self.input.as_mut().is_some_and(|input| writeln!(input, "{line}").is_ok());
        match self.output.read_line(&mut answer) {
            Ok(length) if asked && length > 0 => Ok(answer),
            _ => Err(self.last_words()),
        }
    }

    fn last_words(&mut self) -> String {
        drop(self.input.take());
        let lines = self.child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).lines());
        let lines: Vec<String> = lines.map_while(Result::ok).collect();
        let error = lines.iter().rev().find(|line| line.contains("Error")).or(lines.last());
        error.map_or("it said nothing".into(), |line| line.trim().into())
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
