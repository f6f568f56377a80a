//! Plain text: VPC Lattice's `Name: message`, and what programs print about an answer.

use super::fields::{Fields, Format};
use super::find::between;
use super::{json, xml};
use alloc::borrow::ToOwned;
use alloc::string::String;

/// Ways in which programs write the code of an error, and what follows it: botocore and AWS CLI, Java, Go, PHP.
const SPELLINGS: [(&str, &str); 6] = [
    ("An error occurred (", ")"),
    ("AWS Error Code: ", ","),
    ("Error Code: ", ";"),
    ("api error ", ":"),
    ("\nCode:", "\n"),
    ("::Errors::", "\""),
];

/// Reads a text. An answer that was pasted with something before it is found inside.
pub(super) fn read(text: &str, fields: &mut Fields) -> Format {
    for (start, is_xml) in [("<ErrorResponse", true), ("<Response><Errors", true), ("<Error>", true), ("{\"", false)] {
        let Some(at) = text.find(start) else { continue };
        let inner = text.get(at..).unwrap_or_default();
        let mut found = Fields::default();
        if is_xml {
            xml::read(inner, &mut found)
        } else {
            json::read(inner, &mut found)
        }
        if found.speaks() {
            found.status = fields.status;
            *fields = found;
            status(text, fields);
            return if is_xml { Format::Xml } else { Format::Json };
        }
    }
    status(text, fields);
    fields.host_id |= text.contains("Amazon S3") || text.contains("operation error S3");
    for id in ["Request ID: ", "RequestID: ", "request id: ", "RequestId: "] {
        if let Some((_, rest)) = text.split_once(id) {
            fields.set("requestid", rest.split([',', ';', ')', '\n', ' ']).next().unwrap_or_default());
        }
    }
    let spelled = SPELLINGS.iter().find_map(|(before, after)| {
        let code = between(text, before, after)?.trim();
        is_code(code).then_some((code, *before))
    });
    match spelled {
        Some((code, before)) => {
            fields.set("code", code);
            fields.set("message", message(text, code, before));
        }
        None => match first_code(text) {
            Some((code, rest)) => {
                fields.set("code", code);
                fields.set("message", rest);
            }
            None => fields.set("message", text),
        },
    }
    Format::Text
}

/// The message of an error that is printed with this spelling of its code.
fn message<'t>(text: &'t str, code: &str, before: &str) -> &'t str {
    match before {
        "An error occurred (" => {
            let rest = text.split_once(" operation").map_or(text, |(_, rest)| rest);
            // "(reached max retries: 4)" may stand between.
            let rest = if rest.starts_with(" (") { rest.split_once(')').map_or(rest, |(_, rest)| rest) } else { rest };
            rest.trim_start_matches([':', ' '])
        }
        "AWS Error Code: " => text.split_once("AWS Error Message: ").map_or(text, |(_, message)| message),
        "Error Code: " => {
            let message = text.split_once(" (Service:").map_or(text, |(message, _)| message);
            message.split_once("Exception: ").map_or(message, |(_, message)| message)
        }
        "\nCode:" => text.split_once("Message:").map_or(text, |(_, rest)| rest.lines().next().unwrap_or_default()),
        _ => text.split_once(code).map_or(text, |(_, rest)| rest.trim_start_matches([':', ' ', '"'])),
    }
}

/// The first `Code: message` of the text, where the code is one word in camel case, a package's name before it or not.
fn first_code(text: &str) -> Option<(&str, &str)> {
    for (at, _) in text.match_indices(": ").take(64) {
        let (before, rest) = text.split_at_checked(at)?;
        let word = before.rsplit([' ', '\n', '\t', '"', '(', '{', '[', '>']).next()?;
        let code = word.rsplit(['.', '$']).next()?;
        if is_code(code) {
            return Some((code, rest.get(2..)?));
        }
    }
    None
}

/// `AccessDenied`, `InvalidSignatureException`: letters and dots, at least two capitals and nothing but a name.
fn is_code(text: &str) -> bool {
    let capitals = text.bytes().filter(u8::is_ascii_uppercase).count();
    (4..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.')
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && (2..text.len() / 2).contains(&capitals)
}

fn status(text: &str, fields: &mut Fields) {
    for name in ["Status Code: ", "StatusCode: ", "status code: ", "HTTP status code "] {
        if let Some((_, rest)) = text.split_once(name) {
            let number = rest.get(..3).and_then(|digits| digits.parse().ok());
            fields.status = fields.status.or(number);
        }
    }
}

/// The message without the two texts that services print in it, and these.
pub(super) fn split_texts(message: &str) -> (&str, Option<String>, Option<String>) {
    let Some((start, rest)) = message.split_once("The Canonical String for this request should have been") else {
        return (message, None, None);
    };
    let (canonical, string) = match rest.split_once("The String-to-Sign should have been") {
        Some((canonical, string)) => (canonical, Some(string)),
        None => (rest, None),
    };
    let start = start.trim_end_matches("\\n").trim_end();
    (start, quoted(canonical), string.and_then(quoted))
}

/// What is between the first and the last quotation mark.
fn quoted(text: &str) -> Option<String> {
    let (_, rest) = text.split_once('\'')?;
    let (inner, _) = rest.rsplit_once('\'')?;
    Some(inner.to_owned())
}

/// The text with real line breaks, if it came as it stands in a JSON document.
pub(super) fn lines(text: &str) -> String {
    if text.contains('\n') { text.replace('\r', "") } else { text.replace("\\n", "\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_what_programs_print() {
        for (text, code, message) in [
            ("AccessDeniedException: User: x", "AccessDeniedException", "User: x"),
            (
                "An error occurred (ExpiredToken) when calling the PutObject operation: It expired.",
                "ExpiredToken",
                "It expired.",
            ),
            ("An error occurred (SlowDown) when calling the A operation (reached max retries: 4): b", "SlowDown", "b"),
            (
                "com.amazonaws.services.s3.model.AmazonS3Exception: It expired. (Service: Amazon S3; Status Code: 400; Error Code: ExpiredToken; Request ID: C0)",
                "ExpiredToken",
                "It expired.",
            ),
            ("https response error StatusCode: 403, RequestID: A, api error AccessDenied: no", "AccessDenied", "no"),
            ("software.amazon.awssdk.S3Exception: no", "S3Exception", "no"),
        ] {
            let mut fields = Fields::default();
            read(text, &mut fields);
            assert_eq!((fields.code.as_deref(), fields.message.as_deref()), (Some(code), Some(message)), "{text}");
        }
    }

    #[test]
    fn an_answer_is_found_inside_a_text() {
        let mut fields = Fields::default();
        let format = read("PUT x resulted in `400`:\n<Error><Code>A&amp;b</Code></Error> and so on", &mut fields);
        assert_eq!((format, fields.code.as_deref()), (Format::Xml, Some("A&b")));
        let mut fields = Fields::default();
        let format = read("response: {\"__type\":\"a#B\",\"message\":\"c\"} (truncated)", &mut fields);
        assert_eq!((format, fields.message.as_deref()), (Format::Json, Some("c")));
    }

    #[test]
    fn both_texts_are_taken_out_of_a_message() {
        let message = "No.\n\nThe Canonical String for this request should have been\n'GET\n/it's\n'\n\nThe String-to-Sign should have been\n'AWS4\nx'\n";
        assert_eq!(split_texts(message), ("No.", Some("GET\n/it's\n".into()), Some("AWS4\nx".into())));
        assert_eq!(lines("GET\\n/"), "GET\n/");
    }
}
