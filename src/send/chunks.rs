//! An aws-chunked body on its way: chunks are framed and signed as they are read.
//!
//! ```text
//!   Ahead (a thread reads) ── blocks ──▶ Framer (a thread signs) ── framed blocks ──▶ Chunks: the caller sends
//! ```

use super::ahead::{Ahead, Block, Filled, OwnedReader, Spares, taken};
use super::checksum::Running;
use super::declared::Declared;
use crate::signing::ChunkEncoder;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Instant;

/// A block, and what goes before each of its chunks and after the last one.
struct Framed {
    block: Block,
    chunk_size: usize,
    heads: Vec<String>,
}

impl Framed {
    /// Head, chunk, head, chunk and so on; nothing after the last.
    fn piece(&self, number: usize) -> Option<&[u8]> {
        let head = self.heads.get(number / 2)?;
        if number % 2 == 0 {
            return Some(head.as_bytes());
        }
        let rest = self.block.filled().get(number / 2 * self.chunk_size..).unwrap_or_default();
        Some(rest.get(..self.chunk_size).unwrap_or(rest))
    }
}

/// Cuts blocks into chunks, and signs these.
struct Framer {
    ahead: Ahead,
    /// Until the end is out.
    encoder: Option<ChunkEncoder>,
    checksum: Option<Running>,
    chunk_size: usize,
}

impl Framer {
    /// The next chunks; nothing after the end.
    fn next(&mut self) -> io::Result<Option<Framed>> {
        let Some(encoder) = &mut self.encoder else {
            return Ok(None);
        };
        let block = if encoder.next_size() > 0 { self.ahead.next()? } else { Block::empty() };
        let mut heads = Vec::new();
        for chunk in block.filled().chunks(self.chunk_size) {
            if let Some(checksum) = &mut self.checksum {
                checksum.update(chunk);
            }
            if chunk.len() < encoder.next_size() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            heads.push(encoder.head(chunk).map_err(io::Error::other)?.into());
        }
        if encoder.next_size() == 0 {
            let checksum = self.checksum.take().map(Running::text);
            if let Some(encoder) = self.encoder.take() {
                heads.push(encoder.finish(checksum.as_deref()).map_err(io::Error::other)?);
            }
        } else if !block.is_full() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some(Framed { block, chunk_size: self.chunk_size, heads }))
    }
}

/// How many framed blocks may wait to be sent.
const FRAMED: usize = 1;

/// Reads the wire form of a body.
///
/// The first block is read and signed by who asks for it. After that one thread reads, another signs, and the caller
/// sends, all at once.
pub(super) struct Chunks<'a> {
    source: &'a mut OwnedReader,
    length: u64,
    until: Option<Instant>,
    unbegun: Option<(ChunkEncoder, Option<Running>)>,
    framer: Option<Framer>,
    /// What the framer gives, once it has gone.
    framed: Option<Receiver<io::Result<Framed>>>,
    spares: Option<Spares>,
    /// What is being sent, and how far that is.
    sending: Option<Framed>,
    piece: usize,
    given: usize,
}

impl<'a> Chunks<'a> {
    /// Takes the reader when it is first read from; waits for it no longer than `until`.
    pub(super) fn new(
        source: &'a mut OwnedReader,
        length: u64,
        encoder: ChunkEncoder,
        checksum: Option<Running>,
        until: Option<Instant>,
    ) -> Self {
        Self {
            source,
            length,
            until,
            unbegun: Some((encoder, checksum)),
            framer: None,
            framed: None,
            spares: None,
            sending: None,
            piece: 0,
            given: 0,
        }
    }

    /// The next framed block; nothing after the end.
    fn next(&mut self) -> io::Result<Option<Framed>> {
        if let Some((encoder, checksum)) = self.unbegun.take() {
            let reader = Declared::new(taken(self.source), self.length);
            let (ahead, spares) = Ahead::new(Box::new(reader), Filled::Whole, self.until);
            self.spares = Some(spares);
            let chunk_size = encoder.next_size().max(1);
            return self.framer.insert(Framer { ahead, encoder: Some(encoder), checksum, chunk_size }).next();
        }
        self.depart();
        match (&self.framed, &mut self.framer) {
            (Some(framed), _) => framed.recv().ok().transpose(),
            (None, Some(framer)) => framer.next(),
            (None, None) => Ok(None),
        }
    }

    /// Sends the framer into a thread, if there is anything left to do for it; it stays if there can be none.
    fn depart(&mut self) {
        let Some(framer) = self.framer.take_if(|framer| framer.encoder.is_some()) else { return };
        let (hand_over, receive) = mpsc::channel::<(Framer, SyncSender<_>)>();
        let started = thread::Builder::new().spawn(move || {
            if let Ok((mut framer, framed)) = receive.recv() {
                while let Some(next) = framer.next().transpose() {
                    let failed = next.is_err();
                    if framed.send(next).is_err() || failed {
                        return;
                    }
                }
            }
        });
        if started.is_err() {
            self.framer = Some(framer);
            return;
        }
        let (framed_in, framed) = mpsc::sync_channel(FRAMED);
        match hand_over.send((framer, framed_in)) {
            Ok(()) => self.framed = Some(framed),
            Err(mpsc::SendError((framer, _))) => self.framer = Some(framer),
        }
    }
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        while let Some(room) = buffer.get_mut(count..).filter(|room| !room.is_empty()) {
            let Some(framed) = &self.sending else {
                // What is here goes out before more is waited for.
                if count > 0 {
                    break;
                }
                self.sending = self.next()?;
                (self.piece, self.given) = (0, 0);
                if self.sending.is_none() {
                    break;
                }
                continue;
            };
            if let Some(piece) = framed.piece(self.piece) {
                let taken = piece.get(self.given..).unwrap_or_default().read(room)?;
                count += taken;
                self.given += taken;
                if self.given == piece.len() {
                    (self.piece, self.given) = (self.piece + 1, 0);
                }
            } else if let (Some(framed), Some(spares)) = (self.sending.take(), &mut self.spares) {
                spares.give(framed.block);
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{Checksum, ChunkedBody, Credentials, Request, Scope, Signer, Timestamp};
    use alloc::vec;
    use core::time::Duration;
    use std::io::Cursor;

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|index| u8::try_from(index % 251).unwrap()).collect()
    }

    fn body(length: usize, checksum: Option<Checksum>) -> (ChunkedBody, ChunkEncoder) {
        let body = ChunkedBody::signed(u64::try_from(length).unwrap());
        let body = checksum.map_or(body.clone(), |checksum| body.with_trailer(checksum));
        let mut request = Request::new("PUT", "https://bucket.s3.amazonaws.com/key").unwrap().payload(body.payload());
        for (name, value) in body.headers() {
            request = request.header(name, value).unwrap();
        }
        let credentials = Credentials::new("AKIDEXAMPLE", "secret").unwrap();
        let scope = Scope::new(Timestamp::from_unix(1_440_938_160).unwrap(), "us-east-1", "s3").unwrap();
        let signer = Signer::new(&credentials, scope);
        let authorization = signer.sign(&request);
        let encoder = body.encoder(&signer, &authorization).unwrap();
        (body, encoder)
    }

    /// The wire form made in one piece.
    fn wire(data: &[u8], checksum: Option<Checksum>) -> Vec<u8> {
        let (_, mut encoder) = body(data.len(), checksum);
        let mut wire = Vec::new();
        for chunk in data.chunks(ChunkedBody::CHUNK_SIZE) {
            wire.extend_from_slice(encoder.head(chunk).unwrap().as_bytes());
            wire.extend_from_slice(chunk);
        }
        let value = checksum.map(|checksum| Running::new(checksum).unwrap().of(&mut &*data).unwrap());
        wire.extend_from_slice(encoder.finish(value.as_deref()).unwrap().as_bytes());
        wire
    }

    /// What comes out when `declared` bytes are announced and `source` is read.
    fn sent(
        mut source: OwnedReader,
        declared: usize,
        checksum: Option<Checksum>,
        until: Option<Instant>,
    ) -> io::Result<Vec<u8>> {
        let (_, encoder) = body(declared, checksum);
        let running = checksum.and_then(Running::new);
        let length = u64::try_from(declared).unwrap();
        let mut out = Vec::new();
        Chunks::new(&mut source, length, encoder, running, until).read_to_end(&mut out)?;
        Ok(out)
    }

    const LENGTHS: [usize; 8] = [
        0,
        1,
        ChunkedBody::CHUNK_SIZE,
        ChunkedBody::CHUNK_SIZE + 1,
        Block::SIZE - 1,
        Block::SIZE,
        Block::SIZE + 1,
        7 * Block::SIZE + 65_537,
    ];

    #[test]
    fn blocks_hold_whole_chunks() {
        assert_eq!(Block::SIZE % ChunkedBody::CHUNK_SIZE, 0);
    }

    #[test]
    fn every_length_is_sent_as_if_signed_in_one_piece() {
        for length in LENGTHS {
            let data = bytes(length);
            for checksum in [None, Some(Checksum::Crc32c)] {
                let whole = wire(&data, checksum);
                assert_eq!(u64::try_from(whole.len()).unwrap(), body(length, checksum).0.encoded_length());
                for until in [None, Instant::now().checked_add(Duration::from_secs(60))] {
                    let out = sent(Box::new(Cursor::new(data.clone())), length, checksum, until).unwrap();
                    assert!(out == whole, "{length} {checksum:?}");
                }
            }
        }
    }

    #[test]
    fn a_body_that_is_not_as_long_as_declared_is_never_sent_as_a_whole_one() {
        for length in LENGTHS.into_iter().filter(|length| *length > 0) {
            let whole = wire(&bytes(length), None).len();
            for (given, kind) in [(length - 1, io::ErrorKind::UnexpectedEof), (length + 1, io::ErrorKind::InvalidData)]
            {
                let (_, encoder) = body(length, None);
                let mut source: OwnedReader = Box::new(Cursor::new(bytes(given)));
                let declared = u64::try_from(length).unwrap();
                let mut chunks = Chunks::new(&mut source, declared, encoder, None, None);
                let mut out = Vec::new();
                assert_eq!(chunks.read_to_end(&mut out).unwrap_err().kind(), kind, "{length} {given}");
                assert!(out.len() < whole - length % ChunkedBody::CHUNK_SIZE, "{length} {given}");
            }
        }
    }

    #[test]
    fn nothing_is_read_before_it_is_asked_for() {
        let mut source: OwnedReader = Box::new(Cursor::new(bytes(10)));
        let (_, encoder) = body(10, None);
        drop(Chunks::new(&mut source, 10, encoder, None, None));
        let mut rest = Vec::new();
        source.read_to_end(&mut rest).unwrap();
        assert_eq!(rest, bytes(10));
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_that_stalls_is_waited_for_no_longer_than_said() {
        use std::io::Write;
        for before in [0, 1, Block::SIZE, 2 * Block::SIZE + 1] {
            let (mut writer, reader) = std::os::unix::net::UnixStream::pair().unwrap();
            let written = thread::spawn(move || {
                writer.write_all(&bytes(before)).unwrap();
                writer
            });
            let until = Instant::now() + Duration::from_millis(200);
            let sent = sent(Box::new(reader), 9 * Block::SIZE, None, Some(until));
            assert_eq!(sent.unwrap_err().kind(), io::ErrorKind::TimedOut);
            assert!(Instant::now() >= until);
            drop(written.join().unwrap());
        }
    }

    /// Whoever sends may stop at any time, while a pipe is still waited for.
    #[cfg(unix)]
    #[test]
    fn a_sender_that_stops_does_not_wait_for_the_pipe() {
        use std::io::Write;
        let (mut writer, reader) = std::os::unix::net::UnixStream::pair().unwrap();
        let written = thread::spawn(move || {
            writer.write_all(&bytes(2 * Block::SIZE)).unwrap();
            writer
        });
        let mut source: OwnedReader = Box::new(reader);
        let (_, encoder) = body(9 * Block::SIZE, None);
        let mut chunks = Chunks::new(&mut source, u64::try_from(9 * Block::SIZE).unwrap(), encoder, None, None);
        let mut buffer = vec![0; Block::SIZE + 1000];
        chunks.read_exact(&mut buffer).unwrap();
        drop(chunks);
        drop(written.join().unwrap());
    }
}
