//! [`Message`]: a request made of the bytes of a fuzzer.

use super::super::{Payload, Request, RequestError};
use alloc::vec::Vec;

/// A request line, header lines, an empty line and a body.
#[derive(Clone, Debug)]
pub(super) struct Message<'a> {
    pub(super) choices: [u8; 4],
    pub(super) method: &'a str,
    pub(super) target: &'a str,
    pub(super) host: &'a str,
    /// Without `Host`.
    pub(super) headers: Vec<(&'a str, &'a str)>,
    pub(super) body: &'a [u8],
}

impl<'a> Message<'a> {
    pub(super) fn read(data: &'a [u8]) -> Option<Self> {
        let (&choices, message) = data.split_first_chunk()?;
        let end = message.windows(2).position(|window| window == b"\n\n");
        let (head, body) = end.map_or((message, &[][..]), |end| (&message[..end], &message[end + 2..]));
        let mut lines = core::str::from_utf8(head).ok()?.split('\n');
        let (method, target) = lines.next()?.split_once(' ')?;
        let lines = lines.filter(|line| !line.is_empty());
        let headers: Vec<_> = lines.map(|line| line.split_once(':')).collect::<Option<_>>()?;
        let is_host = |name: &str| name.eq_ignore_ascii_case("host");
        let host = headers.iter().find(|(name, _)| is_host(name)).map_or("example.com", |(_, value)| value.trim());
        Some(Self {
            choices,
            method,
            target: target.strip_suffix(" HTTP/1.1").unwrap_or(target),
            host,
            headers: headers.into_iter().filter(|(name, _)| !is_host(name)).collect(),
            body,
        })
    }

    /// The request as a client makes it.
    pub(super) fn request(&'a self) -> Result<Request<'a>, RequestError> {
        let request = Request::from_parts(self.method, true, self.host, self.target)?;
        Ok(request.with_headers(&self.headers)?.payload(Payload::Bytes(self.body)))
    }

    /// The same without the headers of these names.
    pub(super) fn without(mut self, names: &[&str]) -> Self {
        self.headers.retain(|(name, _)| !names.iter().any(|other| other.eq_ignore_ascii_case(name)));
        self
    }
}
