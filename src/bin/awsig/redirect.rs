//! `-L`: where an answer sends the asker, and what may go there.

use crate::report::{Failure, URL};
use awsig::endpoint::Endpoint;
use awsig::signing::{Request, Signer, shown_url};
use http::{HeaderValue, StatusCode};

/// The next request.
#[derive(Debug)]
pub(crate) struct Next {
    pub(crate) url: String,
    /// What signs it; nothing signs what goes to somebody else.
    pub(crate) signer: Option<Signer>,
    /// Whether it is a GET without a body, whatever the last one was.
    pub(crate) bare: bool,
}

/// A scheme that is not spoken: curl's.
const PROTOCOL: u8 = 1;

/// The address in a `Location`, in which some servers write bytes that no URL holds: they are escaped, as curl has it.
pub(crate) fn location(value: &HeaderValue) -> String {
    value.as_bytes().iter().fold(String::new(), |mut text, byte| {
        match byte {
            0x21..=0x7e => text.push(char::from(*byte)),
            _ => text.push_str(&format!("%{byte:02X}")),
        }
        text
    })
}

/// Whether an answer of this status leads elsewhere.
pub(crate) fn leads(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Why it cannot be gone where an answer leads.
pub(crate) fn unfollowable(location: &str) -> Failure {
    let scheme = location.split([':', '/', '?', '#']).next().unwrap_or_default();
    let is_spoken = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let (code, why) = if is_spoken { (URL, "which is no URL") } else { (PROTOCOL, "which is neither http nor https") };
    Failure::new(code, format!("the answer leads to {}, {why}", shown_url(location)))
        .hint("leave -L out to see the answer itself; -v shows its headers")
}

/// What was received is checked before it is asked for: a wrong one is the server's fault.
pub(crate) fn check(next: &Next) -> Result<(), Failure> {
    let wrong = match &next.signer {
        Some(_) => Request::new("GET", &next.url).err().map(|error| error.to_string()),
        None => http::Uri::try_from(&next.url).err().map(|error| error.to_string()),
    };
    wrong.map_or(Ok(()), |why| {
        Err(Failure::new(URL, format!("the answer leads to {}, which is no URL: {why}", shown_url(&next.url)))
            .hint("leave -L out to see the answer itself; -v shows its headers"))
    })
}

/// Where this answer to a request leads, if anywhere.
///
/// The same origin gets a signature of its own, as does another host of S3, which is where S3 sends its callers. Anybody
/// else gets a request that is not signed and holds nothing of the caller's.
pub(crate) fn next(status: StatusCode, location: &str, method: &str, url: &str, signer: &Signer) -> Option<Next> {
    if !leads(status) {
        return None;
    }
    let next = resolve(url, location)?;
    let bare = match status.as_u16() {
        303 => method != "HEAD",
        301 | 302 => method == "POST",
        _ => false,
    };
    let signer = signed(url, &next, signer);
    Some(Next { url: next, signer, bare })
}

fn signed(old: &str, new: &str, signer: &Signer) -> Option<Signer> {
    let query = new.split('?').nth(1).unwrap_or_default().to_ascii_lowercase();
    if query.contains("x-amz-signature=") || query.contains("signature=") {
        return None;
    }
    if origin(old)? == origin(new)? {
        return Some(signer.clone());
    }
    let (old, new_endpoint) = (Endpoint::of(&origin(old)?.1), Endpoint::of(&origin(new)?.1));
    let s3 = signer.scope().service() == "s3" && old.service() == Some("s3") && new_endpoint.service() == Some("s3");
    let same = s3 && old.partition().is_some() && old.partition() == new_endpoint.partition();
    if !same || !new.starts_with("https://") {
        return None;
    }
    match new_endpoint.region() {
        Some(region) => signer.in_region(region).ok(),
        None => Some(signer.clone()),
    }
}

/// Scheme, host and port.
pub(crate) fn origin(url: &str) -> Option<(String, String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host.to_owned(), port.to_owned()),
        _ => (authority.clone(), if scheme == "https" { "443".into() } else { "80".into() }),
    };
    Some((scheme, host, port))
}

/// RFC 3986 section 5.2, but that dots in a path stay.
pub(crate) fn resolve(base: &str, reference: &str) -> Option<String> {
    let reference = reference.split('#').next().unwrap_or_default();
    let lower = reference.to_ascii_lowercase();
    if lower.starts_with("https://") || lower.starts_with("http://") {
        return Some(reference.to_owned());
    }
    let before_slash = reference.split(['/', '?']).next().unwrap_or_default();
    if before_slash.contains(':') {
        return None;
    }
    let (scheme, rest) = base.split_once("://")?;
    if let Some(rest) = reference.strip_prefix("//") {
        return Some(format!("{scheme}://{rest}"));
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let path = target.split('?').next().unwrap_or_default();
    Some(match reference.chars().next() {
        None => format!("{scheme}://{authority}{target}"),
        Some('/') => format!("{scheme}://{authority}{reference}"),
        Some('?') => format!("{scheme}://{authority}{path}{reference}"),
        Some(_) => {
            let folder = path.rfind('/').map_or("/", |at| path.get(..=at).unwrap_or("/"));
            format!("{scheme}://{authority}{folder}{reference}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use awsig::signing::{Credentials, Scope, Timestamp};

    fn signer(service: &str) -> Signer {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret").unwrap();
        let time = Timestamp::from_unix(1_440_938_160).unwrap();
        Signer::new(&credentials, Scope::new(time, "us-east-1", service).unwrap())
    }

    #[test]
    fn references_are_resolved() {
        for (base, reference, url) in [
            ("https://h/a/b?q", "https://x/y#f", Some("https://x/y")),
            ("https://h/a/b?q", "//x/y", Some("https://x/y")),
            ("https://h/a/b?q", "/y?z", Some("https://h/y?z")),
            ("https://h/a/b?q", "y", Some("https://h/a/y")),
            ("https://h", "y", Some("https://h/y")),
            ("https://h/a?q", "?z", Some("https://h/a?z")),
            ("https://h/a?q", "", Some("https://h/a?q")),
            ("https://h/a", "ftp://x/", None),
            ("https://h/a", "javascript:x", None),
            ("https://h/a", "b/c:d", Some("https://h/b/c:d")),
        ] {
            assert_eq!(resolve(base, reference).as_deref(), url, "{reference}");
        }
    }

    #[test]
    fn a_signature_goes_to_the_same_service_only() {
        let s3 = "https://b.s3.amazonaws.com/k";
        for (service, old, new, region) in [
            ("execute-api", "https://h.example/a", "https://H.example:443/b", Some("us-east-1")),
            ("execute-api", "https://h.example/a", "http://h.example/b", None),
            ("execute-api", "https://h.example/a", "https://h.example:8443/b", None),
            ("execute-api", "https://h.example/a", "https://evil.example/b", None),
            ("execute-api", "https://h.example/a", "https://h.example.evil/b", None),
            (
                "execute-api",
                "https://a1.execute-api.us-east-1.amazonaws.com/",
                "https://b2.execute-api.us-east-1.amazonaws.com/",
                None,
            ),
            ("s3", s3, "https://b.s3.eu-west-1.amazonaws.com/k", Some("eu-west-1")),
            ("s3", s3, "http://b.s3.eu-west-1.amazonaws.com/k", None),
            ("s3", s3, "https://b.s3.eu-west-1.amazonaws.com/k?X-Amz-Signature=1", None),
            ("s3", s3, "https://b.s3.cn-north-1.amazonaws.com.cn/k", None),
            ("s3", s3, "https://evil.example/", None),
        ] {
            let found = signed(old, new, &signer(service)).map(|signer| signer.scope().region().to_owned());
            assert_eq!(found.as_deref(), region, "{old} -> {new}");
        }
    }

    #[test]
    fn methods_change_as_they_do_in_browsers() {
        for (status, method, bare) in
            [(301, "POST", true), (302, "PUT", false), (303, "PUT", true), (303, "HEAD", false), (307, "POST", false)]
        {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                next(status, "/x", method, "https://h/", &signer("s3")).unwrap().bare,
                bare,
                "{status} {method}"
            );
        }
        assert!(next(StatusCode::NOT_MODIFIED, "/x", "GET", "https://h/", &signer("s3")).is_none());
    }
}
