//! [`ChunkDecoder`]: reads an aws-chunked body and verifies its signatures.

use super::super::chain::Chain;
use super::super::crypto::{EMPTY_SHA256, Hash};
use super::super::{Credentials, Payload, Scope, Signature, SigningKey, Verified};
use super::encoder::trailer_digest;
use super::{CHUNK_SIGNATURE, Checksum, ChunkedBody, TRAILER_SIGNATURE};
use alloc::string::String;
use core::fmt;

/// Decodes the body of a verified request as it arrives, in pieces of any size.
///
/// It holds one line at most; the data stays in the caller's buffer.
pub struct ChunkDecoder {
    body: ChunkedBody,
    chain: Chain,
    state: State,
    left: u64,
    chunks: u64,
    hash: Hash,
    line: String,
    trailer: Option<String>,
}

#[derive(Clone, Copy)]
enum State {
    Head,
    Data { left: u64, signature: Option<Signature> },
    DataEnd { signature: Option<Signature> },
    Trailer,
    TrailerSignature,
    LastLine,
    End,
    Refused(ChunkDecodeError),
}

/// What a [`ChunkDecoder`] found next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChunkEvent<'i> {
    /// The input is used up, and the body goes on.
    NeedsInput,
    /// Data of a chunk. It is not verified before [`ChunkEnd`](Self::ChunkEnd).
    Data(&'i [u8]),
    /// The chunk is complete, and if chunks are signed, so is what was handed out of it.
    ChunkEnd,
    /// The body is complete. Input that is left does not belong to it.
    End,
}

/// Why an aws-chunked body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChunkDecodeError {
    /// `x-amz-content-sha256` names no aws-chunked body.
    NotChunked,
    /// `x-amz-decoded-content-length` is missing or no number.
    DecodedLength,
    /// `x-amz-trailer` names no checksum, is missing, or is not expected.
    TrailerName,
    /// A line is longer than any can be, or does not end with CR LF.
    Line,
    /// The line before a chunk is not of the form of its kind.
    Head,
    /// The chunks hold more or less than `x-amz-decoded-content-length` says.
    Length,
    /// The signature of a chunk does not match.
    Signature {
        /// Which chunk, counted from 1.
        chunk: u64,
    },
    /// The trailer is not the checksum that was announced.
    Trailer,
    /// The signature of the trailer does not match.
    TrailerSignature,
}

impl fmt::Display for ChunkDecodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotChunked => formatter.write_str("x-amz-content-sha256 names no aws-chunked body"),
            Self::DecodedLength => formatter.write_str("x-amz-decoded-content-length is missing or no number"),
            Self::TrailerName => formatter.write_str("x-amz-trailer is not the name of one checksum"),
            Self::Line => formatter.write_str("a line of the aws-chunked body is too long or does not end with CR LF"),
            Self::Head => formatter.write_str("the line before a chunk is not well-formed"),
            Self::Length => formatter.write_str("the chunks do not hold as much as x-amz-decoded-content-length says"),
            Self::Signature { chunk } => write!(formatter, "the signature of chunk {chunk} does not match"),
            Self::Trailer => formatter.write_str("the trailer is not the checksum that was announced"),
            Self::TrailerSignature => formatter.write_str("the signature of the trailer does not match"),
        }
    }
}

impl core::error::Error for ChunkDecodeError {}

impl ChunkDecoder {
    /// The longest line: a size of 16 digits and its signature come to 99 bytes, the longest trailer to 90.
    const MAX_LINE: usize = 128;

    /// A decoder for the body that belongs to a verified request, signed with these credentials.
    ///
    /// # Errors
    /// When the headers of the request announce no aws-chunked body.
    pub fn new(verified: &Verified<'_, '_>, credentials: &Credentials) -> Result<Self, ChunkDecodeError> {
        let claim = verified.claim();
        let header = |name| claim.request.header_value(name);
        let digits = header("x-amz-decoded-content-length").unwrap_or_default();
        let length = digits.parse().ok().filter(|_| !digits.starts_with('+'));
        let trailer =
            header("x-amz-trailer").map(|name| Checksum::of_header(name).ok_or(ChunkDecodeError::TrailerName));
        let payload = header("x-amz-content-sha256").and_then(Payload::word).ok_or(ChunkDecodeError::NotChunked)?;
        let body = || length.ok_or(ChunkDecodeError::DecodedLength).map(ChunkedBody::signed);
        let body = match (payload, trailer.transpose()?) {
            (Payload::SignedChunks, None) => body()?,
            (Payload::SignedChunksAndTrailer, Some(checksum)) => body()?.with_trailer(checksum),
            (Payload::UnsignedChunksAndTrailer, Some(checksum)) => {
                ChunkedBody::unsigned(body()?.decoded_length(), checksum)
            }
            (Payload::SignedChunks | Payload::SignedChunksAndTrailer | Payload::UnsignedChunksAndTrailer, _) => {
                return Err(ChunkDecodeError::TrailerName);
            }
            _ => return Err(ChunkDecodeError::NotChunked),
        };
        // Cannot fail: the scope was good enough to verify the request.
        let scope = Scope::new(claim.time(), claim.region(), claim.service());
        let scope = scope.map_err(|_| ChunkDecodeError::NotChunked)?;
        let key = SigningKey::derive(credentials.secret(), &scope);
        Ok(Self {
            left: body.decoded_length(),
            chain: Chain::new(key, claim.time(), claim.scope().into(), *claim.signature()),
            body,
            state: State::Head,
            chunks: 0,
            hash: Hash::default(),
            line: String::new(),
            trailer: None,
        })
    }

    /// Reads on in `input` and moves it forward past what was read.
    ///
    /// # Errors
    /// When the body is not well-formed or a signature does not match; the same again if asked again.
    pub fn next<'i>(&mut self, input: &mut &'i [u8]) -> Result<ChunkEvent<'i>, ChunkDecodeError> {
        self.step(input).inspect_err(|&error| self.state = State::Refused(error))
    }

    /// The checksum of the trailer, after [`ChunkEvent::End`]: what it is of, and its value in base64.
    pub fn trailer(&self) -> Option<(Checksum, &str)> {
        self.body.checksum().zip(self.trailer.as_deref()).filter(|_| matches!(self.state, State::End))
    }

    fn step<'i>(&mut self, input: &mut &'i [u8]) -> Result<ChunkEvent<'i>, ChunkDecodeError> {
        loop {
            let state = self.state;
            match state {
                State::End => return Ok(ChunkEvent::End),
                State::Refused(error) => return Err(error),
                State::Data { left: 0, signature } => self.state = State::DataEnd { signature },
                State::Data { left, signature } => {
                    let (data, rest) = input.split_at(input.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
                    if data.is_empty() {
                        return Ok(ChunkEvent::NeedsInput);
                    }
                    *input = rest;
                    if signature.is_some() {
                        self.hash.update(data);
                    }
                    let left = left.saturating_sub(u64::try_from(data.len()).unwrap_or(u64::MAX));
                    self.state = State::Data { left, signature };
                    return Ok(ChunkEvent::Data(data));
                }
                _ if !self.fill_line(input)? => return Ok(ChunkEvent::NeedsInput),
                _ => {
                    let line = core::mem::take(&mut self.line);
                    let event = self.line(line.strip_suffix("\r\n").ok_or(ChunkDecodeError::Line)?)?;
                    self.line = line;
                    self.line.clear();
                    if let Some(event) = event {
                        return Ok(event);
                    }
                }
            }
        }
    }

    /// Collects a line; `false` if it is not complete yet.
    fn fill_line(&mut self, input: &mut &[u8]) -> Result<bool, ChunkDecodeError> {
        while let Some((&byte, rest)) = input.split_first() {
            if !byte.is_ascii() || self.line.len() >= Self::MAX_LINE {
                return Err(ChunkDecodeError::Line);
            }
            *input = rest;
            self.line.push(char::from(byte));
            if byte == b'\n' {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Makes sense of a complete line.
    fn line(&mut self, line: &str) -> Result<Option<ChunkEvent<'static>>, ChunkDecodeError> {
        match self.state {
            State::Head => self.head(line)?,
            State::DataEnd { .. } if !line.is_empty() => return Err(ChunkDecodeError::Line),
            State::DataEnd { signature } => {
                let digest = core::mem::take(&mut self.hash).finish_hex();
                self.check(signature, &digest)?;
                self.state = State::Head;
                return Ok(Some(ChunkEvent::ChunkEnd));
            }
            State::Trailer => {
                let (name, value) = line.split_once(':').ok_or(ChunkDecodeError::Trailer)?;
                let value = value.trim_matches([' ', '\t']);
                let announced = self.body.checksum().filter(|announced| Checksum::of_header(name) == Some(*announced));
                announced.filter(|announced| announced.is_value(value)).ok_or(ChunkDecodeError::Trailer)?;
                self.trailer = Some(value.into());
                self.state = if self.body.is_signed() { State::TrailerSignature } else { State::LastLine };
            }
            State::TrailerSignature => {
                let claimed = line.strip_prefix(TRAILER_SIGNATURE).and_then(Signature::parse);
                let name = self.body.checksum().map_or("", |checksum| checksum.header());
                let digest = trailer_digest(name, self.trailer.as_deref().unwrap_or_default());
                let signature = self.chain.sign_trailer(&digest);
                if !claimed.is_some_and(|claimed| claimed.matches(&signature)) {
                    return Err(ChunkDecodeError::TrailerSignature);
                }
                self.state = State::LastLine;
            }
            _ if !line.is_empty() => return Err(ChunkDecodeError::Line),
            _ => {
                self.state = State::End;
                return Ok(Some(ChunkEvent::End));
            }
        }
        Ok(None)
    }

    fn head(&mut self, line: &str) -> Result<(), ChunkDecodeError> {
        let (digits, signature) = match (self.body.is_signed(), line.split_once(CHUNK_SIGNATURE)) {
            (true, Some((digits, signature))) => {
                (digits, Some(Signature::parse(signature).ok_or(ChunkDecodeError::Head)?))
            }
            (false, None) => (line, None),
            _ => return Err(ChunkDecodeError::Head),
        };
        // from_str_radix takes a sign, and zeros without end.
        let plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit()) && (digits == "0" || !digits.starts_with('0'));
        let size = u64::from_str_radix(digits, 16).ok().filter(|_| plain).ok_or(ChunkDecodeError::Head)?;
        self.left = self.left.checked_sub(size).ok_or(ChunkDecodeError::Length)?;
        self.chunks = self.chunks.saturating_add(1);
        if size > 0 {
            self.state = State::Data { left: size, signature };
            return Ok(());
        }
        if self.left > 0 {
            return Err(ChunkDecodeError::Length);
        }
        self.check(signature, &Hash::default().finish_hex())?;
        self.state = if self.body.checksum().is_some() { State::Trailer } else { State::LastLine };
        Ok(())
    }

    fn check(&mut self, claimed: Option<Signature>, digest: &[u8; 64]) -> Result<(), ChunkDecodeError> {
        match claimed {
            Some(claimed) if !self.chain.sign_part(EMPTY_SHA256, digest).matches(&claimed) => {
                Err(ChunkDecodeError::Signature { chunk: self.chunks })
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for ChunkDecoder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ChunkDecoder")
            .field("body", &self.body)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
