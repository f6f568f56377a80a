//! [`Scripted`]: a world that knows only what it was told.

use super::{Command, CommandOutput, World};
use crate::signing::Timestamp;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A [`World`] for tests and replays: nothing of the machine reaches it.
///
/// Its clocks stand still until [`advance`](Self::advance) or a [`sleep`](World::sleep) moves them, sleeping takes no
/// time, and `random` is always the same number. `Debug` shows names only, never values.
///
/// ```
/// use awsig::world::{Scripted, World};
/// use core::time::Duration;
///
/// let world = Scripted::at(awsig::Timestamp::parse("20150830T123600Z")?)
///     .with_var("AWS_REGION", "us-east-1")
///     .with_file("/token", "abc");
/// world.sleep(Duration::from_secs(2));
///
/// assert_eq!(world.now().as_str(), "20150830T123602Z");
/// assert_eq!(world.var("AWS_REGION").as_deref(), Some("us-east-1"));
/// assert_eq!(world.var("HOME"), None);
/// assert_eq!(world.slept(), [Duration::from_secs(2)]);
/// # Ok::<(), awsig::TimestampError>(())
/// ```
pub struct Scripted {
    variables: BTreeMap<String, String>,
    files: BTreeMap<PathBuf, Vec<u8>>,
    commands: Vec<(Command, CommandOutput)>,
    answers: Mutex<VecDeque<String>>,
    saved: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    random: u64,
    start: Timestamp,
    clock: Mutex<Clock>,
}

struct Clock {
    elapsed: Duration,
    slept: Vec<Duration>,
}

impl Scripted {
    /// A world without variables, files and commands, whose clock stands at `start`.
    pub fn at(start: Timestamp) -> Self {
        Self {
            variables: BTreeMap::new(),
            files: BTreeMap::new(),
            commands: Vec::new(),
            answers: Mutex::default(),
            saved: Mutex::default(),
            random: 0,
            start,
            clock: Mutex::new(Clock { elapsed: Duration::ZERO, slept: Vec::new() }),
        }
    }

    /// The same with one more variable.
    #[must_use]
    pub fn with_var(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The same with one more file.
    #[must_use]
    pub fn with_file(mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), bytes.into());
        self
    }

    /// The same with one more command that can be run; its program and arguments must match exactly.
    #[must_use]
    pub fn with_command(mut self, command: Command, output: CommandOutput) -> Self {
        self.commands.push((command, output));
        self
    }

    /// The same with one more line that is typed at the terminal; without any there is no terminal.
    #[must_use]
    pub fn with_answer(self, line: impl Into<String>) -> Self {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).push_back(line.into());
        self
    }

    /// The same with another number for `random` to give.
    #[must_use]
    pub fn with_random(mut self, random: u64) -> Self {
        self.random = random;
        self
    }

    /// Lets time pass.
    pub fn advance(&self, duration: Duration) {
        let mut clock = self.clock();
        clock.elapsed = clock.elapsed.saturating_add(duration);
    }

    /// Every sleep so far, in order.
    pub fn slept(&self) -> Vec<Duration> {
        self.clock().slept.clone()
    }

    /// What has been saved, by its path.
    pub fn saved(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.saved.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl World for Scripted {
    fn now(&self) -> Timestamp {
        self.start.plus_seconds(i64::try_from(self.clock().elapsed.as_secs()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        self.clock().elapsed
    }

    fn var(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        saved.get(path).or_else(|| self.files.get(path)).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn save(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        saved.insert(path.into(), bytes.into());
        Ok(())
    }

    fn ask(&self, _: &str) -> io::Result<String> {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.pop_front().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn run(&self, command: &Command) -> io::Result<CommandOutput> {
        let same = |other: &Command| other.program() == command.program() && other.arguments() == command.arguments();
        let found = self.commands.iter().find(|(known, _)| same(known));
        found.map(|(_, output)| output.clone()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn random(&self) -> u64 {
        self.random
    }

    fn sleep(&self, duration: Duration) {
        let mut clock = self.clock();
        clock.elapsed = clock.elapsed.saturating_add(duration);
        clock.slept.push(duration);
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Scripted")
            .field("variables", &self.variables.keys())
            .field("files", &self.files.keys())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_told_is_there() {
        let listing = Command::new("sh").with_argument("x");
        let world = Scripted::at(Timestamp::UNIX_EPOCH)
            .with_file("/a", "1")
            .with_command(listing.clone(), CommandOutput::new(Some(0), "out", ""));
        assert_eq!(world.read(Path::new("/a")).unwrap(), b"1");
        assert_eq!(world.read(Path::new("/etc/passwd")).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(world.run(&listing).unwrap().stdout, b"out");
        let other = listing.with_argument("y");
        assert_eq!(world.run(&other).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn debug_shows_no_value() {
        let world = Scripted::at(Timestamp::UNIX_EPOCH).with_var("KEY", "SENTINEL").with_file("/f", "SENTINEL");
        let shown = alloc::format!("{world:?}");
        assert!(shown.contains("KEY") && !shown.contains("SENTINEL"), "{shown}");
    }
}
