//! [`Client`]: the transport that uses the network.

use super::buffers::LongestLine;
use super::error::RequestBodyFault;
use super::proxy::Forward;
use super::wire::{self, Place};
use super::{Body, Failure, Family, Limits, Proxies, ResponseBody, Settings, Transport, TransportError};
use alloc::format;
use alloc::string::String;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use core::fmt;
use core::net::IpAddr;
use http::header::{CONTENT_LENGTH, HeaderValue, PROXY_AUTHORIZATION, TRANSFER_ENCODING};
use http::{Method, Request, Response};
use std::io::{self, Read};
use ureq::config::{AutoHeaderValue, Config, IpFamily};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, AsSendBody, SendBody};

/// What the program calls itself in `user-agent`.
const USER_AGENT: &str = concat!("awsig/", env!("CARGO_PKG_VERSION"));

/// Sends requests over the network, and keeps connections open for the next.
#[derive(Clone)]
pub struct Client {
    proxies: Proxies,
    allowed: Option<fn(IpAddr) -> bool>,
    direct: Agent,
    tunnel: Option<Agent>,
    forward: Option<(Agent, Option<HeaderValue>)>,
    line: LongestLine,
}

impl Client {
    /// A client that never uses a proxy, whatever the environment says: for metadata services and the like, which a proxy
    /// would answer in its own name.
    pub fn link_local() -> Self {
        Self::new(Proxies::none())
    }

    /// A client without a proxy that connects only where every address of a host is `allowed`. What was checked is what is
    /// connected to, so a name cannot change its mind in between.
    pub fn guarded(allowed: fn(IpAddr) -> bool) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::WebPki).build();
        Self::build(&Settings { allowed: Some(allowed), ..Settings::default() }, tls)
    }

    /// A client that uses these proxies.
    pub fn new(proxies: Proxies) -> Self {
        let tls = TlsConfig::builder().root_certs(RootCerts::WebPki).build();
        Self::build(&Settings { proxies, ..Settings::default() }, tls)
    }

    /// A client with these settings.
    ///
    /// # Errors
    /// [`Failure::Certificate`] when there is no certificate in the roots, or one that cannot be read;
    /// [`Failure::ClientCertificate`] when that of the client cannot be read, or its key is another's.
    pub fn with_settings(settings: &Settings) -> Result<Self, TransportError> {
        Ok(Self::build(settings, settings.tls_config()?))
    }

    /// The same, trusting the certificates in `pem` and no others.
    ///
    /// # Errors
    /// [`Failure::Certificate`] when there is none in it, or one that cannot be read.
    pub fn with_roots(self, pem: &[u8]) -> Result<Self, TransportError> {
        let (proxies, allowed) = (self.proxies, self.allowed);
        Self::with_settings(&Settings { proxies, allowed, roots: Some(pem.to_vec()), ..Settings::default() })
    }

    fn build(settings: &Settings, tls: TlsConfig) -> Self {
        let proxies = if settings.unix_socket.is_some() { Proxies::none() } else { settings.proxies.clone() };
        let family = match settings.family {
            Family::V4 => IpFamily::Ipv4Only,
            Family::V6 => IpFamily::Ipv6Only,
            _ => IpFamily::Any,
        };
        let config = |proxy: Option<ureq::Proxy>, idle: usize| -> Config {
            Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .allow_non_standard_methods(true)
                .user_agent(USER_AGENT)
                .accept(AutoHeaderValue::None)
                .accept_encoding(AutoHeaderValue::None)
                .max_idle_connections(idle)
                .tls_config(tls.clone())
                .ip_family(family)
                .proxy(proxy)
                .build()
        };
        let line = LongestLine::default();
        let direct = wire::agent(config(None, 10), settings, &line);
        let tunnel = proxies.https.as_deref().and_then(|url| ureq::Proxy::new(url).ok());
        let tunnel = tunnel
            .filter(|proxy| matches!(proxy.protocol(), ureq::ProxyProtocol::Http | ureq::ProxyProtocol::Https))
            .map(|proxy| wire::agent(config(Some(proxy), 10), settings, &line));
        let forward = proxies.http.as_deref().and_then(|url| Forward::parse(url).ok()).map(|proxy| {
            let user = proxy.user.as_ref().and_then(|(name, password)| basic(name, password));
            (wire::forward_agent(config(None, 0), proxy.host, proxy.port, &settings.timeline, &line), user)
        });
        Self { proxies, allowed: settings.allowed, direct, tunnel, forward, line }
    }

    /// The agent that reaches `uri`, and the header that its proxy wants.
    fn route(&self, uri: &http::Uri) -> Result<(&Agent, Option<&HeaderValue>), TransportError> {
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| TransportError::new(Failure::Request))?;
        let no_such_proxy = || TransportError::new(Failure::ProxyUrl);
        match uri.scheme_str() {
            Some("http") if self.proxies.http.is_some() && !self.proxies.excepts(host) => {
                self.forward.as_ref().map(|(agent, user)| (agent, user.as_ref())).ok_or_else(no_such_proxy)
            }
            Some("https") if self.proxies.https.is_some() && !self.proxies.excepts(host) => {
                self.tunnel.as_ref().map(|agent| (agent, None)).ok_or_else(no_such_proxy)
            }
            Some("http" | "https") => Ok((&self.direct, None)),
            _ => Err(TransportError::new(Failure::Request)),
        }
    }
}

impl Client {
    /// `host:port` of the proxy that requests to this URL go through, if they do.
    pub fn proxy_of(&self, url: &str) -> Option<String> {
        let uri: http::Uri = url.parse().ok()?;
        if self.proxies.excepts(uri.host()?) {
            return None;
        }
        let proxy = if uri.scheme_str() == Some("https") { &self.proxies.https } else { &self.proxies.http };
        let proxy = ureq::Proxy::new(proxy.as_deref()?).ok()?;
        Some(format!("{}:{}", proxy.host(), proxy.port()))
    }
}

/// RFC 7617.
fn basic(name: &str, password: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))).ok()?;
    value.set_sensitive(true);
    Some(value)
}

impl Transport for Client {
    fn send(&self, request: Request<Body<'_>>, limits: &Limits) -> Result<Response<ResponseBody>, TransportError> {
        let (mut head, body) = request.into_parts();
        let (agent, user) = self.route(&head.uri)?;
        if let Some(user) = user {
            head.headers.insert(PROXY_AUTHORIZATION, user.clone());
        }
        self.line.of(&head);
        let declared = head.headers.contains_key(CONTENT_LENGTH) || head.headers.contains_key(TRANSFER_ENCODING);
        let mut nothing: &[u8] = &[];
        let (mut body, length) = match body {
            Body::Empty if declared || matches!(head.method, Method::POST | Method::PUT | Method::PATCH) => {
                (Outgoing { reader: &mut nothing, left: Some(0), ended: true }, Some(0))
            }
            Body::Empty => return exchange(agent, Request::from_parts(head, ()), limits).map_err(lost),
            Body::Bytes(bytes) => {
                nothing = bytes;
                let length = u64::try_from(bytes.len()).ok();
                (Outgoing { reader: &mut nothing, left: length, ended: length == Some(0) }, length)
            }
            Body::Reader { reader, length } => (Outgoing { reader, left: length, ended: length == Some(0) }, length),
        };
        // One way to say where the body ends: ours, since it is what will be sent.
        if let Some(length) = length {
            head.headers.remove(TRANSFER_ENCODING);
            head.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        } else {
            head.headers.remove(CONTENT_LENGTH);
        }
        let answered = exchange(agent, Request::from_parts(head, SendBody::from_reader(&mut body)), limits);
        answered.map_err(|error| if body.ended { lost(error) } else { TransportError::from_ureq(error, Place::Send) })
    }
}

fn exchange(
    agent: &Agent,
    request: Request<impl AsSendBody>,
    limits: &Limits,
) -> Result<Response<ResponseBody>, ureq::Error> {
    let request = agent
        .configure_request(request)
        .timeout_resolve(limits.connect)
        .timeout_connect(limits.connect)
        .timeout_recv_response(limits.first_byte)
        .timeout_global(limits.whole)
        .timeout_per_read(limits.idle)
        .timeout_per_write(limits.idle)
        .build();
    Ok(agent.run(request)?.map(|body| ResponseBody::new(Incoming(body.into_reader()))))
}

/// A failure after the whole request is out.
fn lost(error: ureq::Error) -> TransportError {
    TransportError::from_ureq(error, Place::Receive)
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("proxies", &self.proxies).finish_non_exhaustive()
    }
}

/// What the caller's reader gives: exactly `left` bytes, or all of it.
struct Outgoing<'a> {
    reader: &'a mut dyn Read,
    left: Option<u64>,
    ended: bool,
}

impl Read for Outgoing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.left.and_then(|left| usize::try_from(left).ok()).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..most).filter(|buffer| !buffer.is_empty()) else {
            return Ok(0);
        };
        let count = self.reader.read(buffer).map_err(of_the_body)?;
        if let Some(left) = &mut self.left {
            if count == 0 {
                return Err(of_the_body(io::ErrorKind::UnexpectedEof.into()));
            }
            *left = left.saturating_sub(u64::try_from(count).unwrap_or(u64::MAX));
        }
        self.ended = self.left.map_or(count == 0, |left| left == 0);
        Ok(count)
    }
}

fn of_the_body(error: io::Error) -> io::Error {
    io::Error::other(RequestBodyFault(error))
}

/// The response's body as ureq gives it, with our errors.
struct Incoming(ureq::BodyReader<'static>);

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            let kind = error.kind();
            io::Error::new(kind, TransportError::from_ureq(ureq::Error::from(error), Place::Body))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// They are cleared for each connection, before anything is sent.
    #[test]
    fn the_buffers_of_tls_stay_small() {
        let config = Client::link_local().direct.config().clone();
        assert!(config.input_buffer_size() + config.output_buffer_size() <= 256 * 1024);
    }
}
