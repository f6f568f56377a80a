//! `tests/scenarios/refusals/*.json`: answers of services and what is to be made of them. The reader is strict: what it
//! does not know fails, and the cases are counted.
//!
//! A case has a `name` and a `source`; the answer as `status`, `headers` and `body` (or `body_hex`), or as a `saved`
//! text; what was `asked`, if that is known; and what is expected: `code`, `cause`, the last check that is `passed`, and
//! pieces of what it `means` and of the `next` thing to do. In a body, `{canonical}` and `{string}` are the texts that
//! the request gives, as a service computes them, after each `replace` of one text by another.

use awsig::refusal::{Asked, Diagnosis, Refusal};
use awsig::signing::{Credentials, Payload, Request, Scope, Signer, Timestamp};
use serde_json::{Map, Value};
use std::fs;
use std::path::Path;

/// No output may hold a session token.
const TOKEN: &str = "SENTINELTOKENOFTHEREQUEST";

/// A file, and how many cases it has.
const FILES: [(&str, usize); 10] = [
    ("cbor", 3),
    ("ec2", 5),
    ("json", 15),
    ("lattice", 12),
    ("metadata", 1),
    ("opensearch", 5),
    ("pasted", 11),
    ("query", 26),
    ("rest", 21),
    ("s3", 38),
];

#[test]
fn every_known_refusal_is_diagnosed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/refusals");
    let mut files: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, FILES.map(|(name, _)| format!("{name}.json")));
    let mut failures = Vec::new();
    for (file, count) in FILES {
        let text = fs::read_to_string(folder.join(file).with_extension("json")).unwrap();
        let Value::Array(cases) = serde_json::from_str(&text).unwrap() else { panic!("{file}: not a list") };
        assert_eq!(cases.len(), count, "{file}");
        for case in cases {
            let Value::Object(case) = case else { panic!("{file}: not an object") };
            failures.extend(Case { place: file.into(), members: case }.run());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// The members of a case that have not been asked for yet.
struct Case {
    place: String,
    members: Map<String, Value>,
}

impl Case {
    fn text(&mut self, name: &str) -> Option<String> {
        match self.members.remove(name) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text),
            Some(other) => panic!("{}: {name} is no text: {other}", self.place),
        }
    }

    fn expected(&mut self, name: &str) -> Option<String> {
        assert!(self.members.contains_key(name), "{}: no {name}", self.place);
        self.text(name)
    }

    fn pairs(&mut self, name: &str) -> Vec<(String, String)> {
        let value = self.members.remove(name).unwrap_or(Value::Array(Vec::new()));
        serde_json::from_value(value).unwrap_or_else(|error| panic!("{}: {name}: {error}", self.place))
    }

    fn end(self) {
        assert!(self.members.is_empty(), "{}: unknown members {:?}", self.place, self.members.keys());
    }

    fn run(mut self) -> Option<String> {
        let name = self.text("name").unwrap();
        self.place = format!("{}, {name}", self.place);
        assert!(self.expected("source").is_some_and(|source| source.len() > 5), "{}", self.place);
        let asked = match self.members.remove("asked") {
            None => AskedCase::default(),
            Some(Value::Object(members)) => AskedCase::read(Self { place: format!("{} asked", self.place), members }),
            Some(other) => panic!("{}: {other}", self.place),
        };
        let replace = self.pairs("replace");
        let refusal = match self.text("saved") {
            Some(saved) => Refusal::read_saved(saved.as_bytes()),
            None => {
                let status = self.members.remove("status").unwrap().as_u64().unwrap();
                let headers = self.pairs("headers");
                let headers = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                let body = match self.text("body_hex") {
                    Some(digits) => hex::decode(digits).unwrap(),
                    None => asked.fill(&self.text("body").unwrap(), &replace).into_bytes(),
                };
                Refusal::read(status.try_into().unwrap(), headers, &body)
            }
        };
        let diagnosis = Diagnosis::of(&refusal, &asked.asked);
        let found = format!(
            "{}\ncode {:?}, cause {}\nmessage {}\n{diagnosis}",
            self.place,
            refusal.code(),
            diagnosis.cause().name(),
            refusal.message()
        );
        assert!(!format!("{found} {refusal:?} {diagnosis:?}").contains("SENTINEL"), "{found}");
        let (code, cause) = (self.expected("code"), self.expected("cause").unwrap());
        let (passed, means) = (self.expected("passed"), self.expected("means").unwrap());
        let next = self.expected("next");
        let place = self.place.clone();
        self.end();
        let last = diagnosis.passed().last().map(ToString::to_string);
        let right = refusal.code() == code.as_deref()
            && diagnosis.cause().name() == cause
            && last == passed
            && diagnosis.means().contains(&means)
            && match &next {
                Some(next) => diagnosis.next().iter().any(|text| text.contains(next.as_str())),
                None => diagnosis.next().is_empty(),
            };
        (!right).then(|| format!("{found}\nwanted for {place}: {code:?} {cause} {passed:?} {means:?} {next:?}"))
    }
}

/// What was asked, as a case tells it.
#[derive(Default)]
struct AskedCase {
    asked: Asked,
    texts: Option<(String, String)>,
}

impl AskedCase {
    fn read(mut case: Case) -> Self {
        if let Some(host) = case.text("host") {
            case.end();
            return Self { asked: Asked::to_host(&host), texts: None };
        }
        let time = |text: &str| Timestamp::parse(text).unwrap();
        let at = case.text("time").map_or_else(|| time("20150830T123600Z"), |text| time(&text));
        let key = case.text("key").unwrap_or_else(|| "AKIDEXAMPLE".into());
        let mut credentials = Credentials::new(key, "secret").unwrap();
        if case.members.remove("token").is_some() {
            credentials = credentials.with_token(TOKEN).unwrap();
        }
        if let Some(expires) = case.text("expires") {
            credentials = credentials.with_expiry(time(&expires));
        }
        let (service, region) = (case.text("service").unwrap(), case.text("region").unwrap());
        let signer = Signer::new(&credentials, Scope::new(at, &region, &service).unwrap());
        let (method, url) = (case.text("method").unwrap_or_else(|| "GET".into()), case.text("url").unwrap());
        let (headers, body) = (case.pairs("headers"), case.text("body").unwrap_or_default());
        let mut request = Request::new(&method, &url).unwrap();
        for (name, value) in &headers {
            request = request.header(name, value).unwrap();
        }
        let request = request.payload(Payload::Bytes(body.as_bytes()));
        let steps = signer.steps(&request);
        let texts = (steps.canonical_request().to_owned(), steps.string_to_sign().to_owned());
        let mut asked = Asked::signed(&request, &signer, &credentials);
        if let Some(now) = case.text("now") {
            asked = asked.at(time(&now));
        }
        case.end();
        Self { asked, texts: Some(texts) }
    }

    /// The body with the texts of the service in it, escaped as its format wants.
    fn fill(&self, body: &str, replace: &[(String, String)]) -> String {
        let Some((canonical, string)) = &self.texts else { return body.into() };
        if !body.contains("{canonical}") {
            return body.into();
        }
        let escape = |text: &str| {
            if body.starts_with('<') {
                return text.replace('&', "&amp;");
            }
            let quoted = serde_json::to_string(text).unwrap();
            quoted[1..quoted.len() - 1].to_owned()
        };
        let mut canonical = escape(canonical);
        for (from, to) in replace {
            let escaped =
                if body.starts_with('<') { [from.clone(), to.clone()] } else { [from, to].map(|text| escape(text)) };
            assert!(canonical.contains(&escaped[0]), "{from:?} is not in {canonical}");
            canonical = canonical.replace(&escaped[0], &escaped[1]);
        }
        body.replace("{canonical}", &canonical).replace("{string}", &escape(string))
    }
}
