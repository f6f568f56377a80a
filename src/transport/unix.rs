//! A connection to a socket of this machine.

use super::buffers::LongestLine;
use super::socket::{Connection, Socket};
use core::time::Duration;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use ureq::Error;
use ureq::unversioned::transport::{ConnectionDetails, Connector};

/// Connects to the socket, if there is one to connect to; else leaves it to the next connector.
#[derive(Debug)]
pub(super) struct UnixConnector(pub(super) Option<PathBuf>, pub(super) LongestLine);

impl Connector for UnixConnector {
    type Out = Connection<UnixStream>;

    fn connect(&self, _: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Self::Out>, Error> {
        let Some(path) = &self.0 else {
            return Ok(None);
        };
        Ok(Some(Connection::new(UnixStream::connect(path)?, &self.1)))
    }
}

impl Socket for UnixStream {
    fn set_read_limit(&self, limit: Option<Duration>) -> io::Result<()> {
        self.set_read_timeout(limit)
    }

    fn set_write_limit(&self, limit: Option<Duration>) -> io::Result<()> {
        self.set_write_timeout(limit)
    }

    fn is_idle(&mut self) -> bool {
        // A request a connection: nobody waits on this socket long enough for it to matter.
        false
    }
}
