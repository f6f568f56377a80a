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
    const NAMES: [&str; 19] = [
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
        "x-auth-token",
        "x-access-token",
        "x-vault-token",
        "x-csrf-token",
        "x-xsrf-token",
        "x-gitlab-token",
        "private-token",
        "job-token",
    ];
    NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// Whether this parameter of a query is a secret or lets its bearer in, as the signature of a presigned URL does.
fn is_secret_parameter(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "x-amz-signature",
        "signature",
        "access_token",
        "id_token",
        "refresh_token",
        "client_secret",
        "api_key",
        "private_token",
    ];
    is_secret_header(name) || NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(name))
}

/// A URL with the tokens and signatures in its query and its fragment blanked: fit to be shown.
pub fn shown_url(url: &str) -> String {
    let start = url.find(['?', '#']).map_or(url.len(), |at| at + 1);
    let (path, query) = url.split_at_checked(start).unwrap_or((url, ""));
    let mut shown = String::from(path);
    blank_parameters(query, &mut shown);
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

/// Copies a query or any other line, blanking the values of secret parameters.
fn blank_parameters(line: &str, shown: &mut String) {
    for piece in line.split_inclusive(['&', '#', '\n']) {
        match piece.split_once('=') {
            Some((name, value)) if is_secret_parameter(name) => {
                shown.push_str(name);
                shown.push_str("=(blanked)");
                shown.extend(value.chars().next_back().filter(|end| matches!(end, '&' | '#' | '\n')));
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
        assert_eq!(
            shown_url("https://h/p?X-Amz-Signature=5&access_token=t#id_token=t&a"),
            "https://h/p?X-Amz-Signature=(blanked)&access_token=(blanked)#id_token=(blanked)&a"
        );
        assert_eq!(shown_url("https://h/p#access_token=t"), "https://h/p#access_token=(blanked)");
        assert_eq!(shown_url("https://h/p"), "https://h/p");
        assert_eq!(shown_url("https://h/p?"), "https://h/p?");
    }
}
