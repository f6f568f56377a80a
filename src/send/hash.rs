//! Hashing a file or a pipe at the speed of SHA-256: one thread reads ahead while another hashes.

use crate::signing::BodyHash;
use alloc::vec;
use alloc::vec::Vec;
use std::io::{self, Read};
use std::sync::mpsc;
use std::thread;

/// What one read takes: large enough that a system call is nothing beside its hashing.
const BLOCK: usize = 256 * 1024;
/// Blocks that wait to be hashed: what the reader may be ahead.
const AHEAD: usize = 4;

/// Hashes all that `reader` gives, in memory that does not depend on its length.
pub(super) fn hash(reader: &mut (dyn Read + Send)) -> io::Result<[u8; 32]> {
    let mut hash = BodyHash::new();
    let mut block = vec![0; BLOCK];
    let count = fill(reader, &mut block)?;
    hash.update(block.get(..count).unwrap_or_default());
    // What ends within one block needs no second thread.
    if count == BLOCK {
        thread::scope(|scope| {
            let (full, blocks) = mpsc::sync_channel::<io::Result<(Vec<u8>, usize)>>(AHEAD);
            let (empty, spare) = mpsc::channel();
            // The receivers outlive the senders, and the channel has no end: neither send can fail.
            let _ = empty.send(block);
            for _ in 0..AHEAD {
                let _ = empty.send(vec![0; BLOCK]);
            }
            scope.spawn(move || {
                while let Ok(mut block) = spare.recv() {
                    let filled = fill(reader, &mut block);
                    let last = !matches!(filled, Ok(BLOCK));
                    if full.send(filled.map(|count| (block, count))).is_err() || last {
                        break;
                    }
                }
            });
            for block in blocks {
                let (block, count) = block?;
                hash.update(block.get(..count).unwrap_or_default());
                // The reader may have ended already.
                let _ = empty.send(block);
            }
            Ok::<(), io::Error>(())
        })?;
    }
    Ok(hash.finish())
}

/// Fills the block unless the reader ends.
fn fill(reader: &mut (dyn Read + Send), block: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while let Some(room) = block.get_mut(count..).filter(|room| !room.is_empty()) {
        match reader.read(room) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn every_length_hashes_as_in_one_piece() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 7 * BLOCK + 13] {
            let bytes: Vec<u8> = (0..length).map(|index| u8::try_from(index % 251).unwrap()).collect();
            let hashed = hash(&mut Cursor::new(&bytes)).unwrap();
            let mut whole = BodyHash::new();
            whole.update(&bytes);
            assert_eq!(hashed, whole.finish());
        }
    }

    #[test]
    fn a_reader_that_fails_later_is_an_error() {
        struct Failing(usize);
        impl Read for Failing {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::ConnectionReset)?;
                Ok(buffer.len())
            }
        }
        assert_eq!(hash(&mut Failing(3)).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }
}
