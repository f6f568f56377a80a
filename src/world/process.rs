//! [`Process`]: the machine this process runs on.

use super::{Command, CommandOutput, World};
use crate::signing::Timestamp;
use alloc::string::String;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};
use core::time::Duration;
use std::collections::hash_map::RandomState;
use std::io::{self, Read};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Instant, SystemTime};
use std::{env, fs, process, thread};

/// The real [`World`].
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Process;

impl Process {
    /// The machine as it is.
    pub fn new() -> Self {
        Self
    }
}

impl World for Process {
    fn now(&self) -> Timestamp {
        let seconds = match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
        };
        // A clock outside the years 0001 to 9999 is as wrong as one that stands at 1970, and no service accepts either.
        Timestamp::from_unix(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn var(&self, name: &str) -> Option<String> {
        // Bytes that are no UTF-8 become U+FFFD, which every check refuses: better than to take the variable for unset.
        env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn run(&self, command: &Command) -> io::Result<CommandOutput> {
        let deadline = Instant::now() + command.max_time();
        let mut child = process::Command::new(command.program())
            .args(command.arguments())
            .stdin(process::Stdio::null())
            .stdout(process::Stdio::piped())
            .stderr(process::Stdio::piped())
            .spawn()?;
        let stdout = read_aside(child.stdout.take(), command.max_output());
        let stderr = read_aside(child.stderr.take(), command.max_output());
        let ended = finish(&mut child, &stdout, &stderr, deadline);
        if ended.is_err() {
            // It may have ended by itself in the meantime, which is as good.
            let _ = child.kill();
            let _ = child.wait();
        }
        ended
    }

    fn random(&self) -> u64 {
        // Each `RandomState` has keys of its own, seeded by the operating system.
        RandomState::new().build_hasher().finish()
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }
}

type Output = Receiver<io::Result<Vec<u8>>>;

/// Reads a pipe to its end in a thread of its own, so that neither pipe can fill up while the other is read.
fn read_aside(pipe: Option<impl Read + Send + 'static>, max: usize) -> Output {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let limit = u64::try_from(max).unwrap_or(u64::MAX).saturating_add(1);
        let read = pipe.map_or(Ok(0), |pipe| pipe.take(limit).read_to_end(&mut bytes));
        let result = match read {
            Ok(_) if bytes.len() > max => Err(io::ErrorKind::FileTooLarge.into()),
            Ok(_) => Ok(bytes),
            Err(error) => Err(error),
        };
        // Nobody listens any more if the command was given up.
        let _ = sender.send(result);
    });
    receiver
}

fn finish(child: &mut process::Child, out: &Output, err: &Output, deadline: Instant) -> io::Result<CommandOutput> {
    let wait = |pipe: &Output| match pipe.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => Err(io::ErrorKind::TimedOut.into()),
        Err(RecvTimeoutError::Disconnected) => Err(io::ErrorKind::BrokenPipe.into()),
    };
    let stdout = wait(out)?;
    let stderr = wait(err)?;
    // Both pipes are closed, so the command is at its end unless it closed them itself.
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(CommandOutput { code: status.code(), stdout, stderr });
        }
        if Instant::now() >= deadline {
            return Err(io::ErrorKind::TimedOut.into());
        }
        thread::sleep(Duration::from_millis(2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(text: &str) -> Command {
        Command::new("sh").with_argument("-c").with_argument(text)
    }

    #[test]
    fn a_command_gives_its_code_and_both_outputs() {
        let output = Process.run(&shell("echo out; echo err >&2; exit 3")).unwrap();
        assert_eq!(output, CommandOutput::new(Some(3), "out\n", "err\n"));
    }

    #[test]
    fn a_command_that_takes_too_long_is_ended() {
        let begin = Instant::now();
        let slow = shell("exec sleep 30").with_max_time(Duration::from_millis(50));
        assert_eq!(Process.run(&slow).unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(begin.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_command_that_writes_too_much_is_ended() {
        let error = Process.run(&shell("exec cat /dev/zero")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_missing_program_is_not_found() {
        let error = Process.run(&Command::new("/no/such/program")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn random_numbers_differ_and_the_clocks_run() {
        assert_ne!(Process.random(), Process.random());
        assert!(Process.now() > Timestamp::parse("20200101T000000Z").unwrap());
        assert!(Process.monotonic() <= Process.monotonic());
    }
}
