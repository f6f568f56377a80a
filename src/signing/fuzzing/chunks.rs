//! aws-chunked bodies: what is encoded is decoded, what is hostile is refused.

use super::super::{
    Checksum, ChunkDecodeError, ChunkDecoder, ChunkEvent, ChunkedBody, Claim, Request, Signer, Verifier,
};
use super::{REGION, credentials, now, rule_sets, signer};
use alloc::string::String;
use alloc::vec::Vec;

/// Encodes the bytes and decodes them again, in pieces; with one byte changed; and decodes the bytes themselves.
pub fn chunks(data: &[u8]) {
    let Some((&[choice, size, low, mask], data)) = data.split_first_chunk() else { return };
    let length = u64::try_from(data.len()).unwrap();
    let body = match choice % 3 {
        0 => ChunkedBody::signed(length),
        1 => ChunkedBody::signed(length).with_trailer(Checksum::Crc32c),
        _ => ChunkedBody::unsigned(length, Checksum::Crc32),
    };
    let body = body.with_chunk_size(usize::from(size));
    let (service, rules) = rule_sets()[1];
    let signer = signer(service, rules, false);
    let trailer = (choice % 3 > 0).then_some("sOO8/Q==");
    let (wire, decoder) = encoded(&body, &signer, data, trailer);
    assert_eq!(u64::try_from(wire.len()).unwrap(), body.encoded_length());
    let piece = usize::from(low) + 1;
    let whole = (data.to_vec(), trailer.map(String::from));
    assert_eq!(decoded(decoder(), &wire, piece), Ok(whole.clone()));

    let mut changed = wire.clone();
    let at = (usize::from(low) | usize::from(choice) << 8) % wire.len();
    changed[at] ^= mask.max(1);
    if changed.eq_ignore_ascii_case(&wire) && !data.contains(&changed[at]) {
        // The case of a header name or of a hexadecimal digit; a signature has to be in lower case all the same.
    } else if choice % 3 < 2 {
        assert_ne!(decoded(decoder(), &changed, piece), Ok(whole), "byte {at}");
    }

    match decoded(decoder(), data, piece) {
        Ok((found, _)) => {
            assert_eq!(choice % 3, 2, "a body without a signature is believed");
            assert_eq!(found.len(), data.len());
        }
        Err(error) => assert_eq!(decoded(decoder(), data, data.len().max(1)), Err(error)),
    }
}

/// The body on the wire, and what makes decoders for it.
fn encoded(
    body: &ChunkedBody,
    signer: &Signer,
    data: &[u8],
    trailer: Option<&str>,
) -> (Vec<u8>, impl Fn() -> ChunkDecoder) {
    let own = |(name, value): (&str, &str)| (String::from(name), String::from(value));
    let mut headers: Vec<_> = body.headers().map(own).collect();
    let mut request = Request::new("PUT", "https://example.com/key").unwrap().payload(body.payload());
    for (name, value) in body.headers() {
        request = request.header(name, value).unwrap();
    }
    let authorization = signer.sign(&request);
    headers.extend(authorization.headers().chain([("host", "example.com")]).map(own));
    let mut encoder = body.encoder(signer, &authorization).unwrap();
    let (mut wire, mut rest) = (Vec::new(), data);
    while encoder.next_size() > 0 {
        let (chunk, others) = rest.split_at(encoder.next_size());
        wire.extend_from_slice(encoder.head(chunk).unwrap().as_bytes());
        wire.extend_from_slice(chunk);
        rest = others;
    }
    wire.extend_from_slice(encoder.finish(trailer).unwrap().as_bytes());
    let payload = body.payload();
    let decoder = move || {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let received = Request::received("PUT", "/key", &headers, payload).unwrap();
        let claim = Claim::parse(&received).unwrap();
        let verified = Verifier::new(REGION, "s3").verify(&claim, &credentials(false), now()).unwrap();
        ChunkDecoder::new(&verified, &credentials(false)).unwrap()
    };
    (wire, decoder)
}

/// The data and the trailer; `Err(None)` is a body that does not end, or goes on after its end.
fn decoded(
    mut decoder: ChunkDecoder,
    wire: &[u8],
    size: usize,
) -> Result<(Vec<u8>, Option<String>), Option<ChunkDecodeError>> {
    let (mut data, mut ended) = (Vec::new(), false);
    for mut piece in wire.chunks(size) {
        loop {
            let before = piece.len();
            match decoder.next(&mut piece)? {
                ChunkEvent::NeedsInput => {
                    assert!(piece.is_empty(), "input is left");
                    break;
                }
                ChunkEvent::Data(bytes) => {
                    assert!(!bytes.is_empty() && before - piece.len() >= bytes.len());
                    data.extend_from_slice(bytes);
                }
                ChunkEvent::ChunkEnd => assert!(piece.len() < before),
                ChunkEvent::End => {
                    ended = true;
                    if piece.is_empty() {
                        break;
                    }
                    return Err(None);
                }
            }
        }
    }
    let trailer = decoder.trailer().map(|(_, value)| value.into());
    if ended { Ok((data, trailer)) } else { Err(None) }
}
