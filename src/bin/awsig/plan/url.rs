//! The URL that was typed, with what other arguments put into it.

use crate::args::RequestArgs;
use crate::input;
use crate::report::{Failure, USAGE};

/// The URL that was typed, and which piece of the data it was, if it was one.
pub(super) fn typed_url(args: &RequestArgs) -> Result<(String, Option<usize>), Failure> {
    if args.url_option.len() + usize::from(args.url.is_some()) > 1 {
        return Err(two());
    }
    if let Some(url) = args.typed_url() {
        return Ok((with_scheme(url.clone()), None));
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
pub(crate) fn with_scheme(url: String) -> String {
    let start = url.split(['/', '?', '#']).next().unwrap_or_default();
    let has_scheme = url.split_once("://").is_some_and(|(scheme, _)| !scheme.contains(['/', '?', '#']));
    if !has_scheme && start.contains('.') { format!("https://{url}") } else { url }
}
