//! [`ChunkedBody`]: how a body is cut, announced and measured.

use super::super::{Authorization, Payload, Signer};
use super::{CHUNK_SIGNATURE, ChunkEncodeError, ChunkEncoder, TRAILER_SIGNATURE};
use alloc::string::String;

/// A checksum that S3 takes in a trailer; the caller computes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checksum {
    /// CRC-32 (the polynomial of IEEE 802.3), big-endian.
    Crc32,
    /// CRC-32C (Castagnoli), big-endian.
    Crc32c,
    /// CRC-64/NVME, big-endian.
    Crc64Nvme,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

impl Checksum {
    const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// The name of the header that carries it: `x-amz-checksum-crc32c`.
    pub fn header(&self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// How long its value is: base64 of its bytes.
    pub(super) fn value_length(&self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 8,
            Self::Crc64Nvme => 12,
            Self::Sha1 => 28,
            Self::Sha256 => 44,
        }
    }

    pub(super) fn of_header(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|checksum| checksum.header().eq_ignore_ascii_case(name))
    }

    pub(super) fn is_value(&self, text: &str) -> bool {
        text.len() == self.value_length()
            && text
                .trim_end_matches('=')
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
    }
}

/// An aws-chunked body of known length: signed chunks, signed chunks with a signed trailer, or unsigned chunks with a
/// trailer.
///
/// ```
/// use awsig::signing::{Checksum, ChunkedBody, Credentials, Request, Scope, Signer, Timestamp};
/// let data = [b'a'; 66_560];
/// let body = ChunkedBody::signed(66_560).with_trailer(Checksum::Crc32c);
/// let mut request = Request::new("PUT", "https://s3.amazonaws.com/examplebucket/chunkObject.txt")?
///     .header("x-amz-storage-class", "REDUCED_REDUNDANCY")?
///     .payload(body.payload());
/// for (name, value) in body.headers() {
///     request = request.header(name, value)?;
/// }
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")?;
/// let signer = Signer::new(&credentials, Scope::new(Timestamp::from_unix(1_369_353_600)?, "us-east-1", "s3")?);
/// let authorization = signer.sign(&request);
///
/// let mut encoder = body.encoder(&signer, &authorization)?;
/// let mut wire = Vec::new();
/// for chunk in data.chunks(ChunkedBody::CHUNK_SIZE) {
///     wire.extend_from_slice(encoder.head(chunk)?.as_bytes());
///     wire.extend_from_slice(chunk);
/// }
/// wire.extend_from_slice(encoder.finish(Some("sOO8/Q=="))?.as_bytes());
/// assert_eq!(wire.len(), 66_946);
/// assert_eq!(body.encoded_length(), 66_946);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkedBody {
    signed: bool,
    checksum: Option<Checksum>,
    chunk_size: usize,
    decoded_length: u64,
    decoded_text: String,
}

impl ChunkedBody {
    /// The size of every chunk but the last, unless said otherwise: 64 KiB.
    pub const CHUNK_SIZE: usize = 65_536;

    /// Signed chunks that hold `decoded_length` bytes in all.
    pub fn signed(decoded_length: u64) -> Self {
        Self {
            signed: true,
            checksum: None,
            chunk_size: Self::CHUNK_SIZE,
            decoded_length,
            decoded_text: alloc::format!("{decoded_length}"),
        }
    }

    /// Unsigned chunks with a checksum in the trailer: for encrypted connections, where S3 accepts them.
    pub fn unsigned(decoded_length: u64, checksum: Checksum) -> Self {
        Self { signed: false, ..Self::signed(decoded_length) }.with_trailer(checksum)
    }

    /// The same with a checksum in the trailer, signed if the chunks are.
    #[must_use]
    pub fn with_trailer(mut self, checksum: Checksum) -> Self {
        self.checksum = Some(checksum);
        self
    }

    /// The same with another chunk size, at least 1. S3 wants 8192 or more.
    #[must_use]
    pub fn with_chunk_size(mut self, bytes: usize) -> Self {
        self.chunk_size = bytes.max(1);
        self
    }

    /// What the request has to be signed with: [`Payload::SignedChunks`] or one of its kin.
    pub fn payload(&self) -> Payload<'static> {
        match (self.signed, self.checksum) {
            (true, None) => Payload::SignedChunks,
            (true, Some(_)) => Payload::SignedChunksAndTrailer,
            (false, _) => Payload::UnsignedChunksAndTrailer,
        }
    }

    /// The headers that the request has to have before it is signed: `content-encoding`, put before one of its own;
    /// `x-amz-decoded-content-length`; and with a trailer `x-amz-trailer`.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        [("content-encoding", "aws-chunked"), ("x-amz-decoded-content-length", self.decoded_text.as_str())]
            .into_iter()
            .chain(self.checksum.map(|checksum| ("x-amz-trailer", checksum.header())))
    }

    /// How long the body is on the wire: its `Content-Length`.
    ///
    /// What no `u64` can hold is `u64::MAX`.
    pub fn encoded_length(&self) -> u64 {
        let size = u64::try_from(self.chunk_size).unwrap_or(u64::MAX);
        let chunk = |size: u64| self.line_length(size).saturating_add(size).saturating_add(2);
        let full = (self.decoded_length / size).saturating_mul(chunk(size));
        let rest = match self.decoded_length % size {
            0 => 0,
            rest => chunk(rest),
        };
        let trailer = self.checksum.map_or(0, |checksum| {
            let line = checksum.header().len() + 1 + checksum.value_length() + 2;
            if self.signed { line + TRAILER_SIGNATURE.len() + 64 + 2 } else { line }
        });
        let trailer = u64::try_from(trailer).unwrap_or(u64::MAX);
        full.saturating_add(rest).saturating_add(self.line_length(0)).saturating_add(trailer).saturating_add(2)
    }

    /// Frames the chunks of a signed request; `signer` is the one that made `authorization`.
    ///
    /// # Errors
    /// When the request was not signed with [`payload`](Self::payload).
    pub fn encoder(&self, signer: &Signer, authorization: &Authorization) -> Result<ChunkEncoder, ChunkEncodeError> {
        ChunkEncoder::new(self.clone(), signer, authorization)
    }

    pub(super) fn is_signed(&self) -> bool {
        self.signed
    }

    pub(super) fn checksum(&self) -> Option<Checksum> {
        self.checksum
    }

    /// How many bytes the chunks hold in all.
    pub fn decoded_length(&self) -> u64 {
        self.decoded_length
    }

    pub(super) fn chunk_size(&self) -> usize {
        self.chunk_size
    }

    /// The length of the line before a chunk, with its line break.
    fn line_length(&self, size: u64) -> u64 {
        let digits = u64::from((u64::BITS - size.leading_zeros()).div_ceil(4).max(1));
        let signature = if self.signed { CHUNK_SIGNATURE.len() + 64 } else { 0 };
        digits + 2 + u64::try_from(signature).unwrap_or_default()
    }
}
