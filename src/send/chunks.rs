//! An aws-chunked body on its way: chunks are framed and signed as they are read.

use crate::signing::{BodyHash, Checksum, ChunkEncoder};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::{self, Read};

/// Checksums that can be computed here.
pub(super) enum Running {
    Crc32(crc32fast::Hasher),
    Crc32c(u32),
    Sha256(Box<BodyHash>),
}

impl Running {
    pub(super) fn new(checksum: Checksum) -> Option<Self> {
        match checksum {
            Checksum::Crc32 => Some(Self::Crc32(crc32fast::Hasher::new())),
            Checksum::Crc32c => Some(Self::Crc32c(0)),
            Checksum::Sha256 => Some(Self::Sha256(Box::default())),
            _ => None,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(hasher) => hasher.update(bytes),
            Self::Crc32c(state) => *state = crc32c::crc32c_append(*state, bytes),
            Self::Sha256(hash) => hash.update(bytes),
        }
    }

    /// The checksum of all that `reader` gives.
    pub(super) fn of(mut self, reader: &mut dyn Read) -> io::Result<String> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(self.text()),
                Ok(count) => self.update(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn text(self) -> String {
        match self {
            Self::Crc32(hasher) => STANDARD.encode(hasher.finalize().to_be_bytes()),
            Self::Crc32c(state) => STANDARD.encode(state.to_be_bytes()),
            Self::Sha256(hash) => STANDARD.encode(hash.finish()),
        }
    }
}

/// A reader that has to end where it was said to: the last bytes are only given out when nothing comes after them, so
/// that a body that is longer than declared is never taken for a whole one.
pub(super) struct Declared<'a> {
    inner: &'a mut dyn Read,
    left: u64,
}

impl<'a> Declared<'a> {
    pub(super) fn new(inner: &'a mut dyn Read, length: u64) -> Self {
        Self { inner, left: length }
    }

    fn is_at_end(&mut self) -> io::Result<bool> {
        loop {
            match self.inner.read(&mut [0]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => return read.map(|count| count == 0),
            }
        }
    }
}

impl Read for Declared<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let count = self.inner.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.left = self.left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
        if self.left == 0 && count > 0 && !self.is_at_end()? {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the body is longer than its declared length"));
        }
        Ok(count)
    }
}

/// Reads the wire form of a body.
pub(super) struct Chunks<'a> {
    inner: &'a mut dyn Read,
    encoder: Option<ChunkEncoder>,
    checksum: Option<Running>,
    /// One framed chunk, and how much of it is gone.
    wire: Vec<u8>,
    given: usize,
    data: Vec<u8>,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(inner: &'a mut dyn Read, encoder: ChunkEncoder, checksum: Option<Running>) -> Self {
        Self { inner, encoder: Some(encoder), checksum, wire: Vec::new(), given: 0, data: Vec::new() }
    }

    /// Frames the next chunk, or the end.
    fn frame(&mut self) -> io::Result<()> {
        self.wire.clear();
        self.given = 0;
        let Some(encoder) = &mut self.encoder else {
            return Ok(());
        };
        let size = encoder.next_size();
        if self.data.len() < size {
            self.data = vec![0; size];
        }
        let data = self.data.get_mut(..size).unwrap_or_default();
        self.inner.read_exact(data)?;
        if data.is_empty() {
            let checksum = self.checksum.take().map(Running::text);
            if let Some(encoder) = self.encoder.take() {
                let end = encoder.finish(checksum.as_deref()).map_err(io::Error::other)?;
                self.wire.extend_from_slice(end.as_bytes());
            }
            return Ok(());
        }
        if let Some(checksum) = &mut self.checksum {
            checksum.update(data);
        }
        let head = encoder.head(data).map_err(io::Error::other)?;
        self.wire.extend_from_slice(head.as_bytes());
        self.wire.extend_from_slice(data);
        Ok(())
    }
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.wire.len() {
            self.frame()?;
        }
        let ready = self.wire.get(self.given..).unwrap_or_default();
        let count = ready.len().min(buffer.len());
        if let (Some(place), Some(ready)) = (buffer.get_mut(..count), ready.get(..count)) {
            place.copy_from_slice(ready);
        }
        self.given += count;
        Ok(count)
    }
}
