//! `-d TEXT|@FILE|@-`: the body, byte for byte.

use crate::report::{Failure, READ};
use std::fs;
use std::io::{self, Read};

/// The bytes of the body; `None` if there is none.
pub(crate) fn body(data: Option<&str>) -> Result<Option<Vec<u8>>, Failure> {
    let Some(data) = data else {
        return Ok(None);
    };
    let bytes = match data.strip_prefix('@') {
        None => data.as_bytes().to_vec(),
        Some("-") => {
            let mut bytes = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut bytes);
            read.map_err(|error| Failure::new(READ, format!("cannot read standard input: {error}")))?;
            bytes
        }
        Some(path) => fs::read(path).map_err(|error| {
            Failure::new(READ, format!("cannot read {path}: {error}"))
                .hint("-d @FILE reads a file; to send text that starts with @, write it into a file")
        })?,
    };
    Ok(Some(bytes))
}
