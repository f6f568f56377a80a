use super::message::Message;
use awsig::is_never_signed;

/// The message with one byte changed, over and over, and the name of the part that the byte belongs to: `method`,
/// `path`, `query`, `header`, `body`, `signature`, `date` or `scope`. Where there is no byte to change, one is added.
/// Headers that no signature covers by intention stay as they are.
pub(super) fn tampered(message: &Message) -> Vec<(&'static str, Message)> {
    let mut all = Vec::new();
    let with_target = |target: String| Message { target, ..message.clone() };

    let last = message.method.len() - 1;
    all.push(("method", Message { method: flipped(&message.method, last), ..message.clone() }));

    let path = message.path();
    for at in path_bytes(path) {
        all.push(("path", with_target(message.target.replacen(path, &flipped(path, at), 1))));
    }
    if path.ends_with('/') {
        all.push(("path", with_target(message.target.replacen(path, &format!("{path}x"), 1))));
    }

    let query = message.query();
    let start = message.target.len() - query.len();
    let mut parameter_start = start;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        for at in parameter_start..parameter_start + parameter.len() {
            all.push((parameter_part(parameter), with_target(flipped(&message.target, at))));
        }
        parameter_start += parameter.len() + 1;
    }
    let separator = if query.is_empty() { "?" } else { "&" };
    all.push(("query", with_target(format!("{}{separator}x=", message.target))));

    for (index, (name, value)) in message.headers.iter().enumerate() {
        if is_never_signed(name) && !name.eq_ignore_ascii_case("authorization") {
            continue;
        }
        for at in 0..value.len() {
            let mut changed = message.clone();
            changed.headers[index].1 = flipped(value, at);
            all.push((header_part(name, value, at), changed));
        }
    }

    for at in 0..message.body.len() {
        all.push(("body", Message { body: flipped(&message.body, at), ..message.clone() }));
    }
    all.push(("body", Message { body: format!("{}x", message.body), ..message.clone() }));
    all
}

/// The bytes of a path that count. Where it is resolved before it is signed, a byte may lie in a segment that goes
/// away: then only the last one is sure to count.
fn path_bytes(path: &str) -> Vec<usize> {
    let resolved = path.contains("//") || path.contains("/.");
    let last = path.len() - 1;
    if !resolved {
        (1..path.len()).collect()
    } else if path.ends_with('/') {
        Vec::new()
    } else {
        vec![last]
    }
}

fn parameter_part(parameter: &str) -> &'static str {
    match parameter.split_once('=').map_or(parameter, |(name, _)| name) {
        "X-Amz-Signature" => "signature",
        "X-Amz-Date" => "date",
        "X-Amz-Credential" => "scope",
        _ => "query",
    }
}

fn header_part(name: &str, value: &str, at: usize) -> &'static str {
    match name.to_ascii_lowercase().as_str() {
        "x-amz-date" => "date",
        "authorization" if at > value.find("Signature=").unwrap() => "signature",
        "authorization" if at < value.find("SignedHeaders=").unwrap() => "scope",
        _ => "header",
    }
}

/// Another byte in this place: its neighbour, or where that would not be text that HTTP can carry, an `x`.
fn flipped(text: &str, at: usize) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let neighbour = bytes[at] ^ 1;
    bytes[at] = if neighbour.is_ascii_alphanumeric() { neighbour } else { b'x' };
    String::from_utf8(bytes).unwrap_or_else(|_| panic!("only ASCII is changed: {text}"))
}
