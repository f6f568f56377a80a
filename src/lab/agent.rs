//! [`Agent`]: credentials on loopback, the way containers get them.

use super::random;
use super::server::{Answer, Handler, Received, Server};
use crate::credentials::Cached;
use crate::signing::Secret;
use crate::world::World;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use core::fmt;
use core::net::{IpAddr, SocketAddr};
use serde_json::json;
use std::io;
use subtle::ConstantTimeEq;

/// Where the credentials are.
const PATH: &str = "/v1/credentials";

/// How long clients keep credentials that have no end.
const KEPT_SECONDS: i64 = 15 * 60;

/// Offers credentials to whoever on this machine knows a token: any AWS SDK, told by `AWS_CONTAINER_CREDENTIALS_FULL_URI`
/// and `AWS_CONTAINER_AUTHORIZATION_TOKEN`. It stops when dropped.
pub struct Agent {
    server: Server,
    token: Secret,
}

impl Agent {
    /// Starts to listen, with a token made up for this run.
    ///
    /// # Errors
    /// When the address is not on loopback or cannot be listened on, or the system has no randomness to give.
    pub fn start(credentials: Arc<Cached>, world: Arc<dyn World>, address: SocketAddr) -> io::Result<Self> {
        if !address.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "credentials are offered on loopback only"));
        }
        let token = Secret::new(random::metadata_token()?);
        let server = Server::start(address, Arc::new(Desk { credentials, world, token: token.clone() }))?;
        Ok(Self { server, token })
    }

    /// What `AWS_CONTAINER_CREDENTIALS_FULL_URI` must be.
    pub fn url(&self) -> String {
        format!("http://{}{PATH}", self.server.address())
    }

    /// What `AWS_CONTAINER_AUTHORIZATION_TOKEN` must be.
    pub fn token(&self) -> &Secret {
        &self.token
    }
}

impl fmt::Debug for Agent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Agent").field("url", &self.url()).finish_non_exhaustive()
    }
}

struct Desk {
    credentials: Arc<Cached>,
    world: Arc<dyn World>,
    token: Secret,
}

impl Handler for Desk {
    fn answer(&self, request: &Received) -> Answer {
        if request.method != "GET" {
            return refusal(405, "MethodNotAllowed", "only GET is answered");
        }
        // A page in a browser may call us by a name that it has pointed here, but not by our address.
        let host = request.header("host").unwrap_or_default();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']);
        let is_here = name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        if !is_here || request.header("origin").is_some() {
            return refusal(403, "AccessDenied", "browsers are not answered");
        }
        let given = request.header("authorization").unwrap_or_default();
        // Compared in a time that tells nothing about how much is right.
        if !bool::from(given.as_bytes().ct_eq(self.token.expose().as_bytes())) {
            return refusal(401, "Unauthorized", "the authorization token is missing or wrong");
        }
        if request.target != PATH {
            return refusal(404, "NotFound", "the credentials are at /v1/credentials");
        }
        let found = match self.credentials.get() {
            Ok(found) => found,
            // It may name files and roles of this machine, which is for this machine to read.
            Err(error) => return refusal(500, "CredentialsNotFound", &error.to_string()),
        };
        let credentials = found.credentials();
        let expires = credentials.expires().unwrap_or_else(|| self.world.now().plus_seconds(KEPT_SECONDS));
        json(
            200,
            &json!({
                "AccessKeyId": credentials.access_key_id(),
                // Given to the one who knows the token.
                "SecretAccessKey": credentials.secret().expose(),
                "Token": credentials.token().map(Secret::expose).unwrap_or_default(),
                "Expiration": expires.to_rfc3339(),
            }),
        )
    }
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    json(status, &json!({ "code": code, "message": message }))
}

fn json(status: u16, value: &serde_json::Value) -> Answer {
    let headers =
        alloc::vec![("content-type", "application/json".to_owned()), ("cache-control", "no-store".to_owned())];
    Answer { status, headers, body: value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::{Absence, Chain, Provider, ProviderError};
    use crate::signing::{Credentials, Timestamp};
    use crate::world::Scripted;
    use core::net::Ipv4Addr;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    #[derive(Debug)]
    struct Source(bool);

    impl Provider for Source {
        fn name(&self) -> &'static str {
            "source"
        }
        fn provide(&self) -> Result<crate::credentials::Answer, ProviderError> {
            use crate::credentials::Answer as A;
            Ok(if self.0 {
                A::Credentials(Credentials::new("AKSERVED", "SENTINEL").unwrap(), "here".into())
            } else {
                A::Nothing(Absence::new("it is empty"))
            })
        }
    }

    fn start(full: bool) -> Agent {
        let world: Arc<dyn World> = Arc::new(Scripted::at(Timestamp::parse("20150830T123600Z").unwrap()));
        let cached = Cached::new(Chain::new().with(Source(full)), Arc::clone(&world));
        Agent::start(Arc::new(cached), world, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap()
    }

    fn ask(agent: &Agent, head: &str) -> String {
        let url = agent.url();
        let address = url.trim_start_matches("http://").split('/').next().unwrap();
        let head = head.replace("{address}", address).replace("{token}", agent.token().expose());
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(core::time::Duration::from_secs(5))).unwrap();
        write!(stream, "{}\r\nConnection: close\r\n\r\n", head.replace('\n', "\r\n")).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn who_knows_the_token_gets_the_credentials() {
        let agent = start(true);
        let answer = ask(&agent, "GET /v1/credentials HTTP/1.1\nHost: {address}\nAuthorization: {token}");
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("application/json"), "{answer}");
        let body = answer.split("\r\n\r\n").nth(1).unwrap();
        let fields: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!(
            fields,
            json!({
                "AccessKeyId": "AKSERVED", "SecretAccessKey": "SENTINEL", "Token": "", "Expiration": "2015-08-30T12:51:00Z",
            })
        );
        assert!(!format!("{agent:?}").contains(agent.token().expose()));
    }

    #[test]
    fn nobody_else_gets_them() {
        let agent = start(true);
        for (head, status) in [
            ("GET /v1/credentials HTTP/1.1\nHost: {address}", 401),
            ("GET /v1/credentials HTTP/1.1\nHost: {address}\nAuthorization: {token}x", 401),
            ("GET /v1/credentials HTTP/1.1\nHost: {address}\nAuthorization: Bearer {token}", 401),
            ("GET /v1/credentials HTTP/1.1\nHost: evil.example\nAuthorization: {token}", 403),
            ("GET /v1/credentials HTTP/1.1\nHost: {address}\nOrigin: http://x\nAuthorization: {token}", 403),
            ("GET / HTTP/1.1\nHost: {address}\nAuthorization: {token}", 404),
            ("POST /v1/credentials HTTP/1.1\nHost: {address}\nAuthorization: {token}\nContent-Length: 0", 405),
        ] {
            let answer = ask(&agent, head);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}: {answer}");
            assert!(!answer.contains("SENTINEL"), "{answer}");
        }
    }

    #[test]
    fn without_credentials_the_reason_is_told() {
        let answer = ask(&start(false), "GET /v1/credentials HTTP/1.1\nHost: localhost\nAuthorization: {token}");
        assert!(answer.starts_with("HTTP/1.1 500 ") && answer.contains("source: it is empty"), "{answer}");
    }

    #[test]
    fn other_machines_cannot_ask() {
        let world: Arc<dyn World> = Arc::new(Scripted::at(Timestamp::UNIX_EPOCH));
        let cached = Arc::new(Cached::new(Chain::new(), Arc::clone(&world)));
        let anywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        assert_eq!(Agent::start(cached, world, anywhere).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }
}
