//! [`Refusal`]: what a service answered, read.

use super::fields::{Fields, Format, MAX_BODY, bare_code, cut};
use super::scrub::safe;
use super::told::Told;
use super::{cbor, json, saved, words, xml};
use crate::signing::{Secret, Timestamp};
use alloc::string::{String, ToString};
use core::fmt;

/// The longest message that is shown.
const MESSAGE: usize = 1500;

/// The longest name or number that is shown.
const NAME: usize = 128;

/// What a service answered instead of doing what was asked. Every text is fit for a terminal, and holds no secret.
#[derive(Clone)]
pub struct Refusal {
    status: Option<u16>,
    format: Format,
    code: Option<String>,
    message: String,
    // A canonical request holds the session token.
    canonical_request: Option<Secret>,
    string_to_sign: Option<String>,
    request_id: Option<String>,
    pub(super) told: Told,
}

impl Refusal {
    /// How much of a body is read; the rest can be left away.
    pub const MAX_BODY: usize = MAX_BODY;

    /// Reads an answer. Any answer can be read; from some there is little to learn.
    pub fn read<'h>(status: u16, headers: impl IntoIterator<Item = (&'h str, &'h str)>, body: &[u8]) -> Self {
        let (mut fields, mut told) = (Fields { status: Some(status), ..Fields::default() }, Told::default());
        let (mut code, mut older) = (None, None);
        let mut is_cbor = false;
        // Nobody sends more headers than this.
        for (name, value) in headers.into_iter().take(256) {
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            if is("x-amzn-errortype") {
                code = Some(value.to_string());
            } else if is("x-amzn-query-error") {
                older = Some(value.to_string());
            } else if is("x-amzn-requestid") || is("x-amz-request-id") || is("x-amzn-request-id") {
                fields.set("requestid", value);
            } else if is("content-type") {
                is_cbor = value.to_ascii_lowercase().contains("cbor");
            } else if is("x-amz-error-code") {
                fields.set("code", value);
            } else if is("x-amz-error-message") {
                fields.set("message", value);
            } else {
                told.header(name, value);
            }
        }
        let body = body.get(..MAX_BODY).unwrap_or(body);
        let format = read_body(body, is_cbor, &mut fields);
        // The older protocol's name for the error counts only where there is no other.
        fields.code = code.filter(|_| format != Format::Xml).or(fields.code).or(older);
        Self::new(format, fields, told)
    }

    /// Reads what somebody saved or pasted: an answer with its head as `curl -i` prints it, the trace of `curl -v`, a
    /// body alone, or what a program printed about an answer.
    pub fn read_saved(saved: &[u8]) -> Self {
        saved::read(saved)
    }

    fn new(format: Format, mut fields: Fields, mut told: Told) -> Self {
        let raw = fields.message.take().unwrap_or_default();
        let (message, canonical_request, string_to_sign) = words::split_texts(&raw);
        let unescape = |text: String| words::lines(&text);
        fields.canonical_request = canonical_request.or(fields.canonical_request).map(unescape);
        fields.string_to_sign = string_to_sign.or(fields.string_to_sign).map(unescape);
        told.take(&fields);
        let code = fields.code.as_deref().map(|code| safe(bare_code(cut(code, 512)), NAME));
        let string_to_sign = fields
            .string_to_sign
            .as_deref()
            .map(|text| text.lines().take(8).map(|line| safe(line, NAME)).collect::<alloc::vec::Vec<_>>().join("\n"));
        Self {
            status: fields.status,
            format,
            code: code.filter(|code| !code.is_empty()),
            message: safe(cut(message.trim(), 4 * MESSAGE), MESSAGE),
            canonical_request: fields.canonical_request.map(Secret::new),
            string_to_sign,
            request_id: fields.request_id.as_deref().map(|id| safe(id, NAME)),
            told,
        }
    }

    /// The status of the answer, if it is known.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// How the body was written.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The name of the error: `SignatureDoesNotMatch`, `AccessDeniedException`, …
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// What the service says about it, without the texts of a signature; may be empty.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The canonical request that the service computed, if it told. It may hold the session token, so it is secret.
    pub fn canonical_request(&self) -> Option<&Secret> {
        self.canonical_request.as_ref()
    }

    /// The string to sign that the service computed, if it told.
    pub fn string_to_sign(&self) -> Option<&str> {
        self.string_to_sign.as_deref()
    }

    /// What the service calls the request; its operator can find it by that.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// What time it was for the service, if it told.
    pub fn server_time(&self) -> Option<Timestamp> {
        self.told.server_time.or(self.told.date)
    }

    /// Whether it is a page for people, as web servers and proxies send it.
    pub fn is_html(&self) -> bool {
        self.format == Format::Html
    }

    pub(super) fn with_status(mut self, status: Option<u16>) -> Self {
        self.status = status.or(self.status);
        self
    }

    /// The answer from a text alone: a body, or what was pasted.
    pub(super) fn from_body(body: &[u8]) -> Self {
        let mut fields = Fields::default();
        let format = read_body(body.get(..MAX_BODY).unwrap_or(body), false, &mut fields);
        Self::new(format, fields, Told::default())
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Refusal")
            .field("status", &self.status)
            .field("format", &self.format)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

fn read_body(body: &[u8], is_cbor: bool, fields: &mut Fields) -> Format {
    // A CBOR map starts with a byte that no text starts with.
    if is_cbor || body.first().is_some_and(|byte| (0xa0..=0xbf).contains(byte)) {
        cbor::read(body, fields);
        return Format::Cbor;
    }
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{feff}').trim();
    let starts = |with: &str| text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    if text.is_empty() {
        Format::Empty
    } else if starts("<!doctype html") || starts("<html") {
        Format::Html
    } else if starts("<") {
        xml::read(text, fields);
        Format::Xml
    } else if starts("{") {
        json::read(text, fields);
        if fields.speaks() { Format::Json } else { words::read(text, fields) }
    } else {
        words::read(text, fields)
    }
}
