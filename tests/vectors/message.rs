use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// RFC 3986 section 2.3: what stays as it is.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An HTTP request on its way: what a client sends and a server gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Message {
    /// Reads a request as the suites write it: LF line ends, folded header values, and a target that may hold blanks.
    pub(super) fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end_matches('\n'), ""));
        let mut lines = head.split('\n');
        let request_line = lines.next().unwrap();
        let (method, rest) = request_line.split_once(' ').unwrap_or_else(|| panic!("no request line: {request_line}"));
        let target = rest.strip_suffix(" HTTP/1.1").unwrap_or_else(|| panic!("no version: {request_line}"));
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in lines.filter(|line| !line.is_empty()) {
            if line.starts_with([' ', '\t']) {
                let (_, value) = headers.last_mut().unwrap_or_else(|| panic!("nothing to continue: {line}"));
                // RFC 9110 section 5.5 and RFC 9112 section 5.2: a fold is read as a blank.
                value.push(' ');
                value.push_str(line.trim());
            } else {
                let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no header: {line}"));
                headers.push((name.to_owned(), value.trim().to_owned()));
            }
        }
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            headers,
            body: body.trim_end_matches('\n').to_owned(),
        }
    }

    /// Takes the one header of this name out.
    pub(super) fn take_header(&mut self, name: &str) -> Option<String> {
        let at = self.headers.iter().position(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(self.headers.remove(at).1)
    }

    pub(super) fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    pub(super) fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The text to compare by: the target strictly encoded, parameters and headers in one order, names in lower case.
    /// Neither their order nor the spelling of a name is part of what HTTP says.
    pub(super) fn normal(&self) -> String {
        let path: Vec<_> = self.path().split('/').map(strict).collect();
        let mut parameters: Vec<_> = self.query().split('&').map(strict_parameter).collect();
        parameters.sort();
        let mut headers: Vec<_> =
            self.headers.iter().map(|(name, value)| format!("{}: {value}", name.to_ascii_lowercase())).collect();
        headers.sort();
        let (path, parameters, headers) = (path.join("/"), parameters.join("\n  "), headers.join("\n"));
        format!("{} {path}\n  {parameters}\n{headers}\n\n{}", self.method, self.body)
    }
}

/// Decodes once and encodes strictly once.
fn strict(part: &str) -> String {
    percent_encode(&percent_decode_str(part).collect::<Vec<u8>>(), STRICT).to_string()
}

fn strict_parameter(parameter: &str) -> String {
    match parameter.split_once('=') {
        Some((name, value)) => format!("{}={}", strict(name), strict(value)),
        None => strict(parameter),
    }
}

#[test]
fn a_folded_line_continues_the_one_before() {
    let message = Message::parse("GET /a b HTTP/1.1\nHost:h\nX: 1\n   2\n\nbody\n");
    assert_eq!(message.target, "/a b");
    assert_eq!(message.headers, [("Host".into(), "h".into()), ("X".into(), "1 2".into())]);
    assert_eq!(message.body, "body");
    assert_eq!(message.normal(), "GET /a%20b\n  \nhost: h\nx: 1 2\n\nbody");
}
