//! Canonical headers: lower-cased, sorted, joined, blanks collapsed.

use super::Request;
use super::bytes::{compare_lower_case, lower_case_start_of, split};
use super::encode::Sink;
use super::list::List;
use super::scan::Value;
use core::cmp::Ordering;

/// The headers that a signature covers, sorted.
#[derive(Clone)]
pub(crate) struct Headers<'a> {
    sorted: List<Header<'a>, 24>,
    /// Their names in lower case, each once, joined by `;`.
    names: List<u8, 256>,
}

#[derive(Clone, Copy, Default)]
struct Header<'a> {
    /// The first eight bytes of the name in lower case: decides nearly every comparison.
    key: u64,
    name: &'a str,
    value: &'a str,
    /// There are no blanks in the value to trim or to collapse.
    tidy: bool,
    /// The header before this one has the same name.
    repeated: bool,
}

impl<'a> Headers<'a> {
    /// What signing covers: the headers that signing adds, and of the caller's those that want it and are not replaced.
    /// Only headers named `x-amz-…` are added or replaced. Without a caller's `host` header, `host` is the URL's.
    pub(crate) fn to_sign(request: &'a Request<'_>, added: &[(&'a str, &'a str)], replaced: &[&str]) -> Self {
        let mut headers = Self { sorted: List::new(), names: List::new() };
        let (mut host, tidy) = (false, request.has_tidy_values());
        for &(name, value) in request.header_slice() {
            let header = Header { tidy, ..Header::tidy(name, value) };
            let is = |other: &str| other.eq_ignore_ascii_case(name);
            let ours = header.is_amazon_s()
                && (added.iter().any(|&(other, _)| is(other)) || replaced.iter().any(|&other| is(other)));
            if !ours && request.wants_signed(name) {
                host |= is("host");
                headers.sorted.push(header);
            }
        }
        if !host {
            headers.sorted.push(Header::tidy("host", request.host()));
        }
        for (name, value) in added {
            headers.sorted.push(Header::tidy(name, value));
        }
        headers.sorted.as_mut_slice().sort_by(|left, right| left.compare(right));
        headers.list_names();
        headers
    }

    /// What a claimed signature covers: the headers of these names, which are sorted and in lower case; `host` is the
    /// URL's unless there is such a header. Says too whether an `x-amz-…` header is left out.
    ///
    /// # Errors
    /// The first name that no header has.
    pub(crate) fn named<'n>(request: &'a Request<'_>, names: &'n str) -> Result<(Self, bool), &'n str> {
        let mut all = List::<Header<'a>, 24>::new();
        let mut host = false;
        for &(name, value) in request.header_slice() {
            host |= name.eq_ignore_ascii_case("host");
            all.push(Header { tidy: request.has_tidy_values(), ..Header::tidy(name, value) });
        }
        if !host {
            all.push(Header::tidy("host", request.host()));
        }
        all.as_mut_slice().sort_by(|left, right| left.compare(right));
        let mut headers = Self { sorted: List::new(), names: List::new() };
        let mut rest = all.as_slice();
        let mut amazon_s_left_out = false;
        for name in split(names, b';') {
            let listed = Header::tidy(name, "");
            let mut repeated = false;
            while let Some((header, others)) = rest.split_first() {
                match header.compare(&listed) {
                    Ordering::Less => amazon_s_left_out |= header.is_amazon_s(),
                    Ordering::Equal => {
                        headers.sorted.push(Header { repeated, ..*header });
                        repeated = true;
                    }
                    Ordering::Greater => break,
                }
                rest = others;
            }
            if !repeated {
                return Err(name);
            }
        }
        amazon_s_left_out |= rest.iter().any(Header::is_amazon_s);
        headers.names.extend(names.as_bytes());
        Ok((headers, amazon_s_left_out))
    }

    fn list_names(&mut self) {
        let mut last: Option<Header<'_>> = None;
        for header in self.sorted.as_mut_slice() {
            header.repeated = last.is_some_and(|last| last.compare(header).is_eq());
            if !header.repeated {
                if last.is_some() {
                    self.names.push(b';');
                }
                self.names.extend(header.name.as_bytes());
            }
            last = Some(*header);
        }
        self.names.as_mut_slice().make_ascii_lowercase();
    }

    pub(crate) fn names(&self) -> &str {
        core::str::from_utf8(self.names.as_slice()).unwrap_or_default()
    }

    /// Writes `name:value` lines; the values of a repeated name are joined by commas, in the order they were given.
    pub(crate) fn write<S: Sink>(&self, sink: &mut S) {
        let mut names = self.names();
        for (index, header) in self.sorted.as_slice().iter().enumerate() {
            if header.repeated {
                sink.put(",");
            } else {
                if index > 0 {
                    sink.put("\n");
                }
                let (name, rest) = names.split_at_checked(header.name.len()).unwrap_or_default();
                names = rest.get(1..).unwrap_or_default();
                sink.put(name);
                sink.put(":");
            }
            if header.tidy {
                sink.put(header.value);
            } else {
                write_value(header.value, sink);
            }
        }
        sink.put("\n");
    }

    /// Writes the names, joined by semicolons.
    pub(crate) fn write_names<S: Sink>(&self, sink: &mut S) {
        sink.put(self.names());
    }
}

impl<'a> Header<'a> {
    fn tidy(name: &'a str, value: &'a str) -> Self {
        Self { key: lower_case_start_of(name.as_bytes()), name, value, tidy: true, repeated: false }
    }

    fn is_amazon_s(&self) -> bool {
        self.key >> 16 == lower_case_start_of(b"x-amz-") >> 16
    }

    #[inline]
    fn compare(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key).then_with(|| compare_lower_case(self.name, other.name))
    }
}

/// Trims the value, and makes every run of blanks and tabs inside it one blank.
fn write_value<S: Sink>(value: &str, sink: &mut S) {
    if Value::of(value.as_bytes()) == Value::Tidy {
        return sink.put(value);
    }
    let mut words = value.split([' ', '\t']).filter(|word| !word.is_empty());
    sink.put(words.next().unwrap_or_default());
    for word in words {
        sink.put(" ");
        sink.put(word);
    }
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
