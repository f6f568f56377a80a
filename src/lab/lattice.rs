//! A service as VPC Lattice runs it: verifies each request, asks the policies, and answers in its words.

use super::issuer::Issuer;
use super::policy::{Auth, Call, Caller, Denial, Legs};
use super::refusal::{Refusal, SERVICE};
use super::server::{Answer, Handler, Received};
use super::{Clock, Place, Sink, random};
use crate::signing::{Claim, ClaimError, Credentials, Payload, Request, Timestamp, Verifier, VerifyError};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::sync::{Mutex, PoisonError};

/// VPC Lattice quotas: headers of a request.
const MOST_HEADERS: usize = 100;
const MOST_HEADER_BYTES: usize = 60 * 1024;

/// `x-amzn-requestid` of a client is cut here.
const LONGEST_REQUEST_ID: usize = 512;

pub(super) struct Lattice {
    place: Place,
    clock: Clock,
    issuer: Arc<Issuer>,
    legs: Mutex<Legs>,
    log: Sink,
}

/// What became of a request.
struct Outcome {
    answer: Answer,
    /// `None` when it was refused before anybody was known.
    caller: Option<Caller>,
    denial: Option<Denial>,
    service_arn: String,
}

impl Lattice {
    pub(super) fn new(place: Place, clock: Clock, issuer: Arc<Issuer>, legs: Legs, log: Sink) -> Self {
        Self { place, clock, issuer, legs: Mutex::new(legs), log }
    }

    pub(super) fn set_service_auth(&self, auth: Auth) {
        self.legs.lock().unwrap_or_else(PoisonError::into_inner).service = auth;
    }

    fn judge(&self, received: &Received, now: Timestamp) -> Outcome {
        let host = received.header("host").unwrap_or_default().to_ascii_lowercase();
        let (name, port) = split_port(&host);
        let (region, service_id) = self.place.of_host(name);
        let service_arn = format!("arn:aws:vpc-lattice:{region}:{}:service/svc-{service_id}", self.place.account);
        let outcome = |answer, caller, denial| Outcome { answer, caller, denial, service_arn: service_arn.clone() };
        let header_bytes = received.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>();
        let other_host = received.authority.as_ref().is_some_and(|authority| {
            let authority = authority.to_ascii_lowercase();
            split_port(&authority) != (name, port)
        });
        if received.malformed || received.headers.len() > MOST_HEADERS || header_bytes > MOST_HEADER_BYTES || other_host
        {
            return outcome(Answer::text(400, "Bad Request"), None, None);
        }
        let headers: Vec<(&str, &str)> =
            received.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        // In absolute-form, since only that says that this is http: the port that goes without saying is 80.
        let target = format!("http://{host}{}", received.target);
        let Ok(request) = Request::received(&received.method, &target, &headers, Payload::Bytes(&[])) else {
            return outcome(Answer::text(400, "Bad Request"), None, None);
        };
        let caller = match self.caller(&request, &region, now) {
            Ok(caller) => caller,
            Err(refusal) => return outcome(Answer::text(refusal.status, refusal.text()), None, None),
        };
        let call = self.call(&request, received, caller.clone(), &service_arn, port);
        let decision = self.legs.lock().unwrap_or_else(PoisonError::into_inner).decide(&call);
        match decision {
            Ok(()) => outcome(page(name, request.path()), Some(caller), None),
            Err(denial) => {
                let refusal = Refusal::denied(denial.sentence(&call));
                outcome(Answer::text(refusal.status, refusal.text()), Some(caller), Some(denial))
            }
        }
    }

    /// Who signed; a signature that is there has to be right even if anybody may call.
    fn caller<'r>(&self, request: &'r Request<'r>, region: &str, now: Timestamp) -> Result<Caller, Refusal> {
        // Another scheme (Bearer, Basic …) is between the caller and the target.
        let foreign = request.header_value("authorization").is_some_and(|value| !value.starts_with("AWS4-"));
        let claim = match Claim::parse(request) {
            Ok(claim) => claim,
            Err(ClaimError::NotSigned) => return Ok(Caller::Anonymous),
            Err(ClaimError::Algorithm(_)) if foreign => return Ok(Caller::Anonymous),
            Err(error) => return Err(Refusal::of_claim(&error)),
        };
        let issued = self.issuer.find(claim.access_key_id());
        let verifier = Verifier::new(region, SERVICE);
        let Some(issued) = issued else {
            // Nobody's key fails in the end, but time and scope are looked at first, as with a known one.
            let stranger = Credentials::new("nobody", "nothing").map_err(|_| Refusal::unknown_token())?;
            return Err(match verifier.verify(&claim, &stranger, now) {
                Err(error) if is_about_time_or_scope(&error) => Refusal::of_verify(&error, &claim),
                _ => Refusal::unknown_token(),
            });
        };
        let ended = issued.expires <= now;
        match verifier.verify(&claim, &issued.credentials, now) {
            Err(error) if is_about_time_or_scope(&error) || !ended => Err(Refusal::of_verify(&error, &claim)),
            _ if ended => Err(Refusal::expired_token()),
            _ => Ok(self.place.caller()),
        }
    }

    fn call(&self, request: &Request<'_>, received: &Received, caller: Caller, service_arn: &str, port: u16) -> Call {
        let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let pairs = request.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Call {
            caller,
            resource: format!("{service_arn}{}", request.path()),
            method: request.method().to_owned(),
            path: request.path().to_owned(),
            query: pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(name, value)| (decode(name), decode(value)))
                .collect(),
            headers: received.headers.clone(),
            port,
            source_ip: Some(received.peer.ip()),
            source_vpc: Some("vpc-0123456789abcdef0".to_owned()),
            source_vpc_owner: Some(self.place.account.clone()),
            service_arn: Some(service_arn.to_owned()),
            service_network_arn: Some(self.network_arn()),
            ..Call::default()
        }
    }

    fn network_arn(&self) -> String {
        let Place { region, account, .. } = &self.place;
        format!("arn:aws:vpc-lattice:{region}:{account}:servicenetwork/sn-0123456789abcdef0")
    }

    /// One line per request, with the fields of VPC Lattice's access logs. The query is not among them: it may hold a
    /// signature and a token.
    fn access_log(&self, received: &Received, outcome: &Outcome, request_id: &str, now: Timestamp) -> String {
        let text = |text: &str| Value::String(text.to_owned());
        let header = |name: &str| received.header(name).map_or(Value::Null, text);
        let path = received.target.split_once('?').map_or(received.target.as_str(), |(path, _)| path);
        let user = match &outcome.caller {
            None => text("Unknown"),
            Some(Caller::Anonymous) => text("Anonymous"),
            Some(caller) => text(&caller.name()),
        };
        let principal =
            if matches!(outcome.caller, Some(Caller::AssumedRole { .. })) { user.clone() } else { text("-") };
        let failure = match outcome.answer.status {
            200 => text("-"),
            400 => text("ClientProtocolError"),
            _ => text("ClientAccessDenied"),
        };
        let members = [
            ("startTime", text(&now.to_rfc3339())),
            ("requestId", text(request_id)),
            ("hostHeader", header("host")),
            ("userAgent", header("user-agent")),
            ("requestMethod", text(&received.method)),
            ("requestPath", text(path)),
            ("protocol", text("HTTP/1.1")),
            ("responseCode", Value::from(outcome.answer.status)),
            ("bytesReceived", Value::from(received.body_length)),
            ("bytesSent", Value::from(outcome.answer.body.len())),
            ("sourceIpPort", text(&received.peer.to_string())),
            ("sourceVpcId", text("vpc-0123456789abcdef0")),
            ("serviceArn", text(&outcome.service_arn)),
            ("serviceNetworkArn", text(&self.network_arn())),
            ("resolvedUser", user),
            ("callerPrincipal", principal),
            ("authDeniedReason", outcome.denial.map_or(text("-"), |denial| text(denial.layer.name()))),
            ("failureReason", failure),
        ];
        Value::Object(members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect::<Map<_, _>>())
            .to_string()
    }
}

impl Handler for Lattice {
    fn answer(&self, request: &Received) -> Answer {
        let now = self.clock.now();
        let request_id = match request.header("x-amzn-requestid").filter(|id| !id.is_empty()) {
            Some(id) => id.chars().filter(char::is_ascii_graphic).take(LONGEST_REQUEST_ID).collect(),
            None => random::uuid().unwrap_or_default(),
        };
        let mut outcome = self.judge(request, now);
        outcome.answer.headers.push(("x-amzn-requestid", request_id.clone()));
        self.log.write(&self.access_log(request, &outcome, &request_id, now));
        outcome.answer
    }

    fn is_proxy(&self) -> bool {
        true
    }
}

fn is_about_time_or_scope(error: &VerifyError) -> bool {
    use VerifyError as E;
    matches!(error, E::Expired { .. } | E::NotYet { .. } | E::Region { .. } | E::Service { .. })
}

/// A host without its port, and the port: 80 where none is given, for this is http.
fn split_port(host: &str) -> (&str, u16) {
    let port = host.rsplit_once(':').and_then(|(name, port)| Some((name, port.parse().ok()?)));
    port.filter(|(name, _)| !name.contains(':') || name.ends_with(']')).unwrap_or((host, 80))
}

/// What the workshop's targets say.
fn page(host: &str, path: &str) -> Answer {
    let what = match path {
        "/rates" | "/payments" if host.starts_with("parking-") => {
            return Answer::text(200, format!("Hello from \"{}\"\n", path.trim_start_matches('/')));
        }
        _ => "Hello From Lattice Reservations!",
    };
    let page =
        format!("<!DOCTYPE html>\n<html>\n<head><title>{what}</title></head>\n<body><p>{what}</p></body>\n</html>\n");
    Answer { status: 200, headers: alloc::vec![("content-type", "text/html; charset=utf-8".to_owned())], body: page }
}
