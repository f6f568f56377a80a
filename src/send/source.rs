//! [`Source`]: the body of a call, and how often it can be read.

use super::ahead::Within;
use super::hash::hash;
use crate::signing::Payload;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::time::Instant;

/// How much of a pipe is kept in memory before it goes to a temporary file.
const IN_MEMORY: usize = 1024 * 1024;

/// The body of a call.
#[non_exhaustive]
pub enum Source {
    /// None.
    Empty,
    /// In memory: hashed and sent as often as needed.
    Bytes(Vec<u8>),
    /// Hashed in one pass and sent in a second.
    Seekable(Box<dyn ReadSeek>),
    /// Read once, as it is sent, if its length is known and the service takes chunks; else kept in a temporary file.
    Once {
        /// Gives the bytes.
        reader: Box<dyn Read + Send>,
        /// How many there will be.
        length: Option<u64>,
    },
}

/// What can be read again from its start.
pub trait ReadSeek: Read + Seek + Send {}

impl<T: Read + Seek + Send> ReadSeek for T {}

impl Source {
    /// A file; one that cannot be read twice, such as a named pipe, is read once.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(path: &std::path::Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(if about.is_file() {
            Self::Seekable(Box::new(file))
        } else {
            Self::Once { reader: Box::new(file), length: None }
        })
    }

    /// Whether there is a body at all.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// Makes what can be read once into what can be read again: in memory, or in a temporary file that has no name.
    ///
    /// # Errors
    /// When the source cannot be read, or the temporary file not be written.
    /// What has not come by then is [`io::ErrorKind::TimedOut`].
    pub(super) fn keep(&mut self, until: Option<Instant>) -> io::Result<()> {
        let Self::Once { reader, .. } = self else {
            return Ok(());
        };
        let mut within;
        let mut reader: &mut dyn Read = match until {
            Some(until) => {
                within = Within::new(reader, until);
                &mut within
            }
            None => reader,
        };
        let mut bytes = Vec::new();
        Read::by_ref(&mut reader).take(u64::try_from(IN_MEMORY).unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
        if bytes.len() < IN_MEMORY {
            *self = Self::Bytes(bytes);
            return Ok(());
        }
        let mut file = Spool(tempfile::tempfile().map_err(unkept)?);
        io::copy(&mut Cursor::new(bytes).chain(reader), &mut file)?;
        *self = Self::Seekable(Box::new(file.0));
        Ok(())
    }

    /// What is signed of the body: its hash. What can be read only once is kept first.
    ///
    /// # Errors
    /// When it cannot be read, or kept.
    pub fn hashed(&mut self) -> io::Result<Payload<'_>> {
        self.hashed_within(None)
    }

    /// The same; what has not come by then is [`io::ErrorKind::TimedOut`].
    pub(super) fn hashed_within(&mut self, until: Option<Instant>) -> io::Result<Payload<'_>> {
        self.keep(until)?;
        Ok(match self {
            Self::Seekable(file) => {
                file.seek(SeekFrom::Start(0))?;
                Payload::Sha256(hash(file)?)
            }
            Self::Bytes(bytes) => Payload::Bytes(bytes),
            Self::Empty | Self::Once { .. } => Payload::Bytes(&[]),
        })
    }

    /// The length of what can be read again, from the start of which it will be read next.
    pub(super) fn rewind(&mut self) -> io::Result<u64> {
        match self {
            Self::Seekable(file) => {
                let length = file.seek(SeekFrom::End(0))?;
                file.seek(SeekFrom::Start(0))?;
                Ok(length)
            }
            Self::Bytes(bytes) => Ok(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            _ => Ok(0),
        }
    }
}

/// The temporary file, whose errors are not those of the body.
struct Spool(File);

impl Write for Spool {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(unkept)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(unkept)
    }
}

/// Why a body that can be read only once could not be kept: marks an error of the temporary file.
#[derive(Debug)]
pub(super) struct Unkept(io::Error);

fn unkept(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), Unkept(error))
}

impl fmt::Display for Unkept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl core::error::Error for Unkept {}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("Empty"),
            Self::Bytes(bytes) => write!(formatter, "Bytes({} bytes)", bytes.len()),
            Self::Seekable(_) => formatter.write_str("Seekable(..)"),
            Self::Once { length, .. } => write!(formatter, "Once({length:?})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn a_pipe_is_kept_whatever_its_size() {
        let later = Instant::now().checked_add(core::time::Duration::from_secs(60));
        let sizes = [0, 10, IN_MEMORY - 1, IN_MEMORY, IN_MEMORY + 1, 3 * IN_MEMORY];
        for (size, until) in sizes.into_iter().flat_map(|size| [(size, None), (size, later)]) {
            let bytes = vec![7; size];
            let mut source = Source::Once { reader: Box::new(Cursor::new(bytes.clone())), length: None };
            source.keep(until).unwrap();
            assert_eq!(source.rewind().unwrap(), u64::try_from(size).unwrap());
            match source.hashed().unwrap() {
                Payload::Bytes(kept) => assert!(kept == bytes),
                payload => assert_eq!(payload, Payload::Sha256(hash(&mut &bytes[..]).unwrap())),
            }
            source.rewind().unwrap();
            match source {
                Source::Bytes(kept) => assert_eq!(kept, bytes),
                Source::Seekable(mut file) => {
                    let mut kept = Vec::new();
                    file.read_to_end(&mut kept).unwrap();
                    assert!(kept == bytes);
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
