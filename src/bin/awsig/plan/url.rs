//! The URL that was typed, with what other arguments put into it.

use crate::args::RequestArgs;
use crate::input;
use crate::report::{Failure, URL, USAGE};
use awsig::signing::printable;

/// The URL that was typed, and which piece of the data it was, if it was one.
pub(super) fn typed_url(args: &RequestArgs) -> Result<(String, Option<usize>), Failure> {
    if args.url_option.len() + usize::from(args.url.is_some()) > 1 {
        return Err(two());
    }
    if let Some(url) = args.typed_url() {
        return Ok((with_scheme(url)?, None));
    }
    let data = &args.body.data;
    let behind = data.behind_switch().and_then(|at| Some((data.0.get(at)?.1.to_str()?.to_owned(), Some(at))));
    behind.ok_or_else(|| {
        Failure::new(USAGE, "no URL").hint("awsig https://HOST/PATH [METHOD] sends a request; awsig --help tells more")
    })
}

/// More than one URL.
pub(crate) fn two() -> Failure {
    Failure::new(USAGE, "two URLs").hint("one URL a call; xargs -P 8 -n 1 awsig runs several")
}

/// The URL with what other arguments put into it.
pub(super) fn completed(mut url: String, args: &RequestArgs, query: Option<&str>) -> Result<String, Failure> {
    if let Some(file) = &args.body.upload {
        url = input::with_file_name(&url, file);
    }
    if let Some(query) = query {
        url = input::with_query(&url, query);
    }
    for text in &args.url_query {
        url = input::with_query(&url, &input::url_query(text)?);
    }
    Ok(url)
}

/// `host/path` alone means https, as browsers have it.
pub(crate) fn with_scheme(url: &str) -> Result<String, Failure> {
    let wrong = |error: String, hint: &str| Err(Failure::new(URL, error).hint(hint));
    if url.is_empty() {
        return wrong("the URL is empty".into(), "is a variable in it empty? awsig https://HOST/PATH [METHOD]");
    }
    let scheme = url.split_once("://").map(|(scheme, _)| scheme).filter(|scheme| !scheme.contains(['/', '?', '#']));
    match scheme.map(str::to_ascii_lowercase).as_deref() {
        Some("http" | "https") => Ok(url.to_owned()),
        None if names_host(url) => Ok(format!("https://{url}")),
        Some("s3") => wrong(
            format!("an s3:// name is no URL: {:?}", shown(url)),
            "awsig https://BUCKET.s3.REGION.amazonaws.com/KEY",
        ),
        _ => wrong(
            format!("the URL does not start with https:// or http://: {:?}", shown(url)),
            "write the whole URL: awsig https://HOST/PATH",
        ),
    }
}

/// Whether what has no scheme starts with a host: one with a dot or a port, or with a path behind it.
fn names_host(url: &str) -> bool {
    let end = url.find(['/', '?', '#']).unwrap_or(url.len());
    let (host, rest) = url.split_at(end);
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    let has_port = host.rsplit_once(':').is_some_and(|(name, port)| !name.is_empty() && is_port(port));
    let is_name = !host.is_empty() && !host.contains(':');
    host.contains('.') || has_port || (is_name && (rest.starts_with('/') || host.eq_ignore_ascii_case("localhost")))
}

/// What was typed, without what may be secret in it.
fn shown(url: &str) -> String {
    let place = url.split(['?', '#']).next().unwrap_or_default();
    printable(place.rsplit('@').next().unwrap_or_default(), 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_alone_is_asked_over_https() {
        for (typed, whole) in [
            ("h.example/x?u=http://y", Some("https://h.example/x?u=http://y")),
            ("localhost:18090/x", Some("https://localhost:18090/x")),
            ("localhost", Some("https://localhost")),
            ("[::1]:80/x", Some("https://[::1]:80/x")),
            ("svc/x", Some("https://svc/x")),
            ("HTTP://h/", Some("HTTP://h/")),
            ("", None),
            ("word", None),
            ("/path", None),
            ("mailto:x", None),
            ("arn:aws:s3:::b", None),
            ("s3://b/k", None),
        ] {
            assert_eq!(with_scheme(typed).ok().as_deref(), whole, "{typed}");
        }
    }
}
