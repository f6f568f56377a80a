//! [`Process`]: the machine this process runs on.

use super::{Command, CommandOutput, World};
use crate::signing::Timestamp;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::hash::{BuildHasher, Hasher};
use core::time::Duration;
use std::collections::hash_map::RandomState;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Instant, SystemTime};
use std::{env, fs, process, thread};

/// Configurations, certificates and tokens are small: ten thousand profiles fit into this, and what has no end does not.
const LARGEST: u64 = 4 * 1024 * 1024;

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
        let mut bytes = Vec::new();
        let count = fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
        if u64::try_from(count).is_ok_and(|count| count <= LARGEST) {
            return Ok(bytes);
        }
        Err(io::Error::new(io::ErrorKind::FileTooLarge, alloc::format!("it is larger than {LARGEST} bytes")))
    }

    fn save(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        private_folders().create(folder)?;
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(alloc::format!(".{:016x}.tmp", self.random()));
        let temporary = folder.join(name);
        let written = private_file().open(&temporary).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&temporary, path)).inspect_err(|_| {
            // What is half written is of no use to anybody; that it cannot be removed is not the error to tell.
            let _ = fs::remove_file(&temporary);
        })
    }

    fn ask(&self, question: &str) -> io::Result<String> {
        let (input, output) = if cfg!(windows) { ("CONIN$", "CONOUT$") } else { ("/dev/tty", "/dev/tty") };
        fs::OpenOptions::new().write(true).open(output)?.write_all(question.as_bytes())?;
        let mut line = String::new();
        BufReader::new(fs::File::open(input)?.take(4096)).read_line(&mut line)?;
        match line.trim() {
            "" => Err(io::ErrorKind::UnexpectedEof.into()),
            line => Ok(line.to_owned()),
        }
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

#[cfg(unix)]
fn private_folders() -> fs::DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut folders = fs::DirBuilder::new();
    folders.recursive(true).mode(0o700);
    folders
}

#[cfg(unix)]
fn private_file() -> fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true).mode(0o600);
    file
}

/// Elsewhere what lies in a person's home folder is theirs alone already.
#[cfg(not(unix))]
fn private_folders() -> fs::DirBuilder {
    let mut folders = fs::DirBuilder::new();
    folders.recursive(true);
    folders
}

#[cfg(not(unix))]
fn private_file() -> fs::OpenOptions {
    let mut file = fs::OpenOptions::new();
    file.write(true).create_new(true);
    file
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

    #[cfg(unix)]
    #[test]
    fn what_is_saved_is_for_its_owner_only_and_replaces_all_at_once() {
        use std::os::unix::fs::PermissionsExt;
        let root = env::temp_dir().join(alloc::format!("awsig-save-{}", process::id()));
        let path = root.join("a/b/file.json");
        Process.save(&path, b"one, which is longer").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        Process.save(&path, b"two").unwrap();
        assert_eq!(Process.read(&path).unwrap(), b"two");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap()), mode(&root.join("a"))), (0o600, 0o700, 0o700));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        assert!(Process.save(&path.join("x"), b"").is_err());
        fs::remove_dir_all(root).unwrap();
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
