//! Answers that somebody saved: `curl -i`, `curl -v`, or a body.

use super::Refusal;
use super::fields::MAX_BODY;
use alloc::string::String;
use alloc::vec::Vec;

/// How much of a saved text is looked at: a body and its head, with room for a trace around them.
const MAX_SAVED: usize = 4 * MAX_BODY;

pub(super) fn read(saved: &[u8]) -> Refusal {
    let saved = saved.get(..MAX_SAVED).unwrap_or(saved);
    let saved = saved.strip_prefix(b"\xef\xbb\xbf").unwrap_or(saved).trim_ascii_start();
    if saved.starts_with(b"HTTP/") {
        return with_head(saved);
    }
    match core::str::from_utf8(saved) {
        Ok(text) if text.lines().any(|line| line.starts_with("< HTTP/")) => with_head(&untrace(text)),
        _ => Refusal::from_body(saved),
    }
}

/// Reads the last head and what follows it: redirects and `100 Continue` print theirs before.
fn with_head(saved: &[u8]) -> Refusal {
    let mut rest = saved;
    let mut head: &[u8] = &[];
    while rest.starts_with(b"HTTP/") {
        let end = ends(rest);
        (head, rest) = rest.split_at_checked(end).unwrap_or((rest, &[]));
    }
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split_ascii_whitespace().nth(1)?.parse::<u16>().ok());
    let headers = lines.filter_map(|line| line.split_once(':').map(|(name, value)| (name.trim(), value.trim())));
    Refusal::read(status.unwrap_or_default(), headers, rest).with_status(status)
}

/// Where the head ends: after the first empty line.
fn ends(text: &[u8]) -> usize {
    let mut at = 0;
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        at += line.len();
        if line.trim_ascii().is_empty() {
            break;
        }
    }
    at
}

/// The answer in a trace of `curl -v`: the lines after `<` are its head, those without a mark its body.
fn untrace(text: &str) -> Vec<u8> {
    let (mut head, mut body) = (String::new(), String::new());
    for line in text.lines() {
        if let Some(header) = line.strip_prefix("< ").or_else(|| (line == "<").then_some("")) {
            head.push_str(header.trim_end());
            head.push('\n');
        } else if !head.is_empty() && !line.starts_with("* ") && !line.starts_with('>') && !is_transfer_mark(line) {
            body.push_str(line);
            body.push('\n');
        }
    }
    head.push_str(if head.ends_with("\n\n") { "" } else { "\n" });
    head.push_str(&body);
    head.into_bytes()
}

/// `{ [123 bytes data]`, which curl prints for a body that goes elsewhere.
fn is_transfer_mark(line: &str) -> bool {
    (line.starts_with("{ [") || line.starts_with("} [")) && line.ends_with(" data]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_head_counts() {
        let refusal =
            read(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/2 403 \r\nx-amzn-RequestId: R\r\n\r\n{\"Message\":\"no\"}");
        assert_eq!((refusal.status(), refusal.message(), refusal.request_id()), (Some(403), "no", Some("R")));
    }

    #[test]
    fn traces_lose_their_marks() {
        let trace = "* Connected\n> GET / HTTP/1.1\n> Host: h\n>\n< HTTP/1.1 403 Forbidden\n< Date: Tue, 09 Mar 2021 16:38:58 GMT\n<\n{ [40 bytes data]\n{\"message\":\"no\"}\n* Closing\n";
        let refusal = read(trace.as_bytes());
        assert_eq!((refusal.status(), refusal.message()), (Some(403), "no"));
        assert_eq!(refusal.server_time().unwrap().as_str(), "20210309T163858Z");
    }

    #[test]
    fn a_body_alone_will_do() {
        let refusal = read(b" <Error><Code>AccessDenied</Code></Error>");
        assert_eq!((refusal.status(), refusal.code()), (None, Some("AccessDenied")));
        assert_eq!(read(b"").code(), None);
    }
}
