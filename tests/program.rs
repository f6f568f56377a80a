//! Transcripts: what a person types and what they see, in `tests/transcripts/*.txt`.
//!
//! ```text
//! # a comment
//! env NAME=value                  the environment of the commands that follow (nothing else is in it but PATH)
//! file NAME text\n                a file in the folder where they run; \n, \r, \t, \xHH and \\ are escapes
//! answer 200 name: value; …| text the next answer of the server at {server}; as many as requests are expected; at {tls}
//!                                 it speaks TLS, as it does to whom takes it for a proxy (CONNECT)
//! answer raw| bytes               the same, byte for byte; behind them the connection is closed
//! answer reset|                   no answer, but a reset; behind `| bytes`, in the middle of them
//! answer stall| bytes             the same as raw, but the connection stays open
//! {socket}                        in any line: a socket of this machine behind which the same server is
//! answer trickle| bytes           the same as stall, with a byte a quarter of a second for ever after
//! $ awsig …                       run by sh
//! ? 22                            its exit code, if not 0
//! 1| text                         a line on standard output; {*} stands for anything, \ at the end for no line break
//! 2| text                         a line on standard error
//! <| text                         a line of the requests that the server saw; one that is not named may be there
//! ```

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A command with everything that is expected of it.
#[derive(Default)]
struct Step {
    line: usize,
    command: String,
    code: i32,
    out: [Vec<String>; 2],
    seen: Vec<String>,
    answers: Vec<String>,
}

#[test]
fn the_program_does_what_the_transcripts_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut steps = 0;
    let mut report = String::new();
    for file in files {
        assert_eq!(file.extension().and_then(|extension| extension.to_str()), Some("txt"), "{}", file.display());
        steps += play(&file, &mut report);
    }
    assert!(report.is_empty(), "{report}");
    assert!(steps >= 50, "only {steps} commands were run");
}

fn play(file: &Path, report: &mut String) -> usize {
    let name = file.file_stem().unwrap().to_str().unwrap();
    let folder = std::env::temp_dir().join(format!("awsig-transcript-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let server = Server::start();
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let text = fs::read_to_string(file).unwrap().replace("{server}", &server.address).replace("{tls}", &server.tls);
    let text = text.replace("{tests}", tests.to_str().unwrap()).replace("{socket}", &server.socket);
    let mut env: Vec<(String, String)> = Vec::new();
    let mut answers = Vec::new();
    let mut steps: Vec<(Step, Vec<(String, String)>)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        let place = format!("{}:{line_number}: not understood: {line}", file.display());
        let last = steps.last_mut().map(|(step, _)| step);
        if line.is_empty() || line.starts_with('#') {
            continue;
        } else if let Some(rest) = line.strip_prefix("$ ") {
            let answers = std::mem::take(&mut answers);
            let step = Step { line: line_number, command: rest.into(), answers, ..Step::default() };
            steps.push((step, env.clone()));
        } else if let Some(rest) = line.strip_prefix("env ") {
            let (name, value) = rest.split_once('=').expect(&place);
            env.retain(|(other, _)| other != name);
            env.push((name.into(), value.into()));
        } else if let Some(rest) = line.strip_prefix("file ") {
            let (name, content) = rest.split_once(' ').unwrap_or((rest, ""));
            fs::write(folder.join(name), unescape(content)).unwrap();
        } else if let Some(rest) = line.strip_prefix("answer ") {
            answers.push(rest.to_owned());
        } else if let (Some(rest), Some(step)) = (line.strip_prefix("? "), last) {
            step.code = rest.parse().expect(&place);
        } else if let Some((mark, rest)) = line.split_once('|') {
            let step = steps.last_mut().map(|(step, _)| step).expect(&place);
            let rest = rest.strip_prefix(' ').unwrap_or(rest).to_owned();
            match mark {
                "1" => step.out[0].push(rest),
                "2" => step.out[1].push(rest),
                "<" => step.seen.push(rest),
                _ => panic!("{place}"),
            }
        } else {
            panic!("{place}");
        }
    }
    for (step, env) in &steps {
        run(name, step, env, &folder, &server, report);
    }
    fs::remove_dir_all(&folder).unwrap();
    steps.len()
}

fn run(name: &str, step: &Step, env: &[(String, String)], folder: &Path, server: &Server, report: &mut String) {
    server.expect(&step.answers);
    let program = Path::new(env!("CARGO_BIN_EXE_awsig"));
    let path = format!("{}:/usr/bin:/bin", program.parent().unwrap().display());
    // A command that waits for ever must fail, not hang.
    let mut command = Command::new("/usr/bin/timeout");
    command.args(["20", "/bin/sh", "-c"]).arg(&step.command).current_dir(folder).env_clear().env("PATH", path);
    command.envs(env.iter().cloned()).stdin(Stdio::null());
    let output = command.output().unwrap();
    let mut wrong = String::new();
    if output.status.code() != Some(step.code) {
        let _ = writeln!(wrong, "  exit code: expected {}, got {:?}", step.code, output.status.code());
    }
    for (stream, expected, got) in [("stdout", &step.out[0], &output.stdout), ("stderr", &step.out[1], &output.stderr)]
    {
        let got = String::from_utf8_lossy(got).into_owned();
        let mut text = expected.join("\n");
        if !text.is_empty() && !text.ends_with('\\') {
            text.push('\n');
        }
        let text = text.strip_suffix('\\').unwrap_or(&text);
        if !matches(text, &got) {
            let _ = writeln!(wrong, "  {stream}: expected\n{text}\n  got\n{got}");
        }
    }
    let seen = server.seen();
    for line in &step.seen {
        if !seen.lines().any(|got| matches(line, got)) {
            let _ = writeln!(wrong, "  the server did not see {line:?} but\n{seen}");
        }
    }
    let unsigned = server.state.lock().unwrap().unsigned;
    if unsigned > 0 && ["call", "commands", "curl-", "hostile"].iter().any(|start| name.starts_with(start)) {
        let _ = writeln!(wrong, "  {unsigned} requests came without a signature");
    }
    if let Some(left) = server.left() {
        let _ = writeln!(wrong, "  {left}");
    }
    if !wrong.is_empty() {
        let _ = write!(report, "\n{name}.txt:{}: $ {}\n{wrong}", step.line, step.command);
    }
}

/// Whether `text` is `pattern`, in which `{*}` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once("{*}") {
        None => pattern == text,
        Some((head, rest)) => text.strip_prefix(head).is_some_and(|text| {
            text.char_indices().map(|(at, _)| at).chain([text.len()]).any(|at| matches(rest, &text[at..]))
        }),
    }
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next() {
            Some(b'n') => bytes.push(b'\n'),
            Some(b'r') => bytes.push(b'\r'),
            Some(b't') => bytes.push(b'\t'),
            Some(b'x') => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap());
            }
            Some(other) => bytes.push(other),
            None => panic!("a backslash at the end: {text}"),
        }
    }
    bytes
}

/// A server on loopback that gives the answers it was told to, one a connection, and keeps what it saw.
struct Server {
    address: String,
    tls: String,
    socket: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    answers: VecDeque<String>,
    seen: String,
    unexpected: usize,
    /// Requests without a signature.
    unsigned: usize,
}

impl Server {
    fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let [address, tls] = [false, true].map(|tls| {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap().to_string();
            let shared = Arc::clone(&state);
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let shared = Arc::clone(&shared);
                    // One that stalls must not keep the others waiting.
                    std::thread::spawn(move || {
                        let _ = serve(stream, tls, &shared);
                    });
                }
            });
            address
        });
        let socket = std::env::temp_dir().join(format!("awsig-transcript-{}.sock", address.replace(':', "-")));
        bridge(&socket, address.clone());
        Self { address, tls, socket: socket.to_str().unwrap().to_owned(), state }
    }

    fn expect(&self, answers: &[String]) {
        *self.state.lock().unwrap() = State { answers: answers.iter().cloned().collect(), ..State::default() };
    }

    fn seen(&self) -> String {
        self.state.lock().unwrap().seen.clone()
    }

    fn left(&self) -> Option<String> {
        let state = self.state.lock().unwrap();
        match (state.answers.len(), state.unexpected) {
            (0, 0) => None,
            (0, more) => Some(format!("{more} requests more than answers:\n{}", state.seen)),
            (left, _) => Some(format!("{left} answers were not asked for")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.socket);
    }
}

/// Passes on what comes to a socket of this machine.
fn bridge(socket: &Path, address: String) {
    let _ = fs::remove_file(socket);
    let listener = UnixListener::bind(socket).unwrap();
    std::thread::spawn(move || {
        for mut near in listener.incoming().flatten() {
            let mut far = TcpStream::connect(&address).unwrap();
            let (mut from_near, mut to_far) = (near.try_clone().unwrap(), far.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut from_near, &mut to_far));
            let _ = std::io::copy(&mut far, &mut near);
            let _ = near.shutdown(std::net::Shutdown::Both);
        }
    });
}

fn serve(mut stream: TcpStream, tls: bool, state: &Mutex<State>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut start = [0; 8];
    if !tls && stream.peek(&mut start)? == 8 && &start == b"CONNECT " {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.extend(byte);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    } else if !tls {
        return if reset(&mut stream, state)? { Ok(()) } else { answer(&mut stream, state) };
    }
    let mut connection = rustls::ServerConnection::new(tls_config()).unwrap();
    answer(&mut rustls::Stream::new(&mut connection, &mut stream), state)?;
    connection.send_close_notify();
    while connection.wants_write() {
        connection.write_tls(&mut stream)?;
    }
    Ok(())
}

fn tls_config() -> Arc<rustls::ServerConfig> {
    use rustls::pki_types::pem::PemObject;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let file = |name: &str| fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)).unwrap();
    let certificate = CertificateDer::from_pem_slice(&file("anywhere.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(&file("anywhere-key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap())
}

/// Answers and closes with the request still unread, which makes it a reset. Whether that is what was asked for.
fn reset(stream: &mut TcpStream, state: &Mutex<State>) -> std::io::Result<bool> {
    let bytes = {
        let mut state = state.lock().unwrap();
        let Some(rest) = state.answers.front().and_then(|answer| answer.strip_prefix("reset|")) else {
            return Ok(false);
        };
        let bytes = unescape(rest.strip_prefix(' ').unwrap_or(rest));
        state.answers.pop_front();
        bytes
    };
    stream.read_exact(&mut [0])?;
    stream.write_all(&bytes)?;
    std::thread::sleep(Duration::from_millis(100));
    Ok(true)
}

fn answer(mut stream: impl Read + Write, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(&mut stream);
    let (mut head, mut length, mut chunked) = (String::new(), 0, false);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        chunked |= lower.starts_with("transfer-encoding:") && lower.contains("chunked");
        head.push_str(line.trim_end());
        head.push('\n');
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    while chunked {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim().split(';').next().unwrap_or(""), 16).unwrap_or(0);
        let mut chunk = vec![0; size + 2];
        reader.read_exact(&mut chunk)?;
        body.extend_from_slice(&chunk[..size]);
        chunked = size > 0;
    }
    let text = {
        let mut state = state.lock().unwrap();
        state.unsigned += usize::from(!head.contains("\nauthorization: AWS4-HMAC-SHA256 Credential="));
        state.seen.push_str(&head);
        state.seen.push_str(&format!("body: {}\n", String::from_utf8_lossy(&body)));
        state.answers.pop_front().unwrap_or_else(|| {
            state.unexpected += 1;
            "500 | unexpected".into()
        })
    };
    let (head, body) = text.split_once('|').unwrap_or((&text, ""));
    if let kind @ ("raw" | "stall" | "trickle") = head.trim() {
        stream.write_all(&unescape(body.strip_prefix(' ').unwrap_or(body)))?;
        stream.flush()?;
        match kind {
            "stall" => std::thread::sleep(Duration::from_secs(20)),
            "trickle" => {
                for _ in 0..80 {
                    std::thread::sleep(Duration::from_millis(250));
                    stream.write_all(b"x")?;
                    stream.flush()?;
                }
            }
            _ => {}
        }
        return Ok(());
    }
    let (status, headers) = head.trim().split_once(' ').unwrap_or((head.trim(), ""));
    let body = unescape(body.strip_prefix(' ').unwrap_or(body));
    let mut answer = format!("HTTP/1.1 {status} Status\r\n");
    for header in headers.split(';').map(str::trim).filter(|header| !header.is_empty()) {
        let _ = write!(answer, "{header}\r\n");
    }
    if !headers.to_ascii_lowercase().contains("content-length") {
        let _ = write!(answer, "content-length: {}\r\n", body.len());
    }
    answer.push_str("connection: close\r\n\r\n");
    stream.write_all(answer.as_bytes())?;
    stream.write_all(&body)?;
    stream.flush()
}
