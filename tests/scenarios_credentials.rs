//! Stories of finding credentials, as data: `tests/scenarios/credentials/*.json`, each a list of
//!
//! ```text
//! name      a sentence; no two are the same
//! at        the time [20150830T123600Z]
//! env       variables; HOME is /home/me unless it is null
//! files     path → text, a list of lines, or JSON
//! commands  [{run, code, stdout, stderr}]
//! answers   lines typed at the terminal
//! profile, role {arn, external_id, session, duration, mfa}, only, wait (seconds)     what is asked for
//! exchanges in order, every one of them, and no other:
//!           ask "GET http://…", form {…} exact, json {…} exact, headers {name: value or null}, signed "ID/region"
//!           reply {status, headers, body} with body text, lines or JSON; or {sts: ID}, {refused: [code, message], status};
//!           or fault refused, reset, connect-timeout, read-timeout, garbage, huge, empty, certificate, resolve, forbidden
//!           times: so often; "@imds ID" stands for the three exchanges of the instance role
//! expect    {key, source, expires, no_token} or {error, hint}; and saved [paths], asked [outcomes], region,
//!           slept (how often)
//! ```
//!
//! `{*}` in expected text stands for anything. Whatever is secret has SENTINEL in it, which nothing shown may hold.

use awsig::Timestamp;
use awsig::credentials::{Assume, ChainError, Found, Outcome, Sources};
use awsig::transport::{Body, Failure, Limits, Phase, ResponseBody, Transport, TransportError};
use awsig::world::{Command, CommandOutput, Scripted};
use serde_json::{Map, Value};
use std::collections::{BTreeSet, VecDeque};
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[test]
fn every_story_ends_as_it_is_told() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/credentials");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let (mut names, mut report) = (BTreeSet::new(), String::new());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let stories: Vec<Value> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for story in stories {
            let story = Fields::of(story, &file.display().to_string());
            let name = story.clone().text("name").expect("a story has a name");
            assert!(names.insert(name.clone()), "two stories are called {name:?}");
            if let Err(wrong) = play(story) {
                let _ = writeln!(report, "{}: {name}\n{wrong}", file.file_name().unwrap().display());
            }
        }
    }
    assert!(report.is_empty(), "\n{report}");
    assert!(names.len() >= 330, "only {} stories", names.len());
}

/// An object whose every field must be taken.
#[derive(Clone, Debug)]
struct Fields {
    fields: Map<String, Value>,
    place: String,
}

impl Fields {
    fn of(value: Value, place: &str) -> Self {
        match value {
            Value::Object(fields) => Self { fields, place: place.to_owned() },
            other => panic!("{place}: not an object: {other}"),
        }
    }

    fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name)
    }

    fn text(&mut self, name: &str) -> Option<String> {
        self.take(name)
            .map(|value| value.as_str().unwrap_or_else(|| panic!("{}: {name} is no text", self.place)).to_owned())
    }

    fn number(&mut self, name: &str) -> Option<u64> {
        self.take(name).map(|value| value.as_u64().unwrap_or_else(|| panic!("{}: {name} is no number", self.place)))
    }

    fn list(&mut self, name: &str) -> Vec<Value> {
        match self.take(name) {
            None => Vec::new(),
            Some(Value::Array(list)) => list,
            Some(_) => panic!("{}: {name} is no list", self.place),
        }
    }

    fn object(&mut self, name: &str) -> Map<String, Value> {
        self.take(name).map(|value| Self::of(value, &self.place).fields).unwrap_or_default()
    }

    fn end(self) {
        assert!(self.fields.is_empty(), "{}: nobody knows {:?}", self.place, self.fields.keys().collect::<Vec<_>>());
    }
}

/// Text, lines, or JSON.
fn content(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().map(|line| format!("{}\n", line.as_str().expect("a line"))).collect(),
        other => other.to_string(),
    }
}

fn play(mut story: Fields) -> Result<(), String> {
    let name = story.text("name").unwrap();
    story.place = name.clone();
    let at = story.text("at").unwrap_or_else(|| "20150830T123600Z".into());
    let now = Timestamp::parse(&at).unwrap();
    let mut world = Scripted::at(now);
    let mut env = story.object("env");
    env.entry("HOME").or_insert_with(|| "/home/me".into());
    for (name, value) in env {
        if let Some(value) = value.as_str() {
            world = world.with_var(name, value);
        }
    }
    for (path, value) in story.object("files") {
        world = world.with_file(path.replace("~/", "/home/me/"), content(&value));
    }
    for command in story.list("commands") {
        let mut command = Fields::of(command, &name);
        let run = Command::new("sh").with_argument("-c").with_argument(command.text("run").unwrap());
        let code = command.take("code").map_or(Some(0), |code| code.as_i64().map(|code| code.try_into().unwrap()));
        let output = |value: Option<Value>| value.map(|value| content(&value)).unwrap_or_default();
        let (stdout, stderr) = (output(command.take("stdout")), output(command.take("stderr")));
        command.end();
        world = world.with_command(run, CommandOutput::new(code, stdout, stderr));
    }
    for line in story.list("answers") {
        world = world.with_answer(line.as_str().unwrap());
    }
    let world = Arc::new(world);
    let script = Arc::new(Script::new(story.list("exchanges"), now, &name));
    let transport: Arc<dyn Transport> = Arc::<Script>::clone(&script);
    let mut sources = Sources::new(Arc::<Scripted>::clone(&world)).with_transports(Arc::clone(&transport), transport);
    if let Some(profile) = story.text("profile") {
        sources = sources.with_profile(profile);
    }
    if let Some(seconds) = story.number("wait") {
        sources = sources.with_wait(Duration::from_secs(seconds));
    }
    if let Some(only) = story.text("only") {
        sources = sources.only(only);
    }
    if let Some(role) = story.take("role") {
        let mut role = Fields::of(role, &name);
        let mut assume = Assume::new(role.text("arn").unwrap()).unwrap();
        if let Some(id) = role.text("external_id") {
            assume = assume.with_external_id(id);
        }
        if let Some(session) = role.text("session") {
            assume = assume.with_session_name(session);
        }
        if let Some(seconds) = role.number("duration") {
            assume = assume.with_duration(seconds.try_into().unwrap()).unwrap();
        }
        if let Some(serial) = role.text("mfa") {
            assume = assume.with_mfa_serial(serial);
        }
        role.end();
        sources = sources.with_role(assume);
    }
    let mut expect = Fields::of(story.take("expect").expect("a story has an end"), &name);
    story.end();

    let mut wrong = String::new();
    if let Some(region) = expect.text("region") {
        let found = sources.region().map_err(|error| told(&error)).unwrap_or_else(Some).unwrap_or_default();
        check(&mut wrong, "region", &region, &found);
    }
    let found = sources.chain().find();
    let shown = match &found {
        Ok(found) => format!("{found:?} {}", found.source()),
        Err(error) => format!("{error:?} {} {:?}", told(error), error.hint()),
    };
    let outcomes = outcomes(&found);
    if format!("{shown} {outcomes:?} {sources:?}").contains("SENTINEL") {
        let _ = writeln!(wrong, "  a secret is shown: {shown}");
    }
    match found {
        Ok(found) => {
            let credentials = found.credentials();
            check(&mut wrong, "key", &expect.text("key").unwrap_or_default(), credentials.access_key_id());
            if let Some(source) = expect.text("source") {
                check(&mut wrong, "source", &source, found.source());
            }
            if let Some(expires) = expect.text("expires") {
                let end = credentials.expires().map(|end| end.to_rfc3339()).unwrap_or_default();
                check(&mut wrong, "expires", &expires, &end);
            }
            let no_token = expect.take("no_token").is_some();
            if no_token == credentials.token().is_some() {
                let _ = writeln!(wrong, "  token: expected {}", if no_token { "none" } else { "one" });
            }
            let secrets = [Some(credentials.secret()), credentials.token()];
            if secrets.iter().flatten().any(|secret| !secret.expose().contains("SENTINEL")) {
                let _ = writeln!(wrong, "  a secret of this story has no SENTINEL in it");
            }
        }
        Err(error) => {
            check(&mut wrong, "error", &expect.text("error").unwrap_or_default(), &told(&error));
            if let Some(hint) = expect.text("hint") {
                check(&mut wrong, "hint", &hint, error.hint().unwrap_or_default());
            }
        }
    }
    let asked = expect.list("asked");
    if !asked.is_empty() {
        let asked: Vec<&str> = asked.iter().map(|line| line.as_str().unwrap()).collect();
        check(&mut wrong, "asked", &asked.join("\n    "), &outcomes.join("\n    "));
    }
    let saved: Vec<String> = world.saved().keys().map(|path| path.display().to_string()).collect();
    let expected: Vec<String> =
        expect.list("saved").iter().map(|path| path.as_str().unwrap().replace("~/", "/home/me/")).collect();
    check(&mut wrong, "saved", &expected.join(" "), &saved.join(" "));
    if let Some(slept) = expect.number("slept") {
        check(&mut wrong, "slept", &slept.to_string(), &world.slept().len().to_string());
    }
    expect.end();
    script.finish(&mut wrong);
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn check(wrong: &mut String, what: &str, expected: &str, got: &str) {
    if !matches(expected, got) {
        let _ = writeln!(wrong, "  {what}: expected\n    {expected}\n  got\n    {got}");
    }
}

/// Whether `text` is `pattern`, in which `{*}` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once("{*}") {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|text| {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..]))
        }),
    }
}

/// An error with its causes, as the program tells it.
fn told(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    text
}

fn outcomes(found: &Result<Found, ChainError>) -> Vec<String> {
    let asked = match found {
        Ok(found) => found.asked(),
        Err(error) => error.asked(),
    };
    let line = |outcome: &Outcome| outcome.to_string().split(':').next().unwrap_or_default().to_owned();
    asked.iter().map(|asked| format!("{}: {}", asked.name, line(&asked.outcome))).collect()
}

/// A transport that knows only what it was told.
struct Script {
    left: Mutex<VecDeque<Fields>>,
    wrong: Mutex<String>,
    now: Timestamp,
}

impl std::fmt::Debug for Script {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Script")
    }
}

impl Script {
    fn new(exchanges: Vec<Value>, now: Timestamp, name: &str) -> Self {
        let mut left = VecDeque::new();
        for exchange in exchanges {
            if let Some(id) = exchange.as_str() {
                let id = id.strip_prefix("@imds ").unwrap_or_else(|| panic!("{name}: nobody knows {id}"));
                left.extend(instance(id, now).into_iter().map(|value| Fields::of(value, name)));
                continue;
            }
            let mut exchange = Fields::of(exchange, name);
            let times = exchange.number("times").unwrap_or(1);
            left.extend((0..times).map(|_| exchange.clone()));
        }
        Self { left: Mutex::new(left), wrong: Mutex::default(), now }
    }

    fn finish(&self, wrong: &mut String) {
        *wrong += &self.wrong.lock().unwrap();
        for mut exchange in self.left.lock().unwrap().drain(..) {
            let _ = writeln!(wrong, "  not asked: {}", exchange.text("ask").unwrap_or_default());
        }
    }
}

fn instance(id: &str, now: Timestamp) -> [Value; 3] {
    let base = "http://169.254.169.254/latest";
    let role = format!("{base}/meta-data/iam/security-credentials/");
    let expires = now.plus_seconds(21_600).to_rfc3339();
    [
        serde_json::json!({ "ask": format!("PUT {base}/api/token"), "reply": { "body": "SENTINEL-imds-token" } }),
        serde_json::json!({ "ask": format!("GET {role}"), "reply": { "body": "my-role" } }),
        serde_json::json!({ "ask": format!("GET {role}my-role"), "reply": { "body": {
            "Code": "Success", "AccessKeyId": id, "SecretAccessKey": "SENTINEL", "Token": "SENTINEL", "Expiration": expires,
        } } }),
    ]
}

impl Transport for Script {
    fn send(
        &self,
        request: http::Request<Body<'_>>,
        _: &Limits,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        let asked = format!("{} {}", request.method(), request.uri());
        let mut wrong = self.wrong.lock().unwrap();
        let Some(mut exchange) = self.left.lock().unwrap().pop_front() else {
            let _ = writeln!(wrong, "  nobody expects {asked}");
            return Err(TransportError::new(Failure::Refused));
        };
        check(&mut wrong, "request", &exchange.text("ask").unwrap(), &asked);
        let body = match request.body() {
            Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        };
        let form = exchange.object("form");
        if !form.is_empty() {
            let lines = |pairs: Vec<(String, String)>| {
                let mut lines: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
                lines.sort();
                lines.join("\n    ")
            };
            let expected =
                form.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
            let pairs = body.split('&').filter_map(|pair| pair.split_once('=')).filter(|(name, _)| *name != "Version");
            let got = pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
            check(&mut wrong, "form", &lines(expected), &lines(got));
        }
        if let Some(json) = exchange.take("json") {
            let got: Value = serde_json::from_str(&body).unwrap_or_default();
            if got != json {
                let _ = writeln!(wrong, "  body: expected {json}, got {got}");
            }
        }
        let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        for (name, value) in exchange.object("headers") {
            let got = header(&name).unwrap_or_else(|| "(none)".into());
            check(&mut wrong, &name, value.as_str().unwrap_or("(none)"), &got);
        }
        let authorization = header("authorization").unwrap_or_default();
        match exchange.text("signed") {
            Some(signed) => {
                let (id, rest) = signed.split_once('/').unwrap();
                let (region, day) = rest.split_once('@').unwrap_or((rest, "{*}"));
                let pattern = format!("AWS4-HMAC-SHA256 Credential={id}/{day}/{region}/sts/aws4_request, {{*}}");
                check(&mut wrong, "authorization", &pattern, &authorization);
            }
            None if authorization.starts_with("AWS4") => {
                let _ = writeln!(wrong, "  {asked} is signed by {authorization}");
            }
            None => {}
        }
        let fault = exchange.text("fault");
        let reply = exchange.take("reply");
        exchange.end();
        if let Some(fault) = fault {
            return Err(TransportError::new(match fault.as_str() {
                "refused" => Failure::Refused,
                "reset" => Failure::Receive,
                "unreachable" => Failure::Unreachable,
                "connect-timeout" => Failure::TimedOut(Phase::Connect),
                "read-timeout" => Failure::TimedOut(Phase::FirstByte),
                "body-timeout" => Failure::TimedOut(Phase::Body),
                "garbage" => Failure::BadResponse,
                "huge" => Failure::TooLarge { max: 65_536 },
                "empty" => Failure::Empty,
                "partial" => Failure::Partial,
                "certificate" => Failure::Certificate,
                "resolve" => Failure::Resolve,
                "forbidden" => Failure::Forbidden,
                other => panic!("nobody knows the fault {other}"),
            }));
        }
        Ok(answer(Fields::of(reply.expect("a reply or a fault"), &asked), self.now))
    }
}

fn answer(mut reply: Fields, now: Timestamp) -> http::Response<ResponseBody> {
    let mut status = reply.number("status");
    let mut body = reply.take("body").map(|body| content(&body)).unwrap_or_default();
    if let Some(id) = reply.text("sts") {
        body = format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
             <AccessKeyId>{id}</AccessKeyId><SecretAccessKey>SENTINEL/&amp;secret</SecretAccessKey>\
             <SessionToken>SENTINELtoken//==</SessionToken><Expiration>{}</Expiration></Credentials></AssumeRoleResult>\
             <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleResponse>",
            now.plus_seconds(3600).to_rfc3339()
        );
    }
    let refused = reply.list("refused");
    if let [code, message] = refused.as_slice() {
        let (code, message) = (code.as_str().unwrap(), message.as_str().unwrap());
        body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        );
        status = status.or(Some(403));
    }
    if let Some(bytes) = reply.number("bytes") {
        body = "x".repeat(bytes.try_into().unwrap());
    }
    let mut response = http::Response::builder().status(u16::try_from(status.unwrap_or(200)).unwrap());
    for (name, value) in reply.object("headers") {
        response = response.header(name, value.as_str().unwrap());
    }
    reply.end();
    response.body(ResponseBody::new(Cursor::new(body.into_bytes()))).unwrap()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: String = rest.by_ref().take(2).map(char::from).collect();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
