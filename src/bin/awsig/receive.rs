//! An answer on its way to where it was asked to go.

use crate::args::{CallArgs, ConnectionArgs};
use crate::connect;
use crate::decode::{self, DecodeError};
use crate::fault;
use crate::progress::Meter;
use crate::report::{Failure, REFUSED, USAGE, WRITE, note};
use crate::target::{Output, Target};
use crate::write_out::Told;
use crate::{output, redirect, secrets, verbose, why};
use awsig::refusal::{Asked, Diagnosis, Refusal};
use awsig::send::Answer;
use awsig::transport::TransportError;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, HeaderMap};
use http::response::Parts;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

/// Less came than was to come: curl's.
const PARTIAL: u8 = 18;
/// The service cannot go on where a download broke off: curl's.
const RANGE: u8 = 33;
/// An encoding that cannot be undone: curl's.
const ENCODING: u8 = 61;
/// More than `--max-filesize`: curl's.
const TOO_LARGE: u8 = 63;
/// Slower than `--speed-limit`: curl's.
const TOO_SLOW: u8 = 28;

/// Takes answers.
pub(crate) struct Receiver<'a> {
    args: &'a CallArgs,
    target: Target,
    offset: u64,
    /// Heads that are to be printed.
    included: Vec<u8>,
    dump: Option<File>,
}

impl<'a> Receiver<'a> {
    pub(crate) fn new(args: &'a CallArgs, target: Target, offset: u64) -> Self {
        Self { args, target, offset, included: Vec::new(), dump: None }
    }

    /// Takes the head of an answer, be it one that leads on.
    pub(crate) fn head(&mut self, answer: &Answer, told: &mut Told) -> Result<(), Failure> {
        if self.args.verbose {
            let mut text = format!("< {:?} {}\n", answer.version(), answer.status());
            for (name, value) in answer.headers() {
                let value = value.to_str().unwrap_or("(no text)");
                text.push_str(&format!("< {name}: {}\n", verbose::shown_answer(name.as_str(), value)));
            }
            secrets::say(&text);
        }
        let mut head = format!("{:?} {}\r\n", answer.version(), answer.status()).into_bytes();
        for (name, value) in answer.headers() {
            for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
        head.extend_from_slice(b"\r\n");
        told.status = answer.status().as_u16();
        told.version = format!("{:?}", answer.version()).trim_start_matches("HTTP/").to_owned();
        told.headers = answer.headers().clone();
        told.size_header += u64::try_from(head.len()).unwrap_or(0);
        match self.args.answer.dump_header.as_deref() {
            Some(path) if path.as_os_str() == "-" => output::print(&head)?,
            Some(path) => {
                let failed = |error| Failure::new(WRITE, format!("cannot write {}: {error}", path.display()));
                if self.dump.is_none() {
                    self.dump = Some(File::create(path).map_err(failed)?);
                }
                self.dump.as_mut().map_or(Ok(()), |file| file.write_all(&head)).map_err(failed)?;
            }
            None => {}
        }
        if self.args.answer.include || self.args.request.head {
            self.included.extend(head);
        }
        Ok(())
    }

    /// Takes the body of the last answer.
    pub(crate) fn body(
        self,
        answer: Answer,
        url: &str,
        asked: &Asked,
        meter: &Meter,
        told: &mut Told,
        connection: &ConnectionArgs,
    ) -> Result<(), Failure> {
        let (head, body) = answer.into_parts();
        let refused = head.status.as_u16() >= 400;
        let target = &self.target;
        if self.offset > 0 && is_complete(&head, self.offset) {
            note("there is nothing left to download");
            return Ok(());
        }
        let range = Range::of(&head).filter(|range| range.start == self.offset);
        if self.offset > 0 && !refused && range.is_none() {
            return Err(Failure::new(RANGE, format!("{} does not go on at byte {}", fault::host(url), self.offset))
                .hint("leave -C out to download all of it again"));
        }
        let max = self.args.answer.max_filesize.as_deref().map(size).transpose()?;
        let length = length(&head.headers);
        if let Some((max, _)) = max.zip(length).filter(|(max, length)| length > max) {
            return Err(too_large(max));
        }
        meter.start("receiving", length.filter(|_| !refused));
        let watched = Paced::new(meter.read(body), connect::slowest(connection));
        let mut body: Box<dyn Read + '_> = Box::new(watched);
        let read_failure = |error: io::Error| read_failure(url, error);
        if self.args.answer.compressed {
            body = decode::decoded(&head.headers, body).map_err(read_failure)?;
        }
        let mut body = why::Kept::new(body, refused && !self.args.answer.silent);
        let hidden = refused && self.args.answer.fail;
        let copied = if hidden {
            // What goes to a file stays as it was.
            if *target == Target::Stdout {
                output::print(&self.included)?;
            }
            io::copy(&mut Read::by_ref(&mut body).take(1024 * 1024), &mut io::sink()).map(|_| ()).map_err(read_failure)
        } else {
            if let Target::File(path) = target {
                told.file = path.display().to_string();
            }
            let append = self.offset > 0 || (self.args.answer.continue_at.is_some() && !refused);
            let mut output = if refused && self.args.answer.continue_at.is_some() {
                // What is there already is not mixed with a document of another kind.
                Target::Stdout.open(false)?
            } else {
                target.open(append)?
            };
            let copied = copy(&self.included, &mut body, &mut output, max, read_failure);
            // A bar that stays behind what was written would garble it.
            meter.done();
            copied.and_then(|()| output.finish())
        };
        told.size_download = if hidden { 0 } else { meter.count() };
        copied?;
        if let Some(range) = range.filter(|_| self.offset > 0 && *target != Target::Stdout) {
            range.check(url, meter.count())?;
        }
        if !refused {
            if let Some(location) = head.headers.get(http::header::LOCATION).filter(|_| head.status.is_redirection()) {
                note(&elsewhere(url, head.status, location));
            }
            return Ok(());
        }
        if self.args.answer.no_fail {
            return Ok(());
        }
        let failure = Failure::new(REFUSED, format!("{} answered {}", fault::host(url), head.status));
        if self.args.answer.silent {
            return Err(failure);
        }
        let headers = head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
        let refusal = Refusal::read(head.status.as_u16(), headers, body.kept());
        let diagnosis = Diagnosis::of(&refusal, asked);
        let all = self.args.explain;
        Err(failure.tell(if all { why::all(&refusal, &diagnosis) } else { why::short(&refusal, &diagnosis) }))
    }
}

/// What is read at once at first, which most answers fit into; and what is once that was full.
const FIRST: usize = 8 * 1024;
const MOST: usize = 256 * 1024;

/// Copies the heads and then the body as it arrives, never holding it whole.
fn copy(
    included: &[u8],
    body: &mut impl Read,
    output: &mut Output,
    max: Option<u64>,
    read_failure: impl Fn(io::Error) -> Failure,
) -> Result<(), Failure> {
    let mut buffer = vec![0; FIRST];
    let mut left = max;
    let mut bytes = included;
    loop {
        if let Err(error) = output.write_all(bytes).and_then(|()| output.flush()) {
            return output.failed(&error).map_or(Ok(()), Err);
        }
        let count = loop {
            match body.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => break read.map_err(&read_failure)?,
            }
        };
        if count == 0 {
            return Ok(());
        }
        if let Some(left) = &mut left {
            *left = left
                .checked_sub(u64::try_from(count).unwrap_or(u64::MAX))
                .ok_or_else(|| too_large(max.unwrap_or(0)))?;
        }
        if count == FIRST && buffer.len() == FIRST {
            buffer.resize(MOST, 0);
        }
        bytes = buffer.get(..count).unwrap_or_default();
    }
}

fn read_failure(url: &str, error: io::Error) -> Failure {
    if let Some(slow) = error.get_ref().and_then(|inner| inner.downcast_ref::<Slow>()) {
        return Failure::new(TOO_SLOW, format!("{}: {slow}", fault::host(url)))
            .hint("--speed-time SECONDS is more patient, --speed-limit BYTES asks for less");
    }
    if let Some(encoding) = error.get_ref().and_then(|inner| inner.downcast_ref::<DecodeError>()) {
        return Failure::new(ENCODING, format!("{}: {encoding}", fault::host(url)))
            .hint("leave --compressed out to get the answer as it was sent");
    }
    fault::of_transport(url, &TransportError::from_reading(error))
}

fn too_large(max: u64) -> Failure {
    Failure::new(TOO_LARGE, format!("the answer is larger than {max} bytes")).hint("--max-filesize BYTES accepts more")
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// What an answer has of the whole: RFC 9110 section 14.4.
struct Range {
    start: u64,
    end: u64,
    total: Option<u64>,
}

impl Range {
    /// The one range of an answer, if it agrees with itself.
    fn of(head: &Parts) -> Option<Self> {
        let mut values = head.headers.get_all(CONTENT_RANGE).iter();
        let (value, other) = (values.next()?.to_str().ok()?, values.next());
        let (range, total) = value.strip_prefix("bytes ")?.trim().split_once('/')?;
        let (start, end) = range.split_once('-')?;
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let total = if total == "*" { None } else { Some(number(total)?) };
        let range = Self { start: number(start)?, end: number(end)?, total };
        // Bytes of what is compressed are no bytes of the file.
        let encoded = head.headers.get_all(CONTENT_ENCODING).iter().any(|value| value != "identity");
        let agrees = range.start <= range.end
            && range.total.is_none_or(|total| range.end < total)
            && length(&head.headers).is_none_or(|length| length == range.length());
        (head.status == 206 && other.is_none() && !encoded && agrees).then_some(range)
    }

    fn length(&self) -> u64 {
        (self.end - self.start).saturating_add(1)
    }

    /// Whether all that is missing came.
    fn check(&self, url: &str, count: u64) -> Result<(), Failure> {
        let (host, start, end) = (fault::host(url), self.start, self.end);
        let error = match self.total {
            _ if count != self.length() => format!("{host} sent {count} bytes of bytes {start} to {end}"),
            Some(total) if total - 1 > end => format!("{host} sent bytes {start} to {end} of {total}"),
            _ => return Ok(()),
        };
        Err(Failure::new(PARTIAL, error).hint("-C - goes on behind them"))
    }
}

/// Whether an answer says that there are just so many bytes: RFC 9110 section 15.5.17.
fn is_complete(head: &Parts, offset: u64) -> bool {
    let range = head.headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    head.status == 416 && range.strip_prefix("bytes */").and_then(|length| length.trim().parse().ok()) == Some(offset)
}

fn size(text: &str) -> Result<u64, Failure> {
    bytes(text).ok_or_else(|| {
        Failure::new(USAGE, format!("not a size: {text:?}")).hint("--max-filesize takes 1000, 10K, 2M or 1G")
    })
}

/// `100`, `10K`, `2M`, `1G`.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (digits, shift) = match lower.split_at_checked(lower.len().saturating_sub(1)) {
        Some((digits, "k")) => (digits, 10),
        Some((digits, "m")) => (digits, 20),
        Some((digits, "g")) => (digits, 30),
        _ => (lower.as_str(), 0),
    };
    digits.parse::<u64>().ok().and_then(|number| number.checked_mul(1 << shift))
}

/// A body that must not come too slowly.
struct Paced<R> {
    body: R,
    slowest: Option<(u64, Duration)>,
    since: Instant,
    count: u64,
}

#[derive(Debug)]
struct Slow(u64, Duration);

impl std::fmt::Display for Slow {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "less than {} bytes a second for {} s", self.0, self.1.as_secs())
    }
}

impl std::error::Error for Slow {}

impl<R> Paced<R> {
    fn new(body: R, slowest: Option<(u64, Duration)>) -> Self {
        Self { body, slowest, since: Instant::now(), count: 0 }
    }
}

impl<R: Read> Read for Paced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        if let Some((least, time)) = self.slowest {
            self.count = self.count.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
            if count > 0 && self.since.elapsed() >= time {
                if self.count < least.saturating_mul(time.as_secs()) {
                    return Err(io::Error::other(Slow(least, time)));
                }
                (self.since, self.count) = (Instant::now(), 0);
            }
        }
        Ok(count)
    }
}

/// Where the answer is, when this is none; of the URL only what cannot be secret.
fn elsewhere(url: &str, status: http::StatusCode, location: &http::HeaderValue) -> String {
    let location = redirect::location(location);
    let place = location.split(['?', '#']).next().unwrap_or_default();
    let place = place.split_once('@').map_or(place, |(_, host)| host);
    format!("{} answered {status}: the answer is at {place}; -L follows", fault::host(url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [
            ("10", Some(10)),
            ("2K", Some(2048)),
            ("1m", Some(1 << 20)),
            ("1G", Some(1 << 30)),
            ("", None),
            ("K", None),
            ("99999999999999999999", None),
            ("é", None),
        ] {
            assert_eq!(size(text).ok(), bytes, "{text}");
        }
    }
}
