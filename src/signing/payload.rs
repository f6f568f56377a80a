//! [`Payload`]: what the canonical request says about the body.

use super::crypto::{EMPTY_SHA256, Hash, sha256};
use super::encode::{hex_of, hex_str};
use core::fmt;

/// The body of a request, or what is known of it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload<'a> {
    /// The whole body; its hash is signed.
    Bytes(&'a [u8]),
    /// The SHA-256 of a body that is elsewhere.
    Sha256([u8; 32]),
    /// `UNSIGNED-PAYLOAD`: the signature does not cover the body. Nothing falls back to this.
    Unsigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: aws-chunked, each chunk signed.
    SignedChunks,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: aws-chunked, each chunk and the trailer signed.
    SignedChunksAndTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: aws-chunked with a checksum in an unsigned trailer.
    UnsignedChunksAndTrailer,
    /// `STREAMING-AWS4-HMAC-SHA256-EVENTS`: an event stream, each message signed.
    Events,
}

impl Payload<'_> {
    /// The text of the canonical request's last line.
    pub(crate) fn digest(&self) -> PayloadDigest {
        match self {
            Self::Bytes([]) => PayloadDigest::Literal(EMPTY_SHA256),
            Self::Bytes(bytes) => PayloadDigest::Hex(hex_of(&sha256(bytes))),
            Self::Sha256(digest) => PayloadDigest::Hex(hex_of(digest)),
            Self::Unsigned => PayloadDigest::Literal("UNSIGNED-PAYLOAD"),
            Self::SignedChunks => PayloadDigest::Literal("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            Self::SignedChunksAndTrailer => PayloadDigest::Literal("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
            Self::UnsignedChunksAndTrailer => PayloadDigest::Literal("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            Self::Events => PayloadDigest::Literal("STREAMING-AWS4-HMAC-SHA256-EVENTS"),
        }
    }

    /// Whether the receiver can only know what was signed when it is told by a header.
    pub(crate) fn needs_header(&self) -> bool {
        !matches!(self, Self::Bytes(_) | Self::Sha256(_))
    }

    /// What `text` means, if it is one of the words that stand where a hash would.
    pub(crate) fn word(text: &str) -> Option<Payload<'static>> {
        [
            Payload::Unsigned,
            Payload::SignedChunks,
            Payload::SignedChunksAndTrailer,
            Payload::UnsignedChunksAndTrailer,
            Payload::Events,
        ]
        .into_iter()
        .find(|word| word.digest().as_str() == text)
    }
}

impl fmt::Debug for Payload<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(formatter, "Bytes({} bytes)", bytes.len()),
            other => formatter.write_str(other.digest().as_str()),
        }
    }
}

/// SHA-256 of a body that arrives in pieces, for [`Payload::Sha256`].
#[derive(Clone, Default)]
pub struct BodyHash(Hash);

impl BodyHash {
    /// The hash of nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all pieces.
    pub fn finish(self) -> [u8; 32] {
        self.0.finish()
    }
}

impl fmt::Debug for BodyHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BodyHash(..)")
    }
}

/// The last line of a canonical request, and the value of `x-amz-content-sha256`.
#[derive(Clone, Copy)]
pub(crate) enum PayloadDigest {
    Hex([u8; 64]),
    Literal(&'static str),
}

impl PayloadDigest {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Hex(digits) => hex_str(digits),
            Self::Literal(text) => text,
        }
    }

    /// The same, not looked at again.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Hex(digits) => digits,
            Self::Literal(text) => text.as_bytes(),
        }
    }
}
