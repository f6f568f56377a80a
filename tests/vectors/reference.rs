use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// The SHA-256 of `bytes` in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// HMAC-SHA256.
pub(super) fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// What the signature of a chunk, a trailer or a message of an event stream is made of.
pub(super) fn chained_string_to_sign(
    algorithm: &str,
    time: &str,
    scope: &str,
    previous: &str,
    hashes: &[String],
) -> String {
    format!("{algorithm}\n{time}\n{scope}\n{previous}\n{}", hashes.join("\n"))
}

/// The private key of SigV4A: a counter is hashed until the result lies below the order of P-256 less one
/// (NIST SP 800-108 in counter mode, with the label and context of AWS's `key_derivation.c`).
pub(super) fn sigv4a_private_key(access_key_id: &str, secret: &str) -> String {
    let largest = hex::decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254f").unwrap();
    for counter in 1..=254_u8 {
        let mut text = vec![0, 0, 0, 1];
        text.extend_from_slice(b"AWS4-ECDSA-P256-SHA256\0");
        text.extend_from_slice(access_key_id.as_bytes());
        text.extend_from_slice(&[counter, 0, 0, 1, 0]);
        let mut key = hmac(format!("AWS4A{secret}").as_bytes(), &text);
        if key <= largest {
            for byte in key.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
            return hex::encode(key);
        }
    }
    panic!("no key in 254 rounds");
}
