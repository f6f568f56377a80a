//! Where an answer's body goes: standard output, or a file that gets its name once it is whole.

use crate::args::AnswerArgs;
use crate::report::{Failure, WRITE, wrote};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Where to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Stdout,
    File(PathBuf),
}

impl Target {
    /// What was typed, for an answer from this URL.
    pub(crate) fn of(args: &AnswerArgs, url: &str) -> Result<Self, Failure> {
        let name = match (&args.output, args.remote_name) {
            (Some(path), _) if path.as_os_str() == "-" => return Ok(Self::Stdout),
            (Some(path), _) => path.clone(),
            (None, true) => remote_name(url)?,
            (None, false) => return Ok(Self::Stdout),
        };
        let path = args.output_dir.as_ref().map_or(name.clone(), |folder| folder.join(name));
        if args.create_dirs {
            let made = path.parent().map_or(Ok(()), fs::create_dir_all);
            made.map_err(|error| unwritable(&path, &error))?;
        }
        Ok(Self::File(path))
    }

    /// How long the file is already.
    pub(crate) fn length(&self) -> u64 {
        match self {
            Self::Stdout => 0,
            Self::File(path) => fs::metadata(path).map_or(0, |about| about.len()),
        }
    }

    /// Starts writing: behind what is there, or anew.
    pub(crate) fn open(&self, append: bool) -> Result<Output, Failure> {
        let Self::File(path) = self else {
            return stdout().map(Output::Stdout).map_err(|error| stdout_failed(&error));
        };
        let opened = if append {
            OpenOptions::new().append(true).create(true).open(path).map(|file| Output::Direct(path.clone(), file))
        } else {
            start(path)
        };
        opened.map_err(|error| unwritable(path, &error))
    }
}

/// The end of the URL's path, which is a name in the folder it is written to, and nothing else.
fn remote_name(url: &str) -> Result<PathBuf, Failure> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let name = path.split_once('/').map_or("", |(_, path)| path).rsplit('/').next().unwrap_or_default();
    if name.is_empty() || name == "." || name == ".." || name.contains('\\') {
        return Err(Failure::new(WRITE, "the URL's path does not end with a name for a file").hint("-o FILE"));
    }
    Ok(name.into())
}

fn start(path: &Path) -> io::Result<Output> {
    // A link stays one: what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let there = fs::metadata(&path).ok();
    if there.as_ref().is_some_and(|about| !about.is_file()) {
        return OpenOptions::new().write(true).open(&path).map(|file| Output::Direct(path, file));
    }
    // Whoever closed a file to writing did not mean that it may be replaced instead.
    if there.is_some() {
        OpenOptions::new().write(true).open(&path).map(drop).or_else(|error| match error.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Err(error),
            _ => Ok(()),
        })?;
    }
    let folder = folder_of(&path);
    #[cfg(target_os = "linux")]
    if let Some(file) = unnamed(folder, there.as_ref()) {
        return Ok(Output::Unnamed(path, file));
    }
    match temporary(folder, there.as_ref()) {
        Ok(file) => Ok(Output::Temporary(path, file)),
        // The folder may be closed although the file is not.
        Err(_) if there.is_some() => File::create(&path).map(|file| Output::Direct(path, file)),
        // What is wrong with the folder says it better than what came of it.
        Err(error) => Err(fs::read_dir(folder).err().unwrap_or_else(|| plain(&error))),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file that has no name so far, of which nothing is left behind however the program ends. Not every file system has such.
#[cfg(target_os = "linux")]
fn unnamed(folder: &Path, there: Option<&fs::Metadata>) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    let mode = Mode::from_raw_mode(0o666);
    let file = File::from(rustix::fs::open(folder, OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC, mode).ok()?);
    if let Some(about) = there {
        file.set_permissions(about.permissions()).ok()?;
    }
    fs::metadata(link_of(&file)).is_ok().then_some(file)
}

#[cfg(target_os = "linux")]
fn link_of(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

/// Gives it one: first another, since a link replaces nothing.
#[cfg(target_os = "linux")]
fn name(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};
    let link = |name: &Path| linkat(CWD, link_of(file), CWD, name, AtFlags::SYMLINK_FOLLOW).map_err(io::Error::from);
    let linked = tempfile::Builder::new().prefix(".awsig-").make_in(folder_of(path), link)?;
    linked.persist(path).map(|_| ()).map_err(|error| error.error)
}

/// Without the name of the temporary file, which nobody typed.
fn plain(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

#[cfg(unix)]
fn temporary(folder: &Path, there: Option<&fs::Metadata>) -> io::Result<NamedTempFile> {
    use std::os::unix::fs::PermissionsExt;
    let mode = there.map_or(0o666, |about| about.permissions().mode() & 0o777);
    let file =
        tempfile::Builder::new().prefix(".awsig-").permissions(fs::Permissions::from_mode(mode)).tempfile_in(folder)?;
    if let Some(about) = there {
        fs::set_permissions(file.path(), about.permissions())?;
    }
    Ok(file)
}

#[cfg(not(unix))]
fn temporary(folder: &Path, _: Option<&fs::Metadata>) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".awsig-").tempfile_in(folder)
}

/// Standard output itself: what Rust puts before it looks for line breaks in every byte.
#[cfg(unix)]
type StandardOutput = File;
#[cfg(not(unix))]
type StandardOutput = io::Stdout;

#[cfg(unix)]
fn stdout() -> io::Result<StandardOutput> {
    use std::os::fd::AsFd;
    io::stdout().flush()?;
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

#[cfg(not(unix))]
fn stdout() -> io::Result<StandardOutput> {
    Ok(io::stdout())
}

fn stdout_failed(error: &io::Error) -> Failure {
    Failure::new(WRITE, format!("cannot write to standard output: {error}")).hint("is there room where it goes?")
}

/// What is written to.
pub(crate) enum Output {
    Stdout(StandardOutput),
    Direct(PathBuf, File),
    Temporary(PathBuf, NamedTempFile),
    #[cfg(target_os = "linux")]
    Unnamed(PathBuf, File),
}

impl Output {
    /// Gives the file its name.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        if let Err(error) = self.flush() {
            return self.failed(&error).map_or(Ok(()), Err);
        }
        match self {
            Self::Stdout(_) | Self::Direct(..) => Ok(()),
            #[cfg(target_os = "linux")]
            Self::Unnamed(path, file) => name(&file, &path).map_err(|error| unwritable(&path, &plain(&error))),
            Self::Temporary(path, file) => match file.persist(&path) {
                Ok(_) => Ok(()),
                Err(error) => Err(unwritable(&path, &plain(&error.error))),
            },
        }
    }

    /// How a failure to write is told; nothing when somebody has seen enough of standard output.
    pub(crate) fn failed(&self, error: &io::Error) -> Option<Failure> {
        match self {
            Self::Stdout(_) if error.kind() == io::ErrorKind::BrokenPipe => None,
            Self::Stdout(_) => Some(stdout_failed(error)),
            Self::Direct(path, _) | Self::Temporary(path, _) => Some(unwritable(path, error)),
            #[cfg(target_os = "linux")]
            Self::Unnamed(path, _) => Some(unwritable(path, error)),
        }
    }

    fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Stdout(stdout) => stdout,
            Self::Direct(_, file) => file,
            #[cfg(target_os = "linux")]
            Self::Unnamed(_, file) => file,
            Self::Temporary(_, file) => file.as_file_mut(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.writer().write(bytes)?;
        if matches!(self, Self::Stdout(_)) {
            wrote(bytes.get(..count).unwrap_or_default());
        }
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(WRITE, format!("cannot write {}: {error}", path.display()))
        .hint("check that the folder is there, takes files, and has room")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_a_url_stays_in_its_folder() {
        for (url, name) in [
            ("https://h/a/b.txt?x=/y#z", Some("b.txt")),
            ("https://h/b", Some("b")),
            ("h.example/a%2Fb", Some("a%2Fb")),
            ("https://h/", None),
            ("https://h", None),
            ("https://h/a/..", None),
            ("https://h/a\\b", None),
        ] {
            assert_eq!(remote_name(url).ok(), name.map(PathBuf::from), "{url}");
        }
    }
}
