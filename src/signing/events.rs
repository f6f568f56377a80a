//! [`EventSigner`]: signs the messages of an event stream (`application/vnd.amazon.eventstream`).
//!
//! A signed message is an envelope: its headers are `:date` and `:chunk-signature`, its payload is the message that
//! the service is to get, whole, or nothing in the last one. The prelude and the two checksums around them are the
//! caller's. Amazon Transcribe Developer Guide, "Event stream encoding".

use super::chain::Chain;
use super::crypto::sha256;
use super::encode::{hex_of, hex_str};
use super::{Authorization, Signature, Signer, Timestamp};

/// Signs one message after another, starting from the signature of the request, made with
/// [`Payload::Events`](super::Payload::Events).
///
/// ```
/// use awsig::signing::{Credentials, EventSigner, Payload, Request, Scope, Signer, Timestamp};
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let start = Timestamp::from_unix(1_440_938_160)?;
/// let signer = Signer::new(&credentials, Scope::new(start, "us-east-1", "transcribe")?);
/// let request = Request::new("POST", "https://transcribestreaming.us-east-1.amazonaws.com/stream-transcription")?
///     .payload(Payload::Events);
///
/// let mut events = EventSigner::new(&signer, &signer.sign(&request));
/// let headers = events.sign(start.plus_seconds(1), b"message");
/// assert!(headers.as_bytes().starts_with(b"\x05:date\x08"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct EventSigner {
    signer: Signer,
    last: Signature,
}

impl EventSigner {
    /// Starts after the request that opens the stream.
    pub fn new(signer: &Signer, authorization: &Authorization) -> Self {
        Self { signer: signer.clone(), last: *authorization.signature() }
    }

    /// Signs the next message, sent at `time`; the last one has an empty payload.
    pub fn sign(&mut self, time: Timestamp, payload: &[u8]) -> EventHeaders {
        self.signer = self.signer.at(time);
        let milliseconds = time.unix().saturating_mul(1000).to_be_bytes();
        let mut bytes = [0; EventHeaders::LENGTH];
        put(&mut bytes, &[b"\x05:date\x08", &milliseconds]);
        let date = bytes.get(..EventHeaders::DATE_LENGTH).unwrap_or_default();
        let before = hex_of(&sha256(date));
        let mut chain = Chain::of(&self.signer, self.last);
        self.last = chain.sign_part(hex_str(&before), &hex_of(&sha256(payload)));
        put(&mut bytes, &[b"\x05:date\x08", &milliseconds, b"\x10:chunk-signature\x06\0\x20", self.last.as_bytes()]);
        EventHeaders { bytes, signature: self.last }
    }
}

/// Copies `parts` one after another to the start of `bytes`.
fn put(bytes: &mut [u8], parts: &[&[u8]]) {
    let places = bytes.iter_mut();
    places.zip(parts.iter().copied().flatten()).for_each(|(place, byte)| *place = *byte);
}

/// The two headers of a signed message, encoded: `:date`, a timestamp, and `:chunk-signature`, 32 bytes.
#[derive(Clone, Copy, Debug)]
pub struct EventHeaders {
    bytes: [u8; Self::LENGTH],
    signature: Signature,
}

impl EventHeaders {
    const DATE_LENGTH: usize = 15;
    const LENGTH: usize = 67;

    /// The bytes between the prelude and the payload.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The signature alone.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Credentials, Payload, Request, Scope};
    use super::*;
    use alloc::string::ToString;

    /// aws-c-auth, `tests/test_event_signing.c`.
    #[test]
    fn the_published_messages() {
        let time = |text| Timestamp::parse(text).unwrap();
        let credentials = Credentials::new("access", "secret").unwrap();
        let scope = Scope::new(time("19810116T063000Z"), "us-east-1", "demo").unwrap();
        let signer = Signer::new(&credentials, scope);
        let request = Request::new("POST", "https://demo.us-east-1.amazonaws.com/streaming").unwrap();
        let request = request.header("content-encoding", "application/vnd.amazon.eventstream").unwrap();
        let authorization = signer.sign(&request.payload(Payload::Events));
        let seed = "e1d8e8c8815e60969f2a34765c9a15945ffc0badbaa4b7e3b163ea19131e949b";
        assert_eq!(authorization.signature().to_string(), seed);
        let mut events = EventSigner::new(&signer, &authorization);
        for (second, payload, signature) in [
            ("19810116T063001Z", "A", "7aabf85b765e6a4d0d500b6e968657b14726fa3e1eb7e839302728ffd77629a5"),
            ("19810116T063002Z", "B", "f72aa9642f571d24a6e1ae42f10f073ad9448d8a028b6bcd82da081335adda02"),
            ("19810116T063003Z", "C", "632af120435b57ec241d8bfbb12e496dfd5e2730a1a02ac0ab6eaa230ae02e9a"),
            ("19810116T063004Z", "", "c6f679ddb3af68f5e82f0cf6761244cb2338cf11e7d01a24130aea1b7c17e53e"),
        ] {
            let headers = events.sign(time(second), payload.as_bytes());
            assert_eq!(headers.signature().to_string(), signature, "{payload:?}");
            let encoded = hex::encode(headers.as_bytes());
            assert!(encoded.ends_with(&alloc::format!("103a6368756e6b2d7369676e6174757265060020{signature}")));
        }
    }

    #[test]
    fn a_stream_goes_on_after_midnight_with_the_key_of_the_new_day() {
        let before = Timestamp::parse("20150830T235959Z").unwrap();
        let credentials = Credentials::new("AKIDEXAMPLE", "secret").unwrap();
        let signer = Signer::new(&credentials, Scope::new(before, "us-east-1", "transcribe").unwrap());
        let request = Request::new("POST", "https://h/").unwrap().payload(Payload::Events);
        let seed = signer.sign(&request);
        let after = before.plus_seconds(1);
        let crossed = EventSigner::new(&signer, &seed).sign(after, b"x");
        let started = EventSigner::new(&signer.at(after), &seed).sign(after, b"x");
        assert!(crossed.signature().matches(started.signature()));
        assert!(!crossed.signature().matches(EventSigner::new(&signer, &seed).sign(before, b"x").signature()));
    }
}
