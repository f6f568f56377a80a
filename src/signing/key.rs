//! [`SigningKey`], which is secret, and [`Signature`], which is not.

use super::crypto::{HmacKey, Text, same};
use super::encode::{Sink, hex_of, hex_str};
use super::scope::TERMINATOR;
use super::{Scope, Secret};
use alloc::vec::Vec;
use core::fmt;
use zeroize::{Zeroize, Zeroizing};

/// The key of one secret, day, region and service: `HMAC(HMAC(HMAC(HMAC("AWS4" + secret, day), region), service),
/// "aws4_request")`.
///
/// It signs nothing else, and the secret cannot be computed from it. Both padded blocks of the HMAC are hashed once.
#[derive(Clone)]
pub struct SigningKey {
    hmac: HmacKey,
    bytes: Zeroizing<[u8; 32]>,
}

impl SigningKey {
    /// Derives the key; the time of the scope counts by its day only.
    pub fn derive(secret: &Secret, scope: &Scope) -> Self {
        // Goes into the first key; the copy is wiped, and never grows.
        let text = secret.expose();
        let mut seed = Zeroizing::new(Vec::with_capacity(4 + text.len()));
        seed.extend_from_slice(b"AWS4");
        seed.extend_from_slice(text.as_bytes());
        let mut key = HmacKey::new(&seed);
        let mut bytes = Zeroizing::new([0; 32]);
        for part in [scope.time().day(), scope.region(), scope.service(), TERMINATOR] {
            let mut next = key.sign(part.as_bytes());
            *bytes = next;
            key = HmacKey::new(&next);
            next.zeroize();
        }
        Self { hmac: key, bytes }
    }

    /// Gives the key away: whoever has it can sign for its day, region and service.
    pub fn expose(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The signature of what `write` puts into its sink.
    pub(crate) fn sign(&self, write: impl FnOnce(&mut Text)) -> Signature {
        Signature(self.hmac.sign_with(write))
    }

    /// The signature of a finished string to sign.
    pub fn sign_text(&self, string_to_sign: &str) -> Signature {
        self.sign(|sink| sink.put(string_to_sign))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(..)")
    }
}

/// A signature: public, printed in hexadecimal, compared in constant time only.
#[derive(Clone, Copy)]
pub struct Signature([u8; 32]);

impl Signature {
    /// Reads 64 hexadecimal digits in lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
        let (mut bytes, mut good) = ([0; 32], true);
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for &digit in pair {
                let (number, letter) = (digit.wrapping_sub(b'0'), digit.wrapping_sub(b'a'));
                good &= (number < 10) | (letter < 6);
                *byte = *byte << 4 | if number < 10 { number } else { letter.wrapping_add(10) };
            }
        }
        good.then_some(Self(bytes))
    }

    /// Whether both are the same, in time that does not depend on where they differ.
    pub fn matches(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 64 digits.
    pub(crate) fn digits(&self) -> [u8; 64] {
        hex_of(&self.0)
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(hex_str(&self.digits()))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Signature({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Timestamp;
    use super::*;

    /// AWS General Reference, "Deriving the signing key".
    #[test]
    fn the_published_key() {
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        let scope = Scope::new(Timestamp::parse("20150830T000000Z").unwrap(), "us-east-1", "iam").unwrap();
        let key = SigningKey::derive(&secret, &scope);
        assert_eq!(hex::encode(key.expose()), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
    }

    #[test]
    fn signatures_are_read_strictly() {
        let digits = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
        assert_eq!(alloc::format!("{}", Signature::parse(digits).unwrap()), digits);
        assert!(Signature::parse(&digits.to_uppercase()).is_none());
        assert!(Signature::parse("5d67").is_none());
        assert!(Signature::parse(&"zz".repeat(32)).is_none());
    }
}
