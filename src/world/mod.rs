//! What the machine says: the time, variables, files, commands, chance.
//!
//! Everything above asks a [`World`] instead of the machine, so that a signature can be made as of any moment and a test
//! needs no clock and no environment. [`Process`] is the real one; [`Scripted`] answers from what it was given.
//!
//! Sockets are not part of it: see the module `transport`.

mod command;
mod process;
mod scripted;

pub use command::{Command, CommandOutput};
pub use process::Process;
pub use scripted::Scripted;

use crate::signing::Timestamp;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use std::io;
use std::path::Path;

/// Answers the questions that only the machine can answer.
pub trait World: fmt::Debug + Send + Sync {
    /// The time by the wall clock, which may be wrong and may jump.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment, by a clock that never goes back.
    fn monotonic(&self) -> Duration;

    /// The value of an environment variable; `None` if it is not set.
    fn var(&self, name: &str) -> Option<String>;

    /// The bytes of a file.
    ///
    /// # Errors
    /// When the file cannot be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Puts these bytes in the place of a file, all at once: who reads it finds the old ones or the new ones. Only its owner
    /// may read it, and the folders that are made for it.
    ///
    /// # Errors
    /// When it cannot be written.
    fn save(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Asks the person at the terminal, and gives the line they type.
    ///
    /// # Errors
    /// When there is no terminal, or nothing is typed.
    fn ask(&self, question: &str) -> io::Result<String>;

    /// Runs a command to its end, or until its time or its output runs over.
    ///
    /// # Errors
    /// When it cannot be started (`NotFound`, `PermissionDenied` …), takes too long (`TimedOut`) or writes too much
    /// (`FileTooLarge`). A command that ran and failed is no error here.
    fn run(&self, command: &Command) -> io::Result<CommandOutput>;

    /// A random number, good for spreading retries and for nothing else.
    fn random(&self) -> u64;

    /// Waits.
    fn sleep(&self, duration: Duration);
}
