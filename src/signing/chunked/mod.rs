//! aws-chunked bodies: a stream in chunks, each with a signature that covers the one before it, and a trailer.
//!
//! ```text
//! 10000;chunk-signature=ad80…5648 CRLF      size in hexadecimal; unsigned chunks have the size alone
//! 65536 bytes CRLF
//! 0;chunk-signature=2ca2…f992 CRLF          the last chunk is empty
//! x-amz-checksum-crc32c:sOO8/Q== CRLF       a trailer, if one was announced
//! x-amz-trailer-signature:d81f…e435 CRLF    and its signature, if chunks are signed
//! CRLF
//! ```
//!
//! Amazon S3 API Reference, "Transferring Payload in Multiple Chunks", and the same "including trailing headers".
//!
//! [`ChunkedBody`] says how a body is cut, which headers the request needs and how long it will be on the wire;
//! [`ChunkEncoder`] frames its chunks, [`ChunkDecoder`] reads and verifies them. Neither holds more than one line,
//! reads or writes anything, or computes a checksum: the caller does, and hands the value over as text.

mod body;
mod decoder;
mod encoder;
#[cfg(test)]
mod tests;

pub use body::{Checksum, ChunkedBody};
pub use decoder::{ChunkDecodeError, ChunkDecoder, ChunkEvent};
pub use encoder::{ChunkEncodeError, ChunkEncoder};

const CHUNK_SIGNATURE: &str = ";chunk-signature=";
const TRAILER_SIGNATURE: &str = "x-amz-trailer-signature:";
