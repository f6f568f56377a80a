//! [`Connection`]: a socket as ureq uses it, and how a TCP socket is connected.

use super::buffers::{Growing, LongestLine};
use core::fmt::Debug;
use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Instant;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, Either, NextTimeout, Transport};
use ureq::{Error, Timeout};

/// What is read at once, at most: the more one read takes, the wider the other side's window stays open.
///
/// Not a setting of ureq's: TLS takes that for buffers of its own, which it clears at full size for each connection.
const INPUT: usize = 1024 * 1024;
/// What is written at once, at most: a block of a body with what frames it.
const OUTPUT: usize = 264 * 1024;
/// The least time an address is given to answer.
const LEAST: Duration = Duration::from_millis(10);

/// What the connections over TCP and those on this machine have in common.
pub(super) trait Socket: Read + Write + Debug + Send + Sync + 'static {
    fn set_read_limit(&self, limit: Option<Duration>) -> io::Result<()>;
    fn set_write_limit(&self, limit: Option<Duration>) -> io::Result<()>;
    /// Whether the other side keeps the connection, and silent, while no request is under way.
    fn is_idle(&mut self) -> bool;
}

/// A connected socket and what is on its way.
#[derive(Debug)]
pub(super) struct Connection<S> {
    socket: S,
    buffers: Growing,
    read_limit: Option<Duration>,
    write_limit: Option<Duration>,
}

impl<S: Socket> Connection<S> {
    pub(super) fn new(socket: S, line: &LongestLine) -> Self {
        Self { socket, buffers: Growing::new(INPUT, OUTPUT, line.clone()), read_limit: None, write_limit: None }
    }
}

/// How long may be waited; no time left is an error.
fn limit(timeout: NextTimeout) -> Result<Option<Duration>, Error> {
    if timeout.after.is_zero() {
        return Err(Error::Timeout(timeout.reason));
    }
    Ok(timeout.not_zero().map(|limit| *limit))
}

/// What the system calls trying again later is a time-out here.
fn failed(error: io::Error, timeout: NextTimeout) -> Error {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Error::Timeout(timeout.reason),
        _ => error.into(),
    }
}

impl<S: Socket> Transport for Connection<S> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = timeout.for_write();
        let limit = limit(timeout)?;
        if limit != self.write_limit {
            self.socket.set_write_limit(limit)?;
            self.write_limit = limit;
        }
        let output = self.buffers.output().get(..amount).unwrap_or_default();
        self.socket.write_all(output).map_err(|error| failed(error, timeout))?;
        self.buffers.sent(amount);
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = timeout.for_read();
        let mut left = limit(timeout)?;
        let start = Instant::now();
        loop {
            if left != self.read_limit {
                self.socket.set_read_limit(left)?;
                self.read_limit = left;
            }
            match self.socket.read(self.buffers.input_append_buf()) {
                Ok(count) => {
                    self.buffers.input_appended(count);
                    return Ok(count > 0);
                }
                // A signal, such as that of a shell that goes on with a stopped program: the rest of the time is left.
                Err(error) if error.kind() == io::ErrorKind::Interrupted && left.is_some() => {
                    left = limit(timeout)?.map(|whole| whole.saturating_sub(start.elapsed()));
                    if left == Some(Duration::ZERO) {
                        return Err(Error::Timeout(timeout.reason));
                    }
                }
                Err(error) => return Err(failed(error, timeout)),
            }
        }
    }

    fn is_open(&mut self) -> bool {
        self.socket.is_idle()
    }
}

impl Socket for TcpStream {
    fn set_read_limit(&self, limit: Option<Duration>) -> io::Result<()> {
        self.set_read_timeout(limit)
    }

    fn set_write_limit(&self, limit: Option<Duration>) -> io::Result<()> {
        self.set_write_timeout(limit)
    }

    fn is_idle(&mut self) -> bool {
        let silent = || -> io::Result<bool> {
            self.set_nonblocking(true)?;
            // What comes unasked belongs to no request, and an end is an end.
            let read = self.peek(&mut [0]);
            self.set_nonblocking(false)?;
            Ok(read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock))
        };
        silent().unwrap_or(false)
    }
}

/// Connects to the first address that answers, unless there is a connection already.
#[derive(Debug)]
pub(super) struct TcpConnector(pub(super) LongestLine);

impl<In: Transport> Connector<In> for TcpConnector {
    type Out = Either<In, Connection<TcpStream>>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        if let Some(connected) = chained {
            return Ok(Some(Either::A(connected)));
        }
        let stream = connect(&details.addrs, details.timeout)?;
        stream.set_nodelay(details.config.no_delay())?;
        Ok(Some(Either::B(Connection::new(stream, &self.0))))
    }
}

/// Each address gets half of the time that is left, and the last all of it.
fn connect(addresses: &[SocketAddr], timeout: NextTimeout) -> Result<TcpStream, Error> {
    let whole = limit(timeout)?;
    let start = Instant::now();
    let mut failure = Error::from(io::Error::from(io::ErrorKind::ConnectionRefused));
    for (index, address) in addresses.iter().enumerate() {
        let left = whole.map(|whole| whole.saturating_sub(start.elapsed()));
        if index > 0 && left == Some(Duration::ZERO) {
            return Err(Error::Timeout(timeout.reason));
        }
        let share = if index + 1 < addresses.len() { 2 } else { 1 };
        let connected = match left {
            Some(left) => TcpStream::connect_timeout(address, (left / share).max(LEAST)),
            None => TcpStream::connect(address),
        };
        match connected {
            Ok(stream) => return Ok(stream),
            Err(error) if matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock) => {
                failure = Error::Timeout(if whole.is_some() { timeout.reason } else { Timeout::Connect });
            }
            Err(error) if is_of_the_address(&error) => failure = error.into(),
            Err(error) => return Err(error.into()),
        }
    }
    Err(failure)
}

/// Whether another address of the host may do better: this one refuses, or there is no way to it.
fn is_of_the_address(error: &io::Error) -> bool {
    use io::ErrorKind as K;
    // Windows says that access is denied where a firewall blocks a family of addresses (WSAEACCES).
    let is_blocked = cfg!(windows) && error.raw_os_error() == Some(10_013);
    is_blocked
        || matches!(
            error.kind(),
            K::ConnectionRefused | K::HostUnreachable | K::NetworkUnreachable | K::NetworkDown | K::AddrNotAvailable
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn timeout(after: Option<Duration>) -> NextTimeout {
        NextTimeout { after: after.map_or(NextTimeout::default().after, Into::into), ..NextTimeout::default() }
    }

    #[test]
    fn an_address_that_refuses_leaves_it_to_the_next() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let open = listener.local_addr().unwrap();
        for limit in [None, Some(Duration::from_secs(5))] {
            let stream = connect(&[closed, open], timeout(limit)).unwrap();
            assert_eq!(stream.peer_addr().unwrap(), open);
            match connect(&[closed, closed], timeout(limit)) {
                Err(Error::Io(error)) => assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_connection_is_idle_until_something_comes_unasked_or_it_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let pair = || {
            let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            (near, listener.accept().unwrap().0)
        };
        let (mut near, mut far) = pair();
        assert!(near.is_idle());
        far.write_all(b"?").unwrap();
        let start = Instant::now();
        while near.is_idle() {
            assert!(start.elapsed() < Duration::from_secs(5));
        }
        let (mut near, far) = pair();
        drop(far);
        let start = Instant::now();
        while near.is_idle() {
            assert!(start.elapsed() < Duration::from_secs(5));
        }
    }
}
