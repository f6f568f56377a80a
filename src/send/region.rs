//! S3 says which region a bucket is in: what it says, and the host to ask there.

use crate::endpoint::Endpoint;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

/// The region that an answer of S3 names: 301, 307 and 400 with `x-amz-bucket-region` or a `<Region>` element.
///
/// Amazon S3 API Reference, "Error responses": `PermanentRedirect`, `TemporaryRedirect`, `AuthorizationHeaderMalformed`.
pub(super) fn named(head: &http::response::Parts, body: &[u8]) -> Option<String> {
    if !matches!(head.status.as_u16(), 301 | 307 | 400 | 403) {
        return None;
    }
    let header = head.headers.get("x-amz-bucket-region").and_then(|value| value.to_str().ok());
    let element = || {
        let text = core::str::from_utf8(body).ok()?;
        let (_, rest) = text.split_once("<Region>")?;
        Some(rest.split_once("</Region>")?.0)
    };
    let region = header.or_else(element)?.trim();
    let is_region = (1..=63).contains(&region.len())
        && region.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    is_region.then(|| region.to_owned())
}

/// The URL of the same thing in another region: the same host if it is not one of S3's own or names no region; otherwise
/// the host with that region in it, which is S3's again and of the same partition.
pub(super) fn url_in(url: &str, region: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let old = Endpoint::of(authority);
    let (Some("s3"), Some(old_region), Some(partition)) = (old.service(), old.region(), old.partition()) else {
        return Some(url.to_owned());
    };
    let host =
        match (replace_label(authority, old_region, region), authority.to_ascii_lowercase().find("s3.amazonaws.com")) {
            (Some(host), _) => host,
            (None, Some(at)) => format!("{}s3.{region}.{}", authority.get(..at)?, authority.get(at + 3..)?),
            (None, None) => return None,
        };
    let new = Endpoint::of(&host);
    let same = new.service() == Some("s3") && new.region() == Some(region) && new.partition() == Some(partition);
    same.then(|| format!("{scheme}://{host}{target}"))
}

/// The host with the right-most label `old` made `new`.
fn replace_label(host: &str, old: &str, new: &str) -> Option<String> {
    let at = host.rmatch_indices(old).map(|(at, _)| at).find(|&at| {
        let before = host.get(..at).unwrap_or_default();
        let after = host.get(at + old.len()..).unwrap_or_default();
        before.ends_with(['.', '-']) && after.starts_with('.')
    })?;
    Some(format!("{}{new}{}", host.get(..at)?, host.get(at + old.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_moved_to_the_region() {
        for (url, moved) in [
            ("https://b.s3.us-east-1.amazonaws.com/k?x", Some("https://b.s3.eu-west-1.amazonaws.com/k?x")),
            ("https://s3.us-east-1.amazonaws.com/b/k", Some("https://s3.eu-west-1.amazonaws.com/b/k")),
            ("https://s3-us-west-2.amazonaws.com/b/k", Some("https://s3-eu-west-1.amazonaws.com/b/k")),
            ("https://b.s3.amazonaws.com/k", Some("https://b.s3.eu-west-1.amazonaws.com/k")),
            ("https://us-east-1.s3.us-east-1.amazonaws.com/", Some("https://us-east-1.s3.eu-west-1.amazonaws.com/")),
            (
                "https://b.s3.dualstack.us-east-1.amazonaws.com/",
                Some("https://b.s3.dualstack.eu-west-1.amazonaws.com/"),
            ),
            ("http://127.0.0.1:9000/b/k", Some("http://127.0.0.1:9000/b/k")),
            ("https://b.s3-accelerate.amazonaws.com/k", Some("https://b.s3-accelerate.amazonaws.com/k")),
        ] {
            assert_eq!(url_in(url, "eu-west-1").as_deref(), moved, "{url}");
        }
    }

    #[test]
    fn only_a_region_is_a_region() {
        let answer = |status: u16, header: Option<&str>, body: &str| {
            let mut builder = http::Response::builder().status(status);
            if let Some(header) = header {
                builder = builder.header("x-amz-bucket-region", header);
            }
            named(&builder.body(()).unwrap().into_parts().0, body.as_bytes())
        };
        assert_eq!(answer(301, Some("eu-west-1"), "").as_deref(), Some("eu-west-1"));
        assert_eq!(answer(400, None, "<Error><Region>eu-west-1</Region>").as_deref(), Some("eu-west-1"));
        assert_eq!(answer(400, None, "<Region>evil.example/</Region>"), None);
        assert_eq!(answer(200, Some("eu-west-1"), ""), None);
        assert_eq!(answer(400, None, "<Region>"), None);
    }
}
