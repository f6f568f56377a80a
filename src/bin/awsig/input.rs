//! The body that was typed, byte for byte, and what it says of method, headers and query.

use crate::args::{BodyArgs, DataKind};
use crate::joined::{Piece, source};
use crate::multipart;
use crate::report::{Failure, READ, USAGE};
use awsig::send::Source;
use awsig::world::{Process, World};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// RFC 3986 section 2.3.
const ESCAPED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// No URL is longer; a file for the query is read no further.
const QUERY: u64 = 64 * 1024;
/// The length that Linux gives files of /sys.
const PAGE: u64 = 4096;

/// Room in a pipe: what Linux allows everybody.
#[cfg(target_os = "linux")]
const PIPE: usize = 1024 * 1024;

/// What was typed about the body.
#[derive(Debug)]
pub(crate) struct Typed {
    pub(crate) source: Source,
    /// The method, when none is typed.
    pub(crate) method: Option<&'static str>,
    /// Headers, unless they are typed.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// What goes into the query.
    pub(crate) query: Option<String>,
}

impl Typed {
    fn new(source: Source, method: &'static str) -> Self {
        Self { source, method: Some(method), headers: Vec::new(), query: None }
    }
}

/// The body that was typed. `length` is what a header says of it; `skip` is a piece that is none.
pub(crate) fn typed(args: &BodyArgs, length: Option<u64>, skip: Option<usize>) -> Result<Typed, Failure> {
    if let Some(path) = &args.upload {
        let body = if path.as_os_str() == "-" || path.as_os_str() == "." { stdin()? } else { piece(path)? };
        return Ok(Typed::new(source(vec![body], length), "PUT"));
    }
    if !args.form.0.is_empty() {
        let boundary = multipart::boundary()?;
        let body = source(multipart::pieces(&args.form, &boundary)?, length);
        let mut typed = Typed::new(body, "POST");
        typed.headers.push(("content-type", format!("multipart/form-data; boundary={boundary}")));
        return Ok(typed);
    }
    let data: Vec<_> =
        args.data.0.iter().enumerate().filter(|(at, _)| Some(*at) != skip).map(|(_, data)| data).collect();
    if data.is_empty() {
        return Ok(Typed { source: Source::Empty, method: None, headers: Vec::new(), query: None });
    }
    let mut pieces = Vec::new();
    for (kind, text) in &data {
        if !pieces.is_empty() && *kind != DataKind::Json {
            pieces.push(Piece::Bytes(b"&".to_vec()));
        }
        pieces.extend(data_pieces(*kind, text)?);
    }
    if args.get {
        return Ok(Typed {
            source: Source::Empty,
            method: Some("GET"),
            headers: Vec::new(),
            query: Some(query(pieces)?),
        });
    }
    let mut typed = Typed::new(source(pieces, length), "POST");
    if data.iter().any(|(kind, _)| *kind == DataKind::Json) {
        typed.headers.push(("content-type", "application/json".into()));
        typed.headers.push(("accept", "application/json".into()));
    } else {
        typed.headers.push(("content-type", "application/x-www-form-urlencoded".into()));
    }
    Ok(typed)
}

/// What `--url-query` adds to a query.
pub(crate) fn url_query(text: &OsStr) -> Result<String, Failure> {
    let bytes = text.as_encoded_bytes();
    match bytes.strip_prefix(b"+") {
        Some(raw) => query(vec![Piece::Bytes(raw.to_vec())]),
        None => query(urlencoded(bytes, QUERY)?),
    }
}

/// A URL with this added to its query.
pub(crate) fn with_query(url: &str, query: &str) -> String {
    let (url, fragment) = url.find('#').map_or((url, ""), |at| url.split_at(at));
    let mark = if !url.contains('?') {
        "?"
    } else if url.ends_with(['?', '&']) {
        ""
    } else {
        "&"
    };
    format!("{url}{mark}{query}{fragment}")
}

/// A URL whose path ends with `/` gets the name of the file that is uploaded, as curl has it.
pub(crate) fn with_file_name(url: &str, file: &Path) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let (place, rest) = url.split_at(end);
    let path = place.split_once("://").map_or(place, |(_, rest)| rest);
    let slash = if path.contains('/') { "" } else { "/" };
    match file
        .file_name()
        .filter(|_| (place.ends_with('/') || slash == "/") && file.as_os_str() != "-" && file.as_os_str() != ".")
    {
        Some(name) => format!("{place}{slash}{}{rest}", percent_encode(name.as_encoded_bytes(), &ESCAPED)),
        None => url.to_owned(),
    }
}

fn data_pieces(kind: DataKind, text: &OsStr) -> Result<Vec<Piece>, Failure> {
    let bytes = text.as_encoded_bytes();
    match kind {
        DataKind::Raw => Ok(vec![Piece::Bytes(bytes.to_vec())]),
        DataKind::Urlencode => urlencoded(bytes, u64::MAX),
        DataKind::Data | DataKind::Binary | DataKind::Json => match bytes.strip_prefix(b"@") {
            None => Ok(vec![Piece::Bytes(bytes.to_vec())]),
            Some(_) => Ok(vec![
                at_file(text).map_err(|failure| failure.hint("to send text that starts with @, use --data-raw"))?,
            ]),
        },
    }
}

/// `@path`, or `@-`.
fn at_file(text: &OsStr) -> Result<Piece, Failure> {
    // An argument is a path or text; what is behind the @ of a text is not always one by itself, but on Unix it is.
    let path = text.to_str().and_then(|text| text.strip_prefix('@')).ok_or_else(|| {
        Failure::new(USAGE, "the name of a file is not UTF-8").hint("link it to a name that is, or use @- and <FILE")
    })?;
    if path == "-" { stdin() } else { piece(Path::new(path)) }
}

/// `TEXT`, `=TEXT`, `NAME=TEXT`, `@FILE` or `NAME@FILE`: the name stays as it is, the rest is percent-encoded.
fn urlencoded(bytes: &[u8], limit: u64) -> Result<Vec<Piece>, Failure> {
    let split = bytes.iter().position(|byte| *byte == b'=').or_else(|| bytes.iter().position(|byte| *byte == b'@'));
    let (name, value) = split
        .map_or((&[][..], bytes), |at| (bytes.get(..at).unwrap_or_default(), bytes.get(at + 1..).unwrap_or_default()));
    let content = if split.is_some_and(|at| bytes.get(at) == Some(&b'@')) {
        let path = std::str::from_utf8(value).map_err(|_| Failure::new(USAGE, "the name of a file is not UTF-8"))?;
        let mut content = Vec::new();
        let read = match if path == "-" { stdin()? } else { piece(Path::new(path))? } {
            Piece::Bytes(bytes) => bytes.as_slice().take(limit).read_to_end(&mut content),
            Piece::File(file, _) => file.take(limit).read_to_end(&mut content),
            Piece::Stream(stream) => stream.take(limit).read_to_end(&mut content),
        };
        let count = read.map_err(|error| unreadable(Path::new(path), &error))?;
        if u64::try_from(count).is_ok_and(|count| count == limit) {
            return Err(
                Failure::new(READ, format!("{path} is too long for a query")).hint("-d @FILE sends it as a body")
            );
        }
        content
    } else {
        value.to_vec()
    };
    let mut encoded = name.to_vec();
    if !name.is_empty() {
        encoded.push(b'=');
    }
    encoded.extend(percent_encode(&content, &ESCAPED).to_string().into_bytes());
    Ok(vec![Piece::Bytes(encoded)])
}

fn query(pieces: Vec<Piece>) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    for piece in pieces {
        let read = match piece {
            Piece::Bytes(piece) => {
                bytes.extend(piece);
                Ok(0)
            }
            Piece::File(file, _) => file.take(QUERY).read_to_end(&mut bytes),
            Piece::Stream(stream) => stream.take(QUERY).read_to_end(&mut bytes),
        };
        read.map_err(|error| Failure::new(READ, format!("cannot read what goes into the query: {error}")))?;
    }
    String::from_utf8(bytes).map_err(|_| {
        Failure::new(USAGE, "what goes into the query is not UTF-8").hint("--data-urlencode encodes every byte")
    })
}

/// A file, or what can be read only once.
pub(crate) fn piece(path: &Path) -> Result<Piece, Failure> {
    let opened = File::open(path).and_then(|file| {
        let about = file.metadata()?;
        if about.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok((file, about)) }
    });
    match opened {
        // What the kernel makes up as it is read (/proc, /sys) tells no length, or that of a page.
        Ok((file, about)) if about.is_file() && matches!(about.len(), 0 | PAGE) => {
            short(file).map_err(|error| unreadable(path, &error))
        }
        Ok((file, about)) if about.is_file() => Ok(Piece::File(file, about.len())),
        Ok((file, _)) => Ok(Piece::Stream(Box::new(file))),
        Err(error) => Err(unreadable(path, &error)),
    }
}

/// A file that says that it is short: all of it, or what can be read only once if it is not.
fn short(mut file: File) -> io::Result<Piece> {
    let mut start = Vec::new();
    let count = file.by_ref().take(QUERY).read_to_end(&mut start)?;
    let whole = u64::try_from(count).is_ok_and(|count| count < QUERY);
    Ok(if whole { Piece::Bytes(start) } else { Piece::Stream(Box::new(io::Cursor::new(start).chain(file))) })
}

/// The text of a file of options or headers.
pub(crate) fn text_of(path: &Path) -> io::Result<String> {
    let invalid = |_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    String::from_utf8(Process::new().read(path)?).map_err(invalid)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(READ, format!("cannot read {}: {error}", path.display()))
        .hint("check the path; a body is TEXT, @FILE or @- for standard input")
}

pub(crate) fn stdin() -> Result<Piece, Failure> {
    if is_closed() {
        return Err(Failure::new(READ, "standard input is closed")
            .hint("pipe the body to awsig, or name a file; an empty body is </dev/null or -T /dev/null"));
    }
    #[cfg(target_os = "linux")]
    widen(&io::stdin());
    Ok(Piece::Stream(Box::new(io::stdin())))
}

/// Whether standard input was closed when the program started: then the runtime has opened /dev/null there, for writing
/// too. So does who starts a program with nothing to read (a daemon, Python's DEVNULL); a body is not to be had there either.
#[cfg(unix)]
fn is_closed() -> bool {
    use rustix::fs::{OFlags, fcntl_getfl, fstat, stat};
    let stdin = io::stdin();
    let is_both = fcntl_getfl(&stdin).is_ok_and(|flags| flags & OFlags::RWMODE == OFlags::RDWR);
    is_both && fstat(&stdin).is_ok_and(|own| stat("/dev/null").is_ok_and(|null| own.st_rdev == null.st_rdev))
}

#[cfg(not(unix))]
fn is_closed() -> bool {
    false
}

/// Asks for room for a whole block in a pipe, so that who writes and who reads take turns less often.
#[cfg(target_os = "linux")]
fn widen(pipe: &impl std::os::fd::AsFd) {
    // What is no pipe has its own ways, and where pipes must not be that wide they stay as they are.
    let _ = rustix::pipe::fcntl_setpipe_size(pipe, PIPE);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(pieces: Vec<Piece>) -> String {
        query(pieces).unwrap()
    }

    #[test]
    fn names_stay_and_values_are_encoded() {
        for (typed, encoded) in [
            ("a b", "a%20b"),
            ("=a=b", "a%3Db"),
            ("name=a&b+c", "name=a%26b%2Bc"),
            ("na me=é", "na me=%C3%A9"),
            ("", ""),
        ] {
            assert_eq!(text(urlencoded(typed.as_bytes(), QUERY).unwrap()), encoded, "{typed}");
        }
    }

    #[test]
    fn queries_are_added_before_the_fragment() {
        for (url, with) in [
            ("http://h", "http://h?q"),
            ("http://h/?", "http://h/?q"),
            ("http://h/?a", "http://h/?a&q"),
            ("http://h/?a&", "http://h/?a&q"),
            ("http://h/#f?", "http://h/?q#f?"),
        ] {
            assert_eq!(with_query(url, "q"), with);
        }
    }

    #[test]
    fn a_folder_gets_the_name_of_the_file() {
        for (url, file, with) in [
            ("http://h/a/", "x/b c.txt", "http://h/a/b%20c.txt"),
            ("http://h/a/?q=/", "b", "http://h/a/b?q=/"),
            ("http://h", "b", "http://h/b"),
            ("http://h/a", "b", "http://h/a"),
            ("http://h/", "-", "http://h/"),
        ] {
            assert_eq!(with_file_name(url, Path::new(file)), with);
        }
    }
}
