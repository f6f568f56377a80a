//! [`Prover`]: RFC 9449, the proof that who renews a login holds its private key (DPoP, signed with ES256).

use crate::signing::Timestamp;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;
use zeroize::Zeroizing;

/// A private key on the curve P-256.
pub(super) struct Prover(EcdsaKeyPair);

impl Prover {
    /// Reads a key in PEM, in the form of RFC 5915 (`EC PRIVATE KEY`) or RFC 5958 (`PRIVATE KEY`). `None` if it is neither.
    pub(super) fn from_pem(pem: &str) -> Option<Self> {
        let lines = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----"));
        let text = Zeroizing::new(lines.collect::<String>());
        let der = Zeroizing::new(STANDARD.decode(text.as_bytes()).ok()?);
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        if let Some((private, public)) = keys(&der) {
            return EcdsaKeyPair::from_private_key_and_public_key(algorithm, private, public, &random).ok().map(Self);
        }
        EcdsaKeyPair::from_pkcs8(algorithm, &der, &random).ok().map(Self)
    }

    /// The proof for a POST to `url`. `id` must be another each time.
    pub(super) fn prove(&self, url: &str, now: Timestamp, id: &str) -> Option<String> {
        // SEC 1 section 2.3.3: 4, then both coordinates.
        let (x, y) = self.0.public_key().as_ref().get(1..)?.split_at_checked(32)?;
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let key = json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y) });
        let header = format!("{}", json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key }));
        let payload = format!("{}", json!({ "htm": "POST", "htu": url, "iat": now.unix(), "jti": id }));
        let signed = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        Some(format!("{signed}.{}", encode(signature.as_ref())))
    }
}

/// The private and the public key of RFC 5915: a sequence of the version 1, the private key, the curve and the public key.
fn keys(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, 0x30)?;
    let (version, rest) = element(sequence, 0x02)?;
    let (private, mut rest) = element(rest, 0x04)?;
    if version != [1] {
        return None;
    }
    if let Some((_, after)) = element(rest, 0xa0) {
        rest = after;
    }
    let (tagged, _) = element(rest, 0xa1)?;
    let (bits, _) = element(tagged, 0x03)?;
    Some((private, bits.strip_prefix(&[0])?))
}

/// What is in the element of DER at the beginning, and what follows; `None` if it has another tag.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (length, rest) = match *der {
        [first, length @ ..=0x7f, ref rest @ ..] if first == tag => (usize::from(length), rest),
        [first, 0x81, length, ref rest @ ..] if first == tag => (usize::from(length), rest),
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// Bytes of chance as text.
pub(super) fn id(random: impl Iterator<Item = u64>) -> String {
    hex::encode(random.flat_map(u64::to_be_bytes).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    /// Made for this test with `openssl ecparam -name prime256v1 -genkey -noout`, and once more through `openssl pkcs8 -topk8`.
    const KEYS: [&str; 2] =
        [include_str!("../../tests/tls/login.pem"), include_str!("../../tests/tls/login-pkcs8.pem")];

    #[test]
    fn a_proof_verifies_and_names_what_it_is_for() {
        for pem in KEYS {
            let prover = Prover::from_pem(pem).unwrap();
            let now = Timestamp::from_unix(1_440_938_160).unwrap();
            let proof = prover.prove("https://us-east-1.signin.aws.amazon.com/v1/token", now, "7").unwrap();
            let (signed, signature) = proof.rsplit_once('.').unwrap();
            let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
            let parts: Vec<serde_json::Value> = signed
                .split('.')
                .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
                .collect();
            assert_eq!((&parts[0]["typ"], &parts[0]["alg"]), (&json!("dpop+jwt"), &json!("ES256")));
            let expected = json!({
                "htm": "POST", "htu": "https://us-east-1.signin.aws.amazon.com/v1/token", "iat": 1_440_938_160, "jti": "7",
            });
            assert_eq!(parts[1], expected);
            let coordinate = |name: &str| URL_SAFE_NO_PAD.decode(parts[0]["jwk"][name].as_str().unwrap()).unwrap();
            let public = [vec![4], coordinate("x"), coordinate("y")].concat();
            let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public);
            public.verify(signed.as_bytes(), &signature).unwrap();
        }
    }

    #[test]
    fn what_is_no_key_is_none() {
        let cut = KEYS[0].replace("MHcCAQEE", "MHcCAQIE");
        for pem in ["", "-----BEGIN X-----", "!!!", "AAAA", &KEYS[0][..120], &cut] {
            assert!(Prover::from_pem(pem).is_none(), "{pem}");
        }
    }

    use alloc::vec;
}
