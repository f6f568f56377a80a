//! [`Settings`] of a lab.

use super::Place;
use super::policy::{Auth, Legs, Policy, PolicyKind};
use crate::signing::Timestamp;
use crate::world::{Process, World};
use alloc::sync::Arc;
use core::fmt;
use core::net::{Ipv4Addr, SocketAddr};

/// What a lab is made of; the default listens on free ports of loopback and lets in whoever signs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The instance, the role and the service.
    pub place: Place,
    /// Who is let in. Unlike [`Legs::default`], the role may do everything.
    pub legs: Legs,
    /// Where the metadata service listens.
    pub metadata_address: SocketAddr,
    /// Where the service listens.
    pub service_address: SocketAddr,
    /// Whether the metadata service is switched off: everything is answered 403.
    pub metadata_disabled: bool,
    /// What time it is.
    pub clock: Clock,
    /// Where the access log goes.
    pub log: Sink,
}

impl Default for Settings {
    fn default() -> Self {
        const IDENTITY: &str = r#"{"Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "vpc-lattice-svcs:Invoke", "Resource": "*"}}"#;
        let identity = Policy::parse(IDENTITY, PolicyKind::Identity).ok();
        let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            place: Place::default(),
            legs: Legs { service: Auth::Iam(Policy::named("authenticated")), identity, ..Legs::default() },
            metadata_address: loopback,
            service_address: loopback,
            metadata_disabled: false,
            clock: Clock::default(),
            log: Sink::default(),
        }
    }
}

/// Tells the lab what time it is; the default is the system's time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(|| Process::new().now())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock(..)")
    }
}

/// Takes the lines of the access log; the default drops them.
#[derive(Clone)]
pub struct Sink(Arc<dyn Fn(&str) + Send + Sync>);

impl Sink {
    /// A sink that hands each line, without its line break, to `write`.
    pub fn new(write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    pub(super) fn write(&self, line: &str) {
        (self.0)(line);
    }
}

impl Default for Sink {
    fn default() -> Self {
        Self::new(|_| {})
    }
}

impl fmt::Debug for Sink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sink(..)")
    }
}
