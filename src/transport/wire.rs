//! Under ureq: connecting and moving bytes, and telling what was going on when it failed.
//!
//! ureq's errors name a cause, not a place: a reset says nothing about whether the request was out, and a global time-out
//! nothing about what took so long. The wrappers here sit around each of ureq's own parts and note the place ([`Fault`]).

use super::buffers::LongestLine;
use super::socket::TcpConnector;
#[cfg(unix)]
use super::unix::UnixConnector;
use super::{Detour, Failure, Phase, Pinned, Settings, Timeline};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::error::Error;
use core::fmt;
use core::net::{IpAddr, SocketAddr};
use std::io;
use ureq::config::Config;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, RustlsConnector, Transport,
};
use ureq::{Agent, Timeout};

/// ureq has room for no more addresses of a host.
const MOST_ADDRESSES: usize = 16;

/// Where in an exchange something failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Resolve,
    /// The host has an address that must not be asked.
    Forbidden,
    ProxyResolve,
    Connect,
    Proxy,
    Tls,
    Send,
    /// The request is out, and no byte of the response is in.
    Empty,
    Receive,
    Body,
}

impl Place {
    pub(super) fn failure(self) -> Failure {
        match self {
            Self::Resolve => Failure::Resolve,
            Self::Forbidden => Failure::Forbidden,
            Self::ProxyResolve => Failure::ProxyResolve,
            Self::Connect => Failure::Connect,
            Self::Proxy => Failure::Proxy,
            Self::Tls => Failure::Tls,
            Self::Send => Failure::Send,
            Self::Empty => Failure::Empty,
            Self::Receive | Self::Body => Failure::Receive,
        }
    }

    pub(super) fn phase(self) -> Phase {
        match self {
            Self::Resolve | Self::Forbidden | Self::ProxyResolve => Phase::Resolve,
            Self::Connect | Self::Proxy => Phase::Connect,
            Self::Tls => Phase::Tls,
            Self::Send => Phase::Send,
            Self::Empty | Self::Receive => Phase::FirstByte,
            Self::Body => Phase::Body,
        }
    }
}

/// An error of ureq with its place, on its way up through ureq.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) place: Place,
    pub(super) error: ureq::Error,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.error, formatter)
    }
}

impl Error for Fault {}

/// The innermost place is the true one: what has one keeps it.
fn mark(place: Place, error: ureq::Error) -> ureq::Error {
    match error {
        ureq::Error::Other(inner) if inner.is::<Fault>() => ureq::Error::Other(inner),
        error => ureq::Error::Other(Box::new(Fault { place, error })),
    }
}

/// An agent out of ureq's own parts, each watched.
pub(super) fn agent(config: Config, settings: &Settings, line: &LongestLine) -> Agent {
    let timeline = &settings.timeline;
    #[cfg(unix)]
    let unix = UnixConnector(settings.unix_socket.clone(), line.clone());
    #[cfg(unix)]
    let first = ().chain(Marked::new(unix, Place::Connect, timeline));
    #[cfg(not(unix))]
    let first = ();
    let connector = first
        .chain(Marked::new(ConnectProxyConnector::default(), Place::Proxy, timeline))
        .chain(Marked::new(TcpConnector(line.clone()), Place::Connect, timeline))
        .chain(Marked::new(RustlsConnector::default(), Place::Tls, timeline))
        .chain(Watch);
    let names = Names {
        instead: None,
        pinned: settings.pinned.clone(),
        detours: settings.detours.clone(),
        none: settings.unix_socket.is_some(),
        allowed: settings.allowed,
        timeline: timeline.clone(),
    };
    Agent::with_parts(config, connector, names)
}

/// An agent whose every connection goes to the proxy at `host:port`, which is given whole URLs (RFC 9112 section 3.2.2).
///
/// ureq itself would ask the proxy for a tunnel (CONNECT) even for plain HTTP, which most proxies allow for port 443 only.
pub(super) fn forward_agent(config: Config, host: String, port: u16, timeline: &Timeline, line: &LongestLine) -> Agent {
    let tcp = Marked::new(TcpConnector(line.clone()), Place::Connect, timeline);
    let connector = ().chain(tcp).chain(Absolute).chain(Watch);
    let names = Names { instead: Some((host, port)), timeline: timeline.clone(), ..Names::default() };
    Agent::with_parts(config, connector, names)
}

/// Finds addresses; literal ones without asking anybody.
#[derive(Debug, Default)]
struct Names {
    /// The host whose address is wanted, whatever the URL.
    instead: Option<(String, u16)>,
    allowed: Option<fn(IpAddr) -> bool>,
    pinned: Vec<Pinned>,
    detours: Vec<Detour>,
    /// No address is needed at all.
    none: bool,
    timeline: Timeline,
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &http::Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let addresses = self.find(uri, config, timeout)?;
        self.timeline.resolved();
        Ok(addresses)
    }
}

impl Names {
    fn find(&self, uri: &http::Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let proxy = config.proxy().map(|proxy| proxy.uri());
        let place = if self.instead.is_some() || proxy == Some(uri) { Place::ProxyResolve } else { Place::Resolve };
        let (host, port) = match &self.instead {
            Some((host, port)) => (host.clone(), *port),
            None => {
                let default = if uri.scheme_str() == Some("https") { 443 } else { 80 };
                let port = uri.port_u16().unwrap_or(default);
                let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
                let detours = if place == Place::Resolve { self.detours.as_slice() } else { &[] };
                detours.iter().find_map(|detour| detour.instead(host, port)).unwrap_or((host.into(), port))
            }
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        if self.none {
            let mut addresses = self.empty();
            addresses.push(SocketAddr::from(([0, 0, 0, 0], port)));
            return Ok(addresses);
        }
        if let Some(pinned) = self.pinned.iter().find(|pinned| pinned.fits(bare, port)) {
            let mut addresses = self.empty();
            let known = pinned.addresses.iter().map(|address| SocketAddr::new(*address, port));
            config.ip_family().keep_wanted(known).take(MOST_ADDRESSES).for_each(|address| addresses.push(address));
            return if addresses.is_empty() { Err(mark(place, ureq::Error::HostNotFound)) } else { Ok(addresses) };
        }
        if let Ok(address) = bare.parse::<IpAddr>() {
            let mut addresses = self.empty();
            addresses.push(SocketAddr::new(address, port));
            return self.checked(addresses);
        }
        let bare = if bare.contains(':') { format!("[{bare}]") } else { bare.into() };
        let target = http::Uri::try_from(format!("http://{bare}:{port}/")).map_err(http::Error::from)?;
        let addresses =
            DefaultResolver::default().resolve(&target, config, timeout).map_err(|error| mark(place, error))?;
        self.checked(addresses)
    }

    /// The addresses, if every one is allowed.
    fn checked(&self, addresses: ResolvedSocketAddrs) -> Result<ResolvedSocketAddrs, ureq::Error> {
        match self.allowed {
            Some(allowed) if !addresses.iter().all(|address| allowed(address.ip())) => {
                Err(mark(Place::Forbidden, io::Error::from(io::ErrorKind::PermissionDenied).into()))
            }
            _ => Ok(addresses),
        }
    }
}

/// A connector whose errors are marked with their place, and whose success with its time.
#[derive(Debug)]
struct Marked<C> {
    inner: C,
    place: Place,
    timeline: Timeline,
}

impl<C> Marked<C> {
    fn new(inner: C, place: Place, timeline: &Timeline) -> Self {
        Self { inner, place, timeline: timeline.clone() }
    }
}

impl<In: Transport, C: Connector<In>> Connector<In> for Marked<C> {
    type Out = C::Out;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<C::Out>, ureq::Error> {
        let (before, tls) = (chained.is_some(), details.needs_tls());
        // Time limits are set per request, which to ureq makes the whole configuration the request's own, and costs it the
        // TLS configuration it keeps (roots, sessions). Nothing but limits differs, so keeping it is right.
        let details = ConnectionDetails {
            uri: details.uri,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: false,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        let connected = self.inner.connect(&details, chained).map_err(|error| mark(self.place, error))?;
        match self.place {
            Place::Tls if connected.is_some() && tls => self.timeline.secured(),
            // What is connected already is passed on as it is.
            Place::Connect if connected.is_some() && !before => self.timeline.connected(),
            _ => {}
        }
        Ok(connected)
    }
}

/// Puts a [`Watched`] around each connection.
#[derive(Debug)]
struct Watch;

impl<In: Transport> Connector<In> for Watch {
    type Out = Watched<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Watched<In>>, ureq::Error> {
        Ok(chained.map(|inner| Watched { inner, answered: false, broken: None }))
    }
}

/// A connection that knows whether it is sending, waiting, or has been answered.
///
/// A service that refuses a request may answer and close before it has read the whole body. Then sending fails first,
/// although the answer is there to be read. So that error is kept back until reading has failed too.
#[derive(Debug)]
struct Watched<T> {
    inner: T,
    answered: bool,
    broken: Option<io::Error>,
}

impl<T: Transport> Transport for Watched<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        use io::ErrorKind as K;
        self.answered = false;
        if self.broken.is_some() {
            return Ok(());
        }
        match self.inner.transmit_output(amount, timeout) {
            Err(ureq::Error::Io(error))
                if matches!(error.kind(), K::BrokenPipe | K::ConnectionReset | K::ConnectionAborted) =>
            {
                self.broken = Some(error);
                Ok(())
            }
            sent => sent.map_err(|error| mark(Place::Send, error)),
        }
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        let place = if self.answered { Place::Body } else { Place::Empty };
        match self.inner.await_input(timeout) {
            Ok(true) => {
                self.answered = true;
                Ok(true)
            }
            // ureq itself ends the wait for a `100 Continue`, and goes on.
            Err(error @ ureq::Error::Timeout(Timeout::Await100)) => Err(error),
            failed if self.broken.is_some() && !self.answered => {
                let sending = self.broken.take().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into());
                match failed {
                    Err(error @ ureq::Error::Timeout(_)) => Err(mark(Place::Send, error)),
                    _ => Err(mark(Place::Send, ureq::Error::Io(sending))),
                }
            }
            Ok(false) if !self.answered => Err(mark(place, io::Error::from(io::ErrorKind::UnexpectedEof).into())),
            Ok(false) => Ok(false),
            Err(ureq::Error::Io(error)) if !self.answered && error.kind() != io::ErrorKind::UnexpectedEof => {
                Err(mark(Place::Receive, error.into()))
            }
            Err(error) => Err(mark(place, error)),
        }
    }

    fn is_open(&mut self) -> bool {
        self.broken.is_none() && self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// Makes a connection to a proxy take whole URLs. It serves one request only: the agent keeps none of them.
#[derive(Debug)]
struct Absolute;

impl<In: Transport> Connector<In> for Absolute {
    type Out = AbsoluteForm<In>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, ureq::Error> {
        let origin = details.uri.authority().map(|authority| format!("http://{authority}"));
        Ok(chained.map(|inner| AbsoluteForm { inner, origin }))
    }
}

/// A connection on which the request line is to be given an origin: `GET /path` becomes `GET http://host/path`.
#[derive(Debug)]
struct AbsoluteForm<T> {
    inner: T,
    origin: Option<String>,
}

impl<T: Transport> Transport for AbsoluteForm<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        let Some(origin) = self.origin.take() else {
            return self.inner.transmit_output(amount, timeout);
        };
        let written = self.inner.buffers().output().get(..amount).unwrap_or_default();
        // The method has no blank in it, and ureq writes at least the request line at once.
        let method = written.split_inclusive(|byte| *byte == b' ').next().unwrap_or_default();
        let rest = written.get(method.len()..).unwrap_or_default();
        let head: Vec<u8> = [method, origin.as_bytes(), rest].concat();
        let mut left = head.as_slice();
        while !left.is_empty() {
            let buffer = self.inner.buffers().output();
            let (now, later) = left.split_at(left.len().min(buffer.len()));
            buffer.iter_mut().zip(now).for_each(|(to, from)| *to = *from);
            self.inner.transmit_output(now.len(), timeout)?;
            left = later;
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        // Used up: the next request needs a connection of its own.
        self.origin.is_some() && self.inner.is_open()
    }
}
