//! The published bodies, and what happens to one byte changed.

use super::super::{
    Authorization, Claim, Credentials, Payload, Request, Scope, Signer, Timestamp, Verifier, VerifyError,
};
use super::*;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

fn credentials() -> Credentials {
    Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY").unwrap()
}

fn now() -> Timestamp {
    Timestamp::parse("20130524T000000Z").unwrap()
}

fn signer() -> Signer {
    Signer::new(&credentials(), Scope::new(now(), "us-east-1", "s3").unwrap())
}

fn request<'a>(body: &'a ChunkedBody, more: &[(&'a str, &'a str)]) -> Request<'a> {
    let mut request = Request::new("PUT", "https://s3.amazonaws.com/examplebucket/chunkObject.txt").unwrap();
    for (name, value) in body.headers().chain(more.iter().copied()) {
        request = request.header(name, value).unwrap();
    }
    request.payload(body.payload())
}

/// The body on the wire.
fn encoded(body: &ChunkedBody, authorization: &Authorization, data: &[u8], checksum: Option<&str>) -> Vec<u8> {
    let mut encoder = body.encoder(&signer(), authorization).unwrap();
    let (mut wire, mut rest) = (Vec::new(), data);
    while encoder.next_size() > 0 {
        let (chunk, others) = rest.split_at(encoder.next_size());
        wire.extend_from_slice(encoder.head(chunk).unwrap().as_bytes());
        wire.extend_from_slice(chunk);
        rest = others;
    }
    wire.extend_from_slice(encoder.finish(checksum).unwrap().as_bytes());
    wire
}

fn received_headers(request: &Request<'_>, authorization: &Authorization) -> Vec<(String, String)> {
    let added =
        authorization.headers().chain([("host", request.host())]).map(|(name, value)| (name.into(), value.into()));
    request.headers().map(|(name, value)| (name.into(), value.into())).chain(added).collect()
}

/// A decoder for what `authorization` signed.
fn decoder(request: &Request<'_>, authorization: &Authorization) -> Result<ChunkDecoder, ChunkDecodeError> {
    let headers = received_headers(request, authorization);
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let received = Request::received("PUT", request.path(), &headers, *request.body()).unwrap();
    let claim = Claim::parse(&received).unwrap();
    let verified = Verifier::new("us-east-1", "s3").verify(&claim, &credentials(), now()).unwrap();
    ChunkDecoder::new(&verified, &credentials())
}

/// Decodes `wire`, which arrives in pieces of `size` bytes. `Err(None)` is a body that does not end.
fn decoded(
    mut decoder: ChunkDecoder,
    wire: &[u8],
    size: usize,
) -> Result<(Vec<u8>, Option<String>), Option<ChunkDecodeError>> {
    let mut data = Vec::new();
    for mut piece in wire.chunks(size) {
        loop {
            match decoder.next(&mut piece)? {
                ChunkEvent::NeedsInput => break,
                ChunkEvent::Data(bytes) => data.extend_from_slice(bytes),
                ChunkEvent::ChunkEnd => {}
                ChunkEvent::End => {
                    assert!(piece.is_empty());
                    return Ok((data, decoder.trailer().map(|(_, value)| value.into())));
                }
            }
        }
    }
    Err(None)
}

fn signatures(wire: &[u8]) -> Vec<String> {
    let text = String::from_utf8(wire.to_vec()).unwrap();
    let found = text.match_indices("-signature").map(|(at, word)| text[at + word.len() + 1..][..64].into());
    found.collect()
}

/// Amazon S3 API Reference, "Transferring Payload in Multiple Chunks".
#[test]
fn the_published_chunks() {
    let body = ChunkedBody::signed(66_560);
    let length = body.encoded_length().to_string();
    assert_eq!(length, "66824");
    let request = request(&body, &[("content-length", &length), ("x-amz-storage-class", "REDUCED_REDUNDANCY")]);
    let signer = signer();
    let authorization = signer.sign(&request);
    assert_eq!(
        authorization.signature().to_string(),
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
    );
    let wire = encoded(&body, &authorization, &[b'a'; 66_560], None);
    assert_eq!(wire.len(), 66_824);
    assert_eq!(
        signatures(&wire),
        [
            "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
            "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
            "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
        ]
    );
    let decoder = decoder(&request, &authorization).unwrap();
    assert_eq!(decoded(decoder, &wire, 1000).unwrap(), ([b'a'; 66_560].to_vec(), None));
}

/// Amazon S3 API Reference, "Transferring Payload in Multiple Chunks, Including Trailing Headers". The page prints a
/// `Content-Length`, but did not sign it.
#[test]
fn the_published_chunks_and_trailer() {
    let body = ChunkedBody::signed(66_560).with_trailer(Checksum::Crc32c);
    assert_eq!(body.encoded_length(), 66_946);
    let request = request(&body, &[("x-amz-storage-class", "REDUCED_REDUNDANCY")]);
    let signer = signer();
    let authorization = signer.sign(&request);
    assert_eq!(
        authorization.signature().to_string(),
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
    );
    let wire = encoded(&body, &authorization, &[b'a'; 66_560], Some("sOO8/Q=="));
    assert_eq!(wire.len(), 66_946);
    assert_eq!(
        signatures(&wire),
        [
            "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
            "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
            "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
            "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
        ]
    );
    assert!(wire.ends_with(
        b"\r\nx-amz-checksum-crc32c:sOO8/Q==\r\n\
          x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
    ));
    let decoder = decoder(&request, &authorization).unwrap();
    assert_eq!(decoded(decoder, &wire, 66_946).unwrap(), ([b'a'; 66_560].to_vec(), Some("sOO8/Q==".into())));
}

#[test]
fn unsigned_chunks_are_framed_alike() {
    let body = ChunkedBody::unsigned(5, Checksum::Crc32).with_chunk_size(3);
    let request = request(&body, &[]);
    let signer = signer();
    let authorization = signer.sign(&request);
    let wire = encoded(&body, &authorization, b"hello", Some("NhCmhg=="));
    assert_eq!(wire, b"3\r\nhel\r\n2\r\nlo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");
    assert_eq!(usize::try_from(body.encoded_length()), Ok(wire.len()));
    let decoder = decoder(&request, &authorization).unwrap();
    assert_eq!(decoded(decoder, &wire, 1).unwrap(), (b"hello".to_vec(), Some("NhCmhg==".into())));
}

#[test]
fn the_length_is_known_before_the_body() {
    for length in [0, 1, 15, 16, 17, 255, 256, 4095] {
        for size in [1, 15, 16, 255, 256, 5000] {
            let data = alloc::vec![b'x'; usize::try_from(length).unwrap()];
            let value = "A".repeat(43) + "=";
            for (body, checksum) in [
                (ChunkedBody::signed(length), None),
                (ChunkedBody::signed(length).with_trailer(Checksum::Sha256), Some(value.as_str())),
                (ChunkedBody::unsigned(length, Checksum::Sha256), Some(value.as_str())),
            ] {
                let body = body.with_chunk_size(size);
                let request = request(&body, &[]);
                let wire = encoded(&body, &signer().sign(&request), &data, checksum);
                assert_eq!(usize::try_from(body.encoded_length()), Ok(wire.len()), "{body:?}");
            }
        }
    }
    assert_eq!(ChunkedBody::signed(u64::MAX).with_chunk_size(1).encoded_length(), u64::MAX);
}

#[test]
fn one_byte_changed_anywhere_is_refused() {
    let body = ChunkedBody::signed(5).with_trailer(Checksum::Crc32c).with_chunk_size(3);
    let request = request(&body, &[]);
    let signer = signer();
    let authorization = signer.sign(&request);
    let wire = encoded(&body, &authorization, b"hello", Some("mnG7TA=="));
    let names = wire.windows(7).position(|window| window == b"x-amz-c").unwrap();
    for at in 0..wire.len() {
        for bit in [0x01, 0x20] {
            // The name of a header may be written in any case.
            if bit == 0x20 && (names..names + 21).contains(&at) && wire[at].is_ascii_alphabetic() {
                continue;
            }
            let mut changed = wire.clone();
            changed[at] ^= bit;
            let decoder = decoder(&request, &authorization).unwrap();
            assert!(decoded(decoder, &changed, 7).is_err(), "byte {at}: {}", changed.escape_ascii());
        }
    }
}

#[test]
fn chunks_that_change_places_are_refused() {
    let body = ChunkedBody::signed(2).with_chunk_size(1);
    let request = request(&body, &[]);
    let signer = signer();
    let authorization = signer.sign(&request);
    let wire = encoded(&body, &authorization, b"ab", None);
    let (chunk, rest) = wire.split_at(87);
    let swapped = [&rest[..87], chunk, &rest[87..]].concat();
    let refused = decoded(decoder(&request, &authorization).unwrap(), &swapped, 300);
    assert_eq!(refused, Err(Some(ChunkDecodeError::Signature { chunk: 1 })));
}

#[test]
fn a_refused_body_stays_refused() {
    let body = ChunkedBody::unsigned(5, Checksum::Crc32);
    let request = request(&body, &[]);
    let signer = signer();
    let authorization = signer.sign(&request);
    for (wire, error) in [
        ("6\r\n", ChunkDecodeError::Length),
        ("0\r\n", ChunkDecodeError::Length),
        ("05\r\n", ChunkDecodeError::Head),
        ("+5\r\n", ChunkDecodeError::Head),
        ("\r\n", ChunkDecodeError::Head),
        ("5;x=y\r\n", ChunkDecodeError::Head),
        ("5\n", ChunkDecodeError::Line),
        ("5\r\nhello!\r\n", ChunkDecodeError::Line),
        ("5\r\nhello\r\n0\r\n\r\n", ChunkDecodeError::Trailer),
        ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:NhCmhg==\r\n", ChunkDecodeError::Trailer),
        ("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg\r\n", ChunkDecodeError::Trailer),
    ] {
        let mut decoder = decoder(&request, &authorization).unwrap();
        let mut input = wire.as_bytes();
        let refusal = loop {
            match decoder.next(&mut input) {
                Ok(ChunkEvent::NeedsInput | ChunkEvent::End) => panic!("{wire:?} is accepted"),
                Ok(_) => {}
                Err(refusal) => break refusal,
            }
        };
        assert_eq!(refusal, error, "{wire:?}");
        assert_eq!(decoder.next(&mut &b"5\r\nhello\r\n0\r\n"[..]), Err(error));
    }
    let mut decoder = decoder(&request, &authorization).unwrap();
    assert_eq!(decoder.next(&mut "1".repeat(1000).as_bytes()), Err(ChunkDecodeError::Line));
}

#[test]
fn what_is_not_announced_is_not_sent() {
    let signer = signer();
    let body = ChunkedBody::signed(5).with_chunk_size(4);
    let authorization = signer.sign(&request(&body, &[]));
    let encoder = || body.encoder(&signer, &authorization).unwrap();
    assert_eq!(encoder().head(b"hello"), Err(ChunkEncodeError::Length { wanted: 4, found: 5 }));
    assert_eq!(encoder().finish(None), Err(ChunkEncodeError::Unfinished { left: 5 }));
    let mut all = encoder();
    all.head(b"hell").unwrap();
    all.head(b"o").unwrap();
    assert_eq!(all.head(b""), Err(ChunkEncodeError::Length { wanted: 0, found: 0 }));
    assert_eq!(all.finish(Some("NhCmhg==")), Err(ChunkEncodeError::Trailer));

    let trailing = ChunkedBody::signed(0).with_trailer(Checksum::Crc32);
    assert_eq!(trailing.encoder(&signer, &authorization).unwrap_err(), ChunkEncodeError::Payload);
    let authorization = signer.sign(&request(&trailing, &[]));
    for value in [None, Some("NhCmhg"), Some("NhCmhg\r\n"), Some("NhCmhgAA=")] {
        let encoder = trailing.encoder(&signer, &authorization).unwrap();
        assert_eq!(encoder.finish(value), Err(ChunkEncodeError::Trailer), "{value:?}");
    }
}

#[test]
fn headers_that_announce_no_such_body_are_refused() {
    let signer = signer();
    let put = |headers: &[(&str, &str)], payload: Payload<'static>| {
        let mut request = Request::new("PUT", "https://h/").unwrap();
        for (name, value) in headers {
            request = request.header(name, value).unwrap();
        }
        let request = request.payload(payload);
        decoder(&request, &signer.sign(&request)).map(|_| ()).unwrap_err()
    };
    let length = ("x-amz-decoded-content-length", "5");
    assert_eq!(put(&[length], Payload::Bytes(b"")), ChunkDecodeError::NotChunked);
    assert_eq!(put(&[length], Payload::Events), ChunkDecodeError::NotChunked);
    assert_eq!(put(&[], Payload::SignedChunks), ChunkDecodeError::DecodedLength);
    for digits in ["", "+5", "-5", "0x5", "18446744073709551616"] {
        let headers = [("x-amz-decoded-content-length", digits)];
        assert_eq!(put(&headers, Payload::SignedChunks), ChunkDecodeError::DecodedLength);
    }
    assert_eq!(put(&[length], Payload::SignedChunksAndTrailer), ChunkDecodeError::TrailerName);
    let trailer = ("x-amz-trailer", "x-amz-checksum-crc32");
    assert_eq!(put(&[length, trailer], Payload::SignedChunks), ChunkDecodeError::TrailerName);
    let trailer = ("x-amz-trailer", "x-amz-meta-a");
    assert_eq!(put(&[length, trailer], Payload::UnsignedChunksAndTrailer), ChunkDecodeError::TrailerName);
}

#[test]
fn a_changed_length_is_a_changed_request() {
    let body = ChunkedBody::signed(5);
    let request = request(&body, &[]);
    let signer = signer();
    let authorization = signer.sign(&request);
    let headers = received_headers(&request, &authorization);
    let mut headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    headers.iter_mut().find(|(name, _)| *name == "x-amz-decoded-content-length").unwrap().1 = "6";
    let received = Request::received("PUT", request.path(), &headers, body.payload()).unwrap();
    let claim = Claim::parse(&received).unwrap();
    let refused = Verifier::new("us-east-1", "s3").verify(&claim, &credentials(), now()).unwrap_err();
    assert_eq!(refused, VerifyError::Signature);
}
