//! Writing results to standard output, byte for byte.

use crate::report::{Failure, WRITE, wrote};
use std::io::{self, ErrorKind, Read, Write};

/// Writes to standard output. A reader that has closed it has seen enough: that is success.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    wrote(bytes);
    closed_is_fine(stdout.write_all(bytes).and_then(|()| stdout.flush()))
}

/// What writing to standard output came to.
pub(crate) fn closed_is_fine(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(WRITE, format!("cannot write to standard output: {error}"))
                .hint("is there room where it goes? -o FILE writes an answer elsewhere"))
        }
        _ => Ok(()),
    }
}

/// What went wrong while a body was copied.
pub(crate) enum CopyError {
    /// The answer broke off.
    Read(io::Error),
    /// It could not be written.
    Write(Failure),
}

/// Copies a head and then a body to standard output, never holding it whole.
pub(crate) fn copy(head: &[u8], body: &mut impl Read) -> Result<(), CopyError> {
    copy_to(head, body, &mut io::stdout().lock()).or_else(|error| match error {
        Err(error) => Err(CopyError::Read(error)),
        Ok(error) => closed_is_fine(Err(error)).map_err(CopyError::Write),
    })
}

/// The error is `Ok` if writing failed, `Err` if reading did.
fn copy_to(head: &[u8], body: &mut impl Read, sink: &mut impl Write) -> Result<(), Result<io::Error, io::Error>> {
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
