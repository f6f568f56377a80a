//! Hashing a file or a pipe at the speed of SHA-256: one thread reads ahead while another hashes.

use super::ahead::{BLOCKS, Filled, Filler};
use crate::signing::BodyHash;
use std::io::{self, Read};
use std::sync::mpsc;
use std::thread;

/// Hashes all that `reader` gives, in memory that does not depend on its length.
pub(super) fn hash(mut reader: &mut (dyn Read + Send)) -> io::Result<[u8; 32]> {
    let mut hash = BodyHash::new();
    let (mut filler, mut spares) = Filler::new(&mut reader, Filled::Whole);
    let block = filler.next()?;
    hash.update(block.filled());
    // What ends within one block needs no second thread.
    if block.is_full() {
        spares.give(block);
        let started = thread::scope(|scope| {
            let (full, blocks) = mpsc::sync_channel(BLOCKS);
            if thread::Builder::new().spawn_scoped(scope, move || filler.run(&full)).is_err() {
                return Ok(false);
            }
            for block in blocks {
                let block = block?;
                hash.update(block.filled());
                spares.give(block);
            }
            Ok::<bool, io::Error>(true)
        })?;
        if !started {
            alone(reader, &mut hash)?;
        }
    }
    Ok(hash.finish())
}

/// Where there can be no other thread, this one does both.
fn alone(reader: &mut dyn Read, hash: &mut BodyHash) -> io::Result<()> {
    let (mut filler, mut spares) = Filler::new(reader, Filled::Whole);
    loop {
        let block = filler.next()?;
        hash.update(block.filled());
        if !block.is_full() {
            return Ok(());
        }
        spares.give(block);
    }
}

#[cfg(test)]
mod tests {
    use super::super::ahead::Block;
    use super::*;
    use alloc::vec::Vec;
    use std::io::Cursor;

    #[test]
    fn every_length_hashes_as_in_one_piece() {
        for length in [0, 1, Block::SIZE - 1, Block::SIZE, Block::SIZE + 1, 7 * Block::SIZE + 13] {
            let bytes: Vec<u8> = (0..length).map(|index| u8::try_from(index % 251).unwrap()).collect();
            let hashed = hash(&mut Cursor::new(&bytes)).unwrap();
            let mut whole = BodyHash::new();
            whole.update(&bytes);
            let mut by_one = BodyHash::new();
            alone(&mut Cursor::new(&bytes), &mut by_one).unwrap();
            assert_eq!([hashed, by_one.finish()], [whole.finish(); 2]);
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
