//! [`Told`]: what an answer tells besides its code and message.

use super::fields::Fields;
use super::scrub::safe;
use crate::signing::Timestamp;
use alloc::string::String;

/// The facts of an answer that a diagnosis draws on.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// From the `Date` header.
    pub(super) date: Option<Timestamp>,
    pub(super) server_time: Option<Timestamp>,
    pub(super) request_time: Option<Timestamp>,
    /// The region that S3 wants.
    pub(super) region: Option<String>,
    pub(super) endpoint: Option<String>,
    pub(super) url_expires: Option<String>,
    pub(super) headers_not_signed: Option<String>,
    pub(super) access_key_id: Option<String>,
    /// `x-aoss-response-hint`.
    pub(super) hint: Option<String>,
    pub(super) location: bool,
    pub(super) is_s3: bool,
    pub(super) is_api_gateway: bool,
    pub(super) is_metadata: bool,
}

impl Told {
    pub(super) fn header(&mut self, name: &str, value: &str) {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        let short = || Some(safe(value.trim(), 128));
        if is("date") {
            self.date = time(value);
        } else if is("x-amz-bucket-region") {
            self.region = short();
        } else if is("x-aoss-response-hint") {
            self.hint = short();
        } else if is("x-amz-apigw-id") {
            self.is_api_gateway = true;
        } else if is("x-amz-id-2") {
            self.is_s3 = true;
        } else if is("location") {
            self.location = true;
        } else if is("server") {
            self.is_s3 |= value.trim() == "AmazonS3";
            self.is_metadata |= value.trim() == "EC2ws";
        }
    }

    pub(super) fn take(&mut self, fields: &Fields) {
        let short = |text: &Option<String>| text.as_deref().map(|text| safe(text, 256));
        // Only S3 has these.
        let codes = ["AuthorizationHeaderMalformed", "RequestTimeTooSkewed", "InvalidAccessKeyId", "PermanentRedirect"];
        self.is_s3 |= fields.host_id || fields.code.as_deref().is_some_and(|code| codes.contains(&code));
        self.server_time = fields.server_time.as_deref().and_then(time).or(self.server_time);
        self.request_time = fields.request_time.as_deref().and_then(time);
        self.region = short(&fields.region).or(self.region.take());
        self.endpoint = short(&fields.endpoint);
        self.url_expires = short(&fields.url_expires);
        self.headers_not_signed = short(&fields.headers_not_signed);
        self.access_key_id = short(&fields.access_key_id);
    }
}

/// A time in any of the forms that services write.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let read = Timestamp::parse(text).or_else(|_| Timestamp::parse_rfc3339(text));
    read.or_else(|_| Timestamp::parse_http_date(text)).ok()
}
