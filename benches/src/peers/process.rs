//! Signers that are not written in Rust, each in a process of its own that takes its turns as `peers/turns.py` tells.

use crate::helper::Helper;
use crate::requests::{Case, KEY_ID, REGION, SECRET, SERVICE};
use crate::task::{Cost, Task};
use awsig::{Claim, Payload, Request, Scope, SigningKey, Verifier};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::PathBuf;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

/// Every task of every signer that is installed. Of each that is not, one line on standard error tells.
pub fn tasks() -> Vec<Task> {
    let signers = [
        ("botocore", "python3", "botocore_signer.py"),
        ("awscrt", "python3", "awscrt_signer.py"),
        ("aws4 (Node)", "node", "aws4_signer.js"),
    ];
    let mut tasks = Vec::new();
    for (who, interpreter, script) in signers {
        match start(interpreter, script) {
            Ok(signer) => {
                let signer = Rc::new(RefCell::new(signer));
                tasks.extend(Case::all().map(|case| {
                    let signer = Rc::clone(&signer);
                    Task::elsewhere(case.sign, who, move |times| sign(&mut signer.borrow_mut(), case, times))
                }));
            }
            Err(message) => eprintln!("{who} is left out: {message}"),
        }
    }
    tasks
}

/// Starts the script, and verifies what it signs.
fn start(interpreter: &str, script: &str) -> Result<Helper, String> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let installed = here.join("target/peers");
    let own = installed.join("bin").join(interpreter);
    let mut command = Command::new(if own.exists() { own } else { interpreter.into() });
    command.arg(here.join("peers").join(script));
    command.env("NODE_PATH", installed.join("node_modules")).env("PYTHONDONTWRITEBYTECODE", "1");
    let mut signer = Helper::start(&mut command)?;
    check(&signer.ask(&given().to_string())?)?;
    Ok(signer)
}

fn sign(signer: &mut Helper, case: &Case, times: u64) -> Cost {
    let answer = signer.ask(&format!("{} {times}", name(case))).expect("an answer from a signer that has answered");
    let nanoseconds = answer.trim().parse().expect("nanoseconds");
    Cost { time: Duration::from_nanos(nanoseconds), allocations: 0 }
}

fn name(case: &Case) -> &'static str {
    case.sign.rsplit(' ').next().unwrap_or_default()
}

/// The URL's path and query, encoded: these signers do not all encode what they are given.
fn target(case: &Case) -> String {
    let url = case.encoded_url();
    url.splitn(4, '/').last().map(|rest| format!("/{rest}")).unwrap_or_default()
}

fn given() -> Value {
    let requests = Case::all().map(|case| {
        json!({
            "name": name(case),
            "method": case.method,
            "url": case.encoded_url(),
            "host": case.request().host(),
            "target": target(case),
            "headers": case.headers,
            "body": String::from_utf8_lossy(&case.body),
            "token": case.token,
        })
    });
    json!({
        "access_key_id": KEY_ID,
        "secret_access_key": SECRET,
        "region": REGION,
        "service": SERVICE,
        "requests": requests,
    })
}

/// Verifies every request as it would be sent: only then was the same work done.
fn check(answer: &str) -> Result<(), String> {
    let signed: Value = serde_json::from_str(answer).map_err(|error| error.to_string())?;
    for case in Case::all() {
        let pairs = signed[name(case)].as_array().into_iter().flatten();
        let headers: Option<Vec<(&str, &str)>> =
            pairs.map(|pair| Some((pair[0].as_str()?, pair[1].as_str()?))).collect();
        let headers = headers.ok_or_else(|| format!("{} has other things than texts for headers", case.sign))?;
        let target = target(case);
        verify(case, &target, &headers).map_err(|error| format!("{} does not verify: {error}", case.sign))?;
    }
    Ok(())
}

fn verify(case: &Case, target: &str, headers: &[(&str, &str)]) -> Result<(), String> {
    let payload = Payload::Bytes(&case.body);
    let received = Request::received(case.method, target, headers, payload).map_err(|error| error.to_string())?;
    let claim = Claim::parse(&received).map_err(|error| error.to_string())?;
    let scope = Scope::new(claim.time(), REGION, SERVICE).map_err(|error| error.to_string())?;
    let (credentials, verifier) = (case.credentials(), Verifier::new(REGION, SERVICE));
    let key = SigningKey::derive(credentials.secret(), &scope);
    let verified = verifier.verify_with_key(&claim, &credentials, &key, claim.time());
    verified.map(|_| ()).map_err(|error| error.to_string())
}
