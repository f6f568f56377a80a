//! [`Chain`]: signatures of which each covers the one before it.

use super::encode::{Sink, hex_str};
use super::{Signature, Signer, SigningKey, Timestamp};
use alloc::string::String;

/// The key and the last signature of a stream: the parts of an aws-chunked body, or the messages of an event stream.
///
/// It starts with the seed, which is the signature of the request itself.
#[derive(Clone)]
pub(crate) struct Chain {
    key: SigningKey,
    time: Timestamp,
    scope: String,
    last: Signature,
}

impl Chain {
    pub(crate) fn new(key: SigningKey, time: Timestamp, scope: String, seed: Signature) -> Self {
        Self { key, time, scope, last: seed }
    }

    /// Continues after `last` with the key, second and scope of a signer.
    pub(crate) fn of(signer: &Signer, last: Signature) -> Self {
        Self::new(signer.key().clone(), signer.time(), signer.scope_text().into(), last)
    }

    /// Signs a part: the hash of what stands before its data (for a chunk, of nothing) and the hash of its data.
    pub(crate) fn sign_part(&mut self, before: &str, data: &[u8; 64]) -> Signature {
        self.sign("AWS4-HMAC-SHA256-PAYLOAD\n", &[before, "\n", hex_str(data)])
    }

    /// Signs the hash of the trailer.
    pub(crate) fn sign_trailer(&mut self, trailer: &[u8; 64]) -> Signature {
        self.sign("AWS4-HMAC-SHA256-TRAILER\n", &[hex_str(trailer)])
    }

    fn sign(&mut self, algorithm: &str, rest: &[&str]) -> Signature {
        let last = self.last.digits();
        self.last = self.key.sign(|sink| {
            for text in [algorithm, self.time.as_str(), "\n", &self.scope, "\n", hex_str(&last), "\n"] {
                sink.put(text);
            }
            for text in rest {
                sink.put(text);
            }
        });
        self.last
    }
}
