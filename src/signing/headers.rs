//! Canonical headers: lower-cased, sorted, joined, blanks collapsed.

use super::Request;
use super::encode::Sink;
use super::list::List;
use core::cmp::Ordering;

/// The headers that a signature covers, sorted.
pub(crate) struct Headers<'a> {
    sorted: List<Header<'a>, 32>,
}

#[derive(Clone, Copy, Default)]
struct Header<'a> {
    name: &'a str,
    value: &'a str,
    /// The first eight bytes of the name in lower case: decides nearly every comparison.
    key: u64,
    index: usize,
}

impl<'a> Headers<'a> {
    /// What signing covers: the headers that signing adds, and of the caller's those that want it and are not replaced.
    /// Without a caller's `host` header, `host` is the URL's.
    pub(crate) fn to_sign(request: &'a Request<'_>, added: &[(&'a str, &'a str)], replaced: &[&str]) -> Self {
        let mut headers = Self { sorted: List::new() };
        let mut host = false;
        for &(name, value) in request.header_slice() {
            let is = |other: &str| other.eq_ignore_ascii_case(name);
            if request.wants_signed(name)
                && !added.iter().any(|&(other, _)| is(other))
                && !replaced.iter().any(|&other| is(other))
            {
                host |= is("host");
                headers.push(name, value);
            }
        }
        if !host {
            headers.push("host", request.host());
        }
        for (name, value) in added {
            headers.push(name, value);
        }
        headers.sort();
        headers
    }

    /// What a claimed signature covers: the headers of these names, and always `host`.
    pub(crate) fn named(request: &'a Request<'_>, names: &str) -> Self {
        let mut headers = Self { sorted: List::new() };
        let mut host = false;
        for &(name, value) in request.header_slice() {
            if names.split(';').any(|listed| listed.eq_ignore_ascii_case(name)) {
                host |= name.eq_ignore_ascii_case("host");
                headers.push(name, value);
            }
        }
        if !host {
            headers.push("host", request.host());
        }
        headers.sort();
        headers
    }

    fn push(&mut self, name: &'a str, value: &'a str) {
        let mut key = 0;
        let mut bytes = name.bytes();
        for _ in 0..8 {
            key = key << 8 | u64::from(bytes.next().unwrap_or_default().to_ascii_lowercase());
        }
        self.sorted.push(Header { name, value, key, index: self.sorted.as_slice().len() });
    }

    fn sort(&mut self) {
        self.sorted
            .as_mut_slice()
            .sort_unstable_by(|left, right| left.compare(right).then(left.index.cmp(&right.index)));
    }

    /// Writes `name:value` lines; the values of a repeated name are joined by commas, in the order they were given.
    pub(crate) fn write<S: Sink>(&self, sink: &mut S) {
        let mut last: Option<&Header<'_>> = None;
        for header in self.sorted.as_slice() {
            if last.is_some_and(|last| last.compare(header).is_eq()) {
                sink.put(",");
            } else {
                if last.is_some() {
                    sink.put("\n");
                }
                write_lowercase(header.name, sink);
                sink.put(":");
            }
            write_value(header.value, sink);
            last = Some(header);
        }
        sink.put("\n");
    }

    /// Writes the names, joined by semicolons.
    pub(crate) fn write_names<S: Sink>(&self, sink: &mut S) {
        let mut last: Option<&Header<'_>> = None;
        for header in self.sorted.as_slice() {
            if last.is_some_and(|last| last.compare(header).is_eq()) {
                continue;
            }
            if last.is_some() {
                sink.put(";");
            }
            write_lowercase(header.name, sink);
            last = Some(header);
        }
    }
}

impl Header<'_> {
    fn compare(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key).then_with(|| {
            let lower = |byte: u8| byte.to_ascii_lowercase();
            self.name.bytes().map(lower).cmp(other.name.bytes().map(lower))
        })
    }
}

fn write_lowercase<S: Sink>(name: &str, sink: &mut S) {
    if !name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return sink.put(name);
    }
    for character in name.chars() {
        sink.put(character.to_ascii_lowercase().encode_utf8(&mut [0; 4]));
    }
}

/// Trims the value, and makes every run of blanks and tabs inside it one blank.
fn write_value<S: Sink>(value: &str, sink: &mut S) {
    let is_blank = |byte: u8| byte == b' ' || byte == b'\t';
    let mut rest = value.trim_matches([' ', '\t']);
    let mut blanks = 0;
    while let Some(at) = rest.bytes().position(|byte| {
        blanks = if is_blank(byte) { blanks + 1 } else { 0 };
        blanks > 1 || byte == b'\t'
    }) {
        let (head, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        sink.put(head.trim_end_matches([' ', '\t']));
        sink.put(" ");
        rest = tail.trim_start_matches([' ', '\t']);
        blanks = 0;
    }
    sink.put(rest);
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn canonical(headers: &[(&str, &str)]) -> (String, String) {
        let request = Request::new("GET", "https://Example.com").unwrap().with_headers(headers).unwrap();
        let headers = Headers::to_sign(&request, &[("x-amz-date", "20150830T123600Z")], &["x-amz-security-token"]);
        let (mut lines, mut names) = (String::new(), String::new());
        headers.write(&mut lines);
        headers.write_names(&mut names);
        (lines, names)
    }

    #[test]
    fn values_are_trimmed_collapsed_and_joined_in_order() {
        let (lines, names) = canonical(&[
            ("My-Header1", " a  b \t c\t"),
            ("my-header1", "z"),
            ("my-header", "\"x   y\""),
            ("My-Header1", ""),
            ("X-Amz-Date", "replaced"),
            ("X-Amz-Security-Token", "replaced"),
            ("User-Agent", "never"),
        ]);
        assert_eq!(lines, "host:example.com\nmy-header:\"x y\"\nmy-header1:a b c,z,\nx-amz-date:20150830T123600Z\n");
        assert_eq!(names, "host;my-header;my-header1;x-amz-date");
    }

    #[test]
    fn a_host_header_stands_for_the_url_s() {
        assert!(canonical(&[("HOST", "other:8080")]).0.starts_with("host:other:8080\n"));
    }

    #[test]
    fn the_caller_chooses_what_is_signed() {
        let headers = [("Accept", "*/*"), ("User-Agent", "x"), ("Range", "bytes=0-1")];
        let request = Request::new("GET", "https://h/").unwrap().with_headers(&headers).unwrap();
        let request = request.leave_unsigned(&["accept", "host"]).sign_also(&["user-agent"]);
        let mut names = String::new();
        Headers::to_sign(&request, &[], &[]).write_names(&mut names);
        assert_eq!(names, "host;range;user-agent");
    }
}
