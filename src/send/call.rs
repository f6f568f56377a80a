//! [`Call`]: one signed request with a body of any size, and what comes back.

use super::ahead::Within;
use super::checksum::Running;
use super::chunks::Chunks;
use super::declared::Declared;
use super::source::Unkept;
use super::{PrepareError, Reason, Source, prepare, region};
use crate::signing::{
    Checksum, ChunkedBody, Payload, PayloadRule, Request, RequestError, Rules, ScopeError, Signer, Timestamp,
};
use crate::transport::{Body, Failure, Limits, Phase, ResponseBody, Transport, TransportError};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use http::{HeaderValue, Response};
use std::io::{self, Cursor, Read};
use std::time::Instant;

/// The answers that S3 gives for another region's bucket are short; more of one is not looked at.
const LOOKED_AT: usize = 64 * 1024;

/// A request to be signed and sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct Call<'c> {
    /// The method.
    pub method: &'c str,
    /// The URL.
    pub url: &'c str,
    /// The headers, in order.
    pub headers: &'c [(&'c str, &'c str)],
    /// Headers that are sent, but not signed.
    pub left_unsigned: &'c [&'c str],
    /// Headers that are signed though they are [never signed](crate::signing::is_never_signed) otherwise.
    pub also_signed: &'c [&'c str],
    /// What is signed of the body.
    pub payload: PayloadChoice,
    /// The checksum that an aws-chunked body carries in its trailer.
    pub checksum: Option<Checksum>,
}

/// What is signed of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadChoice {
    /// What the service wants.
    #[default]
    Automatic,
    /// Its hash, even where a pipe has to be kept in a temporary file for that.
    Signed,
    /// Nothing: `UNSIGNED-PAYLOAD`.
    Unsigned,
    /// This hash of it, which is not checked.
    Sha256([u8; 32]),
}

/// Something that a caller may want to tell its user.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// The request is about to be sent.
    Sending {
        /// What is sent.
        request: &'e Request<'e>,
        /// What signed it.
        signer: &'e Signer,
    },
    /// S3 named another region, and the request is signed again for it.
    Region {
        /// The region.
        region: &'e str,
        /// Where it is sent now.
        url: &'e str,
    },
    /// The call failed in passing, and is made again.
    Retry {
        /// Why.
        reason: &'e Reason,
        /// After what time.
        wait: Duration,
        /// How many more tries are left after this one.
        left: u32,
    },
    /// The service refused the time of the signature, and the call is made again with its own clock.
    Clock {
        /// What time it is for the service.
        server: Timestamp,
        /// By how much it is ahead of this machine.
        seconds: i64,
    },
    /// The credentials had expired, and the call is made again with others.
    Refreshed {
        /// The access key id that signs now.
        access_key_id: &'e str,
    },
}

/// An answer, its body still to be read.
pub type Answer = Response<ResponseBody>;

/// Why there is no answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum CallError {
    /// The request cannot be signed.
    Request(RequestError),
    /// The region that S3 named cannot be signed for.
    Scope(ScopeError),
    /// The request cannot be put on the wire.
    Prepare(PrepareError),
    /// The body cannot be read.
    Body(io::Error),
    /// The body can be read only once, and cannot be kept in a temporary file.
    Keep(io::Error),
    /// The payload cannot be left unsigned or signed as it was chosen; says why.
    Payload(&'static str),
    /// The URL is presigned already; it is sent as it is, by any client.
    SignedAlready,
    /// No answer arrived.
    Transport(TransportError),
}

impl fmt::Display for CallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => error.fmt(formatter),
            Self::Scope(error) => error.fmt(formatter),
            Self::Prepare(error) => error.fmt(formatter),
            Self::Body(_) => formatter.write_str("the body cannot be read"),
            Self::Keep(_) => formatter.write_str("the body cannot be kept in a temporary file"),
            Self::Payload(why) => formatter.write_str(why),
            Self::SignedAlready => formatter.write_str("the URL is signed already"),
            Self::Transport(error) => error.fmt(formatter),
        }
    }
}

impl core::error::Error for CallError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Request(error) => error.source(),
            Self::Scope(error) => error.source(),
            Self::Prepare(error) => error.source(),
            Self::Body(error) | Self::Keep(error) => Some(error),
            Self::Payload(_) | Self::SignedAlready => None,
            Self::Transport(error) => error.source(),
        }
    }
}

impl From<TransportError> for CallError {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

impl From<RequestError> for CallError {
    fn from(error: RequestError) -> Self {
        Self::Request(error)
    }
}

impl CallError {
    /// What went wrong while a body was kept or hashed; or it did not come in time.
    fn of_body(error: io::Error) -> Self {
        let is_of_file = error.get_ref().is_some_and(|inner| inner.is::<Unkept>());
        match error.kind() {
            _ if is_of_file => Self::Keep(error),
            io::ErrorKind::TimedOut => {
                TransportError::new(Failure::TimedOut(Phase::RequestBody)).with_cause(error).into()
            }
            _ => Self::Body(error),
        }
    }
}

impl<'c> Call<'c> {
    /// A call without headers, its payload signed as the service wants it.
    pub fn new(method: &'c str, url: &'c str) -> Self {
        Self {
            method,
            url,
            headers: &[],
            left_unsigned: &[],
            also_signed: &[],
            payload: PayloadChoice::Automatic,
            checksum: None,
        }
    }

    /// Signs and sends.
    ///
    /// When S3 answers that the bucket is in another region, and the body can be sent again, the request is signed and
    /// sent once more for that region: to the same host, or to S3's own host of that region, never to another one.
    ///
    /// # Errors
    /// When no answer arrived. An answer of any status is one.
    pub fn send(
        &self,
        signer: &Signer,
        body: &mut Source,
        transport: &dyn Transport,
        limits: &Limits,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<Answer, CallError> {
        let begin = Instant::now();
        let answer = self.attempt(self.url, signer, body, transport, limits, tell)?;
        if signer.scope().service() != "s3" || !matches!(answer.status().as_u16(), 301 | 307 | 400 | 403) {
            return Ok(answer);
        }
        let (head, rest) = answer.into_parts();
        let (start, rest) = looked_at(rest)?;
        let again = region::named(&head, &start)
            .filter(|named| named != signer.scope().region() && !matches!(body, Source::Once { .. }));
        if let Some((named, url)) = again.and_then(|named| region::url_in(self.url, &named).map(|url| (named, url))) {
            let signer = signer.in_region(&named).map_err(CallError::Scope)?;
            tell(Event::Region { region: &named, url: &url });
            return self.attempt(&url, &signer, body, transport, &limits.after(begin.elapsed()), tell);
        }
        Ok(Response::from_parts(head, ResponseBody::new(Cursor::new(start).chain(rest))))
    }

    fn attempt(
        &self,
        url: &str,
        signer: &Signer,
        body: &mut Source,
        transport: &dyn Transport,
        limits: &Limits,
        tell: &mut dyn FnMut(Event<'_>),
    ) -> Result<Answer, CallError> {
        let begin = Instant::now();
        // A pipe is waited for no longer than all the rest.
        let until = limits.whole.and_then(|whole| begin.checked_add(whole));
        let chunked = self.chunked(signer.rules(), body)?;
        let checksum = match (&chunked, self.checksum) {
            (None, Some(checksum)) => Some((checksum.header(), body_checksum(checksum, body, until)?)),
            _ => None,
        };
        let mut headers: Vec<(&str, &str)> = match &chunked {
            Some(chunked) => chunked_headers(self.headers, chunked),
            None => self.headers.iter().copied().filter(|(name, _)| !is_framing(name)).collect(),
        };
        headers.extend(checksum.as_ref().map(|(name, value)| (*name, value.as_str())));
        let payload = match &chunked {
            Some(chunked) => chunked.payload(),
            None => self.whole(signer.rules(), body, until)?,
        };
        let request = Request::new(self.method, url)?.with_headers(&headers)?;
        if request.has_parameter("X-Amz-Signature") {
            return Err(CallError::SignedAlready);
        }
        let request = request.leave_unsigned(self.left_unsigned).sign_also(self.also_signed).payload(payload);
        tell(Event::Sending { request: &request, signer });
        let (mut prepared, authorization) =
            prepare::with_authorization(signer, &request).map_err(CallError::Prepare)?;
        if let Some(chunked) = &chunked {
            prepared.headers_mut().insert(http::header::CONTENT_LENGTH, HeaderValue::from(chunked.encoded_length()));
            let Source::Once { reader, .. } = body else {
                return Err(CallError::Payload("only a body that is read once is sent in chunks"));
            };
            let encoder =
                chunked.encoder(signer, &authorization).map_err(|error| CallError::Body(io::Error::other(error)))?;
            let running = self.checksum.and_then(Running::new);
            let mut chunks = Chunks::new(reader, chunked.decoded_length(), encoder, running, until);
            let on_wire = Body::Reader { reader: &mut chunks, length: Some(chunked.encoded_length()) };
            return Ok(transport.send(prepared.map(|()| on_wire), limits)?);
        }
        let length = body.rewind().map_err(CallError::Body)?;
        let (mut within, mut declared);
        let on_wire = match body {
            Source::Empty => Body::Empty,
            Source::Bytes(bytes) => Body::Bytes(bytes),
            Source::Seekable(file) => Body::Reader { reader: file, length: Some(length) },
            Source::Once { reader, length } => {
                let reader: &mut dyn Read = match until {
                    Some(until) => {
                        within = Within::new(reader, until);
                        &mut within
                    }
                    None => reader,
                };
                match *length {
                    Some(length) => {
                        declared = Declared::new(reader, length);
                        Body::Reader { reader: &mut declared, length: Some(length) }
                    }
                    None => Body::Reader { reader, length: None },
                }
            }
        };
        // What it took to read or hash the body is part of the whole time.
        Ok(transport.send(prepared.map(|()| on_wire), &limits.after(begin.elapsed()))?)
    }

    /// The chunks of a body that can be read only once and that the service takes so.
    fn chunked(&self, rules: &Rules, body: &Source) -> Result<Option<ChunkedBody>, CallError> {
        let takes_chunks = rules.payload == PayloadRule::UnsignedInUrl;
        if self.checksum.is_some() && !takes_chunks {
            return Err(CallError::Payload("only S3 takes a checksum"));
        }
        if self.checksum.is_some_and(|checksum| Running::new(checksum).is_none()) {
            return Err(CallError::Payload("this checksum cannot be computed here; crc32, crc32c and sha256 can"));
        }
        let Source::Once { length: Some(length), .. } = body else {
            return Ok(None);
        };
        Ok(match (self.payload, self.checksum) {
            _ if !takes_chunks => None,
            (PayloadChoice::Automatic | PayloadChoice::Signed, None) => Some(ChunkedBody::signed(*length)),
            (PayloadChoice::Automatic | PayloadChoice::Signed, Some(checksum)) => {
                Some(ChunkedBody::signed(*length).with_trailer(checksum))
            }
            (PayloadChoice::Unsigned, Some(checksum)) => Some(ChunkedBody::unsigned(*length, checksum)),
            (PayloadChoice::Unsigned, None) | (PayloadChoice::Sha256(_), _) => None,
        })
    }

    /// What is signed of a body that is sent in one piece.
    fn whole<'b>(&self, rules: &Rules, body: &'b mut Source, until: Option<Instant>) -> Result<Payload<'b>, CallError> {
        // S3 refuses what does not say how long it is, also where nothing of it is hashed.
        if rules.payload == PayloadRule::UnsignedInUrl && matches!(body, Source::Once { length: None, .. }) {
            body.keep(until).map_err(CallError::of_body)?;
        }
        match (self.payload, rules.payload) {
            (PayloadChoice::Signed | PayloadChoice::Sha256(_), PayloadRule::Unsigned) => {
                Err(CallError::Payload("this service refuses signed payloads"))
            }
            (PayloadChoice::Unsigned, _) | (_, PayloadRule::Unsigned) => Ok(Payload::Unsigned),
            (PayloadChoice::Sha256(digest), _) => Ok(Payload::Sha256(digest)),
            (PayloadChoice::Automatic | PayloadChoice::Signed, _) => {
                body.hashed_within(until).map_err(CallError::of_body)
            }
        }
    }
}

/// Whether the transport itself writes this header, from what it sends: what a caller says would be signed and then
/// replaced.
fn is_framing(name: &str) -> bool {
    name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("transfer-encoding")
}

/// The checksum of a body that is sent in one piece.
fn body_checksum(checksum: Checksum, body: &mut Source, until: Option<Instant>) -> Result<String, CallError> {
    body.keep(until).map_err(CallError::of_body)?;
    body.rewind().map_err(CallError::Body)?;
    let running = Running::new(checksum).ok_or(CallError::Payload("this checksum cannot be computed here"))?;
    match body {
        Source::Bytes(bytes) => running.of(&mut bytes.as_slice()),
        Source::Seekable(file) => running.of(file),
        Source::Empty | Source::Once { .. } => running.of(&mut io::empty()),
    }
    .map_err(CallError::Body)
}

/// The caller's headers and those of the chunks; an encoding of the caller's own stands behind `aws-chunked`, as S3 wants.
fn chunked_headers<'h>(given: &'h [(&'h str, &'h str)], chunked: &'h ChunkedBody) -> Vec<(&'h str, &'h str)> {
    let replaced = |name: &str| is_framing(name) || name.eq_ignore_ascii_case("x-amz-decoded-content-length");
    let mut headers: Vec<(&str, &str)> = chunked.headers().collect();
    headers.extend(given.iter().filter(|(name, _)| !replaced(name)));
    headers
}

/// The start of a body, as much of it as is looked at, and the rest.
pub(super) fn looked_at(body: ResponseBody) -> Result<(Vec<u8>, ResponseBody), CallError> {
    let mut start = Vec::new();
    let mut body = body;
    let limit = u64::try_from(LOOKED_AT).unwrap_or(u64::MAX);
    let read = body.by_ref().take(limit).read_to_end(&mut start);
    read.map_err(|error| CallError::Transport(TransportError::from_reading(error)))?;
    Ok((start, body))
}
