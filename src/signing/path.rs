//! The path: as it is sent, and as it is signed.

use super::encode::{Sink, Style, write};
use super::list::List;
use super::scan::has_odd_segments;
use super::{PathEncoding, Rules};

/// Writes the path as it goes on the wire: decoded once, strictly encoded once.
pub(crate) fn write_sent<S: Sink>(path: &str, rules: &Rules, sink: &mut S) {
    match style(rules, false) {
        Some(style) => write(path, style, sink),
        None => sink.put(path),
    }
}

/// Writes the path as the canonical request has it.
pub(crate) fn write_signed<S: Sink>(path: &str, rules: &Rules, sink: &mut S) {
    let style = style(rules, true);
    let mut put = |part: &str| match style {
        Some(style) => write(part, style, sink),
        None => sink.put(part),
    };
    if rules.keep_dot_segments || is_normal(path) {
        return put(path);
    }
    let mut kept = List::<&str, 32>::new();
    let mut count = 0;
    for segment in path.split('/') {
        match Dots::of(segment) {
            Dots::One => {}
            Dots::Two => count = usize::saturating_sub(count, 1),
            Dots::None if segment.is_empty() => {}
            Dots::None => {
                match kept.as_mut_slice().get_mut(count) {
                    Some(place) => *place = segment,
                    None => kept.push(segment),
                }
                count += 1;
            }
        }
    }
    for segment in kept.as_slice().get(..count).unwrap_or_default() {
        put("/");
        put(segment);
    }
    if count == 0 || path.ends_with('/') {
        put("/");
    }
}

fn style(rules: &Rules, signed: bool) -> Option<Style> {
    match rules.path_encoding {
        // Where segments are resolved, an escaped slash must not become one that was not there when they were.
        PathEncoding::Once => Some(Style { slash: true, unescape_slash: rules.keep_dot_segments, twice: false }),
        PathEncoding::Twice => Some(Style { slash: true, unescape_slash: false, twice: signed }),
        PathEncoding::AsIs => None,
    }
}

/// Whether a path starts with `/` and has neither empty segments nor segments that could be `.` or `..`.
fn is_normal(path: &str) -> bool {
    path.starts_with('/') && !has_odd_segments(path.as_bytes())
}

/// A segment that is `.` or `..`, its dots possibly escaped as `%2E`.
enum Dots {
    None,
    One,
    Two,
}

impl Dots {
    fn of(segment: &str) -> Self {
        let one = |rest: &mut &str| {
            let left = rest.strip_prefix('.').or_else(|| rest.strip_prefix("%2E")).or_else(|| rest.strip_prefix("%2e"));
            left.map(|left| *rest = left).is_some()
        };
        let mut rest = segment;
        match (one(&mut rest), rest.is_empty()) {
            (false, _) => Self::None,
            (true, true) => Self::One,
            (true, false) if one(&mut rest) && rest.is_empty() => Self::Two,
            (true, false) => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn signed(path: &str, rules: Rules) -> String {
        let mut out = String::new();
        write_signed(path, &rules, &mut out);
        out
    }

    fn sent(path: &str, rules: Rules) -> String {
        let mut out = String::new();
        write_sent(path, &rules, &mut out);
        out
    }

    #[test]
    fn most_services_sign_the_sent_path_encoded_again_and_resolved() {
        for (path, on_the_wire, canonical) in [
            ("/", "/", "/"),
            ("/a b", "/a%20b", "/a%2520b"),
            ("/model/x:0/invoke", "/model/x%3A0/invoke", "/model/x%253A0/invoke"),
            ("/arn%2fx", "/arn%2Fx", "/arn%252Fx"),
            ("/a//b/./c/../d/", "/a//b/./c/../d/", "/a/b/d/"),
            ("/%2e%2E/x", "/../x", "/x"),
            ("/../../", "/../../", "/"),
            ("/a/..", "/a/..", "/"),
            ("/a/.", "/a/.", "/a"),
            ("/.a/..b/...", "/.a/..b/...", "/.a/..b/..."),
        ] {
            assert_eq!(
                (sent(path, Rules::GENERAL), signed(path, Rules::GENERAL)),
                (on_the_wire.into(), canonical.into())
            );
        }
    }

    #[test]
    fn s3_signs_what_it_sends() {
        for (path, both) in [
            ("/a b/%41=@", "/a%20b/A%3D%40"),
            ("//a/../b/./", "//a/../b/./"),
            ("/a%2Fb%2fc", "/a/b/c"),
            ("/a+b%2B", "/a%2Bb%2B"),
        ] {
            assert_eq!((sent(path, Rules::S3), signed(path, Rules::S3)), (both.into(), both.into()));
        }
    }

    #[test]
    fn an_escaped_slash_stays_escaped_where_segments_are_resolved() {
        let rules = Rules { path_encoding: PathEncoding::Once, ..Rules::GENERAL };
        let path = "/a%2F..//%2Fb";
        assert_eq!((sent(path, rules), signed(path, rules)), (path.into(), "/a%2F../%2Fb".into()));
    }

    #[test]
    fn as_is_touches_nothing() {
        let rules = Rules { path_encoding: PathEncoding::AsIs, ..Rules::S3 };
        assert_eq!((sent("/a=%2f", rules), signed("/a=%2f", rules)), ("/a=%2f".into(), "/a=%2f".into()));
    }

    #[test]
    fn deep_paths_are_resolved_too() {
        let path = "/x".repeat(100) + &"/..".repeat(99);
        assert_eq!(signed(&path, Rules::GENERAL), "/x");
    }
}
