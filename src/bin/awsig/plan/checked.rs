//! The request that was typed, checked.

use crate::report::{Failure, URL, USAGE};
use awsig::signing::{Request, RequestError};

pub(super) fn check<'a>(
    method: &'a str,
    url: &'a str,
    headers: &'a [(String, String)],
) -> Result<Request<'a>, Failure> {
    let mut request = Request::new(method, url).map_err(|error| refused(&error))?;
    let mut hosts = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("host")).map(|(_, value)| value);
    if hosts.clone().count() > 1 || hosts.any(String::is_empty) {
        return Err(
            Failure::new(USAGE, "more than one Host header, or an empty one").hint("write -H 'Host: NAME' once")
        );
    }
    for (name, value) in headers {
        request = request.header(name, value).map_err(|error| refused(&error))?;
    }
    Ok(request)
}

pub(crate) fn refused(error: &RequestError) -> Failure {
    let (code, hint) = match error {
        RequestError::Method(_) => (USAGE, "a method is a word such as GET, POST, PUT or DELETE"),
        RequestError::Scheme => (URL, "write the whole URL: awsig https://HOST/PATH"),
        RequestError::Escape => (URL, "write %25 for a percent sign itself"),
        RequestError::UserInfo => {
            (URL, "leave user:password@ out; credentials come from the environment or the instance")
        }
        RequestError::ControlCharacter => (URL, "look for a line break or a tab that was pasted with the URL"),
        RequestError::HeaderName(_) | RequestError::HeaderValue(_) => (USAGE, "write -H 'Name: value' on one line"),
        _ => (URL, "check the host name and the port in the URL"),
    };
    Failure::of(code, error).hint(hint)
}

/// How long a body from a pipe will be, if a header says so.
pub(super) fn declared_length(headers: &[(String, String)]) -> Result<Option<u64>, Failure> {
    let of = |wanted: &str| headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value);
    let Some(text) = of("x-amz-decoded-content-length").or_else(|| of("content-length")) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_| Failure::new(USAGE, format!("not a length: {text:?}")).hint("content-length is a number of bytes"))
}
