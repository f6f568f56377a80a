//! Canonical headers: lower-cased, sorted, joined, blanks collapsed.

use super::Request;
use super::bytes::{compare_lower_case, lower_case_start_of, split, start_of};
use super::encode::Sink;
use super::list::List;
use super::scan::Value;
use core::cmp::Ordering;

/// The headers that a signature covers, sorted.
#[derive(Clone)]
pub(crate) struct Headers<'a> {
    all: All<'a>,
    sorted: List<Place, 24>,
    /// Their names in lower case, each once, joined by `;`.
    names: List<u8, 256>,
}

/// Every header there is: the caller's, those that signing adds, and the URL's host.
#[derive(Clone, Copy)]
struct All<'a> {
    given: &'a [(&'a str, &'a str)],
    /// There are no blanks in the given values to trim or to collapse; there never are in the others.
    given_are_tidy: bool,
    added: &'a [(&'a str, &'a str)],
    host: &'a str,
}

/// Which header it is, small enough to be sorted.
#[derive(Clone, Copy, Default)]
struct Place {
    /// The first eight bytes of the name in lower case: decides nearly every comparison.
    key: u64,
    /// Counts the given headers, then the added ones, then the host, by twos; odd where the header before has the same
    /// name. Slices of pairs are too short for this to overflow.
    at: usize,
}

impl<'a> Headers<'a> {
    /// What signing covers: the headers that signing adds, and of the caller's those that want it and are not replaced.
    /// Only headers named `x-amz-…` are added or replaced. Without a caller's `host` header, `host` is the URL's.
    pub(crate) fn to_sign(request: &'a Request<'_>, added: &'a [(&'a str, &'a str)], replaced: &[&str]) -> Self {
        let all = All::of(request, added);
        let mut headers = Self { all, sorted: List::new(), names: List::new() };
        let mut host = false;
        for (index, &(name, _)) in all.given.iter().enumerate() {
            let place = Place::new(name, index);
            let is = |other: &str| other.eq_ignore_ascii_case(name);
            let ours = place.is_amazon_s()
                && (added.iter().any(|&(other, _)| is(other)) || replaced.iter().any(|&other| is(other)));
            if !ours && request.wants_signed(name) {
                host |= place.key == HOST && name.len() == 4;
                headers.sorted.push(place);
            }
        }
        for (index, &(name, _)) in added.iter().enumerate() {
            headers.sorted.push(Place::new(name, all.given.len() + index));
        }
        if !host {
            headers.sorted.push(all.host());
        }
        headers.sorted.as_mut_slice().sort_unstable_by(|left, right| all.compare(left, right));
        headers.list_names();
        headers
    }

    /// What a claimed signature covers: the headers of these names, which are sorted and in lower case; `host` is the
    /// URL's unless there is such a header. Says too whether an `x-amz-…` header is left out.
    ///
    /// # Errors
    /// The first name that no header has.
    pub(crate) fn named<'n>(request: &'a Request<'_>, names: &'n str) -> Result<(Self, bool), &'n str> {
        let all = All::of(request, &[]);
        let mut places = List::<Place, 24>::new();
        let mut host = false;
        for (index, &(name, _)) in all.given.iter().enumerate() {
            let place = Place::new(name, index);
            host |= place.key == HOST && name.len() == 4;
            places.push(place);
        }
        if !host {
            places.push(all.host());
        }
        places.as_mut_slice().sort_unstable_by(|left, right| all.compare(left, right));
        let mut headers = Self { all, sorted: List::new(), names: List::new() };
        let mut rest = places.as_slice();
        let mut amazon_s_left_out = false;
        for name in split(names, b';') {
            let key = lower_case_start_of(name.as_bytes());
            let mut repeated = false;
            while let Some((place, others)) = rest.split_first() {
                match place.key.cmp(&key).then_with(|| compare_behind_key(all.header(place).0, name)) {
                    Ordering::Less => amazon_s_left_out |= place.is_amazon_s(),
                    Ordering::Equal => {
                        headers.sorted.push(Place { at: place.at | usize::from(repeated), ..*place });
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
        amazon_s_left_out |= rest.iter().any(Place::is_amazon_s);
        headers.names.extend(names.as_bytes());
        Ok((headers, amazon_s_left_out))
    }

    fn list_names(&mut self) {
        let mut last: Option<Place> = None;
        for place in self.sorted.as_mut_slice() {
            if last.is_some_and(|last| self.all.same_name(&last, place)) {
                place.at |= 1;
            } else {
                if last.is_some() {
                    self.names.push(b';');
                }
                self.names.extend(self.all.header(place).0.as_bytes());
            }
            last = Some(*place);
        }
        self.names.as_mut_slice().make_ascii_lowercase();
    }

    /// Their names in lower case, joined by semicolons.
    pub(crate) fn names(&self) -> &[u8] {
        self.names.as_slice()
    }

    /// Writes `name:value` lines; the values of a repeated name are joined by commas, in the order they were given.
    pub(crate) fn write<S: Sink>(&self, sink: &mut S) {
        let mut names = self.names.as_slice();
        for (index, place) in self.sorted.as_slice().iter().enumerate() {
            let (name, value) = self.all.header(place);
            let tidy = self.all.given_are_tidy || place.index() >= self.all.given.len();
            // Only the first of a name has its own in the list.
            let (mut lower_case, mut before): (&[u8], _) = (&[], b",");
            if !place.is_repeated() {
                let rest;
                (lower_case, rest) = names.split_at_checked(name.len()).unwrap_or_default();
                names = rest.get(1..).unwrap_or_default();
                before = b"\n";
            }
            if index > 0 {
                sink.put_ascii(*before);
            }
            match (place.is_repeated(), tidy) {
                (false, true) => sink.put_pair(lower_case, b':', value.as_bytes()),
                (false, false) => {
                    sink.put_bytes(lower_case);
                    sink.put_ascii(*b":");
                    write_value(value, sink);
                }
                (true, _) => write_value(value, sink),
            }
        }
        sink.put_ascii(*b"\n");
    }

    /// Writes the names, joined by semicolons.
    pub(crate) fn write_names<S: Sink>(&self, sink: &mut S) {
        sink.put_bytes(self.names.as_slice());
    }
}

const HOST: u64 = u64::from_be_bytes(*b"host\0\0\0\0");

impl<'a> All<'a> {
    fn of(request: &'a Request<'_>, added: &'a [(&'a str, &'a str)]) -> Self {
        let (given, given_are_tidy) = (request.header_slice(), request.has_tidy_values());
        Self { given, given_are_tidy, added, host: request.host() }
    }

    #[inline]
    fn header(&self, place: &Place) -> (&'a str, &'a str) {
        let added = || self.added.get(place.index().wrapping_sub(self.given.len()));
        self.given.get(place.index()).or_else(added).map_or(("host", self.host), |&header| header)
    }

    fn host(&self) -> Place {
        Place { key: HOST, at: (self.given.len() + self.added.len()) * 2 }
    }

    /// By name, then in the order they were given.
    #[inline]
    fn compare(&self, left: &Place, right: &Place) -> Ordering {
        left.key.cmp(&right.key).then_with(|| self.compare_whole(left, right))
    }

    #[cold]
    fn compare_whole(&self, left: &Place, right: &Place) -> Ordering {
        let names = compare_behind_key(self.header(left).0, self.header(right).0);
        names.then_with(|| left.at.cmp(&right.at))
    }

    #[inline]
    fn same_name(&self, left: &Place, right: &Place) -> bool {
        left.key == right.key && compare_behind_key(self.header(left).0, self.header(right).0).is_eq()
    }
}

/// Compares names that have the same key.
#[inline]
fn compare_behind_key(left: &str, right: &str) -> Ordering {
    match (left.as_bytes().get(8..), right.as_bytes().get(8..)) {
        (Some(left), Some(right)) => compare_lower_case(left, right),
        // No name holds a zero, so that one key means one length up to eight.
        _ => left.len().cmp(&right.len()),
    }
}

impl Place {
    #[inline]
    fn new(name: &str, index: usize) -> Self {
        Self { key: lower_case_start_of(name.as_bytes()), at: index * 2 }
    }

    fn index(&self) -> usize {
        self.at / 2
    }

    fn is_repeated(&self) -> bool {
        self.at & 1 == 1
    }

    fn is_amazon_s(&self) -> bool {
        self.key >> 16 == start_of(b"x-amz-") >> 16
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
