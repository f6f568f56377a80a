//! Signs or verifies what it reads: one JSON object a line on standard input, one on standard output.
//!
//! ```text
//! {"method", "url", "headers": [[name, value]...], "body": hex, "service", "region", "time", "id", "secret", "token"?,
//!  "placement": "header" | "query", "expires"?, "digest"?: "unsigned", "leave_unsigned"?: [name...],
//!  "sign_also"?: [name...], "session"?: true}
//! {"canonical_request", "string_to_sign", "signature", "url", "headers": [[name, value]...]} | {"error"}
//! ```
//!
//! With a `"target"` in place of the URL it verifies a signed request as its receiver: `{"verified": true} | {"error"}`.

use awsig::{Claim, Credentials, Expires, Payload, Request, Rules, Scope, Signer, Timestamp, TokenRule, Verifier};
use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead, BufWriter, Write, stdin, stdout};

fn main() -> Result<(), Box<dyn Error>> {
    let mut output = BufWriter::new(stdout().lock());
    for line in stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let answer = answer(&asked).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(output, "{answer}")?;
    }
    output.flush()?;
    Ok(())
}

fn answer(asked: &Value) -> Result<Value, Box<dyn Error>> {
    let text = |name: &str| asked[name].as_str().ok_or(format!("no {name}"));
    let mut credentials = Credentials::new(text("id")?, text("secret")?)?;
    if let Some(token) = asked["token"].as_str() {
        credentials = credentials.with_token(token)?;
    }
    let service = text("service")?;
    let scope = Scope::new(Timestamp::parse(text("time")?)?, text("region")?, service)?;
    let mut rules = Rules::of(service);
    if asked["session"] == true {
        rules.token = TokenRule::S3Session;
    }
    let headers: Vec<(&str, &str)> = list(&asked["headers"])
        .iter()
        .map(|pair| (pair[0].as_str().unwrap_or_default(), pair[1].as_str().unwrap_or_default()))
        .collect();
    let names = |name: &str| list(&asked[name]).iter().filter_map(Value::as_str).collect::<Vec<_>>();
    let (left, also) = (names("leave_unsigned"), names("sign_also"));
    let body = hex::decode(text("body")?)?;
    if let Some(target) = asked["target"].as_str() {
        let request = Request::received(text("method")?, target, &headers, Payload::Bytes(&body))?;
        let claim = Claim::parse(&request)?;
        let verifier = Verifier::new(scope.region(), service).with_rules(rules).accept_unsigned_payload();
        verifier.verify(&claim, &credentials, scope.time())?;
        return Ok(json!({ "verified": true }));
    }
    let signer = Signer::new(&credentials, scope).with_rules(rules);
    let payload = if asked["digest"] == "unsigned" { Payload::Unsigned } else { Payload::Bytes(&body) };
    let request = Request::new(text("method")?, text("url")?)?
        .with_headers(&headers)?
        .leave_unsigned(&left)
        .sign_also(&also)
        .payload(payload);

    let (steps, url, added) = if text("placement")? == "query" {
        let expires =
            Expires::from_seconds(asked["expires"].as_u64().unwrap_or(900)).map_err(|error| error.to_string())?;
        let presigned = signer.presign(&request, expires);
        let added: Vec<_> = presigned.headers().map(|(name, value)| json!([name, value])).collect();
        (signer.presign_steps(&request, expires), presigned.as_str().to_owned(), added)
    } else {
        let authorization = signer.sign(&request);
        let added: Vec<_> = authorization.headers().map(|(name, value)| json!([name, value])).collect();
        (signer.steps(&request), signer.url(&request), added)
    };
    Ok(json!({
        "canonical_request": steps.canonical_request(),
        "string_to_sign": steps.string_to_sign(),
        "signature": steps.signature().to_string(),
        "url": url,
        "headers": added,
    }))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
