//! An instance metadata service, version 2 only, with the status codes of the real one (EC2 User Guide, "Use the Instance
//! Metadata Service to access instance metadata").

use super::issuer::{Issued, Issuer};
use super::server::{Answer, Handler, Received};
use super::{Clock, Place, random};
use crate::signing::Timestamp;
use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, Ordering};
use serde_json::{Map, Value};
use std::io;
use std::sync::{Mutex, PoisonError};

const TTL: &str = "x-aws-ec2-metadata-token-ttl-seconds";
const TOKEN: &str = "x-aws-ec2-metadata-token";
const LONGEST_TTL: i64 = 21_600;

/// More tokens than this are not remembered; the one that ends first is forgotten.
const MOST_TOKENS: usize = 10_000;

pub(super) struct Metadata {
    place: Place,
    clock: Clock,
    issuer: Arc<Issuer>,
    disabled: AtomicBool,
    started: Timestamp,
    /// When each token ends.
    tokens: Mutex<BTreeMap<String, Timestamp>>,
}

impl Metadata {
    pub(super) fn new(place: Place, clock: Clock, issuer: Arc<Issuer>, disabled: bool) -> Self {
        let started = clock.now();
        Self { place, clock, issuer, disabled: AtomicBool::new(disabled), started, tokens: Mutex::default() }
    }

    /// As `HttpEndpoint` of the instance's metadata options does.
    pub(super) fn set_disabled(&self, disabled: bool) {
        self.disabled.store(disabled, Ordering::Relaxed);
    }

    /// Forgets every token, so that clients have to renew theirs.
    pub(super) fn forget_tokens(&self) {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn put(&self, path: &str, request: &Received, now: Timestamp) -> Answer {
        if path != "/latest/api/token" || request.header("x-forwarded-for").is_some() {
            return refusal(403);
        }
        let digits = request.header(TTL).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let ttl = digits.and_then(|text| text.parse::<i64>().ok()).filter(|ttl| (1..=LONGEST_TTL).contains(ttl));
        let (Some(ttl), Ok(token)) = (ttl, random::metadata_token()) else { return refusal(400) };
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, end| *end > now);
        if tokens.len() >= MOST_TOKENS {
            let first = tokens.iter().min_by_key(|(_, end)| **end).map(|(token, _)| token.clone());
            first.and_then(|token| tokens.remove(&token));
        }
        tokens.insert(token.clone(), now.plus_seconds(ttl));
        let mut answer = Answer::text(200, token);
        answer.headers.push((TTL, ttl.to_string()));
        answer
    }

    fn get(&self, path: &str, request: &Received, now: Timestamp) -> Answer {
        if path == "/latest/api/token" {
            return refusal(405);
        }
        let known = request.header(TOKEN).is_some_and(|token| {
            let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
            tokens.get(token).is_some_and(|end| *end > now)
        });
        if !known {
            return refusal(401);
        }
        match self.tree(now) {
            Err(_) => refusal(500),
            Ok(tree) => find(&tree, path).map_or_else(|| refusal(404), |text| Answer::text(200, text)),
        }
    }

    /// Every document by its path.
    fn tree(&self, now: Timestamp) -> io::Result<BTreeMap<String, String>> {
        let place = &self.place;
        let mut tree: BTreeMap<String, String> = [
            ("latest/meta-data/ami-id", "ami-0123456789abcdef0".to_owned()),
            ("latest/meta-data/instance-id", place.instance_id.clone()),
            ("latest/meta-data/instance-life-cycle", "on-demand".to_owned()),
            ("latest/meta-data/instance-type", "t3.micro".to_owned()),
            ("latest/meta-data/local-ipv4", "10.0.0.10".to_owned()),
            ("latest/meta-data/placement/availability-zone", place.zone()),
            ("latest/meta-data/placement/region", place.region.clone()),
            ("latest/meta-data/services/domain", "amazonaws.com".to_owned()),
            ("latest/meta-data/services/partition", "aws".to_owned()),
            ("latest/dynamic/instance-identity/document", self.identity()),
        ]
        .map(|(path, text)| (path.to_owned(), text))
        .into();
        if let Some(role) = &place.role {
            let set = self.issuer.current(now)?;
            tree.insert(format!("latest/meta-data/iam/security-credentials/{role}"), credential_document(&set));
            let info = [
                ("Code", "Success".to_owned()),
                ("LastUpdated", set.at.to_rfc3339()),
                ("InstanceProfileArn", format!("arn:aws:iam::{}:instance-profile/{role}", place.account)),
                ("InstanceProfileId", "AIPAEXAMPLEEXAMPLE123".to_owned()),
            ];
            tree.insert("latest/meta-data/iam/info".to_owned(), object(info));
        }
        if let Some(data) = &place.user_data {
            tree.insert("latest/user-data".to_owned(), data.clone());
        }
        Ok(tree)
    }

    fn identity(&self) -> String {
        let place = &self.place;
        let mut members: Map<String, Value> = [
            ("accountId", place.account.clone()),
            ("architecture", "x86_64".to_owned()),
            ("availabilityZone", place.zone()),
            ("imageId", "ami-0123456789abcdef0".to_owned()),
            ("instanceId", place.instance_id.clone()),
            ("instanceType", "t3.micro".to_owned()),
            ("pendingTime", self.started.to_rfc3339()),
            ("privateIp", "10.0.0.10".to_owned()),
            ("region", place.region.clone()),
            ("version", "2017-09-30".to_owned()),
        ]
        .map(|(name, text)| (name.to_owned(), Value::String(text)))
        .into_iter()
        .collect();
        let nulls = ["billingProducts", "devpayProductCodes", "kernelId", "marketplaceProductCodes", "ramdiskId"];
        members.extend(nulls.map(|name| (name.to_owned(), Value::Null)));
        format!("{:#}", Value::Object(members))
    }
}

impl Handler for Metadata {
    fn answer(&self, request: &Received) -> Answer {
        let now = self.clock.now();
        let path = request.target.split_once('?').map_or(request.target.as_str(), |(path, _)| path);
        if self.disabled.load(Ordering::Relaxed) {
            return refusal(403);
        }
        match request.method.as_str() {
            "PUT" => self.put(path, request, now),
            "GET" | "HEAD" => self.get(path, request, now),
            _ => refusal(405),
        }
    }
}

/// A document; or for a path above documents, the names below it, with `/` behind those that have names below them.
fn find(tree: &BTreeMap<String, String>, path: &str) -> Option<String> {
    let path = path.trim_matches('/');
    if let Some(text) = tree.get(path) {
        return Some(text.clone());
    }
    let below = if path.is_empty() { String::new() } else { format!("{path}/") };
    let names: BTreeSet<&str> = tree
        .keys()
        .filter_map(|key| key.strip_prefix(&below))
        .map(|rest| rest.find('/').and_then(|at| rest.get(..=at)).unwrap_or(rest))
        .collect();
    let names: Vec<&str> = names.into_iter().collect();
    if names.is_empty() { None } else { Some(names.join("\n")) }
}

fn credential_document(set: &Issued) -> String {
    object([
        ("Code", "Success".to_owned()),
        ("LastUpdated", set.at.to_rfc3339()),
        ("Type", "AWS-HMAC".to_owned()),
        ("AccessKeyId", set.credentials.access_key_id().to_owned()),
        // Giving these away is what this document is for.
        ("SecretAccessKey", set.credentials.secret().expose().to_owned()),
        ("Token", set.credentials.token().map(|token| token.expose().to_owned()).unwrap_or_default()),
        ("Expiration", set.expires.to_rfc3339()),
    ])
}

fn object<const N: usize>(members: [(&str, String); N]) -> String {
    let members = members.map(|(name, text)| (name.to_owned(), Value::String(text)));
    format!("{:#}", Value::Object(members.into_iter().collect()))
}

/// Errors come as a page, not as JSON.
fn refusal(status: u16) -> Answer {
    let reason = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        _ => "Internal Server Error",
    };
    let page = format!(
        "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html xmlns=\"http://www.w3.org/1999/xhtml\">\n\
         <head><title>{status} - {reason}</title></head>\n<body><h1>{status} - {reason}</h1></body>\n</html>\n"
    );
    Answer { status, headers: alloc::vec![("content-type", "text/html".to_owned())], body: page }
}
