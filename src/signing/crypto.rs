//! SHA-256, HMAC-SHA256 and comparison in constant time: the only file that names the hash crates.
//!
//! The compression function is sha2's, which finds the machine's SHA instructions at run time. Padding and keying are
//! done here, so that text gathers on the stack and is compressed many blocks at a time, that a kept key costs two
//! compressions less a signature, and that only what is secret is wiped.

use super::encode::{Encoding, Sink, hex_of};
use alloc::vec::Vec;
use hmac::KeyInit;
use hmac::block_api::HmacCore;
use sha2::Sha256;
use sha2::block_api::compress256;
use sha2::digest::array::Array;
use sha2::digest::block_api::{Buffer, FixedOutputCore, UpdateCore};
use sha2::digest::typenum::U64;
use subtle::ConstantTimeEq;

/// SHA-256 of the empty string, in hexadecimal.
pub(crate) const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The SHA-256 digest of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = Hash::<2>::from_state(INITIAL, 0);
    hash.update(bytes);
    hash.digest()
}

/// What SHA-256 keeps from block to block.
type State = [u32; 8];

/// FIPS 180-4 section 5.3.3.
const INITIAL: State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// SHA-256 of text or data that arrives in pieces.
#[derive(Clone)]
pub(crate) struct Hash<const BLOCKS: usize = 9> {
    state: State,
    /// Bytes on their way; the last block has room for padding only.
    staged: [[u8; 64]; BLOCKS],
    length: usize,
    /// How many bytes went before the staged ones.
    before: u64,
}

impl Default for Hash {
    fn default() -> Self {
        Self::from_state(INITIAL, 0)
    }
}

impl<const BLOCKS: usize> Hash<BLOCKS> {
    const STAGED_BLOCKS: usize = BLOCKS - 1;
    const STAGED_BYTES: usize = Self::STAGED_BLOCKS * 64;

    fn from_state(state: State, before: u64) -> Self {
        Self { state, staged: [[0; 64]; BLOCKS], length: 0, before }
    }

    #[inline]
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self.room().get_mut(..bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.length += bytes.len();
            }
            None => self.overflow(bytes),
        }
    }

    #[inline]
    fn room(&mut self) -> &mut [u8] {
        self.staged.as_flattened_mut().get_mut(self.length..Self::STAGED_BYTES).unwrap_or_default()
    }

    /// Compresses what is staged and all whole blocks of `bytes`, which do not fit in any more.
    #[inline(never)]
    fn overflow(&mut self, mut bytes: &[u8]) {
        if self.length > 0 {
            let room = self.room();
            let (head, rest) = bytes.split_at_checked(room.len()).unwrap_or_default();
            room.copy_from_slice(head);
            compress256(&mut self.state, self.staged.get(..Self::STAGED_BLOCKS).unwrap_or_default());
            self.before = self.before.wrapping_add(u64::try_from(Self::STAGED_BYTES).unwrap_or_default());
            bytes = rest;
        }
        let (blocks, rest) = Array::<u8, U64>::slice_as_chunks(bytes);
        compress256(&mut self.state, Array::cast_slice_to_core(blocks));
        let compressed = u64::try_from(bytes.len() - rest.len()).unwrap_or_default();
        self.before = self.before.wrapping_add(compressed);
        self.length = 0;
        self.update(rest);
    }

    /// Compresses the whole blocks that are staged, and moves the rest to the start.
    #[inline(never)]
    fn compress_staged(&mut self) {
        let (blocks, rest) = (self.length / 64, self.length % 64);
        compress256(&mut self.state, self.staged.get(..blocks).unwrap_or_default());
        if let Some((first, others)) = self.staged.split_first_mut() {
            *first = blocks.checked_sub(1).and_then(|block| others.get(block)).copied().unwrap_or(*first);
        }
        self.before = self.before.wrapping_add(u64::try_from(self.length - rest).unwrap_or_default());
        self.length = rest;
    }

    pub(crate) fn finish(mut self) -> [u8; 32] {
        self.digest()
    }

    /// The digest of all that was put, after which there is nothing more to put.
    ///
    /// Pads as FIPS 180-4 section 5.1.1 says.
    fn digest(&mut self) -> [u8; 32] {
        let bits = u64::try_from(self.length).unwrap_or_default().wrapping_add(self.before).wrapping_mul(8);
        let blocks = (self.length + 9).div_ceil(64);
        let text = self.staged.as_flattened_mut();
        if let Some(([first, zeros @ ..], last)) =
            text.get_mut(self.length..blocks * 64).and_then(|padding| padding.split_last_chunk_mut::<8>())
        {
            *first = 0x80;
            zeros.fill(0);
            *last = bits.to_be_bytes();
        }
        compress256(&mut self.state, self.staged.get(..blocks).unwrap_or_default());
        let mut digest = [0; 32];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        digest
    }

    pub(crate) fn finish_hex(self) -> [u8; 64] {
        hex_of(&self.finish())
    }
}

impl<const BLOCKS: usize> Sink for Hash<BLOCKS> {
    #[inline]
    fn put(&mut self, text: &str) {
        self.update(text.as_bytes());
    }

    #[inline]
    fn put_ascii<const N: usize>(&mut self, characters: [u8; N]) {
        self.update(&characters);
    }

    #[inline]
    fn put_bytes(&mut self, text: &[u8]) {
        self.update(text);
    }

    #[inline]
    fn put_pair(&mut self, first: &[u8], between: u8, second: &[u8]) {
        let length = first.len() + 1 + second.len();
        let room = self.room().get_mut(..length).and_then(|room| room.split_at_mut_checked(first.len()));
        if let Some((head, [middle, tail @ ..])) = room {
            head.copy_from_slice(first);
            *middle = between;
            tail.copy_from_slice(second);
            self.length += length;
            return;
        }
        self.update(first);
        self.update(&[between]);
        self.update(second);
    }

    fn put_encoded(&mut self, bytes: &[u8], encoding: &Encoding) {
        let mut rest = bytes;
        loop {
            (rest, self.length) = encoding.write(rest, self.staged.as_flattened_mut(), self.length);
            if rest.is_empty() && self.length <= Self::STAGED_BYTES {
                return;
            }
            self.compress_staged();
        }
    }
}

/// A key of HMAC-SHA256 with both of its padded blocks already hashed, so that each use costs no more than its text.
#[derive(Clone)]
pub(crate) struct HmacKey(HmacCore<Sha256>);

impl HmacKey {
    pub(crate) fn new(key: &[u8]) -> Self {
        match HmacCore::new_from_slice(key) {
            Ok(core) => Self(core),
            // Cannot happen: RFC 2104 takes a key of any length.
            Err(_) => Self(HmacCore::new(&Array::default())),
        }
    }

    /// The code of a text that `write` puts into its sink.
    pub(crate) fn sign_with(&self, write: impl FnOnce(&mut Text)) -> [u8; 32] {
        let mut text = Text::default();
        write(&mut text);
        self.sign(text.as_bytes())
    }

    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 32] {
        let mut core = self.0.clone();
        let (blocks, rest) = Array::slice_as_chunks(text);
        if !blocks.is_empty() {
            core.update_blocks(blocks);
        }
        let mut code = Array::default();
        core.finalize_fixed_core(&mut Buffer::<HmacCore<Sha256>>::new(rest), &mut code);
        code.into()
    }
}

/// A text to be signed, gathered so that it is hashed in one piece.
pub(crate) struct Text {
    /// A string to sign has about 150 bytes, that of a chunk about 330.
    short: [u8; 384],
    length: usize,
    long: Vec<u8>,
}

impl Default for Text {
    fn default() -> Self {
        Self { short: [0; 384], length: 0, long: Vec::new() }
    }
}

impl Text {
    fn as_bytes(&self) -> &[u8] {
        if self.long.is_empty() { self.short.get(..self.length).unwrap_or_default() } else { &self.long }
    }

    #[inline]
    fn extend(&mut self, bytes: &[u8]) {
        match self.short.get_mut(self.length..self.length + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.length += bytes.len();
            }
            None => self.grow(bytes),
        }
    }

    /// Moves to the heap, for good: from then on there is no room in the short text.
    #[cold]
    fn grow(&mut self, bytes: &[u8]) {
        self.long.extend_from_slice(self.short.get(..self.length).unwrap_or_default());
        self.length = self.short.len() + 1;
        self.long.extend_from_slice(bytes);
    }
}

impl Sink for Text {
    #[inline]
    fn put(&mut self, text: &str) {
        self.extend(text.as_bytes());
    }

    #[inline]
    fn put_ascii<const N: usize>(&mut self, characters: [u8; N]) {
        self.extend(&characters);
    }

    #[inline]
    fn put_bytes(&mut self, text: &[u8]) {
        self.extend(text);
    }

    fn put_encoded(&mut self, bytes: &[u8], encoding: &Encoding) {
        let mut encoded = alloc::string::String::new();
        encoded.put_encoded(bytes, encoding);
        self.extend(encoded.as_bytes());
    }
}

/// Whether two byte strings are the same, in time that does not depend on where they differ.
pub(crate) fn same(left: &[u8], right: &[u8]) -> bool {
    let word = |chunk: &[u8]| chunk.try_into().map_or(0, u64::from_ne_bytes);
    let (left_words, right_words) = (left.chunks_exact(8), right.chunks_exact(8));
    let rest = left_words.remainder().ct_eq(right_words.remainder());
    let differing =
        left_words.zip(right_words).fold(0, |differing, (left, right)| differing | word(left) ^ word(right));
    left.len() == right.len() && (rest & differing.ct_eq(&0)).into()
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

    #[test]
    fn sameness_is_of_every_byte_and_of_the_length() {
        let text: Vec<u8> = (0..27).collect();
        assert!(same(&text, &text.clone()) && same(b"", b""));
        for at in 0..text.len() {
            let mut other = text.clone();
            other[at] ^= 1;
            assert!(!same(&text, &other) && !same(&text[..at], &text), "{at}");
        }
    }

    /// RFC 4231 section 4.7, test case 6.
    #[test]
    fn hmac_with_a_key_longer_than_a_block() {
        let digest = HmacKey::new(&[0xaa; 131]).sign(b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(hex::encode(digest), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    }

    #[test]
    fn texts_of_every_length_have_the_code_of_rfc_2104() {
        let key = b"any key";
        let pad = |with: u8| core::array::from_fn::<u8, 64, _>(|at| key.get(at).copied().unwrap_or_default() ^ with);
        let text: Vec<u8> = (0..=255).cycle().take(800).collect();
        for length in 0..text.len() {
            let inner = sha256(&[&pad(0x36)[..], &text[..length]].concat());
            let code = sha256(&[&pad(0x5c)[..], &inner].concat());
            let in_pieces = HmacKey::new(key).sign_with(|sink| {
                text[..length].chunks(1 + length % 89).for_each(|piece| sink.put_bytes(piece));
            });
            assert_eq!((HmacKey::new(key).sign(&text[..length]), in_pieces), (code, code), "{length}");
        }
    }

    #[test]
    fn pieces_of_every_length_hash_as_the_whole() {
        use sha2::Digest;
        let bytes: Vec<u8> = (0..=255).cycle().take(1800).collect();
        for length in 0..bytes.len() {
            let whole: [u8; 32] = Sha256::digest(&bytes[..length]).into();
            let mut hash = Hash::default();
            bytes[..length].chunks(1 + length % 97).for_each(|piece| hash.update(piece));
            assert_eq!((sha256(&bytes[..length]), hash.finish()), (whole, whole), "{length}");
        }
    }
}
