//! [`Ahead`]: a reader that a thread of its own reads ahead of whoever works on what it gives.
//!
//! ```text
//!   reader ─▶ Filler, in a thread ── full blocks ──▶ Ahead ─▶ who works on them
//!                   ▲                                                 │
//!                   └──────────────── spare blocks ◀──────────────────┘
//! ```

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::thread;
use std::time::Instant;

/// What can be given to another thread for good.
pub(super) type OwnedReader = Box<dyn Read + Send>;

/// How many blocks there are at most: what the reader may be ahead.
pub(super) const BLOCKS: usize = 6;
/// How many blocks are given back at once. Waking a thread costs as much as hashing some kilobytes.
const BATCH: usize = 3;

/// Memory that is read into.
pub(super) struct Block {
    bytes: Vec<u8>,
    count: usize,
}

impl Block {
    /// What one read takes: large enough that a system call is nothing beside its hashing.
    pub(super) const SIZE: usize = 256 * 1024;

    fn new() -> Self {
        Self { bytes: vec![0; Self::SIZE], count: 0 }
    }

    /// One that holds nothing, and never will.
    pub(super) fn empty() -> Self {
        Self { bytes: Vec::new(), count: 0 }
    }

    /// What was read.
    pub(super) fn filled(&self) -> &[u8] {
        self.bytes.get(..self.count).unwrap_or_default()
    }

    pub(super) fn is_full(&self) -> bool {
        self.count == Self::SIZE
    }

    /// Takes what the next read gives, unless the reader is at its end.
    fn take(&mut self, reader: &mut dyn Read) -> io::Result<bool> {
        loop {
            match reader.read(self.bytes.get_mut(self.count..).unwrap_or_default()) {
                Ok(count) => {
                    self.count += count;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// When a block is given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filled {
    /// When it is full: for what goes through all of a body. One that is not is the last.
    Whole,
    /// When there is anything in it: for what goes on as it comes. An empty one is the last.
    AsItComes,
}

impl Filled {
    pub(super) fn is_last(self, block: &Block) -> bool {
        match self {
            Self::Whole => !block.is_full(),
            Self::AsItComes => block.count == 0,
        }
    }
}

/// Gives blocks back to be filled again.
pub(super) struct Spares {
    to: Sender<Block>,
    kept: Vec<Block>,
}

impl Spares {
    /// One block more; it goes with the next ones.
    pub(super) fn give(&mut self, block: Block) {
        self.kept.push(block);
        if self.kept.len() == BATCH {
            for block in self.kept.drain(..) {
                // A filler that has ended needs none.
                let _ = self.to.send(block);
            }
        }
    }
}

/// Fills blocks.
pub(super) struct Filler<R> {
    reader: R,
    filled: Filled,
    spare: Receiver<Block>,
    /// How many blocks there may be more.
    fresh: usize,
}

impl<R: Read> Filler<R> {
    /// A filler, and where to send blocks that can be filled again.
    pub(super) fn new(reader: R, filled: Filled) -> (Self, Spares) {
        let (to, spare) = mpsc::channel();
        (Self { reader, filled, spare, fresh: BLOCKS }, Spares { to, kept: Vec::with_capacity(BATCH) })
    }

    /// The next block, once there is one that can be filled.
    pub(super) fn next(&mut self) -> io::Result<Block> {
        let mut block = match (self.spare.try_recv(), self.fresh.checked_sub(1)) {
            (Ok(block), _) => block,
            (Err(_), Some(fresh)) => {
                self.fresh = fresh;
                Block::new()
            }
            (Err(_), None) => self.spare.recv().map_err(|_| gone())?,
        };
        block.count = 0;
        while block.take(&mut self.reader)? && self.filled == Filled::Whole && !block.is_full() {}
        Ok(block)
    }

    /// Reads to the end, or until nobody wants more.
    pub(super) fn run(mut self, full: &SyncSender<io::Result<Block>>) {
        loop {
            let block = self.next();
            let last = block.as_ref().map_or(true, |block| self.filled.is_last(block));
            if full.send(block).is_err() || last {
                return;
            }
        }
    }
}

/// A reader for whose sake a thread is started as soon as there is more than one block to read, or a time to be kept.
///
/// A thread that waits for a pipe cannot be made to stop. It is left alone, and ends with what it waits for.
pub(super) struct Ahead {
    /// As long as it is here.
    filler: Option<Filler<OwnedReader>>,
    /// What it fills, once it has gone.
    full: Option<Receiver<io::Result<Block>>>,
    until: Option<Instant>,
    begun: bool,
}

impl Ahead {
    /// Nothing is read before it is asked for. What has not come by then is [`io::ErrorKind::TimedOut`].
    pub(super) fn new(reader: OwnedReader, filled: Filled, until: Option<Instant>) -> (Self, Spares) {
        let (filler, spares) = Filler::new(reader, filled);
        (Self { filler: Some(filler), full: None, until, begun: until.is_some() }, spares)
    }

    /// The next block. After the last one, or a failure, there is none to be asked for.
    pub(super) fn next(&mut self) -> io::Result<Block> {
        if core::mem::replace(&mut self.begun, true) {
            self.depart();
        }
        match (&mut self.filler, &self.full, self.until) {
            (Some(filler), _, _) => filler.next(),
            (None, Some(full), None) => full.recv().unwrap_or_else(|_| Err(gone())),
            (None, Some(full), Some(until)) => {
                match full.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    Ok(block) => block,
                    Err(RecvTimeoutError::Timeout) => Err(io::ErrorKind::TimedOut.into()),
                    Err(RecvTimeoutError::Disconnected) => Err(gone()),
                }
            }
            (None, None, _) => Err(gone()),
        }
    }

    /// Sends the filler into a thread; it stays if there can be none.
    fn depart(&mut self) {
        let Some(filler) = self.filler.take() else { return };
        let (hand_over, receive) = mpsc::channel::<(Filler<OwnedReader>, SyncSender<_>)>();
        let started = thread::Builder::new().spawn(move || {
            if let Ok((filler, full)) = receive.recv() {
                filler.run(&full);
            }
        });
        if started.is_err() {
            self.filler = Some(filler);
            return;
        }
        let (full_in, full) = mpsc::sync_channel(BLOCKS);
        match hand_over.send((filler, full_in)) {
            Ok(()) => self.full = Some(full),
            Err(mpsc::SendError((filler, _))) => self.filler = Some(filler),
        }
    }
}

fn gone() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}

/// A body that is read once, as it comes, but for no longer than until then.
pub(super) struct Within<'a> {
    source: &'a mut OwnedReader,
    until: Instant,
    ahead: Option<(Ahead, Spares)>,
    block: Option<Block>,
    given: usize,
}

impl<'a> Within<'a> {
    /// Takes the reader when it is first read from.
    pub(super) fn new(source: &'a mut OwnedReader, until: Instant) -> Self {
        Self { source, until, ahead: None, block: None, given: 0 }
    }
}

impl Read for Within<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (ahead, spares) =
            self.ahead.get_or_insert_with(|| Ahead::new(taken(self.source), Filled::AsItComes, Some(self.until)));
        let block = match &mut self.block {
            Some(block) if block.count == 0 => return Ok(0),
            Some(block) if self.given < block.count => block,
            _ => {
                if let Some(done) = self.block.take() {
                    spares.give(done);
                }
                self.given = 0;
                self.block.insert(ahead.next()?)
            }
        };
        let count = block.filled().get(self.given..).unwrap_or_default().read(buffer)?;
        self.given += count;
        Ok(count)
    }
}

/// The reader, in whose place there is nothing more to read.
pub(super) fn taken(source: &mut OwnedReader) -> OwnedReader {
    core::mem::replace(source, Box::new(io::empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::time::Duration;
    #[cfg(unix)]
    use std::io::Write;

    fn all((mut ahead, mut spares): (Ahead, Spares), filled: Filled) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            let block = ahead.next()?;
            bytes.extend_from_slice(block.filled());
            if filled.is_last(&block) {
                return Ok(bytes);
            }
            spares.give(block);
        }
    }

    #[test]
    fn every_length_comes_out_as_it_went_in() {
        for length in [0, 1, Block::SIZE - 1, Block::SIZE, Block::SIZE + 1, 9 * Block::SIZE + 13] {
            let bytes: Vec<u8> = (0..length).map(|index| u8::try_from(index % 251).unwrap()).collect();
            for filled in [Filled::Whole, Filled::AsItComes] {
                for until in [None, Instant::now().checked_add(Duration::from_secs(60))] {
                    let reader = Box::new(io::Cursor::new(bytes.clone()));
                    assert!(all(Ahead::new(reader, filled, until), filled).unwrap() == bytes, "{length} {filled:?}");
                }
            }
        }
    }

    #[test]
    fn what_fits_in_a_block_is_read_without_a_thread() {
        struct Where(thread::ThreadId, usize);
        impl Read for Where {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                assert_eq!(self.0, thread::current().id());
                let count = buffer.len().min(self.1);
                self.1 -= count;
                Ok(count)
            }
        }
        let here = thread::current().id();
        let (mut ahead, _) = Ahead::new(Box::new(Where(here, Block::SIZE - 1)), Filled::Whole, None);
        assert_eq!(ahead.next().unwrap().filled().len(), Block::SIZE - 1);
    }

    #[test]
    fn a_failure_comes_in_its_turn() {
        struct Failing(usize);
        impl Read for Failing {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::ConnectionReset)?;
                Ok(buffer.len())
            }
        }
        for blocks in [0, 1, 2, 7] {
            let (mut ahead, mut spares) = Ahead::new(Box::new(Failing(blocks)), Filled::Whole, None);
            for _ in 0..blocks {
                let block = ahead.next().unwrap();
                assert!(block.is_full());
                spares.give(block);
            }
            assert_eq!(ahead.next().err().unwrap().kind(), io::ErrorKind::ConnectionReset);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_that_stalls_is_waited_for_no_longer_than_said() {
        let (mut writer, reader) = std::os::unix::net::UnixStream::pair().unwrap();
        writer.write_all(b"a").unwrap();
        let mut source: OwnedReader = Box::new(reader);
        let until = Instant::now() + Duration::from_millis(50);
        let mut within = Within::new(&mut source, until);
        let mut buffer = [0; 10];
        assert_eq!(within.read(&mut buffer).unwrap(), 1);
        assert_eq!(within.read(&mut buffer).unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert!(Instant::now() >= until);
    }

    #[cfg(unix)]
    #[test]
    fn a_body_in_time_is_read_as_it_comes() {
        let (mut writer, reader) = std::os::unix::net::UnixStream::pair().unwrap();
        let mut source: OwnedReader = Box::new(reader);
        let mut within = Within::new(&mut source, Instant::now() + Duration::from_secs(60));
        let mut buffer = [0; 4];
        for (written, pieces) in [("ab", vec!["ab"]), ("cdefgh", vec!["cdef", "gh"])] {
            writer.write_all(written.as_bytes()).unwrap();
            for piece in pieces {
                let count = within.read(&mut buffer).unwrap();
                assert_eq!(buffer.get(..count).unwrap(), piece.as_bytes());
            }
        }
        drop(writer);
        for _ in 0..2 {
            assert_eq!(within.read(&mut buffer).unwrap(), 0);
        }
        assert_eq!(source.read(&mut buffer).unwrap(), 0);
    }
}
