//! A workshop on one machine: an instance metadata service, and a VPC Lattice-like service behind IAM auth.
//!
//! Both listen on loopback, speak HTTP/1.1 and have their words and status codes from the real ones. Credentials are made
//! up for each run and good for nothing else. What the lab does not have: TLS, HTTP/2, SigV4A, and targets other than
//! the workshop's greeting.
//!
//! The service takes any host name. Of one like `reservation-0f.7d67968.vpc-lattice-svcs.us-west-2.on.aws` it takes the
//! region and the service's id; it is also an HTTP proxy to itself. So a client with `http_proxy` set to the lab calls the
//! very URL of a real service and is answered here.
//!
//! ```
//! use awsig::lab::{Lab, Settings};
//! let lab = Lab::start(Settings::default())?;
//! assert!(lab.service().ip().is_loopback());
//! # Ok::<(), std::io::Error>(())
//! ```

mod agent;
mod issuer;
mod lattice;
mod metadata;
mod place;
pub mod policy;
mod random;
mod refusal;
mod serve;
mod server;
mod settings;
mod tour;

pub use agent::Agent;
pub use place::Place;
pub use serve::serve;
pub use settings::{Clock, Settings, Sink};
pub use tour::{StepError, TourError, tour};

use alloc::sync::Arc;
use core::fmt;
use core::net::SocketAddr;
use issuer::Issuer;
use lattice::Lattice;
use metadata::Metadata;
use policy::Auth;
use server::Server;
use std::io;

/// A metadata service and a service that listen, each on a thread of its own; they stop when this is dropped.
pub struct Lab {
    place: Place,
    clock: Clock,
    issuer: Arc<Issuer>,
    metadata: Arc<Metadata>,
    lattice: Arc<Lattice>,
    metadata_server: Server,
    lattice_server: Server,
}

impl Lab {
    /// Starts both.
    ///
    /// # Errors
    /// When an address cannot be listened on, or the system has no randomness to give.
    pub fn start(settings: Settings) -> io::Result<Self> {
        let Settings { place, clock, log, legs, metadata_address, service_address, metadata_disabled } = settings;
        let issuer = Arc::new(Issuer::new(&place));
        let metadata = Arc::new(Metadata::new(place.clone(), clock.clone(), Arc::clone(&issuer), metadata_disabled));
        let lattice = Arc::new(Lattice::new(place.clone(), clock.clone(), Arc::clone(&issuer), legs, log));
        let metadata_server = Server::start(metadata_address, Arc::clone(&metadata))?;
        let lattice_server = Server::start(service_address, Arc::clone(&lattice))?;
        Ok(Self { place, clock, issuer, metadata, lattice, metadata_server, lattice_server })
    }

    /// Where the metadata service listens.
    pub fn metadata(&self) -> SocketAddr {
        self.metadata_server.address()
    }

    /// Where the service listens, which is an HTTP proxy to itself as well.
    pub fn service(&self) -> SocketAddr {
        self.lattice_server.address()
    }

    /// What the lab pretends to be.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Changes the authorisation of the service, from the next request on.
    pub fn set_service_auth(&self, auth: Auth) {
        self.lattice.set_service_auth(auth);
    }

    /// Publishes new credentials of the role; the old ones stay good until they expire.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn rotate_credentials(&self) -> io::Result<()> {
        self.issuer.rotate(self.clock.now())
    }

    /// Forgets every token of the metadata service, so that the next read is answered 401.
    pub fn forget_metadata_tokens(&self) {
        self.metadata.forget_tokens();
    }

    /// Switches the metadata service off (everything is answered 403) or on.
    pub fn disable_metadata(&self, disabled: bool) {
        self.metadata.set_disabled(disabled);
    }
}

impl fmt::Debug for Lab {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Lab")
            .field("metadata", &self.metadata())
            .field("service", &self.service())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
