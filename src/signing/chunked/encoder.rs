//! [`ChunkEncoder`]: frames and signs the chunks of a body.

use super::super::chain::Chain;
use super::super::crypto::{EMPTY_SHA256, Hash, sha256};
use super::super::encode::{Sink, hex_of, hex_str};
use super::super::{Authorization, Signer};
use super::{CHUNK_SIGNATURE, ChunkedBody, TRAILER_SIGNATURE};
use alloc::string::String;
use core::fmt;

/// Gives what is sent before each chunk and after the last one; the data itself is the caller's to send.
pub struct ChunkEncoder {
    body: ChunkedBody,
    chain: Chain,
    left: u64,
    line: String,
    started: bool,
}

/// Why a chunk cannot be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChunkEncodeError {
    /// The request was signed with another payload than the body's.
    Payload,
    /// The chunk has not the size that the announced length asks for.
    Length {
        /// How many bytes are next; zero if none are.
        wanted: usize,
        /// How many there were.
        found: usize,
    },
    /// The body ended before its announced length.
    Unfinished {
        /// How many bytes are missing.
        left: u64,
    },
    /// The value of the trailer is missing, not announced, or not of its checksum's form.
    Trailer,
}

impl fmt::Display for ChunkEncodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payload => formatter.write_str("the request was not signed as an aws-chunked one of this kind"),
            Self::Length { wanted, found } => write!(formatter, "a chunk of {found} bytes, wanted {wanted}"),
            Self::Unfinished { left } => write!(formatter, "the body ended {left} bytes before its announced length"),
            Self::Trailer => formatter.write_str("the trailer is not the checksum that was announced"),
        }
    }
}

impl core::error::Error for ChunkEncodeError {}

impl ChunkEncoder {
    pub(super) fn new(
        body: ChunkedBody,
        signer: &Signer,
        authorization: &Authorization,
    ) -> Result<Self, ChunkEncodeError> {
        if authorization.content_sha256() != Some(body.payload().digest().as_str()) {
            return Err(ChunkEncodeError::Payload);
        }
        let chain = Chain::of(&signer.at(authorization.time()), *authorization.signature());
        let left = body.decoded_length();
        Ok(Self { body, chain, left, line: String::new(), started: false })
    }

    /// How many bytes the next chunk has to have; zero after the last one.
    pub fn next_size(&self) -> usize {
        usize::try_from(self.left).unwrap_or(usize::MAX).min(self.body.chunk_size())
    }

    /// What is sent before `data`, the whole next chunk. It starts with the line break that ends the chunk before.
    ///
    /// # Errors
    /// When `data` is not as long as [`next_size`](Self::next_size), or nothing is left to send.
    pub fn head(&mut self, data: &[u8]) -> Result<&str, ChunkEncodeError> {
        let wanted = self.next_size();
        if data.len() != wanted || wanted == 0 {
            return Err(ChunkEncodeError::Length { wanted, found: data.len() });
        }
        self.left = self.left.saturating_sub(u64::try_from(wanted).unwrap_or(u64::MAX));
        self.write_head(data);
        Ok(&self.line)
    }

    /// What is sent after the last chunk. `checksum` is the value of the trailer, in base64, if one was announced.
    ///
    /// # Errors
    /// When bytes are missing, or the trailer is not the one that was announced.
    pub fn finish(mut self, checksum: Option<&str>) -> Result<String, ChunkEncodeError> {
        if self.left > 0 {
            return Err(ChunkEncodeError::Unfinished { left: self.left });
        }
        match (self.body.checksum(), checksum) {
            (Some(announced), Some(value)) if announced.is_value(value) => {
                self.write_head(b"");
                let name = announced.header();
                for text in [name, ":", value, "\r\n"] {
                    self.line.push_str(text);
                }
                if self.body.is_signed() {
                    self.line.push_str(TRAILER_SIGNATURE);
                    let signature = self.chain.sign_trailer(&trailer_digest(name, value));
                    self.line.push_str(hex_str(&signature.digits()));
                    self.line.push_str("\r\n");
                }
            }
            (None, None) => self.write_head(b""),
            _ => return Err(ChunkEncodeError::Trailer),
        }
        self.line.push_str("\r\n");
        Ok(self.line)
    }

    fn write_head(&mut self, data: &[u8]) {
        self.line.clear();
        if self.started {
            self.line.push_str("\r\n");
        }
        self.started = true;
        self.line.push_str(&alloc::format!("{:x}", data.len()));
        if self.body.is_signed() {
            self.line.push_str(CHUNK_SIGNATURE);
            let signature = self.chain.sign_part(EMPTY_SHA256, &hex_of(&sha256(data)));
            self.line.push_str(hex_str(&signature.digits()));
        }
        self.line.push_str("\r\n");
    }
}

/// The hash of the trailer as it is signed: `name:value` and one line feed, whatever ends the line on the wire.
pub(super) fn trailer_digest(name: &str, value: &str) -> [u8; 64] {
    let mut hash = Hash::default();
    for text in [name, ":", value, "\n"] {
        hash.put(text);
    }
    hash.finish_hex()
}

impl fmt::Debug for ChunkEncoder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ChunkEncoder")
            .field("body", &self.body)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
