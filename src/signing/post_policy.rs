//! [`PostPolicy`]: what a browser may upload to S3 with a form, and the fields of the form that prove it.
//!
//! Amazon S3 API Reference, "Browser-Based Uploads Using POST". The policy is a JSON document; its base64 is both a
//! field of the form and the string to sign.

use super::canonical::ALGORITHM;
use super::encode::hex_str;
use super::{Signer, Timestamp};
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use core::fmt;
use core::ops::RangeInclusive;

/// The conditions that an upload has to meet, and the fields that meet the exact ones.
///
/// ```
/// use awsig::signing::{Credentials, PostPolicy, Scope, Signer, Timestamp};
/// let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")?;
/// let now = Timestamp::parse("20151229T000000Z")?;
/// let signer = Signer::new(&credentials, Scope::new(now, "us-east-1", "s3")?);
///
/// let policy = PostPolicy::new("sigv4examplebucket", now.plus_seconds(3600))
///     .key_starts_with("user/user1/")
///     .content_length(1..=10_485_760)
///     .field("acl", "public-read");
/// let form = signer.sign_policy(&policy);
/// let names: Vec<&str> = form.fields().map(|(name, _)| name).collect();
/// assert_eq!(
///     names,
///     ["key", "acl", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "policy", "x-amz-signature"]
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PostPolicy {
    expires: Timestamp,
    /// JSON, joined by commas.
    conditions: String,
    fields: Vec<(String, String)>,
}

impl PostPolicy {
    /// Uploads into `bucket` until `expires`.
    pub fn new(bucket: &str, expires: Timestamp) -> Self {
        let mut policy = Self { expires, conditions: String::new(), fields: Vec::new() };
        policy.condition_is("bucket", bucket);
        policy
    }

    /// Under exactly this key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.field("key", key)
    }

    /// Under any key that starts with `prefix`. The form asks for the prefix and the name of the uploaded file.
    #[must_use]
    pub fn key_starts_with(mut self, prefix: &str) -> Self {
        self.fields.push(("key".into(), alloc::format!("{prefix}${{filename}}")));
        self.field_starts_with("key", prefix)
    }

    /// Of a size in this range, in bytes.
    #[must_use]
    pub fn content_length(mut self, bytes: RangeInclusive<u64>) -> Self {
        let (start, end) = (bytes.start(), bytes.end());
        self.condition(&alloc::format!("[\"content-length-range\",{start},{end}]"));
        self
    }

    /// With a field of exactly this value, such as `acl`, `Content-Type` or `x-amz-meta-…`.
    #[must_use]
    pub fn field(mut self, name: &str, value: &str) -> Self {
        self.condition_is(name, value);
        self.fields.push((name.into(), value.into()));
        self
    }

    /// With a field whose value starts with `prefix`; whoever fills in the form adds it. An empty prefix allows anything.
    #[must_use]
    pub fn field_starts_with(mut self, name: &str, prefix: &str) -> Self {
        let name = alloc::format!("${name}");
        self.condition(&alloc::format!("[\"starts-with\",{},{}]", json_string(&name), json_string(prefix)));
        self
    }

    fn condition_is(&mut self, name: &str, value: &str) {
        self.condition(&alloc::format!("{{{}:{}}}", json_string(name), json_string(value)));
    }

    fn condition(&mut self, json: &str) {
        if !self.conditions.is_empty() {
            self.conditions.push(',');
        }
        self.conditions.push_str(json);
    }
}

impl Signer {
    /// Signs a policy, to which it adds the conditions that name the signer.
    pub fn sign_policy(&self, policy: &PostPolicy) -> PostForm {
        let mut named = policy.clone();
        for (name, value) in self.policy_fields() {
            named.condition_is(name, &value);
        }
        let (expires, conditions) = (policy.expires.to_rfc3339(), named.conditions);
        let text = alloc::format!("{{\"expiration\":\"{expires}\",\"conditions\":[{conditions}]}}");
        let mut form = self.sign_policy_text(&text);
        let signed = core::mem::replace(&mut form.fields, Vec::with_capacity(policy.fields.len() + 7));
        let given = policy.fields.iter().map(|(name, value)| (Cow::Owned(name.clone()), value.clone()));
        form.fields.extend(given.chain(signed));
        form
    }

    /// Signs a finished policy document, byte for byte, and gives the fields of the signature only. The document has to
    /// have the conditions for `x-amz-algorithm`, `x-amz-credential`, `x-amz-date` and, if there is a token,
    /// `x-amz-security-token`.
    pub fn sign_policy_text(&self, policy: &str) -> PostForm {
        let encoded = STANDARD.encode(policy);
        let signature = self.key().sign_text(&encoded);
        let mut fields: Vec<(Cow<'static, str>, String)> =
            self.policy_fields().map(|(name, value)| (name.into(), value)).collect();
        fields.push(("policy".into(), encoded));
        fields.push(("x-amz-signature".into(), hex_str(&signature.digits()).into()));
        PostForm { fields }
    }

    /// The fields that name the signer, but for the signature.
    fn policy_fields(&self) -> impl Iterator<Item = (&'static str, String)> {
        let own = [("x-amz-algorithm", ALGORITHM), ("x-amz-credential", self.credential())];
        let date = [("x-amz-date", self.time().as_str().into())];
        let token = self.token_header().map(|(name, value)| (name, value.into()));
        own.map(|(name, value)| (name, value.into())).into_iter().chain(date).chain(token)
    }
}

/// The fields of a form that S3 accepts; the field `file` comes last, and is the caller's.
///
/// `Debug` shows the names only: the policy holds the session token, if there is one.
#[derive(Clone)]
pub struct PostForm {
    fields: Vec<(Cow<'static, str>, String)>,
}

impl PostForm {
    /// Names and values, in the order to post them.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_ref(), value.as_str()))
    }
}

impl fmt::Debug for PostForm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.fields().map(|(name, _)| name)).finish()
    }
}

/// RFC 8259 section 7: a string in quotes. What is not visible ASCII is escaped, as the S3 page asks for.
fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            ' '..='~' => json.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    json.push_str(&alloc::format!("\\u{unit:04x}"));
                }
            }
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::super::{Credentials, Scope};
    use super::*;

    fn signer(token: &str) -> Signer {
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let time = Timestamp::parse("20151229T000000Z").unwrap();
        let scope = Scope::new(time, "us-east-1", "s3").unwrap();
        Signer::new(&credentials.unwrap().with_token(token).unwrap(), scope)
    }

    fn policy_of(form: &PostForm) -> String {
        let (_, encoded) = form.fields().find(|(name, _)| *name == "policy").unwrap();
        String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap()
    }

    /// Amazon S3 API Reference, "Example: Browser-Based Upload using HTTP POST". Its lines end with CR LF.
    #[test]
    fn the_published_policy() {
        let text = [
            r#"{ "expiration": "2015-12-30T12:00:00.000Z","#,
            r#"  "conditions": ["#,
            r#"    {"bucket": "sigv4examplebucket"},"#,
            r#"    ["starts-with", "$key", "user/user1/"],"#,
            r#"    {"acl": "public-read"},"#,
            r#"    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},"#,
            r#"    ["starts-with", "$Content-Type", "image/"],"#,
            r#"    {"x-amz-meta-uuid": "14365123651274"},"#,
            r#"    {"x-amz-server-side-encryption": "AES256"},"#,
            r#"    ["starts-with", "$x-amz-meta-tag", ""],"#,
            "",
            r#"    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},"#,
            r#"    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},"#,
            r#"    {"x-amz-date": "20151229T000000Z" }"#,
            "  ]",
            "}",
        ]
        .join("\r\n");
        let form = signer("").sign_policy_text(&text);
        let fields: Vec<_> = form.fields().filter(|(name, _)| *name != "policy").collect();
        assert_eq!(
            fields,
            [
                ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
                ("x-amz-credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"),
                ("x-amz-date", "20151229T000000Z"),
                ("x-amz-signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"),
            ]
        );
        let (_, encoded) = form.fields().find(|(name, _)| *name == "policy").unwrap();
        assert!(encoded.starts_with("eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0K"), "{encoded}");
    }

    #[test]
    fn a_policy_names_its_conditions_and_its_signer() {
        let policy = PostPolicy::new("b", Timestamp::parse("20151230T120000Z").unwrap())
            .key_starts_with("u/")
            .content_length(1..=9)
            .field("acl", "private")
            .field_starts_with("Content-Type", "image/");
        let form = signer("tok").sign_policy(&policy);
        assert_eq!(
            policy_of(&form),
            concat!(
                r#"{"expiration":"2015-12-30T12:00:00Z","conditions":[{"bucket":"b"},["starts-with","$key","u/"],"#,
                r#"["content-length-range",1,9],{"acl":"private"},["starts-with","$Content-Type","image/"],"#,
                r#"{"x-amz-algorithm":"AWS4-HMAC-SHA256"},"#,
                r#"{"x-amz-credential":"AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},"#,
                r#"{"x-amz-date":"20151229T000000Z"},{"x-amz-security-token":"tok"}]}"#,
            )
        );
        let fields: Vec<_> = form.fields().take(2).collect();
        assert_eq!(fields, [("key", "u/${filename}"), ("acl", "private")]);
        assert!(form.fields().any(|field| field == ("x-amz-security-token", "tok")));
        let shown = alloc::format!("{form:?}");
        assert!(shown.contains("x-amz-signature") && !shown.contains("tok\"") && !shown.contains("eyJ"), "{shown}");
    }

    #[test]
    fn what_would_end_a_json_string_is_escaped() {
        let hostile = "a\"},{\"x\":\"\\\n\u{7f}\u{e9}\u{1f600}";
        assert_eq!(json_string(hostile), r#""a\"},{\"x\":\"\\\u000a\u007f\u00e9\ud83d\ude00""#);
    }
}
