//! Scheme, host and port of a URL.

use super::RequestError;
use super::bytes::{Class, find, lower_case_start_of, start_of};
use super::scan::{has_query_or_fragment, has_upper_case, is_all_plain_lower_case};
use alloc::borrow::Cow;

/// How long a host name may be: RFC 1035 section 3.1 without the root's own byte.
const LENGTHS: core::ops::RangeInclusive<usize> = 1..=253;

/// Splits `https://` or `http://` off, in any case.
pub(super) fn split_scheme(url: &str) -> Option<(bool, &str)> {
    let start = lower_case_start_of(url.as_bytes());
    if start == start_of(b"https://") {
        Some((true, url.get(8..)?))
    } else if start >> 8 == start_of(b"http://") >> 8 {
        Some((false, url.get(7..)?))
    } else {
        None
    }
}

/// Splits what follows the scheme where host and port end.
pub(super) fn split_authority(rest: &str) -> (&str, &str) {
    let mut end = find(b'/', rest.as_bytes()).unwrap_or(rest.len());
    let before = rest.as_bytes().get(..end).unwrap_or_default();
    if has_query_or_fragment(before) {
        end = before.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(end);
    }
    rest.split_at_checked(end).unwrap_or((rest, ""))
}

/// `host[:port]` in lower case and without the scheme's own port.
pub(super) fn check_authority(authority: &str, https: bool) -> Result<Cow<'_, str>, RequestError> {
    if is_all_plain_lower_case(authority.as_bytes()) && LENGTHS.contains(&authority.len()) {
        return Ok(Cow::Borrowed(authority));
    }
    if authority.contains('@') {
        return Err(RequestError::UserInfo);
    }
    let bad_host = || RequestError::Host(authority.into());
    let host_end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']').map(|at| at + 2).ok_or_else(bad_host)?,
        None => find(b':', authority.as_bytes()).unwrap_or(authority.len()),
    };
    let (host, port) = authority.split_at(host_end);
    let valid = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(address) => address.parse::<core::net::Ipv6Addr>().is_ok(),
        None => LENGTHS.contains(&host.len()) && Class::HOST.has_all(host.as_bytes()),
    };
    if !valid {
        return Err(bad_host());
    }
    let number = match port.strip_prefix(':') {
        None if port.is_empty() => None,
        None => return Err(bad_host()),
        Some("") => None,
        Some(digits) => {
            let number = digits.parse::<u16>().ok().filter(|&number| number != 0 && !digits.starts_with('+'));
            Some(number.ok_or_else(|| RequestError::Port(digits.into()))?)
        }
    };
    let own = if https { 443 } else { 80 };
    let kept = if number.is_none_or(|number| number == own) { host } else { authority };
    if has_upper_case(kept.as_bytes()) { Ok(Cow::Owned(kept.to_ascii_lowercase())) } else { Ok(Cow::Borrowed(kept)) }
}

#[cfg(test)]
mod tests {
    use super::super::Request;
    use super::*;
    use alloc::string::String;

    fn host(url: &str) -> Result<String, RequestError> {
        Request::new("GET", url).map(|request| request.host().into())
    }

    #[test]
    fn hosts_are_lower_cased_and_lose_their_default_port() {
        assert_eq!(host("HTTPS://Example.COM:443/").unwrap(), "example.com");
        assert_eq!(host("http://example.com:80").unwrap(), "example.com");
        assert_eq!(host("http://example.com:443").unwrap(), "example.com:443");
        assert_eq!(host("https://example.com:/x").unwrap(), "example.com");
        assert_eq!(host("https://[FD00:ec2::254]:8443/").unwrap(), "[fd00:ec2::254]:8443");
    }

    #[test]
    fn urls_that_cannot_be_sent_are_refused() {
        assert_eq!(host("example.com/x"), Err(RequestError::Scheme));
        assert_eq!(host("ftp://example.com/"), Err(RequestError::Scheme));
        assert_eq!(host("https://user:pw@example.com/"), Err(RequestError::UserInfo));
        assert_eq!(host("https://user:p/w@example.com/"), Err(RequestError::UserInfo));
        assert_eq!(host("https://user:p#w@example.com/"), Err(RequestError::UserInfo));
        assert_eq!(host("https:///x"), Err(RequestError::Host("".into())));
        assert_eq!(host("https://exa mple.com/"), Err(RequestError::Host("exa mple.com".into())));
        assert_eq!(host("https://[::1/"), Err(RequestError::Host("[::1".into())));
        assert_eq!(host("https://h:0/"), Err(RequestError::Port("0".into())));
        assert_eq!(host("https://h:+80/"), Err(RequestError::Port("+80".into())));
        assert_eq!(host("https://h/a\r\nb"), Err(RequestError::ControlCharacter));
        assert_eq!(host("https://h/100%"), Err(RequestError::Escape));
        assert_eq!(host("https://h/?q=%zz"), Err(RequestError::Escape));
    }
}
