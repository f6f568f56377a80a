//! [`Difference`]: the first place where our text and theirs part.

use super::super::steps::blank_secrets;
use super::parts::{self, Parts};
use super::{Mismatch, printable};
use alloc::string::String;
use core::fmt;

/// How much of a line is shown: a canonical query may be long.
const SHOWN: usize = 96;

/// The texts of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Text {
    /// The canonical request.
    CanonicalRequest,
    /// The string to sign.
    StringToSign,
    /// The signature.
    Signature,
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::CanonicalRequest => "canonical request",
            Self::StringToSign => "string to sign",
            Self::Signature => "signature",
        })
    }
}

/// The first line in which two texts of one signature differ, and why. Session tokens are blanked, and every text is
/// fit for a terminal.
///
/// ```
/// use awsig::signing::{Difference, Mismatch};
/// let ours = "GET\n/a%20b\n\nhost:h\n\nhost\nUNSIGNED-PAYLOAD";
/// let theirs = "GET\n/a%2520b\n\nhost:h\n\nhost\nUNSIGNED-PAYLOAD";
/// let difference = Difference::of_canonical_requests(ours, theirs).expect("they differ");
/// assert_eq!((difference.line(), difference.mismatch()), (2, &Mismatch::PathEncodedOnce));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    text: Text,
    line: usize,
    ours: Option<String>,
    theirs: Option<String>,
    mismatch: Mismatch,
}

impl Difference {
    /// The first difference between two canonical requests; `None` if they are the same.
    ///
    /// Line breaks at the end do not count.
    pub fn of_canonical_requests(ours: &str, theirs: &str) -> Option<Self> {
        let (ours, theirs) = (ours.trim_end(), theirs.trim_end());
        if ours == theirs {
            return None;
        }
        let text = Text::CanonicalRequest;
        let found = |line, ours: Option<&str>, theirs: Option<&str>, mismatch| {
            Some(Self { text, line, ours: ours.map(show), theirs: theirs.map(show), mismatch })
        };
        let (Some(left), Some(right)) = (Parts::of(ours), Parts::of(theirs)) else {
            return Some(Self::of_shape(text, ours, theirs));
        };
        if left.method != right.method {
            return found(1, Some(left.method), Some(right.method), Mismatch::Method);
        }
        if left.path != right.path {
            return found(2, Some(left.path), Some(right.path), parts::path(left.path, right.path));
        }
        if left.query != right.query {
            return found(3, Some(left.query), Some(right.query), parts::query(left.query, right.query));
        }
        if let Some((line, ours, theirs, mismatch)) = headers(&left, &right) {
            return found(line, ours, theirs, mismatch);
        }
        let (line, names) = left.signed_headers;
        if names != right.signed_headers.1 {
            return found(line, Some(names), Some(right.signed_headers.1), Mismatch::SignedHeaders);
        }
        let (line, payload) = left.payload;
        if payload != right.payload.1 {
            let mismatch = parts::payload(payload, right.payload.1);
            return found(line, Some(payload), Some(right.payload.1), mismatch);
        }
        Some(Self::of_shape(text, ours, theirs))
    }

    /// The first difference between two strings to sign; `None` if they are the same.
    pub fn of_strings_to_sign(ours: &str, theirs: &str) -> Option<Self> {
        let (ours, theirs) = (ours.trim_end(), theirs.trim_end());
        let mut pairs = ours.lines().zip(theirs.lines()).enumerate().filter(|(_, (ours, theirs))| ours != theirs);
        let Some((index, (left, right))) = pairs.next() else {
            return (ours != theirs).then(|| Self::of_shape(Text::StringToSign, ours, theirs));
        };
        let mismatch = match index {
            0 => Mismatch::Algorithm,
            1 => Mismatch::Time,
            2 => scope(left, right),
            3 => Mismatch::CanonicalRequest,
            _ => Mismatch::Shape,
        };
        Some(Self {
            text: Text::StringToSign,
            line: index + 1,
            ours: Some(show(left)),
            theirs: Some(show(right)),
            mismatch,
        })
    }

    fn of_shape(text: Text, ours: &str, theirs: &str) -> Self {
        let (mut left, mut right, mut line) = (ours.lines(), theirs.lines(), 0);
        loop {
            line += 1;
            let (ours, theirs) = (left.next(), right.next());
            if ours != theirs || ours.is_none() {
                return Self { text, line, ours: ours.map(show), theirs: theirs.map(show), mismatch: Mismatch::Shape };
            }
        }
    }

    /// Which text it is.
    pub fn text(&self) -> Text {
        self.text
    }

    /// The number of the line in our text, or, if we have no such line, in theirs; from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Our line, if we have one.
    pub fn ours(&self) -> Option<&str> {
        self.ours.as_deref()
    }

    /// Their line, if they have one.
    pub fn theirs(&self) -> Option<&str> {
        self.theirs.as_deref()
    }

    /// What is different.
    pub fn mismatch(&self) -> &Mismatch {
        &self.mismatch
    }

    /// The number of characters that both lines start with.
    pub fn column(&self) -> usize {
        let (ours, theirs) = (self.ours().unwrap_or_default(), self.theirs().unwrap_or_default());
        ours.chars().zip(theirs.chars()).take_while(|(ours, theirs)| ours == theirs).count()
    }
}

/// Both lines, one under the other, and a mark under the first character that differs. Long lines are cut around it.
impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}, line {}: {}", self.text, self.line, self.mismatch)?;
        let column = self.column();
        let skipped = if column > SHOWN / 2 { column - SHOWN / 3 } else { 0 };
        for (who, line) in [("ours  ", self.ours()), ("theirs", self.theirs())] {
            write!(formatter, "  {who} ")?;
            match line {
                None => writeln!(formatter, "(no such line)")?,
                Some(line) => {
                    let cut = if skipped > 0 { "\u{2026}" } else { "" };
                    let count = line.chars().count();
                    let end = if count > skipped + SHOWN { "\u{2026}" } else { "" };
                    let shown = line.chars().skip(skipped).take(SHOWN).collect::<String>();
                    writeln!(formatter, "{cut}{shown}{end}")?;
                }
            }
        }
        let width = 9 + column - skipped + usize::from(skipped > 0);
        write!(formatter, "{:width$}^", "")
    }
}

fn show(line: &str) -> String {
    printable(&blank_secrets(line), 4096)
}

/// The first difference between the header lines: by name, since one line more moves all that follow.
fn headers<'t>(left: &Parts<'t>, right: &Parts<'t>) -> Option<(usize, Option<&'t str>, Option<&'t str>, Mismatch)> {
    let split = |line: &'t str| line.split_once(':').unwrap_or((line, ""));
    let find = |parts: &Parts<'t>, name| parts.headers.iter().copied().find(|&(_, line)| split(line).0 == name);
    // Nobody sends more headers than this; what is hostile is cut off.
    for &(number, line) in left.headers.iter().take(256) {
        let (name, value) = split(line);
        match find(right, name) {
            None => return Some((number, Some(line), None, Mismatch::HeaderMissing(printable(name, 64)))),
            Some((_, other)) if split(other).1 != value => {
                return Some((number, Some(line), Some(other), parts::header(name, value, split(other).1)));
            }
            Some(_) => {}
        }
    }
    for &(number, line) in right.headers.iter().take(256) {
        let name = split(line).0;
        if find(left, name).is_none() {
            return Some((number, None, Some(line), Mismatch::HeaderExtra(printable(name, 64))));
        }
    }
    let mut pairs = left.headers.iter().zip(&right.headers);
    let (ours, theirs) = pairs.find(|(ours, theirs)| ours.1 != theirs.1)?;
    Some((ours.0, Some(ours.1), Some(theirs.1), Mismatch::HeaderOrder))
}

/// What two scopes, `20150830/us-east-1/iam/aws4_request`, differ in.
fn scope(ours: &str, theirs: &str) -> Mismatch {
    let (mut left, mut right) = (ours.split('/'), theirs.split('/'));
    let mut next = || (left.next().unwrap_or_default(), right.next().unwrap_or_default());
    let (day, region, service) = (next(), next(), next());
    let told = |text: &str| printable(text, 64);
    if day.0 != day.1 {
        Mismatch::Day
    } else if region.0 != region.1 {
        Mismatch::Region { ours: told(region.0), theirs: told(region.1) }
    } else if service.0 != service.1 {
        Mismatch::Service { ours: told(service.0), theirs: told(service.1) }
    } else {
        Mismatch::Scope
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn text(path: &str, query: &str, headers: &str, payload: &str) -> String {
        let names = headers.lines().map(|line| line.split(':').next().unwrap()).collect::<alloc::vec::Vec<_>>();
        alloc::format!("GET\n{path}\n{query}\n{headers}\n\n{}\n{payload}", names.join(";"))
    }

    fn mismatch(ours: &str, theirs: &str) -> Mismatch {
        Difference::of_canonical_requests(ours, theirs).unwrap().mismatch
    }

    #[test]
    fn the_same_texts_do_not_differ() {
        let same = text("/", "", "host:h", EMPTY);
        assert_eq!(Difference::of_canonical_requests(&same, &(same.clone() + "\n")), None);
        assert_eq!(Difference::of_strings_to_sign("a\nb", "a\nb\n"), None);
    }

    #[test]
    fn paths_say_what_was_done_to_them() {
        for (ours, theirs, expected) in [
            ("/a%20b", "/a%2520b", Mismatch::PathEncodedOnce),
            ("/a%253Ab", "/a%3Ab", Mismatch::PathEncodedTwice),
            ("/a=b%20c", "/a%3Db%20c", Mismatch::PathEscapes),
            ("/a:b", "/a%253Ab", Mismatch::PathEncodedOnce),
            ("/a//b/../c", "/a/c", Mismatch::PathNotResolved),
            ("/a/c", "/a//b/../c", Mismatch::PathResolved),
            ("/stage/x", "/x", Mismatch::Path),
        ] {
            let (ours, theirs) = (text(ours, "", "host:h", EMPTY), text(theirs, "", "host:h", EMPTY));
            assert_eq!(mismatch(&ours, &theirs), expected, "{ours} {theirs}");
        }
    }

    #[test]
    fn queries_say_what_was_done_to_them() {
        for (ours, theirs, expected) in [
            ("b=1&a=2", "a=2&b=1", Mismatch::QueryOrder),
            ("a=x%253Dy", "a=x%3Dy", Mismatch::QueryEncodedTwice("a".into())),
            ("a=x:y", "a=x%3Ay", Mismatch::QueryEscapes("a".into())),
            ("a=x+y", "a=x%20y", Mismatch::QueryPlus("a".into())),
            ("a=x%2By", "a=x%20y", Mismatch::QueryPlus("a".into())),
            ("a=1&b=2", "a=1", Mismatch::QueryMissing("b".into())),
            ("a=1", "a=1&b=2", Mismatch::QueryExtra("b".into())),
            ("", "b=2", Mismatch::QueryExtra("b".into())),
            ("a=1", "a=2", Mismatch::QueryValue("a".into())),
        ] {
            let (ours, theirs) = (text("/", ours, "host:h", EMPTY), text("/", theirs, "host:h", EMPTY));
            assert_eq!(mismatch(&ours, &theirs), expected, "{ours} {theirs}");
        }
    }

    #[test]
    fn headers_are_compared_by_name() {
        for (ours, theirs, line, expected) in [
            ("host:h", "host:h:8443", 4, Mismatch::HostPort),
            ("host:h", "host:other", 4, Mismatch::HeaderValue("host".into())),
            ("accept:a\nhost:h", "host:h", 4, Mismatch::HeaderMissing("accept".into())),
            ("host:h", "accept:a\nhost:h", 4, Mismatch::HeaderExtra("accept".into())),
            ("host:h\nx:a b", "host:h\nx:a  b", 5, Mismatch::HeaderBlanks("x".into())),
            ("host:h\nx-amz-date:1", "host:h\nx-amz-date:2", 5, Mismatch::Time),
            ("x:1\nhost:h", "host:h\nx:1", 4, Mismatch::HeaderOrder),
        ] {
            let difference =
                Difference::of_canonical_requests(&text("/", "", ours, EMPTY), &text("/", "", theirs, EMPTY)).unwrap();
            assert_eq!((difference.line(), difference.mismatch()), (line, &expected), "{ours} {theirs}");
        }
    }

    #[test]
    fn payloads_say_what_became_of_the_body() {
        let hash = "a".repeat(64);
        for (ours, theirs, expected) in [
            (hash.as_str(), EMPTY, Mismatch::BodyLost),
            (EMPTY, &hash, Mismatch::BodyAdded),
            (&hash, &"b".repeat(64), Mismatch::Body),
            ("UNSIGNED-PAYLOAD", &hash, Mismatch::PayloadUnsigned),
            (&hash, "UNSIGNED-PAYLOAD", Mismatch::PayloadSigned),
        ] {
            assert_eq!(mismatch(&text("/", "", "host:h", ours), &text("/", "", "host:h", theirs)), expected);
        }
    }

    #[test]
    fn scopes_name_their_part() {
        let sign = |scope: &str| alloc::format!("AWS4-HMAC-SHA256\n20150830T123600Z\n{scope}\nabc");
        let ours = sign("20150830/us-east-1/iam/aws4_request");
        for (theirs, expected) in [
            ("20150831/us-east-1/iam/aws4_request", Mismatch::Day),
            (
                "20150830/eu-west-1/iam/aws4_request",
                Mismatch::Region { ours: "us-east-1".into(), theirs: "eu-west-1".into() },
            ),
            ("20150830/us-east-1/sts/aws4_request", Mismatch::Service { ours: "iam".into(), theirs: "sts".into() }),
            ("20150830/us-east-1/iam/aws5_request", Mismatch::Scope),
        ] {
            assert_eq!(Difference::of_strings_to_sign(&ours, &sign(theirs)).unwrap().mismatch, expected);
        }
    }

    #[test]
    fn tokens_are_blanked_and_the_place_is_marked() {
        let ours = text("/", "", "host:h\nx-amz-security-token:SENTINEL1", EMPTY);
        let theirs = text("/", "", "host:h\nX-Amz-Security-Token:SENTINEL2", EMPTY);
        let shown = Difference::of_canonical_requests(&ours, &theirs).unwrap();
        assert!(!alloc::format!("{shown} {shown:?}").contains("SENTINEL"));
        let ours = text("/", "X-Amz-Security-Token=SENTINEL1&a=1", "host:h", EMPTY);
        let theirs = text("/", "x-amz-security-token=SENTINEL2&a=1", "host:h", EMPTY);
        let shown = Difference::of_canonical_requests(&ours, &theirs).unwrap();
        assert!(!alloc::format!("{shown} {shown:?}").contains("SENTINEL"));
        let long = "x".repeat(500);
        let left = text(&alloc::format!("/{long}a"), "", "host:h", EMPTY);
        let right = text(&alloc::format!("/{long}b"), "", "host:h", EMPTY);
        let shown = Difference::of_canonical_requests(&left, &right).unwrap().to_string();
        let lines: alloc::vec::Vec<&str> = shown.lines().collect();
        let at = lines[3].chars().count() - 1;
        assert_eq!((lines[1].chars().nth(at), lines[2].chars().nth(at)), (Some('a'), Some('b')), "{shown}");
    }

    #[test]
    fn what_is_no_canonical_request_is_told_by_line() {
        let difference = Difference::of_canonical_requests("GET\n/", "GET\n/x\n\n").unwrap();
        assert_eq!((difference.line(), difference.mismatch()), (2, &Mismatch::Shape));
        let difference = Difference::of_canonical_requests("", "\u{1b}[2J").unwrap();
        assert_eq!(difference.theirs(), Some("\u{fffd}[2J"));
    }
}
