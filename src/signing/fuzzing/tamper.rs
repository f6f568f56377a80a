//! What is signed is believed, and one byte changed is not, wherever it changes what is meant.

use super::super::{Claim, ClaimError, Expires, Payload, Request, Rules, Verifier, is_never_signed};
use super::meaning::{Meaning, Sent};
use super::message::Message;
use super::{REGION, credentials, now, rule_sets, signer};
use alloc::string::String;
use alloc::vec::Vec;

/// Signs, changes one byte on the way, and verifies: accepted if and only if the meaning is the same.
pub fn tamper(data: &[u8]) {
    let Some(message) = Message::read(data) else { return };
    let [choice, low, high, mask] = message.choices;
    let rule_sets = rule_sets();
    let (service, rules) = rule_sets[usize::from(choice) % rule_sets.len()];
    let (in_query, with_token) = (choice & 0x40 != 0, choice & 0x80 != 0);
    let Some((sent, signed)) = sign(message, service, rules, in_query, with_token) else { return };
    let check = |sent: &Sent| verified(sent, service, rules, with_token);
    assert!(check(&sent), "refused: {sent:?}");

    let mut changed = sent.clone();
    change(&mut changed, u16::from_le_bytes([low, high]).into(), mask.max(1));
    let meaning = |sent: &Sent| Meaning::of(sent, &rules, &signed, in_query);
    let (Some(meant), Some(means)) = (meaning(&sent), meaning(&changed)) else { return };
    if meant != means {
        assert!(!check(&changed), "believed: {changed:?} for {sent:?}");
    } else if received(&changed, |_| ()).is_some() {
        assert!(check(&changed), "refused: {changed:?} for {sent:?}");
    }
}

/// A signed request, and the names of its signed headers.
fn sign(message: Message<'_>, service: &str, rules: Rules, in_query: bool, with_token: bool) -> Option<(Sent, String)> {
    // What signing replaces or the service could not tell from what signing adds.
    let message = message.without(&["authorization", "x-amz-date", "x-amz-content-sha256"]);
    let message = message.without(&["x-amz-security-token", "x-amz-s3session-token"]);
    let request = message.request().ok()?;
    let signer = signer(service, rules, with_token);
    let own = |(name, value): (&str, &str)| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
    let mut headers: Vec<_> = [("host", request.host())].into_iter().chain(request.headers()).map(own).collect();
    let presigned;
    let target;
    if in_query {
        presigned = signer.presign(&request, Expires::from_seconds(60).unwrap());
        headers.extend(presigned.headers().map(own));
        let origin = "https://".len() + request.host().len();
        target = presigned.as_str().as_bytes()[origin..].to_vec();
    } else {
        let authorization = signer.sign(&request);
        headers.extend(authorization.headers().map(own));
        target = signer.target(&request).into_bytes();
    }
    let sent = Sent { method: message.method.into(), target, headers, body: message.body.into() };
    let signed = received(&sent, |request| Claim::parse(request).map(|claim| claim.signed_headers().into()));
    match signed.expect("what is sent is a request") {
        // The URL already says that it is signed.
        Err(ClaimError::SignedTwice) if !in_query => None,
        signed => {
            let signed: String = signed.expect("what is signed carries a claim");
            let covered =
                |name: &str| is_never_signed(name) || signed.split(';').any(|one| one.eq_ignore_ascii_case(name));
            assert!(request.headers().all(|(name, _)| covered(name)), "{signed} of {sent:?}");
            Some((sent, signed))
        }
    }
}

/// Changes one byte, counted over all parts.
fn change(sent: &mut Sent, at: usize, mask: u8) {
    let headers = sent.headers.iter_mut().flat_map(|(name, value)| [name, value]);
    let mut bytes: Vec<&mut u8> =
        [&mut sent.method, &mut sent.target].into_iter().chain(headers).chain([&mut sent.body]).flatten().collect();
    let count = bytes.len();
    *bytes[at % count] ^= mask;
}

/// Runs `with` on the request as a server sees it; `None` if it is none.
fn received<R>(sent: &Sent, with: impl FnOnce(&Request<'_>) -> R) -> Option<R> {
    let text = |bytes| core::str::from_utf8(bytes).ok();
    let headers: Option<Vec<_>> = sent.headers.iter().map(|(name, value)| Some((text(name)?, text(value)?))).collect();
    let headers = headers?;
    let request = Request::received(text(&sent.method)?, text(&sent.target)?, &headers, Payload::Bytes(&sent.body));
    request.ok().map(|request| with(&request))
}

fn verified(sent: &Sent, service: &str, rules: Rules, with_token: bool) -> bool {
    let check = |request: &Request<'_>| {
        let Ok(claim) = Claim::parse(request) else { return false };
        Verifier::new(REGION, service).with_rules(rules).verify(&claim, &credentials(with_token), now()).is_ok()
    };
    received(sent, check).unwrap_or(false)
}
