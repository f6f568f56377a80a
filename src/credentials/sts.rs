//! Calls to STS, through the signer and the transport of this library.

use super::exchange::{Patience, Reply, ServiceError, ServiceFailure, Verdict, ask, printable};
use super::profiles::Profile;
use super::sources::{STS, Sources};
use crate::signing::{Credentials, Payload, Request, Scope, Signer, Timestamp};
use crate::xml::text_of;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;
use http::{HeaderName, HeaderValue, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use zeroize::Zeroizing;

/// Who credentials belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// The account.
    pub account: String,
    /// The user, or the session of a role.
    pub arn: String,
    /// The id of the user or role.
    pub user_id: String,
}

impl Sources {
    /// Asks STS whose credentials these are.
    ///
    /// # Errors
    /// When STS does not say.
    pub fn identity(&self, credentials: &Credentials, region: &str) -> Result<Identity, ServiceError> {
        let profile = self.profile().ok().flatten();
        let sts = Sts { sources: self, profile: profile.as_ref(), region };
        let answer = sts.call("GetCallerIdentity", &[], Some(credentials))?;
        let text = |name| text_of(&answer, name).map(|text| printable(&text));
        match (text("Account"), text("Arn"), text("UserId")) {
            (Some(account), Some(arn), Some(user_id)) => Ok(Identity { account, arn, user_id }),
            _ => Err(sts.error(ServiceFailure::NotUnderstood("no account, ARN and user id"))),
        }
    }
}

/// STS in a region.
pub(super) struct Sts<'a> {
    pub(super) sources: &'a Sources,
    /// The profile whose settings count.
    pub(super) profile: Option<&'a Profile>,
    pub(super) region: &'a str,
}

/// What the AWS SDKs try again, besides 429 and 5xx.
const THROTTLED: [&str; 5] =
    ["Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException", "RequestThrottled"];

/// What a clock that is wrong leads to.
const SKEWED: [&str; 5] =
    ["RequestTimeTooSkewed", "RequestExpired", "SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure"];

/// RFC 3986 section 2.3.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Signatures are good for five minutes; botocore calls four a wrong clock.
const SKEW_SECONDS: i64 = 240;

impl Sts<'_> {
    /// Calls for credentials: an access key id, a secret, a token and an end.
    pub(super) fn credentials(
        &self,
        action: &str,
        parameters: &[(&str, &str)],
        signed_by: Option<&Credentials>,
    ) -> Result<Credentials, ServiceError> {
        let answer = self.call(action, parameters, signed_by)?;
        let fail = |what| self.error(ServiceFailure::NotUnderstood(what));
        let text = |name| text_of(&answer, name).filter(|text| !text.is_empty());
        let id = text("AccessKeyId").ok_or_else(|| fail("no AccessKeyId"))?;
        let secret = text("SecretAccessKey").ok_or_else(|| fail("no SecretAccessKey"))?;
        let token = text("SessionToken").ok_or_else(|| fail("no SessionToken"))?;
        let expires = text("Expiration").ok_or_else(|| fail("no Expiration"))?;
        let expires = Timestamp::parse_rfc3339(&expires).map_err(|_| fail("Expiration is no time"))?;
        let credentials = Credentials::new(id, secret).and_then(|credentials| credentials.with_token(token));
        Ok(credentials.map_err(|_| fail("the credentials cannot be used"))?.with_expiry(expires))
    }

    /// The body of a good answer.
    fn call(
        &self,
        action: &str,
        parameters: &[(&str, &str)],
        signed_by: Option<&Credentials>,
    ) -> Result<Zeroizing<String>, ServiceError> {
        let url = format!("{}/", self.url());
        let body = form(action, parameters);
        let world = &*self.sources.world;
        let offset = Cell::new(0);
        let proofs_refused = Cell::new(0);
        let make = || {
            let request = Request::new("POST", &url).ok()?;
            let request = request.header("content-type", "application/x-www-form-urlencoded; charset=utf-8").ok()?;
            let request = request.payload(Payload::Bytes(body.as_bytes()));
            let mut outgoing = http::Request::post(&url).body(Zeroizing::new(body.as_bytes().to_vec())).ok()?;
            let headers = outgoing.headers_mut();
            for (name, value) in request.headers() {
                headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(value).ok()?);
            }
            headers.insert(header::HOST, HeaderValue::from_str(request.host()).ok()?);
            if let Some(credentials) = signed_by {
                let scope = Scope::new(world.now().plus_seconds(offset.get()), self.region, "sts").ok()?;
                for (name, value) in Signer::new(credentials, scope).sign(&request).headers() {
                    let mut value = HeaderValue::from_str(value).ok()?;
                    value.set_sensitive(true);
                    headers.insert(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
                }
            }
            Some(outgoing)
        };
        ask(world, &*self.sources.services(), STS.title, &url, Patience::with_services(), make, |reply| {
            if reply.status == 200 {
                return match core::str::from_utf8(&reply.body) {
                    Ok(text) if text_of(text, "RequestId").is_some() || text.contains('<') => {
                        Verdict::Good(Zeroizing::new(text.to_owned()))
                    }
                    _ => Verdict::Again(ServiceFailure::NotUnderstood("no XML")),
                };
            }
            let (code, refused) = refusal(reply, signed_by);
            let code = code.as_str();
            let skew = skew(reply, world.now()).filter(|_| SKEWED.contains(&code) && offset.get() == 0);
            if let Some(skew) = skew.filter(|_| signed_by.is_some()) {
                offset.set(skew);
                return Verdict::Again(refused);
            }
            // STS may not have heard of the provider's newest keys yet.
            let proof = code == "InvalidIdentityToken" && proofs_refused.replace(proofs_refused.get() + 1) < 1;
            let again = reply.status == 429 || reply.status >= 500 || THROTTLED.contains(&code);
            if again || proof || code == "IDPCommunicationError" {
                Verdict::Again(refused)
            } else {
                Verdict::Final(refused)
            }
        })
    }

    pub(super) fn error(&self, failure: ServiceFailure) -> ServiceError {
        ServiceError::new(STS.title, &self.url(), failure)
    }

    fn url(&self) -> String {
        self.sources.endpoint(&STS, self.region, self.profile)
    }
}

/// The code of a refusal, and all of it.
fn refusal(reply: &Reply, signed_by: Option<&Credentials>) -> (String, ServiceFailure) {
    let text = core::str::from_utf8(&reply.body).unwrap_or_default();
    let code = text_of(text, "Code").map(|code| printable(&code)).unwrap_or_default();
    let mut message = text_of(text, "Message").unwrap_or_default();
    // A signature that does not match is explained with the text that was to be signed, token and all.
    if let Some(token) = signed_by.and_then(Credentials::token) {
        // Looked for, to be taken out.
        message = message.replace(token.expose(), "(blanked)");
    }
    let message = printable(&message);
    (code.clone(), ServiceFailure::Refused { status: reply.status, code, message })
}

/// By how many seconds the service's clock is ahead of ours, if by many.
fn skew(reply: &Reply, now: Timestamp) -> Option<i64> {
    let date = Timestamp::parse_http_date(reply.headers.get(header::DATE)?.to_str().ok()?).ok()?;
    Some(date.seconds_since(&now)).filter(|skew| skew.abs() > SKEW_SECONDS)
}

fn form(action: &str, parameters: &[(&str, &str)]) -> Zeroizing<String> {
    let mut pairs: Vec<(&str, &str)> = alloc::vec![("Action", action), ("Version", "2011-06-15")];
    pairs.extend(parameters);
    // Room for the longest token, so that no copy of it is left behind when the text grows.
    let length: usize = pairs.iter().map(|(name, value)| name.len() + value.len() * 3 + 2).sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        text.extend(utf8_percent_encode(value, FORM));
    }
    text
}
