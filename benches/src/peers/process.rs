//! Signers that are not written in Rust, each in a process of its own that takes its turns as `peers/turns.py` tells.

use crate::requests::{Case, KEY_ID, REGION, SECRET, SERVICE};
use crate::task::{Cost, Task};
use awsig::{Claim, Payload, Request, Scope, SigningKey, Verifier};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
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
        match Signer::start(interpreter, script) {
            Ok(signer) => {
                let signer = Rc::new(RefCell::new(signer));
                tasks.extend(Case::all().map(|case| {
                    let signer = Rc::clone(&signer);
                    Task::elsewhere(case.sign, who, move |times| signer.borrow_mut().sign(case, times))
                }));
            }
            Err(message) => eprintln!("{who} is left out: {message}"),
        }
    }
    tasks
}

/// A process that signs when it is told to.
struct Signer {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Signer {
    /// Starts the script, and verifies what it signs.
    fn start(interpreter: &str, script: &str) -> Result<Self, String> {
        let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let installed = here.join("target/peers");
        let own = installed.join("bin").join(interpreter);
        let mut child = Command::new(if own.exists() { own } else { interpreter.into() })
            .arg(here.join("peers").join(script))
            .env("NODE_PATH", installed.join("node_modules"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{interpreter}: {error}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both are pipes");
        };
        let mut signer = Self { child, input: Some(input), output: BufReader::new(output) };
        match signer.ask(&given().to_string()) {
            Some(answer) => check(&answer)?,
            None => return Err(signer.last_words()),
        }
        Ok(signer)
    }

    fn ask(&mut self, line: &str) -> Option<String> {
        writeln!(self.input.as_mut()?, "{line}").ok()?;
        let mut answer = String::new();
        self.output.read_line(&mut answer).ok().filter(|&length| length > 0)?;
        Some(answer)
    }

    fn sign(&mut self, case: &Case, times: u64) -> Cost {
        let answer = self.ask(&format!("{} {times}", name(case))).expect("an answer from a signer that has answered");
        let nanoseconds = answer.trim().parse().expect("nanoseconds");
        Cost { time: Duration::from_nanos(nanoseconds), allocations: 0 }
    }

    /// Why there was no answer.
    fn last_words(&mut self) -> String {
        drop(self.input.take());
        let lines = self.child.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).lines());
        let lines: Vec<String> = lines.map_while(Result::ok).collect();
        let error = lines.iter().rev().find(|line| line.contains("Error"));
        error.map_or("it said nothing".into(), |line| line.trim().into())
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.input.take());
        let _ = self.child.wait();
    }
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
