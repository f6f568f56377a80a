//! [`Declared`]: a body that has to be as long as was said.

use std::io::{self, Read};

/// A reader that has to end where it was said to: the last bytes are only given out when nothing comes after them, so
/// that a body that is longer than declared is never taken for a whole one.
pub(super) struct Declared<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Declared<R> {
    pub(super) fn new(inner: R, length: u64) -> Self {
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

impl<R: Read> Read for Declared<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.inner.read(buffer.get_mut(..most).unwrap_or_default())?;
        self.left = self.left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
        if self.left == 0 && count > 0 && !self.is_at_end()? {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the body is longer than its declared length"));
        }
        Ok(count)
    }
}
