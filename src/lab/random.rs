//! Chance, for credentials, tokens and request ids.

use alloc::format;
use alloc::string::String;
use std::io;

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn bytes<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::getrandom(&mut bytes).map_err(io::Error::from)?;
    Ok(bytes)
}

/// The letters of an alphabet whose length divides 256, so that all are equally likely.
fn letters<const N: usize>(alphabet: &[u8]) -> io::Result<String> {
    let letter = |byte: &u8| alphabet.get(usize::from(*byte) % alphabet.len()).copied().map(char::from);
    Ok(bytes::<N>()?.iter().filter_map(letter).collect())
}

/// As the ids of temporary access keys look.
pub(super) fn access_key_id() -> io::Result<String> {
    Ok(format!("ASIA{}", letters::<16>(BASE32)?))
}

/// As secret access keys look.
pub(super) fn secret() -> io::Result<String> {
    letters::<40>(BASE64)
}

/// As session tokens look: the `+`, `/` and `=` in them are what clients forget to encode.
pub(super) fn session_token() -> io::Result<String> {
    Ok(format!("IQoJb3JpZ2luX2VjE{}+/==", letters::<299>(BASE64)?))
}

/// As tokens of the metadata service look.
pub(super) fn metadata_token() -> io::Result<String> {
    Ok(format!("AQAEA{}==", letters::<49>(BASE64)?.replace('+', "-").replace('/', "_")))
}

/// RFC 9562 section 5.4: a random UUID.
pub(super) fn uuid() -> io::Result<String> {
    let number = u128::from_be_bytes(bytes()?);
    let number = number & !(0xf << 76) | 4 << 76;
    let number = number & !(0b11 << 62) | 0b10 << 62;
    Ok(format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        number >> 96,
        number >> 80 & 0xffff,
        number >> 64 & 0xffff,
        number >> 48 & 0xffff,
        number & 0xffff_ffff_ffff
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_chance_makes_has_the_form_of_the_real_thing() {
        let uuid = uuid().unwrap();
        let bytes = uuid.as_bytes();
        assert_eq!((uuid.len(), bytes[8], bytes[14]), (36, b'-', b'4'), "{uuid}");
        assert!(matches!(bytes[19], b'8' | b'9' | b'a' | b'b'), "{uuid}");
        assert_eq!(access_key_id().unwrap().len(), 20);
        assert_eq!(secret().unwrap().len(), 40);
        assert_ne!(session_token().unwrap(), session_token().unwrap());
        assert!(metadata_token().unwrap().bytes().all(|byte| byte.is_ascii_graphic()));
    }
}
