//! `-F`: a form (RFC 7578), of which only the small parts are in memory.

use crate::args::{Form, FormKind};
use crate::input;
use crate::joined::Piece;
use crate::report::{Failure, USAGE};
use std::path::Path;

/// The pieces of the form, each field between two boundaries.
pub(crate) fn pieces(form: &Form, boundary: &str) -> Result<Vec<Piece>, Failure> {
    let mut pieces = Vec::new();
    for (kind, text) in &form.0 {
        let text = text.to_str().ok_or_else(|| {
            Failure::new(USAGE, "a form field is not UTF-8").hint("put the value into a file: -F 'name=<FILE'")
        })?;
        let (name, value) = text.split_once('=').ok_or_else(|| {
            Failure::new(USAGE, "a form field has no =").hint("write -F NAME=TEXT, -F NAME=@FILE or -F 'NAME=<FILE'")
        })?;
        let field = match kind {
            FormKind::Text => Field { content: Content::Text(value.into()), kind: None, file_name: None },
            FormKind::Field => Field::parse(value)?,
        };
        pieces.push(Piece::Bytes(field.head(name, boundary).into_bytes()));
        pieces.push(match field.content {
            Content::Text(text) => Piece::Bytes(text.into_bytes()),
            Content::File(path) | Content::TextOf(path) if path == "-" => input::stdin()?,
            Content::File(path) | Content::TextOf(path) => input::piece(Path::new(&path))?,
        });
        pieces.push(Piece::Bytes(b"\r\n".to_vec()));
    }
    pieces.push(Piece::Bytes(format!("--{boundary}--\r\n").into_bytes()));
    Ok(pieces)
}

/// Twenty-two digits that no field holds, but by a chance of 1 in 2^80.
pub(crate) fn boundary() -> Result<String, Failure> {
    let mut random = [0; 11];
    getrandom::getrandom(&mut random)
        .map_err(|error| Failure::new(USAGE, format!("the system gives no random bytes: {error}")))?;
    Ok(format!("------------------------{}", hex::encode(random)))
}

#[derive(Debug, PartialEq, Eq)]
struct Field {
    content: Content,
    kind: Option<String>,
    file_name: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Content {
    Text(String),
    /// `@path`: the file, by its name.
    File(String),
    /// `<path`: what the file holds.
    TextOf(String),
}

impl Field {
    /// `TEXT`, `@FILE` or `<FILE`, each with `;type=` and `;filename=`.
    fn parse(value: &str) -> Result<Self, Failure> {
        let (mark, rest) = match value.split_at_checked(1) {
            Some((mark @ ("@" | "<"), rest)) => (mark, rest),
            _ => ("", value),
        };
        let (content, mut rest) = word(rest);
        let (mut kind, mut file_name) = (None, None);
        while let Some(option) = rest.strip_prefix(';') {
            let (name, behind) = option.split_once('=').unwrap_or((option, ""));
            let (value, left) = word(behind);
            match name.trim() {
                "type" => kind = Some(value),
                "filename" => file_name = Some(value),
                other => {
                    return Err(Failure::new(USAGE, format!("a form field cannot have {other:?}")).hint(
                        "it can have ;type=CONTENT-TYPE and ;filename=NAME; --form-string takes every ; as it is",
                    ));
                }
            }
            rest = left;
        }
        let content = match mark {
            "@" => Content::File(content),
            "<" => Content::TextOf(content),
            _ => Content::Text(content),
        };
        Ok(Self { content, kind, file_name })
    }

    fn head(&self, name: &str, boundary: &str) -> String {
        let mut head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(name));
        let own_name = match &self.content {
            Content::File(path) => Path::new(path).file_name().and_then(|name| name.to_str()),
            _ => None,
        };
        if let Some(file_name) = self.file_name.as_deref().or(own_name) {
            head.push_str(&format!("; filename=\"{}\"", quoted(file_name)));
        }
        head.push_str("\r\n");
        let guessed = match &self.content {
            // As curl has it: the name that is told, then that of the file; of standard input, no more is known.
            Content::File(path) => {
                let told = self.file_name.as_deref().and_then(content_type).or_else(|| content_type(path));
                told.or((path != "-").then_some(UNKNOWN))
            }
            _ => None,
        };
        if let Some(kind) = self.kind.as_deref().or(guessed) {
            head.push_str(&format!("Content-Type: {}\r\n", kind.replace(['\r', '\n'], " ")));
        }
        head.push_str("\r\n");
        head
    }
}

/// What is before the next `;type=` or `;filename=`, and the rest. In double quotes, every character is meant.
fn word(text: &str) -> (String, &str) {
    if let Some(quoted) = text.strip_prefix('"') {
        let (mut word, mut escaped) = (String::new(), false);
        for (at, character) in quoted.char_indices() {
            match character {
                _ if escaped => {
                    word.push(character);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => return (word, quoted.get(at + 1..).unwrap_or_default()),
                _ => word.push(character),
            }
        }
    }
    let end = [";type=", ";filename=", "; type=", "; filename="].iter().filter_map(|mark| text.find(mark)).min();
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    (word.to_owned(), rest)
}

/// As browsers write names (WHATWG HTML, "multipart form data").
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// What a file is of whose name nothing is known.
const UNKNOWN: &str = "application/octet-stream";

/// Content types by the end of the name, as curl has them.
fn content_type(name: &str) -> Option<&'static str> {
    let end = name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase();
    Some(match end.as_str() {
        "gif" => "image/gif",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain",
        "htm" | "html" => "text/html",
        "pdf" => "application/pdf",
        "xml" => "application/xml",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_curl_reads_them() {
        let field = |content, kind: Option<&str>, file_name: Option<&str>| Field {
            content,
            kind: kind.map(Into::into),
            file_name: file_name.map(Into::into),
        };
        for (value, wanted) in [
            ("text", field(Content::Text("text".into()), None, None)),
            ("a;b=c", field(Content::Text("a;b=c".into()), None, None)),
            ("", field(Content::Text(String::new()), None, None)),
            ("x;type=text/html", field(Content::Text("x".into()), Some("text/html"), None)),
            (
                "@a.png;type=image/x;filename=\"b;\\\"c\"",
                field(Content::File("a.png".into()), Some("image/x"), Some("b;\"c")),
            ),
            ("<note.txt", field(Content::TextOf("note.txt".into()), None, None)),
            ("@\"a;type=b\"", field(Content::File("a;type=b".into()), None, None)),
        ] {
            assert_eq!(Field::parse(value).unwrap(), wanted, "{value}");
        }
        assert!(Field::parse("x;type=a;encoder=base64").is_ok(), "behind a type, all is part of it");
        assert!(Field::parse("@\"x\";encoder=base64").is_err());
    }

    #[test]
    fn heads_cannot_be_broken_out_of() {
        let field = Field::parse("@dir/a\"b.txt").unwrap();
        assert_eq!(
            field.head("n\r\n", "B"),
            "--B\r\nContent-Disposition: form-data; name=\"n%0D%0A\"; filename=\"a%22b.txt\"\r\nContent-Type: text/plain\r\n\r\n"
        );
    }
}
