//! [`Mistake`]: what a signer did wrong, found by trying it.

use super::super::canonical::write_string_to_sign;
use super::super::crypto::{EMPTY_SHA256, Hash, sha256};
use super::super::encode::{Sink, hex_of, hex_str};
use super::super::query::Query;
use super::super::{Claim, Credentials, PathEncoding, Payload, Rules, Scope, Secret, SigningKey, Verifier, path};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use percent_encoding::percent_decode_str;

/// Canonical requests longer than this are tried with one mistake at a time only, to bound the time.
const LONG: usize = 16 * 1024;

/// What the signer of a request did in another way than the service checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mistake {
    /// Encoded the path once; the service encodes it twice.
    PathEncodedOnce,
    /// Encoded the path twice; the service encodes it once.
    PathEncodedTwice,
    /// Signed the path as it was sent, without the encoding that the service does.
    PathAsSent,
    /// Signed the path as somebody typed it, not encoded at all.
    PathNotEncoded,
    /// Resolved `.`, `..` and `//` in the path.
    PathResolved,
    /// Did not resolve `.`, `..` and `//` in the path.
    PathNotResolved,
    /// Left the `=` of a query parameter without a value out.
    QueryWithoutEquals,
    /// Did not sort the query.
    QueryNotSorted,
    /// Signed the query as it was sent, neither sorted nor encoded.
    QueryAsSent,
    /// Sorted the query, but signed it without encoding it, or decoded.
    QueryNotEncoded,
    /// Encoded a query again that was encoded already.
    QueryEncodedTwice,
    /// Cut the value of a query parameter at an `=` in it.
    QueryCut,
    /// Read `+` in the query as a blank.
    QueryPlusAsBlank,
    /// Left the query out.
    QueryLeftOut,
    /// Signed the hash of an empty body.
    BodyLeftOut,
    /// Signed `UNSIGNED-PAYLOAD`.
    BodyUnsigned,
    /// Signed the hash of the body, though `x-amz-content-sha256` says otherwise.
    BodyHashed,
    /// Signed the host with the port that its scheme has anyway.
    HostWithPort,
    /// Signed the host without its port.
    HostWithoutPort,
    /// Kept the blanks of header values.
    BlanksKept,
    /// Derived the key for another region than the scope says.
    KeyRegion(String),
    /// Derived the key for another service than the scope says.
    KeyService(String),
    /// The secret key had a blank or a line break behind it.
    SecretBlank,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::PathEncodedOnce => "the signer encoded the path once; the service encodes it twice",
            Self::PathEncodedTwice => "the signer encoded the path twice; the service encodes it once",
            Self::PathAsSent => "the signer signed the path as it was sent; the service encodes it strictly",
            Self::PathNotEncoded => "the signer signed the path as it was typed, not encoded at all",
            Self::PathResolved => "the signer resolved ., .. and // in the path; the service does not",
            Self::PathNotResolved => "the signer did not resolve ., .. and // in the path; the service does",
            Self::QueryWithoutEquals => "the signer left the = of a query parameter without a value out",
            Self::QueryNotSorted => "the signer did not sort the query",
            Self::QueryAsSent => "the signer signed the query as it was sent, neither sorted nor encoded",
            Self::QueryNotEncoded => "the signer sorted the query, but did not encode it",
            Self::QueryEncodedTwice => "the signer encoded the query again, though it was encoded already",
            Self::QueryCut => "the signer cut the value of a query parameter at an = in it",
            Self::QueryPlusAsBlank => "the signer read + in the query as a blank",
            Self::QueryLeftOut => "the signer left the query out",
            Self::BodyLeftOut => "the signer signed the hash of an empty body",
            Self::BodyUnsigned => "the signer signed UNSIGNED-PAYLOAD instead of the body's hash",
            Self::BodyHashed => "the signer signed the hash of the body, not what x-amz-content-sha256 says",
            Self::HostWithPort => "the signer signed the host with its scheme's own port",
            Self::HostWithoutPort => "the signer left the port of the host out",
            Self::BlanksKept => "the signer kept the blanks of header values",
            Self::SecretBlank => "the signer's secret key has a blank or a line break behind it",
            Self::KeyRegion(region) => return write!(formatter, "the signer derived its key for the region {region}"),
            Self::KeyService(service) => {
                return write!(formatter, "the signer derived its key for the service {service}");
            }
        })
    }
}

/// One way to write one part of the canonical request.
struct Way {
    text: String,
    mistakes: Vec<Mistake>,
}

impl Way {
    fn right(text: &str) -> Self {
        Self { text: text.into(), mistakes: Vec::new() }
    }
}

impl Verifier<'_> {
    /// What the signer of a claim, whose signature does not match, did wrong: the fewest mistakes that explain the
    /// signature. Empty if none of those known does: then the secret is another, or the request was changed on the way.
    pub fn mistakes(&self, claim: &Claim<'_>, credentials: &Credentials) -> Vec<Mistake> {
        let Ok(steps) = self.steps(claim, credentials) else { return Vec::new() };
        let Some(lines) = Lines::of(steps.canonical_request()) else { return Vec::new() };
        let Ok(scope) = Scope::new(claim.time, claim.region(), claim.service()) else { return Vec::new() };
        let key = SigningKey::derive(credentials.secret(), &scope);
        let matches = |key: &SigningKey, digest: &[u8; 64]| {
            let mut text = String::new();
            write_string_to_sign(claim.time, claim.scope(), digest, &mut text);
            key.sign_text(&text).matches(&claim.signature)
        };
        let digest = lines.digest(lines.path, lines.query, lines.headers, lines.payload);
        if let Some(mistake) = keys(claim, credentials, &scope, |key| matches(key, &digest)) {
            return alloc::vec![mistake];
        }
        let most = if steps.canonical_request().len() > LONG { 1 } else { usize::MAX };
        let mut tries = Vec::new();
        let ways = [paths(claim, &self.rules, lines.path), queries(claim, lines.query)];
        let others = [headers(claim, lines.headers), payloads(claim, lines.payload)];
        let ([paths, queries], [headers, payloads]) = (&ways, &others);
        for path in paths {
            for query in queries {
                for headers in headers {
                    for payload in payloads {
                        let all = [path, query, headers, payload];
                        let count: usize = all.iter().map(|way| way.mistakes.len()).sum();
                        if count > 0 && all.iter().filter(|way| !way.mistakes.is_empty()).count() <= most {
                            tries.push((count, all));
                        }
                    }
                }
            }
        }
        tries.sort_by_key(|(count, _)| *count);
        let found = tries.into_iter().find(|(_, [path, query, headers, payload])| {
            matches(&key, &lines.digest(&path.text, &query.text, &headers.text, &payload.text))
        });
        found.map_or_else(Vec::new, |(_, all)| all.iter().flat_map(|way| way.mistakes.iter().cloned()).collect())
    }
}

/// The lines of a canonical request, the headers with their list in one.
struct Lines<'t> {
    method: &'t str,
    path: &'t str,
    query: &'t str,
    headers: &'t str,
    names: &'t str,
    payload: &'t str,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let (method, rest) = text.split_once('\n')?;
        let (path, rest) = rest.split_once('\n')?;
        let (query, rest) = rest.split_once('\n')?;
        let (headers, rest) = rest.split_once("\n\n")?;
        let (names, payload) = rest.split_once('\n')?;
        Some(Self { method, path, query, headers, names, payload })
    }

    fn digest(&self, path: &str, query: &str, headers: &str, payload: &str) -> [u8; 64] {
        let mut hash = Hash::default();
        for line in [self.method, path, query, headers, "", self.names] {
            hash.put(line);
            hash.put("\n");
        }
        hash.put(payload);
        hash.finish_hex()
    }
}

/// Keys that are derived in a wrong way.
fn keys(
    claim: &Claim<'_>,
    credentials: &Credentials,
    scope: &Scope,
    matches: impl Fn(&SigningKey) -> bool,
) -> Option<Mistake> {
    // Only the derived keys leave this function.
    let secret = credentials.secret();
    for blank in ["\n", "\r\n", " ", "\r"] {
        let mut longer = String::with_capacity(secret.expose().len() + blank.len());
        longer.push_str(secret.expose());
        longer.push_str(blank);
        if matches(&SigningKey::derive(&Secret::new(longer), scope)) {
            return Some(Mistake::SecretBlank);
        }
    }
    for region in ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-northeast-1"] {
        let derived = Scope::new(scope.time(), region, scope.service()).ok();
        if derived.is_some_and(|scope| matches(&SigningKey::derive(secret, &scope))) && region != claim.region() {
            return Some(Mistake::KeyRegion(region.into()));
        }
    }
    for service in ["s3", "execute-api", "iam", "sts", "es", "bedrock", "bedrock-runtime", "vpc-lattice-svcs"] {
        let derived = Scope::new(scope.time(), scope.region(), service).ok();
        if derived.is_some_and(|scope| matches(&SigningKey::derive(secret, &scope))) && service != claim.service() {
            return Some(Mistake::KeyService(service.into()));
        }
    }
    None
}

fn paths(claim: &Claim<'_>, rules: &Rules, right: &str) -> Vec<Way> {
    let mut ways = alloc::vec![Way::right(right)];
    let sent = claim.request.path();
    for encoding in [PathEncoding::Once, PathEncoding::Twice, PathEncoding::AsIs] {
        for keep in [rules.keep_dot_segments, !rules.keep_dot_segments] {
            let mut text = String::new();
            let tried = Rules { path_encoding: encoding, keep_dot_segments: keep, ..*rules };
            path::write_signed(sent, &tried, &mut text);
            let mut mistakes = Vec::new();
            if encoding != rules.path_encoding {
                mistakes.push(match encoding {
                    PathEncoding::Once => Mistake::PathEncodedOnce,
                    PathEncoding::Twice => Mistake::PathEncodedTwice,
                    PathEncoding::AsIs => Mistake::PathAsSent,
                });
            }
            if keep != rules.keep_dot_segments {
                mistakes.push(if keep { Mistake::PathNotResolved } else { Mistake::PathResolved });
            }
            push(&mut ways, text, mistakes);
        }
    }
    push(&mut ways, encode_again(sent, "/"), alloc::vec![Mistake::PathEncodedTwice]);
    push(&mut ways, decoded(sent), alloc::vec![Mistake::PathNotEncoded]);
    ways
}

fn queries(claim: &Claim<'_>, right: &str) -> Vec<Way> {
    let mut ways = alloc::vec![Way::right(right)];
    let signature = |piece: &&str| !piece.starts_with("X-Amz-Signature=");
    let pieces: Vec<&str> = claim.request.query().unwrap_or_default().split('&').filter(signature).collect();
    let sent = pieces.join("&");
    let bare = |piece: &&str| !piece.is_empty() && !piece.contains('=');
    if pieces.iter().any(bare) {
        let stripped: Vec<&str> = right.split('&').map(|piece| piece.strip_suffix('=').unwrap_or(piece)).collect();
        push(&mut ways, stripped.join("&"), alloc::vec![Mistake::QueryWithoutEquals]);
    }
    let mut in_order = String::new();
    Query::raw(&sent).write_sent(&mut in_order);
    push(&mut ways, in_order, alloc::vec![Mistake::QueryNotSorted]);
    push(&mut ways, sent.clone(), alloc::vec![Mistake::QueryAsSent]);
    let mut sorted = pieces.clone();
    sorted.sort_unstable();
    push(&mut ways, sorted.join("&"), alloc::vec![Mistake::QueryNotEncoded]);
    push(&mut ways, encode_again(&sorted.join("&"), "=&"), alloc::vec![Mistake::QueryEncodedTwice]);
    let mut typed: Vec<String> = pieces.iter().map(|piece| decoded(piece)).collect();
    push(&mut ways, typed.join("&"), alloc::vec![Mistake::QueryNotSorted, Mistake::QueryNotEncoded]);
    typed.sort_unstable();
    push(&mut ways, typed.join("&"), alloc::vec![Mistake::QueryNotEncoded]);
    let cut = |piece: &&str| piece.splitn(3, '=').take(2).collect::<Vec<_>>().join("=");
    let (cut, mut shorter) = (pieces.iter().map(cut).collect::<Vec<_>>().join("&"), String::new());
    Query::raw(&cut).write_signed(&mut shorter);
    push(&mut ways, shorter, alloc::vec![Mistake::QueryCut]);
    let mut blanks = String::new();
    let plus = sent.replace('+', "%20");
    Query::raw(&plus).write_signed(&mut blanks);
    push(&mut ways, blanks, alloc::vec![Mistake::QueryPlusAsBlank]);
    push(&mut ways, String::new(), alloc::vec![Mistake::QueryLeftOut]);
    ways
}

fn headers(claim: &Claim<'_>, right: &str) -> Vec<Way> {
    let mut ways = alloc::vec![Way::right(right)];
    let host = claim.request.host();
    let lines = |change: &dyn Fn(&str, &str) -> Option<String>| {
        let changed = right.lines().map(|line| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            change(name, value).map_or_else(|| line.into(), |value| alloc::format!("{name}:{value}"))
        });
        changed.collect::<Vec<String>>().join("\n")
    };
    let is_host = |name: &str| name == "host";
    for port in ["443", "80"] {
        let text = lines(&|name, _| is_host(name).then(|| alloc::format!("{host}:{port}")));
        push(&mut ways, text, alloc::vec![Mistake::HostWithPort]);
    }
    let bare = host.rsplit_once(':').map_or(host, |(name, _)| name);
    push(&mut ways, lines(&|name, _| is_host(name).then(|| bare.into())), alloc::vec![Mistake::HostWithoutPort]);
    let kept = |name: &str, _: &str| {
        let mut values = claim.request.headers().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        values.next().filter(|_| name != "host").map(|(_, value)| value.into())
    };
    push(&mut ways, lines(&kept), alloc::vec![Mistake::BlanksKept]);
    ways
}

fn payloads(claim: &Claim<'_>, right: &str) -> Vec<Way> {
    let mut ways = alloc::vec![Way::right(right)];
    if let Payload::Bytes(bytes) = claim.request.body() {
        let hash = hex_str(&hex_of(&sha256(bytes))).into();
        push(&mut ways, hash, alloc::vec![Mistake::BodyHashed]);
    }
    push(&mut ways, EMPTY_SHA256.into(), alloc::vec![Mistake::BodyLeftOut]);
    push(&mut ways, "UNSIGNED-PAYLOAD".into(), alloc::vec![Mistake::BodyUnsigned]);
    ways
}

/// Adds a way unless another with no more mistakes writes the same.
fn push(ways: &mut Vec<Way>, text: String, mistakes: Vec<Mistake>) {
    match ways.iter_mut().find(|way| way.text == text) {
        Some(way) if way.mistakes.len() > mistakes.len() => way.mistakes = mistakes,
        Some(_) => {}
        None => ways.push(Way { text, mistakes }),
    }
}

/// What somebody typed before it was encoded for sending.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Encodes what is encoded already: every `%` becomes `%25`; the characters of `kept` stay.
fn encode_again(text: &str, kept: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        let mut buffer = [0; 4];
        let piece: &str = character.encode_utf8(&mut buffer);
        if kept.contains(character) { out.push_str(piece) } else { super::super::encode::write_plain(piece, &mut out) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::super::{Request, Signature, Signer, Timestamp};
    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// The mistakes found in a request to this target that was signed over this canonical request.
    fn found(service: &str, target: &str, body: &[u8], canonical: &str, secret: &str, region: &str) -> Vec<Mistake> {
        let time = Timestamp::from_unix(1_440_938_160).unwrap();
        let scope = Scope::new(time, region, service).unwrap();
        let mut text = String::new();
        let mut hash = Hash::default();
        hash.put(canonical);
        write_string_to_sign(
            time,
            &alloc::format!("20150830/us-east-1/{service}/aws4_request"),
            &hash.finish_hex(),
            &mut text,
        );
        let signature: Signature = SigningKey::derive(&Secret::new(secret), &scope).sign_text(&text);
        let names = canonical.lines().rev().nth(1).unwrap();
        let value = alloc::format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, SignedHeaders={names}, Signature={signature}"
        );
        let headers = [("host", "h"), ("x-amz-date", "20150830T123600Z"), ("authorization", &value)];
        let request = Request::received("GET", target, &headers, Payload::Bytes(body)).unwrap();
        let claim = Claim::parse(&request).unwrap();
        let credentials = Credentials::new("AKIDEXAMPLE", SECRET).unwrap();
        let verifier = Verifier::new("us-east-1", service);
        verifier.mistakes(&claim, &credentials)
    }

    fn canonical(path: &str, query: &str, payload: &str) -> String {
        alloc::format!("GET\n{path}\n{query}\nhost:h\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n{payload}")
    }

    #[test]
    fn what_the_signer_did_is_found_out() {
        use Mistake::*;
        for (target, path, query, expected) in [
            ("/a%20b", "/a%20b", "", &[PathEncodedOnce][..]),
            ("/a=b", "/a=b", "", &[PathAsSent]),
            ("/a%20b", "/a b", "", &[PathNotEncoded]),
            ("/?b=x%2Fy&a=z%20", "/", "a=z &b=x/y", &[QueryNotEncoded]),
            ("/?b=x%2Fy&a=z%20", "/", "b=x/y&a=z ", &[QueryNotSorted, QueryNotEncoded]),
            ("/a//b", "/a//b", "", &[PathNotResolved]),
            ("/?b=1&a=2", "/", "b=1&a=2", &[QueryNotSorted]),
            ("/?b=1&a=x/y", "/", "b=1&a=x/y", &[QueryAsSent]),
            ("/?a=x:y", "/", "a=x:y", &[QueryAsSent]),
            ("/?b=1&a=x:y", "/", "a=x:y&b=1", &[QueryNotEncoded]),
            ("/?b&a", "/", "a&b", &[QueryWithoutEquals]),
            ("/?a=x%3Dy", "/", "a=x%253Dy", &[QueryEncodedTwice]),
            ("/?a=x+y", "/", "a=x%20y", &[QueryPlusAsBlank]),
            ("/?a=x", "/", "", &[QueryLeftOut]),
            ("/?a=x=y", "/", "a=x", &[QueryCut]),
            ("/a%20b?a=x%20y", "/a%20b", "a=x%2520y", &[PathEncodedOnce, QueryEncodedTwice]),
        ] {
            let text = canonical(path, query, EMPTY_SHA256);
            assert_eq!(found("iam", target, b"", &text, SECRET, "us-east-1"), expected, "{target}");
        }
        let text = canonical("/", "", EMPTY_SHA256);
        assert_eq!(found("iam", "/", b"body", &text, SECRET, "us-east-1"), [BodyLeftOut]);
        let text = canonical("/", "", "UNSIGNED-PAYLOAD");
        assert_eq!(found("iam", "/", b"body", &text, SECRET, "us-east-1"), [BodyUnsigned]);
    }

    #[test]
    fn keys_are_tried_too() {
        let text = canonical("/", "", EMPTY_SHA256);
        let with_line = alloc::format!("{SECRET}\n");
        assert_eq!(found("iam", "/", b"", &text, &with_line, "us-east-1"), [Mistake::SecretBlank]);
        assert_eq!(found("iam", "/", b"", &text, SECRET, "eu-west-1"), [Mistake::KeyRegion("eu-west-1".into())]);
        assert_eq!(found("iam", "/", b"", &text, "another", "us-east-1"), []);
    }

    #[test]
    fn ports_and_blanks_of_signed_headers_are_tried() {
        let with = |headers: &str| {
            alloc::format!("GET\n/\n\n{headers}\nx-amz-date:20150830T123600Z\n\nhost;x-amz-date\n{EMPTY_SHA256}")
        };
        assert_eq!(found("iam", "/", b"", &with("host:h:443"), SECRET, "us-east-1"), [Mistake::HostWithPort]);
    }

    #[test]
    fn what_is_signed_right_has_no_mistake() {
        let credentials = Credentials::new("AKIDEXAMPLE", SECRET).unwrap();
        let scope = Scope::new(Timestamp::from_unix(1_440_938_160).unwrap(), "us-east-1", "iam").unwrap();
        let request = Request::new("GET", "https://h/a%20b?x=%3D").unwrap();
        let signed = Signer::new(&credentials, scope).steps(&request);
        assert_eq!(found("iam", "/a%20b?x=%3D", b"", signed.canonical_request(), SECRET, "us-east-1"), []);
    }
}
