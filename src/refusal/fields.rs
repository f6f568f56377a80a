//! [`Fields`]: what an answer says, by name, before it is made safe to be shown.

use alloc::string::String;

/// How much of an answer's body is read. Refusals are shorter; a canonical request in one has at most some kilobytes.
pub(super) const MAX_BODY: usize = 64 * 1024;

/// The longest text that is taken from one element or member.
pub(super) const MAX_TEXT: usize = 48 * 1024;

/// How the body of an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Format {
    /// XML with one `Error`: S3 and the query services.
    Xml,
    /// JSON.
    Json,
    /// CBOR: services of the rpc-v2-cbor protocol.
    Cbor,
    /// `Name: message`: VPC Lattice; or what a program printed about an answer.
    Text,
    /// A page for people.
    Html,
    /// Nothing: HEAD requests, OpenSearch Serverless.
    #[default]
    Empty,
}

/// The raw members of an answer that mean something; all others are dropped unread, which is why no dump of a
/// canonical request, no signature and no token gets any further than the parsers.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) code: Option<String>,
    pub(super) message: Option<String>,
    pub(super) canonical_request: Option<String>,
    pub(super) string_to_sign: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) host_id: bool,
    pub(super) region: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) request_time: Option<String>,
    pub(super) server_time: Option<String>,
    pub(super) url_expires: Option<String>,
    pub(super) headers_not_signed: Option<String>,
    pub(super) access_key_id: Option<String>,
    pub(super) status: Option<u16>,
}

impl Fields {
    /// The place of the member of this name; names are compared as services spell them, in any case.
    pub(super) fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        let is = |others: &[&str]| others.iter().any(|other| other.eq_ignore_ascii_case(name));
        Some(if is(&["code", "__type", "errorcode", "errortype"]) {
            &mut self.code
        } else if is(&["message", "errormessage", "reason", "msg"]) {
            &mut self.message
        } else if is(&["canonicalrequest"]) {
            &mut self.canonical_request
        } else if is(&["stringtosign"]) {
            &mut self.string_to_sign
        } else if is(&["requestid", "request_id"]) {
            &mut self.request_id
        } else if is(&["region"]) {
            &mut self.region
        } else if is(&["endpoint"]) {
            &mut self.endpoint
        } else if is(&["requesttime"]) {
            &mut self.request_time
        } else if is(&["servertime"]) {
            &mut self.server_time
        } else if is(&["x-amz-expires"]) {
            &mut self.url_expires
        } else if is(&["headersnotsigned"]) {
            &mut self.headers_not_signed
        } else if is(&["awsaccesskeyid"]) {
            &mut self.access_key_id
        } else {
            return None;
        })
    }

    /// Sets a member that is not set yet: the first one counts.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        if let Some(place) = self.place(name) {
            let value = cut(value.trim(), MAX_TEXT);
            if place.is_none() && !value.is_empty() {
                *place = Some(value.into());
            }
        }
    }

    /// Whether anything was found that says why.
    pub(super) fn speaks(&self) -> bool {
        self.code.is_some() || self.message.is_some()
    }
}

/// The first `max` bytes, or a little less, so that no character is cut.
pub(super) fn cut(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// `com.amazon.coral.service#InvalidSignatureException` and `AccessDeniedException:http://…` hold the name only so.
pub(super) fn bare_code(code: &str) -> &str {
    let code = code.rsplit_once('#').map_or(code, |(_, name)| name);
    code.split([':', ';', ',']).next().unwrap_or_default().trim()
}
