//! The canonical request and the string to sign: written by one function, into any sink.

use super::crypto::Hash;
use super::encode::Sink;
use super::headers::Headers;
use super::query::Query;
use super::{Request, Rules, Timestamp, path};
use alloc::string::String;

/// `AWS4-HMAC-SHA256`: the algorithm of every signature made here.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The query parameters of a presigned URL. Presigning replaces those that the URL already has.
pub(crate) const SIGNING_PARAMETERS: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-S3session-Token",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
];

/// A request with everything decided that its canonical text depends on.
pub(crate) struct Canonical<'p, 'a> {
    pub(crate) request: &'p Request<'a>,
    pub(crate) rules: &'p Rules,
    pub(crate) query: Query<'p>,
    pub(crate) headers: &'p Headers<'p>,
    /// The last line.
    pub(crate) payload: &'p [u8],
}

impl Canonical<'_, '_> {
    /// Writes the canonical request.
    pub(crate) fn write<S: Sink>(&self, sink: &mut S) {
        sink.put(self.request.method());
        sink.put_ascii(*b"\n");
        path::write_signed(self.request.path(), self.rules, sink);
        sink.put_ascii(*b"\n");
        self.query.write_signed(sink);
        sink.put_ascii(*b"\n");
        self.headers.write(sink);
        sink.put_ascii(*b"\n");
        self.headers.write_names(sink);
        sink.put_ascii(*b"\n");
        sink.put_bytes(self.payload);
    }

    /// The SHA-256 of the canonical request, in hexadecimal.
    pub(crate) fn digest(&self) -> [u8; 64] {
        let mut hash = Hash::default();
        self.write(&mut hash);
        hash.finish_hex()
    }

    /// The canonical request as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }
}

/// Writes the string to sign.
pub(crate) fn write_string_to_sign<S: Sink>(time: Timestamp, scope: &str, digest: &[u8; 64], sink: &mut S) {
    sink.put(ALGORITHM);
    sink.put_ascii(*b"\n");
    sink.put(time.as_str());
    sink.put_ascii(*b"\n");
    sink.put(scope);
    sink.put_ascii(*b"\n");
    sink.put_bytes(digest);
}
