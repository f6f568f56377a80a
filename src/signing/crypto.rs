//! SHA-256, HMAC-SHA256 and comparison in constant time: the only file that names the hash crates.

use super::encode::{Sink, hex_of};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// SHA-256 of the empty string, in hexadecimal.
pub(crate) const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The SHA-256 digest of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// SHA-256 of text or data that arrives in pieces.
#[derive(Clone, Default)]
pub(crate) struct Hash(Sha256);

impl Hash {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }

    pub(crate) fn finish_hex(self) -> [u8; 64] {
        hex_of(&self.finish())
    }
}

impl Sink for Hash {
    fn put(&mut self, text: &str) {
        self.0.update(text.as_bytes());
    }
}

/// A key of HMAC-SHA256 with both of its padded blocks already hashed, so that each use costs no more than its text.
#[derive(Clone)]
pub(crate) struct HmacKey(Hmac<Sha256>);

impl HmacKey {
    pub(crate) fn new(key: &[u8]) -> Self {
        match Hmac::new_from_slice(key) {
            Ok(mac) => Self(mac),
            // Cannot happen: RFC 2104 takes a key of any length.
            Err(_) => Self(Hmac::new(&hmac::digest::Key::<Hmac<Sha256>>::default())),
        }
    }

    pub(crate) fn start(&self) -> HmacText {
        HmacText(self.0.clone())
    }

    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(text);
        mac.finalize().into_bytes().into()
    }
}

/// Text on its way into an HMAC.
pub(crate) struct HmacText(Hmac<Sha256>);

impl HmacText {
    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into_bytes().into()
    }
}

impl Sink for HmacText {
    fn put(&mut self, text: &str) {
        self.0.update(text.as_bytes());
    }
}

/// Whether two byte strings are the same, in time that does not depend on where they differ.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_of_nothing() {
        assert_eq!(hex::encode(sha256(b"")), EMPTY_SHA256);
    }

    /// RFC 4231 section 4.3, test case 2.
    #[test]
    fn hmac_of_rfc_4231() {
        let digest = HmacKey::new(b"Jefe").sign(b"what do ya want for nothing?");
        assert_eq!(hex::encode(digest), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
