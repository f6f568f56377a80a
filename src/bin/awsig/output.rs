//! Writing results: standard output or a file, byte for byte.

use crate::report::{Failure, WRITE};
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;

/// Writes to standard output. A reader that has closed it has seen enough: that is success.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    closed_is_fine(stdout.write_all(bytes).and_then(|()| stdout.flush()))
}

fn closed_is_fine(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(WRITE, format!("cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Where an answer's body goes.
pub(crate) enum Sink<'a> {
    Stdout,
    File(&'a Path),
}

/// What went wrong while a body was copied.
pub(crate) enum CopyError {
    /// The answer broke off.
    Read(io::Error),
    /// It could not be written.
    Write(Failure),
}

impl Sink<'_> {
    /// Copies the head and then the body as it arrives, never holding it whole.
    pub(crate) fn copy(&self, head: &[u8], body: &mut impl Read) -> Result<(), CopyError> {
        match self {
            Sink::Stdout => copy(head, body, &mut io::stdout().lock()).or_else(|error| match error {
                Err(error) => Err(CopyError::Read(error)),
                Ok(error) => closed_is_fine(Err(error)).map_err(CopyError::Write),
            }),
            Sink::File(path) => {
                let failure = |error: &io::Error| {
                    CopyError::Write(Failure::new(WRITE, format!("cannot write {}: {error}", path.display())))
                };
                let mut file = File::create(path).map_err(|error| failure(&error))?;
                copy(head, body, &mut file).map_err(|error| match error {
                    Err(error) => CopyError::Read(error),
                    Ok(error) => failure(&error),
                })
            }
        }
    }
}

/// The error is `Ok` if writing failed, `Err` if reading did.
fn copy(head: &[u8], body: &mut impl Read, sink: &mut impl Write) -> Result<(), Result<io::Error, io::Error>> {
    sink.write_all(head).map_err(Ok)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = match body.read(&mut buffer) {
            Ok(0) => return sink.flush().map_err(Ok),
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Err(error)),
        };
        let bytes = buffer.get(..count).unwrap_or_default();
        sink.write_all(bytes).and_then(|()| sink.flush()).map_err(Ok)?;
    }
}
