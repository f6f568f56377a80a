//! [`Server`]: hyper on one thread of its own, on loopback unless told otherwise, with a bound on everything.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::convert::Infallible;
use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::thread::{self, JoinHandle};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// VPC Lattice's limit for Lambda targets, which the workshop's services are.
const LARGEST_BODY: usize = 6 * 1024 * 1024;

/// Enough to see more than the 100 headers that VPC Lattice takes, and say so.
const MOST_HEADERS: usize = 256;

const MOST_CONNECTIONS: usize = 128;
const HEAD_TIME: Duration = Duration::from_secs(15);
const BODY_TIME: Duration = Duration::from_secs(30);

/// VPC Lattice closes a connection after ten minutes, whatever it does.
const CONNECTION_TIME: Duration = Duration::from_secs(600);

/// A request as it came in.
#[derive(Clone)]
pub(super) struct Received {
    pub(super) method: String,
    /// Path and query, never empty.
    pub(super) target: String,
    /// `host[:port]` of a target in absolute-form.
    pub(super) authority: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body_length: usize,
    pub(super) peer: SocketAddr,
    /// A header value was no UTF-8; it is left out.
    pub(super) malformed: bool,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// What goes back; a body may hold credentials, so there is no `Debug`.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: alloc::vec![("content-type", "text/plain; charset=utf-8".to_owned())],
            body: body.into(),
        }
    }
}

/// Makes the answers.
pub(super) trait Handler: Send + Sync + 'static {
    fn answer(&self, request: &Received) -> Answer;

    /// Whether `CONNECT` opens a tunnel to this server itself, as an HTTP proxy's client expects.
    fn is_proxy(&self) -> bool {
        false
    }
}

/// Something that listens; it stops when dropped.
pub(super) struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(address: SocketAddr, handler: Arc<impl Handler>) -> io::Result<Self> {
        let handler: Arc<dyn Handler> = handler;
        let listener = std::net::TcpListener::bind(address).map_err(|error| {
            io::Error::new(error.kind(), alloc::format!("{address} cannot be listened on: {error}"))
        })?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("awsig-lab".into()).spawn(move || {
            runtime.block_on(async move {
                // The sender is never used, only dropped.
                tokio::select! {
                    _ = stopped => {}
                    () = listen(listener, handler) => {}
                }
            });
        })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been reported by itself.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

async fn listen(listener: std::net::TcpListener, handler: Arc<dyn Handler>) {
    let Ok(listener) = TcpListener::from_std(listener) else { return };
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let connection =
                    Connection { handler: Arc::clone(&handler), peer, _place: Arc::new(place), tunnel: false };
                tokio::spawn(connection.serve(stream));
            }
            // Out of file descriptors, say: others may close theirs.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

#[derive(Clone)]
struct Connection {
    handler: Arc<dyn Handler>,
    peer: SocketAddr,
    /// Held until the connection and a tunnel through it are closed.
    _place: Arc<OwnedSemaphorePermit>,
    tunnel: bool,
}

impl Connection {
    async fn serve<S>(self, stream: S)
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
    {
        self.serve_io(TokioIo::new(stream)).await;
    }

    async fn serve_io<I>(self, io: I)
    where
        I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_headers(MOST_HEADERS);
        let service = service_fn(move |request| self.clone().handle(request));
        let connection = builder.serve_connection(io, service).with_upgrades();
        // How a connection ends is the client's business.
        let _ = tokio::time::timeout(CONNECTION_TIME, connection).await;
    }

    async fn handle(self, request: hyper::Request<Incoming>) -> Result<hyper::Response<Full<Bytes>>, Infallible> {
        let answer = if request.method() == hyper::Method::CONNECT {
            self.connect(request)
        } else {
            self.exchange(request).await
        };
        Ok(response(answer))
    }

    /// Opens a tunnel to this server itself: inside it, plain HTTP.
    fn connect(self, request: hyper::Request<Incoming>) -> Answer {
        if self.tunnel || !self.handler.is_proxy() {
            return Answer::text(405, "Method Not Allowed\n");
        }
        let inner = Self { tunnel: true, ..self };
        tokio::spawn(async move {
            if let Ok(Ok(upgraded)) = tokio::time::timeout(HEAD_TIME, hyper::upgrade::on(request)).await {
                // Boxed, since the future would contain itself.
                let tunnel: core::pin::Pin<alloc::boxed::Box<dyn Future<Output = ()> + Send>> =
                    alloc::boxed::Box::pin(inner.serve_io(upgraded));
                tunnel.await;
            }
        });
        Answer { status: 200, headers: Vec::new(), body: String::new() }
    }

    async fn exchange(self, request: hyper::Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        // What is announced as too long is not waited for.
        if usize::try_from(body.size_hint().lower()).is_ok_and(|length| length > LARGEST_BODY) {
            return Answer::text(413, "Payload Too Large\n");
        }
        let body = match tokio::time::timeout(BODY_TIME, Limited::new(body, LARGEST_BODY).collect()).await {
            Err(_) => return Answer::text(408, "Request Timeout\n"),
            Ok(Err(error)) if error.is::<LengthLimitError>() => return Answer::text(413, "Payload Too Large\n"),
            Ok(Err(_)) => return Answer::text(400, "Bad Request\n"),
            Ok(Ok(body)) => body.to_bytes(),
        };
        let mut malformed = false;
        let mut headers = Vec::new();
        for (name, value) in &head.headers {
            match core::str::from_utf8(value.as_bytes()) {
                Ok(value) => headers.push((name.as_str().to_owned(), value.to_owned())),
                Err(_) => malformed = true,
            }
        }
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        self.handler.answer(&Received {
            method: head.method.as_str().to_owned(),
            target: if target.is_empty() { "/".to_owned() } else { target.to_owned() },
            authority: head.uri.authority().map(|authority| authority.as_str().to_owned()),
            headers,
            body_length: body.len(),
            peer: self.peer,
            malformed,
        })
    }
}

fn response(answer: Answer) -> hyper::Response<Full<Bytes>> {
    let mut builder = hyper::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        builder = builder.header(*name, value);
    }
    builder.body(Full::from(answer.body)).unwrap_or_else(|_| {
        let mut response = hyper::Response::new(Full::default());
        *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}
