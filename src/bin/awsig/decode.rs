//! `--compressed`: answers decompressed as they arrive, in constant memory.

use awsig::transport::TransportError;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::header::{CONTENT_ENCODING, HeaderMap};
use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

/// Up to here, any ratio is fine.
const HARMLESS: u64 = 64 * 1024 * 1024;
/// Nothing but a trap, or one byte over and over, is compressed better.
const RATIO: u64 = 200;

/// Why a body cannot be decompressed.
#[derive(Debug)]
pub(crate) enum DecodeError {
    /// It is in an encoding that was not asked for.
    Unknown(String),
    /// It is damaged.
    Damaged(io::Error),
    /// Little became so much that it must be a trap.
    Bomb,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(formatter, "the answer is encoded as {name:?}, which was not asked for"),
            Self::Damaged(error) => write!(formatter, "the compressed answer is damaged: {error}"),
            Self::Bomb => write!(formatter, "the answer grows to more than {RATIO} times what was sent"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// The body as it was before the service compressed it.
pub(crate) fn decoded<'b>(headers: &HeaderMap, body: Box<dyn Read + 'b>) -> io::Result<Box<dyn Read + 'b>> {
    let names: Vec<String> = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .filter(|name| !matches!(name.as_str(), "" | "identity" | "aws-chunked"))
        .collect();
    let arrived = Rc::new(Cell::new(0));
    let mut counted = BufReader::with_capacity(32 * 1024, Counted { body, count: Rc::clone(&arrived) });
    // What has no body (to HEAD, 204, 304) may still tell how it would be encoded.
    if !names.is_empty() && counted.fill_buf()?.is_empty() {
        return Ok(Box::new(io::empty()));
    }
    let decoder: Box<dyn Read + 'b> = match names.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => return Ok(counted.into_inner().body),
        ["gzip" | "x-gzip"] => Box::new(MultiGzDecoder::new(counted)),
        ["deflate"] => deflate(counted)?,
        _ => return Err(io::Error::other(DecodeError::Unknown(names.join(", ")))),
    };
    Ok(Box::new(Decoder { decoder, arrived, given: 0 }))
}

/// RFC 9110 section 8.4.1.2 means the zlib format; some servers send bare deflate.
fn deflate<'b>(mut body: BufReader<Counted<'b>>) -> io::Result<Box<dyn Read + 'b>> {
    let is_zlib = body.fill_buf()?.first().is_some_and(|byte| byte & 0x0F == 8 && byte >> 4 <= 7);
    Ok(if is_zlib { Box::new(ZlibDecoder::new(body)) } else { Box::new(DeflateDecoder::new(body)) })
}

struct Counted<'b> {
    body: Box<dyn Read + 'b>,
    count: Rc<Cell<u64>>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        self.count.set(self.count.get().saturating_add(u64::try_from(count).unwrap_or(u64::MAX)));
        Ok(count)
    }
}

struct Decoder<'b> {
    decoder: Box<dyn Read + 'b>,
    arrived: Rc<Cell<u64>>,
    given: u64,
}

impl Read for Decoder<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.decoder.read(buffer).map_err(|error| {
            let of_the_wire = error.get_ref().is_some_and(|inner| inner.is::<TransportError>());
            if of_the_wire || error.kind() == io::ErrorKind::Interrupted {
                error
            } else {
                io::Error::other(DecodeError::Damaged(error))
            }
        })?;
        self.given = self.given.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        if self.given > HARMLESS && self.given / RATIO > self.arrived.get() {
            return Err(io::Error::other(DecodeError::Bomb));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::read::{DeflateEncoder, GzEncoder, ZlibEncoder};

    fn decode(encoding: &str, bytes: Vec<u8>) -> io::Result<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, encoding.parse().unwrap());
        io::copy(&mut decoded(&headers, Box::new(io::Cursor::new(bytes)))?, &mut io::sink())
    }

    fn all(mut reader: impl Read) -> Vec<u8> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn each_encoding_is_undone() {
        let text: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let level = Compression::fast();
        let gzip = all(GzEncoder::new(&text[..], level));
        assert_eq!(decode("gzip", gzip.clone()).unwrap(), 400_000);
        assert_eq!(decode("X-GZIP", [gzip.clone(), gzip.clone()].concat()).unwrap(), 800_000);
        assert_eq!(decode("deflate", all(ZlibEncoder::new(&text[..], level))).unwrap(), 400_000);
        assert_eq!(decode("deflate", all(DeflateEncoder::new(&text[..], level))).unwrap(), 400_000);
        assert_eq!(decode("identity", text).unwrap(), 400_000);
        for encoding in ["gzip", "deflate", "br"] {
            assert_eq!(decode(encoding, vec![]).unwrap(), 0, "{encoding}");
        }
        for (encoding, bytes) in [
            ("br", b"x".to_vec()),
            ("gzip, br", b"x".to_vec()),
            ("gzip", b"plain".to_vec()),
            ("gzip", gzip[..900].to_vec()),
        ] {
            assert!(decode(encoding, bytes).unwrap_err().get_ref().unwrap().is::<DecodeError>(), "{encoding}");
        }
    }

    #[test]
    fn a_bomb_is_not_waited_for() {
        let bomb = all(GzEncoder::new(io::repeat(0).take(4 * HARMLESS), Compression::best()));
        let error = decode("gzip", bomb).unwrap_err();
        assert!(matches!(error.get_ref().unwrap().downcast_ref(), Some(DecodeError::Bomb)), "{error}");
    }
}
