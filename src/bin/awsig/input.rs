//! `-d TEXT|@FILE|@-` and `-T FILE`: the body, byte for byte.

use crate::args::RequestArgs;
use crate::report::{Failure, READ};
use awsig::send::Source;
use std::io;
use std::path::Path;

/// The body that was typed. `length` is what a header says of it; standard input may tell its own.
pub(crate) fn body(args: &RequestArgs, length: Option<u64>) -> Result<Source, Failure> {
    if let Some(path) = &args.upload {
        return if path.as_os_str() == "-" { Ok(stdin(length)) } else { file(path, length) };
    }
    match args.data.as_deref() {
        None => Ok(Source::Empty),
        Some("@-") => Ok(stdin(length)),
        Some(data) => match data.strip_prefix('@') {
            None => Ok(Source::Bytes(data.as_bytes().to_vec())),
            Some(path) => file(Path::new(path), length)
                .map_err(|failure| failure.hint("to send text that starts with @, write it into a file")),
        },
    }
}

fn file(path: &Path, length: Option<u64>) -> Result<Source, Failure> {
    match Source::open(path) {
        Ok(Source::Once { reader, .. }) => Ok(Source::Once { reader, length }),
        Ok(source) => Ok(source),
        Err(error) => {
            let hint = "check the path; a body is TEXT, @FILE or @- for standard input";
            Err(Failure::new(READ, format!("cannot read {}: {error}", path.display())).hint(hint))
        }
    }
}

fn stdin(length: Option<u64>) -> Source {
    Source::Once { reader: Box::new(io::stdin()), length }
}
