use super::case::{self, Case, Expected};
use super::check::check_all;
use super::fields;
use super::message::Message;
use super::{names, path, set, text};
use awsig::{Credentials, Expires, Rules, Scope, Timestamp, TokenRule};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const FILES: [&str; 10] = [
    "context.json",
    "header-canonical-request.txt",
    "header-signature.txt",
    "header-signed-request.txt",
    "header-string-to-sign.txt",
    "query-canonical-request.txt",
    "query-signature.txt",
    "query-signed-request.txt",
    "query-string-to-sign.txt",
    "request.txt",
];

#[test]
fn v4_every_step_of_38_cases_in_both_placements() {
    let cases: Vec<_> = names(&path("aws/v4")).iter().map(|name| v4(name)).collect();
    assert_eq!(cases.len(), 38);
    check_all("aws/v4", &cases);
}

#[test]
fn botocore_every_step_of_3_cases() {
    let folder = path("aws-botocore");
    let entries =
        ["LICENSE", "NOTICE", "get-vanilla-query-order-key", "get-vanilla-query-order-value", "normalize-path"];
    assert_eq!(names(&folder), set(&entries));
    assert_eq!(names(&folder.join("normalize-path")), set(&["get-special-character"]));
    let cases =
        ["get-vanilla-query-order-key", "get-vanilla-query-order-value", "normalize-path/get-special-character"];
    check_all("aws-botocore", &cases.map(botocore));
}

/// SigV4A is not there yet. Its cases are read as strictly, so that they can be run on the day it comes.
#[test]
fn v4a_38_cases_are_read_and_not_yet_run() {
    let (mut complete, mut without_expectations) = (0, BTreeSet::new());
    for name in names(&path("aws/v4a")) {
        let folder = path("aws/v4a").join(&name);
        let files = names(&folder);
        let mut expected = set(&FILES);
        expected.insert("public-key.json".into());
        if name == "get-vanilla" {
            expected.extend(set(&["canonical-request.txt", "string-to-sign.txt"]));
        }
        let case = official_request(&format!("aws/v4a/{name}"), &folder);
        assert!(!case.message.method.is_empty(), "{name}");
        if files == set(&["context.json", "request.txt"]) {
            without_expectations.insert(name);
            continue;
        }
        assert_eq!(files, expected, "{name}");
        fields::file(&folder.join("public-key.json"), |fields| {
            for coordinate in ["X", "Y"] {
                assert_eq!(hex::decode(fields.text(coordinate)).unwrap().len(), 32, "{name}");
            }
        });
        complete += 1;
    }
    assert_eq!(complete, 38);
    assert_eq!(without_expectations, set(&["get-vanilla-query-order-key", "get-vanilla-query-order-value"]));
    eprintln!("{complete} v4a cases not yet run, {} without expectations", without_expectations.len());
}

#[test]
fn the_suites_are_as_their_authors_left_them() {
    assert_eq!(names(&path("aws")), set(&["LICENSE", "NOTICE", "v4", "v4a"]));
    let (files, hash) = tree_hash(&path("aws"), &["v4", "v4a"]);
    assert_eq!((files, hash.as_str()), (804, "520fb941ab4d5b626008c630814d115ec87e49fcc20c412d77b2fc21b29190d4"));
    let (files, hash) = tree_hash(&path("aws-botocore"), &["."]);
    assert_eq!((files, hash.as_str()), (17, "7d55536f44b858695a415916aeaec8c8871d6221a38a4a3dc2f57a3231a67cfa"));
}

/// What `find . -type f | LC_ALL=C sort | xargs sha256sum | sha256sum` prints, and the number of files.
fn tree_hash(folder: &Path, parts: &[&str]) -> (usize, String) {
    let mut files = Vec::new();
    for part in parts {
        collect(&folder.join(part), &mut files);
    }
    let mut lines: Vec<_> = files
        .iter()
        .map(|file| {
            let relative =
                file.strip_prefix(folder).unwrap().components().map(|part| part.as_os_str().to_str().unwrap());
            let name = relative.filter(|part| *part != ".").collect::<Vec<_>>().join("/");
            (format!("./{name}"), hex::encode(Sha256::digest(std::fs::read(file).unwrap())))
        })
        .collect();
    lines.sort();
    let list: String = lines.iter().map(|(name, hash)| format!("{hash}  {name}\n")).collect();
    (lines.len(), hex::encode(Sha256::digest(list)))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for name in names(folder) {
        let entry = folder.join(name);
        if entry.is_dir() {
            collect(&entry, files);
        } else {
            files.push(entry);
        }
    }
}

fn v4(name: &str) -> Case {
    let folder = path("aws/v4").join(name);
    assert_eq!(names(&folder), set(&FILES), "{name}");
    let mut case = official_request(&format!("aws/v4/{name}"), &folder);
    let expires = case.query.take().unwrap().0;
    case.header = Some(expected(&folder, "header"));
    case.query = Some((expires, expected(&folder, "query")));
    case
}

fn expected(folder: &Path, placement: &str) -> Expected {
    let step = |name: &str| text(&folder.join(format!("{placement}-{name}.txt")));
    let signed_request = Message::parse(&step("signed-request"));
    Expected {
        canonical_request: Some(step("canonical-request")),
        string_to_sign: Some(step("string-to-sign")),
        signature: step("signature"),
        authorization: (placement == "header").then(|| signed_request.clone().take_header("authorization").unwrap()),
        signed_request: Some(signed_request),
        ..Expected::default()
    }
}

/// Reads `context.json` and `request.txt`. What is to come out is left open, except for how long a URL is good.
fn official_request(name: &str, folder: &Path) -> Case {
    let mut message = Message::parse(&text(&folder.join("request.txt")));
    let origin = format!("https://{}", message.take_header("host").unwrap());
    fields::file(&folder.join("context.json"), |fields| {
        let credentials = fields.object("credentials", case::credentials);
        let time = Timestamp::parse_rfc3339(&fields.text("timestamp")).unwrap();
        let scope = Scope::new(time, &fields.text("region"), &fields.text("service")).unwrap();
        let mut rules = Rules::GENERAL;
        rules.keep_dot_segments = !fields.flag("normalize");
        rules.content_sha256_header = fields.flag("sign_body");
        rules.token = match fields.maybe_flag("omit_session_token") {
            Some(true) => TokenRule::Unsigned,
            Some(false) | None => TokenRule::Signed,
        };
        let expires = Expires::from_seconds(fields.number("expiration_in_seconds")).unwrap();
        let (name, query) = (name.to_owned(), Some((expires, Expected::default())));
        Case { name, credentials, scope, rules, origin, message, word: None, header: None, query }
    })
}

fn botocore(name: &str) -> Case {
    let folder = path("aws-botocore").join(name);
    let stem = name.rsplit('/').next().unwrap();
    let files: BTreeSet<_> = ["authz", "creq", "req", "sreq", "sts"].map(|end| format!("{stem}.{end}")).into();
    assert_eq!(names(&folder), files, "{name}");
    let step = |end: &str| text(&folder.join(format!("{stem}.{end}")));
    let mut message = Message::parse(&step("req"));
    let origin = format!("https://{}", message.take_header("host").unwrap());
    // The suite writes the time into the request; a caller leaves that to the signer.
    let time = Timestamp::parse(&message.take_header("x-amz-date").unwrap()).unwrap();
    let authorization = step("authz");
    let expected = Expected {
        canonical_request: Some(step("creq")),
        string_to_sign: Some(step("sts")),
        signature: authorization.split_once("Signature=").unwrap().1.to_owned(),
        signed_request: Some(Message::parse(&step("sreq"))),
        authorization: Some(authorization),
        ..Expected::default()
    };
    Case {
        name: format!("aws-botocore/{name}"),
        credentials: Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap(),
        scope: Scope::new(time, "us-east-1", "service").unwrap(),
        rules: Rules::GENERAL,
        origin,
        message,
        word: None,
        header: Some(expected),
        query: None,
    }
}
