//! [`Steps`]: the texts of one signature, kept whole for people.

use super::Signature;
use alloc::string::String;
use core::fmt;

/// The canonical request, the string to sign and the signature of one request.
///
/// The canonical request holds the session token if that is signed: [`explain`](Self::explain) blanks it, and `Debug`
/// shows the signature only.
#[derive(Clone)]
#[non_exhaustive]
pub struct Steps {
    canonical_request: String,
    string_to_sign: String,
    signature: Signature,
}

impl Steps {
    pub(crate) fn new(canonical_request: String, string_to_sign: String, signature: Signature) -> Self {
        Self { canonical_request, string_to_sign, signature }
    }

    /// The canonical request, as it was hashed.
    pub fn canonical_request(&self) -> &str {
        &self.canonical_request
    }

    /// The string to sign, as it was signed.
    pub fn string_to_sign(&self) -> &str {
        &self.string_to_sign
    }

    /// The signature.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The canonical request with session tokens and other [secret headers](is_secret_header) blanked: fit to be shown.
    pub fn shown_canonical_request(&self) -> String {
        blank_secrets(&self.canonical_request)
    }

    /// The three texts, the session token blanked.
    pub fn explain(&self) -> String {
        alloc::format!(
            "CanonicalRequest:\n{}\n\nStringToSign:\n{}\n\nSignature:\n{}\n",
            self.shown_canonical_request(),
            self.string_to_sign,
            self.signature
        )
    }
}

/// Whether the values of this header are nobody else's business, so that they are not shown.
pub fn is_secret_header(name: &str) -> bool {
    const NAMES: [&str; 11] = [
        "x-amz-security-token",
        "x-amz-s3session-token",
        "x-amz-access-token",
        "x-amz-server-side-encryption-customer-key",
        "x-amz-copy-source-server-side-encryption-customer-key",
        "x-amz-sso_bearer_token",
        "x-aws-ec2-metadata-token",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-api-key",
    ];
    NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// A URL with the session tokens in its query blanked: fit to be shown.
pub fn shown_url(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut shown = String::from(path);
    if path.len() < url.len() {
        shown.push('?');
        blank_parameters(query, &mut shown);
    }
    shown
}

/// The text of a canonical request, or a line of it, with the values of secret headers and parameters blanked.
pub(crate) fn blank_secrets(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let end = if line.ends_with('\n') { "\n" } else { "" };
        match line.split_once(':') {
            Some((name, _)) if is_secret_header(name.trim()) => {
                shown.push_str(name);
                shown.push_str(":(blanked)");
                shown.push_str(end);
            }
            _ => blank_parameters(line, &mut shown),
        }
    }
    shown
}

/// Copies a canonical query or any other line, blanking the values of token parameters.
fn blank_parameters(line: &str, shown: &mut String) {
    for (index, piece) in line.split('&').enumerate() {
        if index > 0 {
            shown.push('&');
        }
        match piece.split_once('=') {
            Some((name, value)) if is_secret_header(name) => {
                shown.push_str(name);
                shown.push_str("=(blanked)");
                shown.push_str(if value.ends_with('\n') { "\n" } else { "" });
            }
            _ => shown.push_str(piece),
        }
    }
}

impl fmt::Debug for Steps {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Steps").field("signature", &self.signature).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_in_a_url_are_blanked() {
        assert_eq!(
            shown_url("https://h/p?a=b&X-Amz-Security-Token=t&c"),
            "https://h/p?a=b&X-Amz-Security-Token=(blanked)&c"
        );
        assert_eq!(shown_url("https://h/p"), "https://h/p");
        assert_eq!(shown_url("https://h/p?"), "https://h/p?");
    }
}
