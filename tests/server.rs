use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Nothing on the server's side waits longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// `GET /path HTTP/1.1`
    pub(crate) line: String,
    /// Names in lower case, in order.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// `GET /path`
    pub(crate) fn what(&self) -> &str {
        self.line.trim_end_matches(" HTTP/1.1")
    }

    fn read(from: &mut impl BufRead) -> Option<Self> {
        let mut line = String::new();
        from.read_line(&mut line).ok().filter(|count| *count > 0)?;
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            from.read_line(&mut header).ok().filter(|count| *count > 0)?;
            let Some((name, value)) = header.trim_end().split_once(": ") else { break };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let mut seen = Self { line: line.trim_end().to_owned(), headers, body: Vec::new() };
        if let Some(length) = seen.header("content-length") {
            seen.body = vec![0; length.parse().ok()?];
            from.read_exact(&mut seen.body).ok()?;
        } else if seen.header("transfer-encoding") == Some("chunked") {
            loop {
                let mut size = String::new();
                from.read_line(&mut size).ok()?;
                let mut chunk = vec![0; usize::from_str_radix(size.trim_end(), 16).ok()?];
                from.read_exact(&mut chunk).ok()?;
                from.read_line(&mut String::new()).ok()?;
                if chunk.is_empty() {
                    break;
                }
                seen.body.extend(chunk);
            }
        }
        Some(seen)
    }
}

/// What to do with a connection whose request has been read.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Send(Vec<u8>),
    Wait(Duration),
    /// Does nothing until the client hangs up.
    Stall,
    Close,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Gives each connection to `serve`, in a thread of its own.
    pub(crate) fn raw(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let serve = Arc::new(serve);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                stream.set_write_timeout(Some(PATIENCE)).unwrap();
                let serve = Arc::clone(&serve);
                thread::spawn(move || serve(stream));
            }
        });
        Self { address, seen: Arc::default() }
    }

    /// Reads requests and does what `answer` says. A connection stays open until a step closes it.
    pub(crate) fn http(answer: impl Fn(&Seen) -> Vec<Step> + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let log = Arc::clone(&seen);
        let mut server = Self::raw(move |stream| {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut stream = stream;
            while let Some(request) = Seen::read(&mut reader) {
                log.lock().unwrap().push(request.clone());
                for step in answer(&request) {
                    match step {
                        Step::Send(bytes) if stream.write_all(&bytes).is_ok() => {}
                        Step::Wait(duration) => thread::sleep(duration),
                        Step::Stall => drop(reader.read(&mut [0])),
                        Step::Send(_) | Step::Close => return,
                    }
                }
            }
        });
        server.seen = seen;
        server
    }

    /// `http://127.0.0.1:PORT` and this.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Everything asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Everything asked so far, as `GET /path`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.seen().iter().map(|seen| seen.what().to_owned()).collect()
    }
}

/// A response with a length.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<Step> {
    let mut text = format!("HTTP/1.1 {status} Whatever\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    vec![Step::Send(format!("{text}\r\n{body}").into())]
}

/// Some bytes, then the end.
pub(crate) fn bytes(text: &str) -> Vec<Step> {
    vec![Step::Send(text.into()), Step::Close]
}
