//! A canonical request cut into its parts, and what two paths or queries differ in.

use super::super::crypto::EMPTY_SHA256;
use super::Mismatch;
use super::printable;
use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use percent_encoding::percent_decode_str;

/// The longest name that is told.
const NAME: usize = 64;

/// The lines of a canonical request by their meaning, each with its number, from 1.
pub(super) struct Parts<'t> {
    pub(super) method: &'t str,
    pub(super) path: &'t str,
    pub(super) query: &'t str,
    pub(super) headers: Vec<(usize, &'t str)>,
    pub(super) signed_headers: (usize, &'t str),
    pub(super) payload: (usize, &'t str),
}

impl<'t> Parts<'t> {
    /// `None` unless the text is of the form of a canonical request.
    pub(super) fn of(text: &'t str) -> Option<Self> {
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
        let mut next = || lines.next();
        let (method, path, query) = (next()?.1, next()?.1, next()?.1);
        let mut headers = Vec::new();
        loop {
            match next()? {
                (_, "") => break,
                header => headers.push(header),
            }
        }
        let (signed_headers, payload) = (next()?, next()?);
        Some(Self { method, path, query, headers, signed_headers, payload })
    }
}

pub(super) fn path(ours: &str, theirs: &str) -> Mismatch {
    let again = |path: &str| path.replace('%', "%25");
    if again(ours) == theirs {
        return Mismatch::PathEncodedOnce;
    }
    if again(theirs) == ours {
        return Mismatch::PathEncodedTwice;
    }
    let (plain_ours, plain_theirs) = (bare(ours), bare(theirs));
    if plain_ours == plain_theirs {
        let (depth_ours, depth_theirs) = (ours.matches("%25").count(), theirs.matches("%25").count());
        return match depth_ours.cmp(&depth_theirs) {
            core::cmp::Ordering::Less => Mismatch::PathEncodedOnce,
            core::cmp::Ordering::Greater => Mismatch::PathEncodedTwice,
            core::cmp::Ordering::Equal => Mismatch::PathEscapes,
        };
    }
    let (resolved_ours, resolved_theirs) = (resolved(&plain_ours), resolved(&plain_theirs));
    if resolved_ours == plain_theirs {
        Mismatch::PathNotResolved
    } else if resolved_theirs == plain_ours {
        Mismatch::PathResolved
    } else {
        Mismatch::Path
    }
}

pub(super) fn query(ours: &str, theirs: &str) -> Mismatch {
    let pieces = |query| str::split(query, '&').collect::<Vec<_>>();
    let (mut left, mut right) = (pieces(ours), pieces(theirs));
    left.sort_unstable();
    right.sort_unstable();
    if left == right {
        return Mismatch::QueryOrder;
    }
    let only_ours: Vec<&str> = left.iter().filter(|piece| right.binary_search(piece).is_err()).copied().collect();
    let only_theirs: Vec<&str> = right.iter().filter(|piece| left.binary_search(piece).is_err()).copied().collect();
    let split = |piece: &str| -> (Cow<'_, str>, Cow<'_, str>) {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        (bare(name).into_owned().into(), bare(value).into_owned().into())
    };
    let told = |name: &str| printable(name, NAME);
    // Few pieces differ; where many do, the first few tell enough.
    for piece in only_ours.iter().take(64) {
        let (name, value) = split(piece);
        let Some(other) = only_theirs.iter().take(64).find(|other| split(other).0 == name) else {
            continue;
        };
        let other_value = split(other).1;
        let blank = |value: &str| value.replace('+', " ");
        return if value == other_value && other.replace('%', "%25").replace("%253D", "=") == piece.replace("%253D", "=")
        {
            Mismatch::QueryEncodedTwice(told(&name))
        } else if value == other_value {
            Mismatch::QueryEscapes(told(&name))
        } else if blank(&value) == blank(&other_value) {
            Mismatch::QueryPlus(told(&name))
        } else {
            Mismatch::QueryValue(told(&name))
        };
    }
    match (only_ours.iter().find(|piece| !piece.is_empty()), only_theirs.iter().find(|piece| !piece.is_empty())) {
        (Some(piece), _) => Mismatch::QueryMissing(told(&split(piece).0)),
        (None, Some(piece)) => Mismatch::QueryExtra(told(&split(piece).0)),
        // The same pieces, some of them more often.
        (None, None) => Mismatch::QueryOrder,
    }
}

/// What the values of one header differ in.
pub(super) fn header(name: &str, ours: &str, theirs: &str) -> Mismatch {
    let words = |value: &str| value.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<String>();
    match name {
        "x-amz-content-sha256" => payload(ours, theirs),
        "x-amz-date" => Mismatch::Time,
        "host" if host_name(ours) == host_name(theirs) => Mismatch::HostPort,
        _ if words(ours) == words(theirs) => Mismatch::HeaderBlanks(printable(name, NAME)),
        _ => Mismatch::HeaderValue(printable(name, NAME)),
    }
}

pub(super) fn payload(ours: &str, theirs: &str) -> Mismatch {
    let hash = |text: &str| text.len() == 64;
    match (ours, theirs) {
        ("UNSIGNED-PAYLOAD", _) => Mismatch::PayloadUnsigned,
        (_, "UNSIGNED-PAYLOAD") => Mismatch::PayloadSigned,
        (_, EMPTY_SHA256) if hash(ours) => Mismatch::BodyLost,
        (EMPTY_SHA256, _) if hash(theirs) => Mismatch::BodyAdded,
        _ => Mismatch::Body,
    }
}

fn host_name(host: &str) -> &str {
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

/// The text without its escapes, however often it was encoded, up to three times.
fn bare(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..3 {
        if !text.contains('%') {
            break;
        }
        text = Cow::Owned(percent_decode_str(&text).decode_utf8_lossy().into_owned());
    }
    text
}

fn resolved(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(segment),
        }
    }
    let mut text = String::from("/");
    text.push_str(&kept.join("/"));
    if path.ends_with('/') && !kept.is_empty() {
        text.push('/');
    }
    text
}
