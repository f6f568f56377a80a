//! A request as somebody captured it: HTTP/1.1 text, a trace of `curl -v`, a HAR file, or a URL.

use crate::har;
use crate::report::{Failure, USAGE};
use awsig::signing::{Payload, Request};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The largest capture that is read.
const MAX: u64 = 64 * 1024 * 1024;

/// A request, whole but for the body of a trace.
#[derive(Debug, Default)]
pub(crate) struct Captured {
    pub(crate) method: String,
    /// `/path?query`, or a whole URL.
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    /// `None` if the capture does not hold it.
    pub(crate) body: Option<Vec<u8>>,
}

/// Reads what is named: a URL is itself, `-` or nothing standard input, all else a file.
pub(crate) fn read(name: Option<&str>, method: &str, body: Option<&Path>) -> Result<Captured, Failure> {
    let mut captured = match name {
        Some(url) if is_url(url) => {
            Captured { method: method.to_ascii_uppercase(), target: url.into(), ..Captured::default() }
        }
        name => parse(&bytes(name)?, method)?,
    };
    if let Some(path) = body {
        let read = fs::read(path);
        captured.body = Some(read.map_err(|error| unreadable(format!("cannot read {}: {error}", path.display())))?);
    }
    Ok(captured)
}

/// The bytes of a file or of standard input.
pub(crate) fn bytes(name: Option<&str>) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = match name {
        None | Some("-") => io::stdin().lock().take(MAX).read_to_end(&mut bytes),
        Some(path) => File::open(path).and_then(|file| file.take(MAX).read_to_end(&mut bytes)),
    };
    read.map_err(|error| unreadable(format!("cannot read {}: {error}", name.unwrap_or("standard input"))))?;
    Ok(bytes)
}

pub(crate) fn unreadable(text: impl Into<String>) -> Failure {
    Failure::new(USAGE, text)
}

fn is_url(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

fn parse(bytes: &[u8], method: &str) -> Result<Captured, Failure> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    if bytes.starts_with(b"{") || bytes.starts_with(b"[") {
        return har::parse(bytes);
    }
    let text = String::from_utf8_lossy(bytes.get(..64 * 1024).unwrap_or(bytes));
    let first = text.lines().next().unwrap_or_default().trim();
    if is_url(first) {
        return Ok(Captured { method: method.to_ascii_uppercase(), target: first.into(), ..Captured::default() });
    }
    if let Some(head) = traced(&text) {
        return head_of(&head, None);
    }
    let (head, body) = split(bytes);
    let head = core::str::from_utf8(head).map_err(|_| unreadable("the head of the request is no UTF-8 text"))?;
    head_of(head, Some(body))
}

/// The request in a trace of `curl -v`: the last block of lines that start with `>`.
fn traced(text: &str) -> Option<String> {
    let mut head = String::new();
    for line in text.lines() {
        let line = line.trim_end();
        let Some(content) = line.strip_prefix("> ").or_else(|| (line == ">").then_some("")) else { continue };
        if content.contains(" HTTP/") && !content.contains(": ") {
            head.clear();
        }
        head.push_str(content);
        head.push('\n');
    }
    (!head.is_empty()).then_some(head)
}

/// Head and body, at the first empty line.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let start = at;
        at += line.len();
        if line.trim_ascii().is_empty() {
            return (bytes.get(..start).unwrap_or_default(), bytes.get(at..).unwrap_or_default());
        }
    }
    (bytes, &[])
}

fn head_of(head: &str, body: Option<&[u8]>) -> Result<Captured, Failure> {
    let mut lines = head.lines().filter(|line| !line.trim().is_empty());
    let first = lines.next().unwrap_or_default().trim();
    let (method, rest) = first.split_once(' ').ok_or_else(|| not_a_request(first))?;
    // A target may hold blanks that a client did not encode.
    let target = rest.rsplit_once(" HTTP/").map_or(rest, |(target, _)| target);
    let mut captured = Captured { method: method.into(), target: target.into(), ..Captured::default() };
    for line in lines {
        let (name, value) =
            line.split_once(':').ok_or_else(|| unreadable(format!("a header has no colon: {:.60}", shown(line))))?;
        captured.headers.push((name.trim().into(), value.trim_matches(['\r', '\n', ' ']).into()));
    }
    let length = captured.header("content-length").and_then(|length| length.parse::<usize>().ok());
    captured.body = match (body, length) {
        // Editors add a line break to what they save.
        (Some(body), length) => Some(body.get(..length.unwrap_or(body.len())).unwrap_or(body).to_vec()),
        (None, None | Some(0)) if !captured.has_header("transfer-encoding") => Some(Vec::new()),
        (None, _) => None,
    };
    Ok(captured)
}

fn not_a_request(first: &str) -> Failure {
    unreadable(format!("not a request: {:?}", shown(first))).hint(
        "give a request line such as GET /path HTTP/1.1 with its headers, the output of curl -v, a HAR file or a URL",
    )
}

fn shown(text: &str) -> String {
    awsig::signing::printable(text, 60)
}

impl Captured {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn has_header(&self, name: &str) -> bool {
        self.header(name).is_some()
    }

    /// Adds the host of a URL where there is no `Host` header, as in HTTP/2.
    pub(crate) fn complete(&mut self) {
        let authority = self.headers.iter().find(|(name, _)| name == ":authority").map(|(_, value)| value.clone());
        self.headers.retain(|(name, _)| !name.starts_with(':'));
        if self.has_header("host") {
            return;
        }
        let in_url = || {
            let (_, rest) = self.target.split_once("://")?;
            rest.split(['/', '?', '#']).next().map(str::to_owned)
        };
        if let Some(host) = authority.or_else(in_url) {
            self.headers.push(("host".into(), host));
        }
    }

    /// The checked request.
    pub(crate) fn request<'a>(&'a self, headers: &'a [(&'a str, &'a str)]) -> Result<Request<'a>, Failure> {
        let request = Request::received(&self.method, &self.target, headers, self.payload()?);
        request.map_err(|error| Failure::of(USAGE, &error))
    }

    /// The body, or what the request says of it.
    fn payload(&self) -> Result<Payload<'_>, Failure> {
        if let Some(body) = &self.body {
            return Ok(Payload::Bytes(body));
        }
        let Some(declared) = self.header("x-amz-content-sha256") else {
            return match self.target.contains("://") {
                // A presigned URL; its sender adds no body to a GET.
                true => Ok(Payload::Bytes(&[])),
                false => Err(unreadable("the trace does not hold the body of the request").hint("add --body FILE")),
            };
        };
        let mut digest = [0; 32];
        Ok(match hex::decode_to_slice(declared, &mut digest) {
            Ok(()) => Payload::Sha256(digest),
            Err(_) => Payload::Unsigned,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_capture_is_read() {
        let http = b"POST /x?y=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}\n";
        let trace = b"* Trying\n> POST /x?y=1 HTTP/2\n> Host: h\n> Content-Length: 0\n>\n* more\n< HTTP/2 403\n";
        let har = br#"{"log":{"entries":[{"request":{"method":"POST","url":"https://h/x?y=1","headers":[{"name":"Host","value":"h"}],"postData":{"text":"{}"}}}]}}"#;
        for (bytes, body) in [(&http[..], &b"{}"[..]), (trace, b""), (har, b"{}")] {
            let mut captured = parse(bytes, "GET").unwrap();
            captured.complete();
            assert_eq!((captured.method.as_str(), captured.header("host")), ("POST", Some("h")));
            assert!(captured.target.ends_with("/x?y=1"));
            assert_eq!(captured.body.as_deref(), Some(body));
        }
        assert_eq!(parse(b"https://h/?X-Amz-Algorithm=x\n", "put").unwrap().method, "PUT");
        assert!(parse(b"nothing", "GET").is_err());
        assert!(parse(b"", "GET").is_err());
        assert!(parse(b"{\"a\":1}", "GET").is_err());
        assert!(parse(b"> PUT /x HTTP/1.1\n> Host: h\n> Content-Length: 3\n>\n", "GET").unwrap().body.is_none());
    }
}
