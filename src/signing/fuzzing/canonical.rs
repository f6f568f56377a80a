//! What is signed is what is sent, and canonical text is canonical.

use super::super::{PathEncoding, Payload, Request, Signer};
use super::message::Message;
use super::{rule_sets, signer};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A request that is read again as it was sent, or as it was signed, or written differently without a different
/// meaning, has the same canonical text.
pub fn canonical(data: &[u8]) {
    let Some(message) = Message::read(data) else { return };
    let Ok(request) = message.request() else { return };
    for (service, rules) in rule_sets() {
        let signer = signer(service, rules, message.choices[0] & 1 == 1);
        let text = text(&signer, &request);
        let url = signer.url(&request);
        let sent = Request::new(message.method, &url).expect("what is sent is a request");
        let sent = sent.with_headers(&message.headers).unwrap().payload(Payload::Bytes(message.body));
        assert_eq!(signer.url(&sent), url, "{rules:?}");
        assert_eq!(self::text(&signer, &sent), text, "{rules:?}");
        let path_as_is = rules.path_encoding == PathEncoding::AsIs;
        assert!(path_as_is || url.bytes().all(|byte| byte.is_ascii_graphic()), "{url:?}");
        assert_eq!(signer.sign(&request).signature().to_string(), signer.steps(&request).signature().to_string());
        again(&signer, &message, &text);
        rewritten(&signer, &message, &text);
    }
}

fn text(signer: &Signer, request: &Request<'_>) -> String {
    signer.steps(request).canonical_request().into()
}

/// Canonical text, made a request again, is its own canonical text.
fn again(signer: &Signer, message: &Message<'_>, text: &str) {
    let mut parts = text.splitn(4, '\n');
    let mut part = || parts.next().expect("method, path, query and the rest");
    let (method, path, query, rest) = (part(), part(), part(), part());
    let (lines, rest) = rest.split_once("\n\n").expect("an empty line ends the headers");
    let path = match signer.rules().path_encoding {
        PathEncoding::Twice => path.replace("%25", "%"),
        PathEncoding::Once | PathEncoding::AsIs => path.into(),
    };
    let headers: Vec<_> =
        lines.split('\n').map(|line| line.split_once(':').expect("header lines have a name")).collect();
    let (names, _) = rest.split_once('\n').expect("the names of the headers stand before the hash");
    assert!(names.split(';').eq(headers.iter().map(|(name, _)| *name)), "{text}");
    let target = alloc::format!("{path}?{query}");
    let request = Request::from_parts(method, true, message.host, &target).expect("canonical text is a request");
    let request = request.with_headers(&headers).expect("canonical headers are headers");
    assert_eq!(self::text(signer, &request.payload(Payload::Bytes(message.body))), text);
}

/// The order of parameters and headers, the case of names and blanks around values mean nothing.
fn rewritten(signer: &Signer, message: &Message<'_>, text: &str) {
    let request = message.request().unwrap();
    let query = request.query().map(|query| query.split('&').rev().collect::<Vec<_>>().join("&"));
    let target = query.map_or_else(|| request.path().into(), |query| alloc::format!("{}?{query}", request.path()));
    let host = message.host.to_ascii_uppercase();
    let upper = |(name, value): &(&str, &str)| (name.to_ascii_uppercase(), alloc::format!(" \t{value}  "));
    let mut headers: Vec<_> = message.headers.iter().map(upper).collect();
    // Stable: the values of a repeated header keep their order.
    headers.sort_by(|(left, _), (right, _)| right.cmp(left));
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let request = Request::from_parts(message.method, true, &host, &target).unwrap().with_headers(&headers).unwrap();
    assert_eq!(self::text(signer, &request.payload(Payload::Bytes(message.body))), text);
}
