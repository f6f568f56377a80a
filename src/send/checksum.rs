//! [`Running`]: the checksums that S3 takes, computed as a body goes by.

use crate::signing::{BodyHash, Checksum};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::io::{self, Read};

/// Checksums that can be computed here.
pub(super) enum Running {
    Crc32(crc32fast::Hasher),
    Crc32c(u32),
    Sha256(Box<BodyHash>),
}

impl Running {
    pub(super) fn new(checksum: Checksum) -> Option<Self> {
        match checksum {
            Checksum::Crc32 => Some(Self::Crc32(crc32fast::Hasher::new())),
            Checksum::Crc32c => Some(Self::Crc32c(0)),
            Checksum::Sha256 => Some(Self::Sha256(Box::default())),
            _ => None,
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc32(hasher) => hasher.update(bytes),
            Self::Crc32c(state) => *state = crc32c::crc32c_append(*state, bytes),
            Self::Sha256(hash) => hash.update(bytes),
        }
    }

    /// The checksum of all that `reader` gives.
    pub(super) fn of(mut self, reader: &mut dyn Read) -> io::Result<String> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(self.text()),
                Ok(count) => self.update(buffer.get(..count).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Its value, as it stands in a header or trailer.
    pub(super) fn text(self) -> String {
        match self {
            Self::Crc32(hasher) => STANDARD.encode(hasher.finalize().to_be_bytes()),
            Self::Crc32c(state) => STANDARD.encode(state.to_be_bytes()),
            Self::Sha256(hash) => STANDARD.encode(hash.finish()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_the_standards() {
        // The check values of the catalogue of CRC algorithms, and FIPS 180-4's own example.
        for (checksum, text, value) in [
            (Checksum::Crc32, "123456789", "y/Q5Jg=="),
            (Checksum::Crc32c, "123456789", "4waSgw=="),
            (Checksum::Sha256, "abc", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="),
        ] {
            let running = Running::new(checksum).unwrap();
            assert_eq!(running.of(&mut text.as_bytes()).unwrap(), value, "{checksum:?}");
        }
        assert!(Running::new(Checksum::Sha1).is_none());
    }
}
