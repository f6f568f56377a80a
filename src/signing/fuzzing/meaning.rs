//! [`Meaning`]: what a signature covers, worked out a second time and in another way: decoded, not encoded.

use super::super::{PathEncoding, PayloadRule, Rules};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

/// A request on its way from the signer to the verifier.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    pub(super) method: Vec<u8>,
    pub(super) target: Vec<u8>,
    pub(super) headers: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

/// Two requests of the same meaning carry the same signature; of different meanings, different ones.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    method: String,
    path: (Vec<Vec<u8>>, bool),
    query: Vec<(Vec<u8>, Vec<u8>)>,
    headers: BTreeMap<String, String>,
    authorization: Vec<Vec<String>>,
    body: Option<Vec<u8>>,
}

impl Meaning {
    /// `None` if the request is no text, which no verifier takes. `signed` are the names that the original signs.
    pub(super) fn of(sent: &Sent, rules: &Rules, signed: &str, in_query: bool) -> Option<Self> {
        let text = |bytes: &Vec<u8>| String::from_utf8(bytes.clone()).ok();
        let target = text(&sent.target)?;
        let target = target.split('#').next().unwrap_or_default();
        let (path, query) = origin_form(target).split_once('?').unwrap_or((origin_form(target), ""));
        let mut headers = BTreeMap::new();
        let mut authorization = Vec::new();
        for (name, value) in &sent.headers {
            let (name, value) = (text(name)?.to_ascii_lowercase(), text(value)?);
            if name == "authorization" {
                let (algorithm, rest) = value.trim().split_once([' ', '\t']).unwrap_or((value.trim(), ""));
                let pieces = rest.split(',').map(str::trim).filter(|piece| !piece.is_empty());
                authorization.push([algorithm].into_iter().chain(pieces).map(String::from).collect());
            } else if name.starts_with("x-amz-") || signed.split(';').any(|listed| listed == name) {
                // Values may stand in one header or in several.
                let joined = headers.entry(name).and_modify(|joined: &mut String| joined.push(','));
                joined.or_default().push_str(&words(&value));
            }
        }
        let body_is_signed = match rules.payload {
            PayloadRule::Given => true,
            PayloadRule::UnsignedInUrl => !in_query,
            _ => false,
        };
        let mut query: Vec<_> = query.split('&').filter(|piece| !piece.is_empty()).map(pair).collect();
        query.sort();
        Some(Self {
            method: text(&sent.method)?,
            path: path_meaning(path, rules),
            query,
            headers,
            authorization,
            body: body_is_signed.then(|| sent.body.clone()),
        })
    }
}

/// RFC 9112 section 3.2.2: a proxy gets the whole URL as target.
fn origin_form(target: &str) -> &str {
    let lower = target.to_ascii_lowercase();
    let start = ["http://", "https://"].into_iter().find(|scheme| lower.starts_with(scheme)).map(str::len);
    let Some(rest) = start.map(|start| &target[start..]) else { return target };
    rest.find(['/', '?']).map_or("", |at| &rest[at..])
}

fn words(value: &str) -> String {
    value.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn pair(piece: &str) -> (Vec<u8>, Vec<u8>) {
    let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
    (decoded(name), decoded(value))
}

fn decoded(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(text).collect()
}

/// The segments, and whether the path ends with a slash.
fn path_meaning(path: &str, rules: &Rules) -> (Vec<Vec<u8>>, bool) {
    let path = if path.is_empty() { "/" } else { path };
    let segment = |segment: &str| match rules.path_encoding {
        PathEncoding::AsIs => segment.as_bytes().to_vec(),
        _ => decoded(segment),
    };
    if rules.keep_dot_segments {
        return match rules.path_encoding {
            // A key of S3 has one kind of slash; elsewhere an escaped one is no separator.
            PathEncoding::Once => (alloc::vec![decoded(path)], false),
            _ => (path.split('/').map(segment).collect(), false),
        };
    }
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for raw in path.split('/') {
        match decoded(raw).as_slice() {
            b"" | b"." => {}
            b".." => {
                kept.pop();
            }
            _ => kept.push(segment(raw)),
        }
    }
    let slash = kept.is_empty() || path.ends_with('/');
    (kept, slash)
}
