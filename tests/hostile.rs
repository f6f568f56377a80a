//! What a transcript cannot tell: servers that never end, and the memory that the program takes meanwhile.

use crate::server::Server;
use flate2::Compression;
use flate2::read::GzEncoder;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// Runs the program in 64 MiB of address space, and for 20 s at most.
fn run(arguments: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_awsig");
    let start = Instant::now();
    let output = Command::new("/usr/bin/timeout")
        .args(["20", "/bin/sh", "-c", &format!("ulimit -v 65536; exec {program} --service es {arguments}")])
        .env_clear()
        .envs([("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "x-y-1")])
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .unwrap();
    assert!(start.elapsed() < Duration::from_secs(19), "{arguments} took too long");
    output
}

/// The head of a request is read, so that the answer is one.
fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count > 0) {
        head.push(byte[0]);
    }
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn headers_without_end_are_given_up() {
    let server = Server::raw(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        let mut number = 0;
        while write!(stream, "x-{number}: {}\r\n", "y".repeat(1000)).is_ok() {
            number += 1;
        }
    });
    let output = run(&format!("http://{}/", server.address));
    assert_eq!(output.status.code(), Some(56), "{}", error(&output));
    assert!(error(&output).contains("the response is not HTTP/1.1"), "{}", error(&output));
}

#[test]
fn one_header_without_end_is_given_up() {
    let server = Server::raw(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx: ");
        while stream.write_all(&[b'y'; 4096]).is_ok() {}
    });
    let output = run(&format!("http://{}/", server.address));
    assert_eq!(output.status.code(), Some(56), "{}", error(&output));
}

#[test]
fn a_bomb_is_given_up_in_little_memory() {
    let server = Server::raw(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n");
        let _ = std::io::copy(&mut GzEncoder::new(std::io::repeat(0).take(1 << 30), Compression::fast()), &mut stream);
    });
    let output = run(&format!("--compressed -o /dev/null http://{}/", server.address));
    assert_eq!(output.status.code(), Some(61), "{}", error(&output));
    assert!(error(&output).contains("grows to more than 200 times"), "{}", error(&output));
}

#[test]
fn a_body_without_end_takes_no_memory_and_can_be_limited() {
    let server = Server::raw(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'y'; 65536]).is_ok() {}
    });
    let output = run(&format!("--max-filesize 300M -o /dev/null http://{}/", server.address));
    assert_eq!(output.status.code(), Some(63), "{}", error(&output));
    let output = run(&format!("-m 1 -o /dev/null http://{}/", server.address));
    assert_eq!(output.status.code(), Some(28), "{}", error(&output));
}

#[test]
fn a_connection_that_is_never_accepted_times_out() {
    // The queue of a listener that accepts nobody is filled first.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        waiting.push(stream);
        assert!(waiting.len() < 10_000, "the queue has no end");
    }
    let output = run(&format!("--connect-timeout 0.3 http://{address}/"));
    assert_eq!(output.status.code(), Some(28), "{}", error(&output));
    assert!(error(&output).contains("timed out while connecting"), "{}", error(&output));
}

#[test]
fn nothing_is_left_in_a_folder_by_a_program_that_is_ended() {
    let server = Server::raw(|mut stream| {
        read_head(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nstart");
        let _ = stream.read(&mut [0]);
    });
    let folder = std::env::temp_dir().join(format!("awsig-ended-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (file, head) = (folder.join("out"), folder.join("head"));
    for signal in ["INT", "TERM", "HUP", "KILL"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_awsig"))
            .args(["-m", "20", "--service", "es", "-D"])
            .arg(&head)
            .arg("-o")
            .arg(&file)
            .arg(format!("http://{}/", server.address))
            .env_clear()
            .envs([("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "x-y-1")])
            .spawn()
            .unwrap();
        let start = Instant::now();
        while !head.exists() && start.elapsed() < Duration::from_secs(15) {
            std::thread::sleep(Duration::from_millis(20));
        }
        // The head is there, so the body is about to be written.
        std::thread::sleep(Duration::from_millis(300));
        let killed = Command::new("/bin/kill").args([format!("-{signal}"), child.id().to_string()]).status().unwrap();
        assert!(killed.success() && child.wait().unwrap().code().is_none(), "{signal}");
        std::fs::remove_file(&head).unwrap();
        let left: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.is_empty(), "{signal} leaves {left:?}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_file_without_end_is_no_file_of_credentials_or_options() {
    let keys = [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret")];
    let zero = "/dev/zero";
    let url = "http://127.0.0.1:1/";
    let role = ("AWS_ROLE_ARN", "arn:aws:iam::1:role/x");
    let container = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
    for (arguments, variables, code) in [
        ("creds", &[("AWS_SHARED_CREDENTIALS_FILE", zero)][..], 110),
        ("creds", &[("AWS_CONFIG_FILE", zero)], 110),
        ("creds", &[("AWS_WEB_IDENTITY_TOKEN_FILE", zero), role], 110),
        ("creds", &[("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", zero), container], 110),
        ("--service es -K /dev/zero http://127.0.0.1:1/", &keys, 26),
        ("--service es -w @/dev/zero http://127.0.0.1:1/", &keys, 26),
        ("--service es -H @/dev/zero http://127.0.0.1:1/", &keys, 26),
        ("--service es --cacert /dev/zero https://127.0.0.1:1/", &keys, 77),
        ("--service es --cert /dev/zero https://127.0.0.1:1/", &keys, 58),
        ("--service es --url-query x@/dev/zero http://127.0.0.1:1/", &keys, 26),
    ] {
        let program = env!("CARGO_BIN_EXE_awsig");
        let output = Command::new("/usr/bin/timeout")
            .args(["20", "/bin/sh", "-c", &format!("ulimit -v 65536; exec {program} {arguments}")])
            .env_clear()
            .envs(variables.iter().copied())
            .envs([("AWS_REGION", "x-y-1"), ("AWS_EC2_METADATA_DISABLED", "true"), ("HOME", "/nonexistent")])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments} {variables:?}\n{}", error(&output));
    }
}
