use super::fields::{self, Fields};
use super::message::Message;
use awsig::{Credentials, Expires, PathEncoding, Payload, Request, RequestError, Rules, Scope, Timestamp, TokenRule};
use std::collections::BTreeSet;
use std::path::Path;

/// A request, who signs it how, and what must come out in one placement or in both.
#[derive(Clone)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) credentials: Credentials,
    pub(super) scope: Scope,
    pub(super) rules: Rules,
    /// `https://host`.
    pub(super) origin: String,
    /// What the caller has: without `host`, and nothing of the signature.
    pub(super) message: Message,
    /// What stands for the body where the body is not hashed whole.
    pub(super) word: Option<Payload<'static>>,
    pub(super) header: Option<Expected>,
    pub(super) query: Option<(Expires, Expected)>,
}

/// What must come out. What a source does not give is `None`.
#[derive(Clone, Default)]
pub(super) struct Expected {
    pub(super) canonical_request: Option<String>,
    pub(super) canonical_request_sha256: Option<String>,
    pub(super) string_to_sign: Option<String>,
    pub(super) signature: String,
    pub(super) authorization: Option<String>,
    pub(super) url: Option<String>,
    pub(super) signed_request: Option<Message>,
}

impl Case {
    /// Where the caller sends it.
    pub(super) fn url(&self) -> String {
        format!("{}{}", self.origin, self.message.target)
    }

    /// The request to `url`, which is [`url`](Self::url).
    pub(super) fn request<'a>(&'a self, url: &'a str) -> Result<Request<'a>, RequestError> {
        let mut request = Request::new(&self.message.method, url)?;
        for (name, value) in &self.message.headers {
            request = request.header(name, value)?;
        }
        Ok(request.payload(self.word.unwrap_or(Payload::Bytes(self.message.body.as_bytes()))))
    }
}

/// Reads a file of requests: `about` (of `ours/`), `source`, `note`, `cases`.
pub(super) fn requests(set: &str, file: &Path) -> Vec<Case> {
    let stem = file.file_stem().unwrap().to_str().unwrap();
    let cases = fields::file(file, |fields| {
        let (source, note) = (fields.text("source"), fields.maybe_text("note"));
        let about = fields.maybe_text("about");
        assert!(!source.is_empty() && note != Some(String::new()), "{}: an empty source or note", fields.place());
        assert_eq!(about.is_some(), set == "ours", "{}: about belongs to ours/", fields.place());
        fields
            .list("cases", |place, value| fields::object(place, value, |fields| one(&format!("{set}/{stem}"), fields)))
    });
    let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "{}: two cases of one name", file.display());
    cases
}

fn one(prefix: &str, fields: &mut Fields) -> Case {
    let name = format!("{prefix}/{}", fields.text("name"));
    let placement = fields.text("placement");
    let mut case = bare(&name, fields);
    fields.object("request", |fields| request(&mut case, fields));
    let expected = fields.object("expect", |fields| Expected {
        canonical_request: fields.maybe_text("canonical_request"),
        canonical_request_sha256: fields.maybe_text("canonical_request_sha256"),
        string_to_sign: fields.maybe_text("string_to_sign"),
        signature: fields.text("signature"),
        url: fields.maybe_text("url"),
        ..Expected::default()
    });
    match placement.as_str() {
        "header" => case.header = Some(expected),
        "query" => case.query = Some((Expires::from_seconds(fields.number("expires")).unwrap(), expected)),
        other => panic!("{name}: no placement: {other}"),
    }
    case
}

/// What comes before the request: `credentials`, `time`, `region`, `service` and, if need be, `rules`.
pub(super) fn bare(name: &str, fields: &mut Fields) -> Case {
    let credentials = fields.object("credentials", credentials);
    let time = Timestamp::parse(&fields.text("time")).unwrap();
    let scope = Scope::new(time, &fields.text("region"), &fields.text("service")).unwrap();
    let mut rules = Rules::of(scope.service());
    if let Some(value) = fields.maybe("rules") {
        fields::object(&format!("{} rules", fields.place()), value, |fields| {
            rules.path_encoding = match fields.maybe_text("path_encoding").as_deref() {
                None => rules.path_encoding,
                Some("once") => PathEncoding::Once,
                Some("twice") => PathEncoding::Twice,
                Some("as-is") => PathEncoding::AsIs,
                Some(other) => panic!("{name}: no path_encoding: {other}"),
            };
            rules.token = match fields.maybe_text("token").as_deref() {
                None => rules.token,
                Some("signed") => TokenRule::Signed,
                Some("unsigned") => TokenRule::Unsigned,
                Some("s3-session") => TokenRule::S3Session,
                Some(other) => panic!("{name}: no token rule: {other}"),
            };
            rules.keep_dot_segments = fields.maybe_flag("keep_dot_segments").unwrap_or(rules.keep_dot_segments);
        });
    }
    let message = Message { method: String::new(), target: String::new(), headers: Vec::new(), body: String::new() };
    let (name, origin) = (name.to_owned(), String::new());
    Case { name, credentials, scope, rules, origin, message, word: None, header: None, query: None }
}

/// Reads `credentials`: `access_key_id`, `secret_access_key`, and perhaps `token`.
pub(super) fn credentials(fields: &mut Fields) -> Credentials {
    let pair = Credentials::new(fields.text("access_key_id"), fields.text("secret_access_key")).unwrap();
    match fields.maybe_text("token") {
        Some(token) => pair.with_token(token).unwrap(),
        None => pair,
    }
}

/// Reads `request`: `method`, `url`, `headers`, and `body` or `payload`.
pub(super) fn request(case: &mut Case, fields: &mut Fields) {
    let url = fields.text("url");
    let host = url.find("://").unwrap_or_else(|| panic!("{url}")) + 3;
    let end = url[host..].find(['/', '?']).map_or(url.len(), |at| host + at);
    case.origin = url[..end].to_owned();
    case.message.target = url[end..].to_owned();
    case.message.method = fields.text("method");
    case.message.headers =
        fields.list("headers", |place, value| serde_json::from_value(value).unwrap_or_else(|_| panic!("{place}")));
    match fields.maybe_text("payload").as_deref() {
        None => case.message.body = fields.text("body"),
        Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD") => case.word = Some(Payload::SignedChunks),
        Some("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") => case.word = Some(Payload::SignedChunksAndTrailer),
        Some("STREAMING-AWS4-HMAC-SHA256-EVENTS") => case.word = Some(Payload::Events),
        Some(other) => panic!("{}: no payload: {other}", case.name),
    }
}
