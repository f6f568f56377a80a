//! Pieces of a body, read one behind the other.

use awsig::send::Source;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// A piece of a body.
pub(crate) enum Piece {
    Bytes(Vec<u8>),
    File(File, u64),
    /// What can be read only once.
    Stream(Box<dyn Read + Send>),
}

/// The body made of these pieces. `length` is what is known of the length of the whole, should it be a stream.
pub(crate) fn source(mut pieces: Vec<Piece>, length: Option<u64>) -> Source {
    if pieces.iter().all(|piece| matches!(piece, Piece::Bytes(_))) {
        let bytes = pieces.into_iter().flat_map(|piece| match piece {
            Piece::Bytes(bytes) => bytes,
            _ => Vec::new(),
        });
        return Source::Bytes(bytes.collect());
    }
    if pieces.iter().any(|piece| matches!(piece, Piece::Stream(_))) {
        let mut all: Box<dyn Read + Send> = Box::new(io::empty());
        for piece in pieces {
            all = match piece {
                Piece::Bytes(bytes) => Box::new(all.chain(io::Cursor::new(bytes))),
                Piece::File(file, length) => Box::new(all.chain(file.take(length))),
                Piece::Stream(stream) => Box::new(all.chain(stream)),
            };
        }
        return Source::Once { reader: all, length };
    }
    match (pieces.len(), pieces.pop()) {
        (1, Some(Piece::File(file, _))) => Source::Seekable(Box::new(file)),
        (_, last) => {
            pieces.extend(last);
            Source::Seekable(Box::new(Joined { pieces, at: 0 }))
        }
    }
}

/// Pieces that can be read again.
struct Joined {
    pieces: Vec<Piece>,
    at: u64,
}

impl Piece {
    fn length(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::File(_, length) => *length,
            Self::Stream(_) => 0,
        }
    }
}

impl Read for Joined {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut start = 0;
        for piece in &mut self.pieces {
            let length = piece.length();
            let inside = self.at - start;
            if inside >= length || buffer.is_empty() {
                start += length;
                continue;
            }
            let count = match piece {
                Piece::Bytes(bytes) => {
                    bytes.get(usize::try_from(inside).unwrap_or(usize::MAX)..).unwrap_or_default().read(buffer)?
                }
                Piece::File(file, _) => {
                    file.seek(SeekFrom::Start(inside))?;
                    file.take(length - inside).read(buffer)?
                }
                Piece::Stream(_) => 0,
            };
            if count == 0 {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a file became shorter while it was read"));
            }
            self.at += u64::try_from(count).unwrap_or(u64::MAX);
            return Ok(count);
        }
        Ok(0)
    }
}

impl Seek for Joined {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.pieces.iter().map(Piece::length).sum::<u64>().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn pieces_are_read_as_one_from_anywhere() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"file").unwrap();
        let pieces = vec![Piece::Bytes(b"ab".to_vec()), Piece::File(file, 4), Piece::Bytes(b"cd".to_vec())];
        let Source::Seekable(mut joined) = source(pieces, None) else { panic!("not seekable") };
        for (from, rest) in [(0, "abfilecd"), (1, "bfilecd"), (3, "ilecd"), (7, "d"), (8, ""), (0, "abfilecd")] {
            joined.seek(SeekFrom::Start(from)).unwrap();
            let mut read = String::new();
            joined.read_to_string(&mut read).unwrap();
            assert_eq!(read, rest);
        }
        assert_eq!(joined.seek(SeekFrom::End(0)).unwrap(), 8);
    }

    #[test]
    fn a_stream_makes_all_of_it_one() {
        let stream = Piece::Stream(Box::new(&b"pipe"[..]));
        match source(vec![Piece::Bytes(b"a=".to_vec()), stream, Piece::Bytes(b"&".to_vec())], None) {
            Source::Once { mut reader, .. } => {
                let mut read = String::new();
                reader.read_to_string(&mut read).unwrap();
                assert_eq!(read, "a=pipe&");
            }
            other => panic!("{other:?}"),
        }
    }
}
