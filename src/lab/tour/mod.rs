//! [`tour`]: the workshop, played from its first to its last step in one process.

mod error;
mod report;

pub use error::{StepError, TourError};

use super::policy::{Auth, Policy};
use super::{Lab, Settings};
use crate::imds::{self, Imds, ImdsError, RoleCredentials};
use crate::signing::{Authorization, Credentials, Payload, PayloadRule, Request, Rules, Scope, Signer};
use crate::transport::{Body, Client, Limits, Proxies, Transport};
use crate::world::{Process, World};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;
use error::Trouble;
use report::Report;
use std::io::{self, Write};

/// What the workshop's script sends.
const BODY: &[u8] = b"some-data-here";

const GREETING: &str = "Hello From Lattice Reservations!";
const SERVICE: &str = "vpc-lattice-svcs";
const LARGEST_ANSWER: usize = 64 * 1024;
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

/// How many steps come before the first signature.
const FIRST_SIGNED: usize = 3;

const TIME: Duration = Duration::from_secs(10);

/// Plays the workshop on free ports of loopback, and writes each step: what was sent, what came back.
///
/// # Errors
/// When a step does not come out as it should, the lab cannot start, or the report cannot be written.
pub fn tour(out: &mut dyn Write) -> Result<(), TourError> {
    let lab = Lab::start(Settings::default()).map_err(TourError::Start)?;
    let mut tour = Tour::new(&lab, Report::new(out));
    tour.introduce().map_err(TourError::Write)?;
    tour.play()
}

struct Tour<'t> {
    lab: &'t Lab,
    report: Report<'t>,
    client: Client,
    url: String,
}

/// How a request of the tour is made.
#[derive(Clone, Copy, Default)]
struct Twist {
    /// Signed for this region instead of the service's.
    region: Option<&'static str>,
    /// Signed with the hash of the body.
    hashed: bool,
    /// Sent with another content type than was signed.
    tampered: bool,
}

struct Reply {
    status: u16,
    body: String,
}

impl<'t> Tour<'t> {
    fn new(lab: &'t Lab, report: Report<'t>) -> Self {
        let proxy = format!("http://{}", lab.service());
        let proxies = Proxies::from_variables(|name| (name == "http_proxy").then(|| proxy.clone()));
        Self { lab, report, client: Client::new(proxies), url: format!("http://{}/", lab.place().service_host()) }
    }

    fn introduce(&mut self) -> io::Result<()> {
        let (metadata, service) = (self.lab.metadata(), self.lab.service());
        self.report.line("A workshop on this machine: an instance with a role calls a service behind IAM auth.\n")?;
        self.report.fact("metadata", &format!("http://{metadata}  an instance metadata service, version 2 only"))?;
        self.report.fact("service", &format!("http://{service}  answers as VPC Lattice does, for any host name"))?;
        self.report.fact("url", &self.url.clone())?;
        self.report.fact("policy", "authenticated: whoever signs is let in")
    }

    fn play(&mut self) -> Result<(), TourError> {
        let mismatch = "InvalidSignatureException: The request signature we calculated does not match";
        let no_policy = "because no service-based policy allows";
        self.call("an unsigned request is refused", "GET", None, Twist::default(), 403, "User: anonymous")?;
        self.version_1()?;
        let credentials = self.credentials()?;
        let with = Some(&credentials);
        self.call("a signed POST is answered", "POST", with, Twist::default(), 200, GREETING)?;
        self.call("a signed GET is answered", "GET", with, Twist::default(), 200, GREETING)?;

        self.lab.set_service_auth(Auth::Iam(Policy::named("post-only")));
        self.report
            .line("\nThe policy changes to \"post-only\": whoever signs is let in, but not with GET.")
            .map_err(TourError::Write)?;
        self.call("the same GET is refused now", "GET", with, Twist::default(), 403, no_policy)?;
        self.call("POST still passes", "POST", with, Twist::default(), 200, GREETING)?;

        let twist = Twist { tampered: true, ..Twist::default() };
        self.call("a request changed on its way is refused", "POST", with, twist, 403, mismatch)?;
        let twist = Twist { region: Some("eu-west-1"), ..Twist::default() };
        self.call("a signature for another region is refused", "POST", with, twist, 403, "scoped to a valid region")?;
        let twist = Twist { hashed: true, ..Twist::default() };
        let title = "a signed payload is refused: VPC Lattice wants UNSIGNED-PAYLOAD";
        self.call(title, "POST", with, twist, 403, "Signed payloads are not supported")?;
        let steps = self.report.steps();
        self.report.line(&format!("\nAll {steps} steps came out as they should.")).map_err(TourError::Write)
    }

    /// What a reader wants to see of a signature: all of it once, then what matters for the step. The token never.
    fn shown(&self, authorization: &Authorization, twist: Twist) -> Vec<String> {
        let header = |wanted: &str| authorization.headers().find(|(name, _)| *name == wanted).map(|(_, value)| value);
        let mut lines = Vec::new();
        if self.report.steps() == FIRST_SIGNED {
            lines.extend(header("x-amz-date").map(|date| format!("x-amz-date: {date}")));
            lines.push("x-amz-security-token: (the role's session token)".to_owned());
        }
        if self.report.steps() == FIRST_SIGNED || twist.hashed {
            lines.extend(header("x-amz-content-sha256").map(|hash| format!("x-amz-content-sha256: {hash}")));
        }
        let value = authorization.value();
        if self.report.steps() == FIRST_SIGNED {
            lines.push(format!("authorization: {value}"));
        } else {
            let scope = value.split_once("Credential=").and_then(|(_, rest)| rest.split_once(','));
            lines.extend(scope.map(|(scope, _)| format!("signed as {scope}")));
        }
        lines
    }

    /// A request as version 1 of the metadata service took it.
    fn version_1(&mut self) -> Result<(), TourError> {
        let url = format!("http://{}{ROLES}", self.lab.metadata());
        let sent = [format!("GET {url}"), "no token".to_owned()];
        let request = http::Request::get(&url).body(Body::Empty).map_err(Trouble::from);
        let limits = Limits::none().with_whole(TIME);
        let status = request
            .and_then(|request| Ok(Client::link_local().send(request, &limits)?))
            .map(|response| response.status().as_u16());
        let ok = matches!(status, Ok(401));
        let got = match &status {
            Ok(401) => "401 Unauthorized".to_owned(),
            Ok(other) => other.to_string(),
            Err(error) => error.to_string(),
        };
        let title = "the metadata service tells nothing to those without a token";
        self.step(ok, title, &sent, &got, (!ok).then(|| "401".to_owned()), status.err().map(Into::into))
    }

    /// The credentials of the role, with awsig's own client of the metadata service.
    fn credentials(&mut self) -> Result<Credentials, TourError> {
        let mut sent = Vec::new();
        let read = self.read_metadata(&mut sent);
        let (got, wanted) = match &read {
            Ok((_, text)) => (text.clone(), None),
            Err(error) => (error.to_string(), Some("the role's credentials".to_owned())),
        };
        let title = "the role's credentials arrive over IMDSv2";
        match read {
            Ok((credentials, _)) => self.step(true, title, &sent, &got, wanted, None).map(|()| credentials),
            Err(error) => {
                self.step(false, title, &sent, &got, wanted, Some(error.into()))?;
                Err(TourError::Step { number: self.report.steps(), title, cause: None })
            }
        }
    }

    fn read_metadata(&self, sent: &mut Vec<String>) -> Result<(Credentials, String), ImdsError> {
        let endpoint = format!("http://{}", self.lab.metadata());
        sent.push(format!("PUT {endpoint}/latest/api/token"));
        let settings = imds::Settings::default().with_endpoint(&endpoint)?;
        let imds = Imds::with_settings(Arc::new(Process::new()), Arc::new(Client::link_local()), settings);
        sent.push("GET …/latest/meta-data/placement/region".to_owned());
        let region = imds.region()?;
        sent.push(format!("GET …{ROLES}"));
        let RoleCredentials { role, credentials, .. } = imds.credentials()?;
        sent.push(format!("GET …{ROLES}{role}"));
        let end = credentials.expires().map(|end| end.to_rfc3339()).unwrap_or_default();
        let key = credentials.access_key_id();
        let text = format!("region {region}, role {role}, access key {key} with a session token, good until {end}");
        Ok((credentials, text))
    }

    /// One request and the answer it has to get.
    fn call(
        &mut self,
        title: &'static str,
        method: &str,
        credentials: Option<&Credentials>,
        twist: Twist,
        status: u16,
        text: &str,
    ) -> Result<(), TourError> {
        let mut sent = Vec::new();
        let reply = self.exchange(method, credentials, twist, &mut sent);
        let ok = reply.as_ref().is_ok_and(|reply| reply.status == status && reply.body.contains(text));
        let got = match &reply {
            Ok(reply) => format!("{} {}", reply.status, said(&reply.body)),
            Err(error) => error.to_string(),
        };
        let wanted = if ok { None } else { Some(format!("{status} and {text:?}")) };
        self.step(ok, title, &sent, &got, wanted, reply.err().map(Into::into))
    }

    fn step(
        &mut self,
        ok: bool,
        title: &'static str,
        sent: &[String],
        got: &str,
        wanted: Option<String>,
        cause: Option<StepError>,
    ) -> Result<(), TourError> {
        let number = self.report.step(ok, title, sent, got, wanted.as_deref()).map_err(TourError::Write)?;
        if ok { Ok(()) } else { Err(TourError::Step { number, title, cause }) }
    }

    fn exchange(
        &self,
        method: &str,
        credentials: Option<&Credentials>,
        twist: Twist,
        sent: &mut Vec<String>,
    ) -> Result<Reply, Trouble> {
        let body = if method == "POST" { BODY } else { b"" };
        let signed =
            Request::new(method, &self.url)?.header("content-type", "application/json")?.payload(Payload::Bytes(body));
        let mut outgoing = http::Request::builder().method(method);
        let content_type = if twist.tampered { "text/plain" } else { "application/json" };
        outgoing = outgoing.header("content-type", content_type);
        sent.push(format!("{method} {}", self.url));
        if twist.tampered {
            sent.push("content-type: text/plain (signed was application/json)".to_owned());
        }
        match credentials {
            None => {
                outgoing = outgoing.uri(&self.url);
                sent.push("no signature".to_owned());
            }
            Some(credentials) => {
                let region = twist.region.unwrap_or(&self.lab.place().region);
                let mut signer = Signer::new(credentials, Scope::new(Process::new().now(), region, SERVICE)?);
                if twist.hashed {
                    signer = signer.with_rules(Rules { payload: PayloadRule::Given, ..Rules::LATTICE });
                }
                outgoing = outgoing.uri(signer.url(&signed));
                let authorization = signer.sign(&signed);
                for (name, value) in authorization.headers() {
                    outgoing = outgoing.header(name, value);
                }
                sent.extend(self.shown(&authorization, twist));
            }
        }
        let outgoing = outgoing.body(Body::Bytes(body))?;
        let response = self.client.send(outgoing, &Limits::none().with_whole(TIME))?;
        let status = response.status().as_u16();
        let body = response.into_body().read_all(LARGEST_ANSWER)?;
        Ok(Reply { status, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// The greeting of a page, or a plain answer as it is.
fn said(body: &str) -> String {
    let paragraph = body.split_once("<p>").and_then(|(_, rest)| rest.split_once("</p>")).map(|(text, _)| text);
    paragraph.unwrap_or(body).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tour_ends_well_and_shows_every_step() {
        let mut out = Vec::new();
        tour(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text.matches("\nok ").count(), 10, "{text}");
        assert!(text.contains("All 10 steps") && !text.contains("FAIL"), "{text}");
        assert!(text.contains("AccessDeniedException: User: anonymous"), "{text}");
    }

    #[test]
    fn the_tour_shows_neither_the_secret_nor_the_token() {
        let lab = Lab::start(Settings::default()).unwrap();
        let set = lab.issuer.current(Process::new().now()).unwrap().credentials;
        let mut out = Vec::new();
        Tour::new(&lab, Report::new(&mut out)).play().unwrap();
        // Lines are broken at blanks only, so neither could hide by being wrapped.
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains(set.access_key_id()), "{text}");
        assert!(!text.contains(set.secret().expose()) && !text.contains(set.token().unwrap().expose()));
    }

    #[test]
    fn a_step_that_comes_out_differently_ends_the_tour_and_says_which() {
        let lab = Lab::start(Settings::default()).unwrap();
        lab.set_service_auth(Auth::None);
        let mut out = Vec::new();
        let error = Tour::new(&lab, Report::new(&mut out)).play().unwrap_err();
        assert_eq!(error.to_string(), "step 1 of the tour failed: an unsigned request is refused");
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("FAIL  1") && text.contains("wanted"), "{text}");

        let lab = Lab::start(Settings::default()).unwrap();
        lab.disable_metadata(true);
        let error = Tour::new(&lab, Report::new(&mut Vec::new())).play().unwrap_err();
        assert!(matches!(&error, TourError::Step { number: 2, .. }), "{error:?}");
    }
}
