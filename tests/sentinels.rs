//! No secret in any output: every command, at every verbosity, with good and with broken input, is run with sentinel
//! secrets, and what it prints is searched for them. Only what hands credentials on by its purpose is exempt.

use crate::server::{Server, answer};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const SECRET: &str = "SENTINELsecret/key+0123456789";
const TOKEN: &str = "SENTINELtoken0123456789==";

/// A metadata service, a service and a proxy in one, which answers everything with what was sent to it, and with secrets.
fn server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let _ = stream.set_read_timeout(Some(Duration::from_millis(200)));
                let mut head = Vec::new();
                let mut buffer = [0; 4096];
                while !head.windows(4).any(|window| window == b"\r\n\r\n") {
                    match stream.read(&mut buffer) {
                        Ok(0) | Err(_) => break,
                        Ok(count) => head.extend_from_slice(&buffer[..count]),
                    }
                }
                let head = String::from_utf8_lossy(&head).into_owned();
                let target = head.split(' ').nth(1).unwrap_or("").to_owned();
                let (status, body) = if target.contains("/api/token") {
                    (200, TOKEN.to_owned())
                } else if target.ends_with("security-credentials/") {
                    (200, "role".to_owned())
                } else if target.ends_with("security-credentials/role") {
                    (200, format!("{{\"Code\": \"Failed\", \"Message\": \"no\", \"SecretAccessKey\": \"{SECRET}\"}}"))
                } else if target.contains("placement/region") {
                    (200, "us-east-1".to_owned())
                } else {
                    // A service that dumps the canonical request, token included, as several do.
                    (403, "InvalidSignatureException: no".to_owned())
                };
                let _ = write!(
                    stream,
                    "HTTP/1.1 {status} X\r\nx-aws-ec2-metadata-token-ttl-seconds: 60\r\nx-amz-security-token: {TOKEN}\r\n\
                     set-cookie: {TOKEN}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
            });
        }
    });
    address
}

fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new("/usr/bin/timeout");
    command.arg("20").arg(env!("CARGO_BIN_EXE_awsig")).args(arguments).env_clear().stdin(Stdio::null());
    command.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn no_command_prints_a_secret() {
    let address = server();
    let endpoint = format!("http://{address}");
    let proxy = format!("http://user:{SECRET}@{address}");
    let url = format!("http://{address}/path?X-Amz-Security-Token=SENTINEL");
    let environment =
        [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_SESSION_TOKEN", TOKEN)];
    let off = ("AWS_EC2_METADATA_DISABLED", "true");
    let mut worlds: Vec<Vec<(&str, &str)>> = vec![
        [&environment[..], &[off]].concat(),
        // Half of it, or in the wrong place.
        vec![environment[1], environment[2], off],
        vec![("AWS_ACCESS_KEY_ID", SECRET), ("AWS_SECRET_ACCESS_KEY", "x\ny"), ("AWS_SESSION_TOKEN", TOKEN), off],
        vec![environment[0], environment[1], ("AWS_SESSION_TOKEN", "SENTINELtoken\nSENTINEL"), off],
        vec![environment[0], environment[1], ("AWS_CREDENTIAL_EXPIRATION", SECRET), off],
        // From a metadata service that is not well.
        vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", &endpoint)],
        vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", &proxy)],
        // Through a proxy with a password.
        [&environment[..], &[off, ("http_proxy", proxy.as_str())]].concat(),
        [&environment[..], &[off, ("http_proxy", SECRET)]].concat(),
    ];
    // Files, containers and commands that hold secrets and are broken, or lead to a service that refuses.
    let folder = std::env::temp_dir().join(format!("awsig-sentinels-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let config = format!(
        "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n\
         [profile half]\naws_secret_access_key = {SECRET}\n[profile role]\nrole_arn = arn:aws:iam::1:role/x\n\
         source_profile = default\nexternal_id = 7\n[profile command]\ncredential_process = cat {}/config; exit 1\n\
         [profile web]\nrole_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = {}/token\n",
        folder.display(),
        folder.display()
    );
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let (config, broken, token) =
        (file("config", &config), file("broken", &format!("[default]\n{SECRET}\n")), file("token", TOKEN));
    let home = folder.display().to_string();
    let full = format!("{endpoint}/creds");
    for name in ["default", "half", "role", "command", "web"] {
        worlds.push(vec![("AWS_CONFIG_FILE", &config), ("AWS_PROFILE", name), ("HOME", &home), off]);
    }
    worlds.push(vec![("AWS_SHARED_CREDENTIALS_FILE", &broken), off]);
    worlds.push(vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", TOKEN)]);
    worlds
        .push(vec![("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &token)]);
    worlds.push(vec![("AWS_WEB_IDENTITY_TOKEN_FILE", &token), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/x"), off]);
    // STS is the server here too, and refuses.
    for world in &mut worlds {
        world.push(("AWS_ENDPOINT_URL", &endpoint));
    }
    let place = ["--service", "execute-api", "--region", "us-east-1"];
    let with = |arguments: &[&'static str]| [arguments, &place[..]].concat();
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["creds"],
        vec!["creds", "--format", "text"],
        vec!["creds", "--explain"],
        vec!["creds", "--explain", "--role-arn", "arn:aws:iam::1:role/y"],
        vec!["creds", "exec", "--", "true"],
        vec!["creds", "exec", "--", "/nonexistent"],
        vec!["whoami"],
        vec!["imds", "meta-data/iam/security-credentials/"],
        vec!["endpoint", "user:SENTINEL@sqs.us-east-1.amazonaws.com"],
        vec!["lab", "--policy", "/nonexistent"],
    ];
    for options in [&["-v"][..], &["--dry-run"], &["-v", "-d", "body"], &[]] {
        let mut command = with(options);
        command.push(&url);
        commands.push(command);
    }
    for odd in ["https://user:SENTINELpw@h/", "http://127.0.0.1:1/", "nonsense", "https://h/%zz"] {
        commands.push([&with(&["-v"])[..], &[odd]].concat());
        commands.push([&["presign"][..], &place, &["--expires", "99d", odd]].concat());
        commands.push([&["sign"][..], &place, &["--format", "http", "--time", "x", odd]].concat());
    }
    for header in
        ["SENTINEL", "Authorization: SENTINEL", "Cookie: SENTINEL", "x-amz-security-token: SENTINEL", "a b: SENTINEL"]
    {
        commands.push([&with(&["-v", "-H", header])[..], &[&url]].concat());
    }
    let mut printed = 0;
    for variables in &worlds {
        for command in &commands {
            let output = run(command, variables);
            let text =
                format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert!(!text.contains("SENTINEL"), "awsig {command:?} with {variables:?} prints\n{text}");
            assert!(!text.contains("panicked"), "awsig {command:?} with {variables:?} prints\n{text}");
            assert_ne!(output.status.code(), Some(124), "awsig {command:?} with {variables:?} hangs");
            printed += text.len();
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
    assert!(printed > 20_000, "only {printed} bytes were printed");
}

/// What hands credentials on does so, and nowhere but on standard output.
#[test]
fn secrets_that_were_asked_for_go_to_standard_output_only() {
    let variables = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SESSION_TOKEN", TOKEN),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    for (arguments, secret) in [
        (&["creds", "--format", "env"][..], SECRET),
        (&["creds", "--format", "json"], SECRET),
        (&["creds", "--format", "process"], SECRET),
        (&["sign", "https://sqs.us-east-1.amazonaws.com/"], TOKEN),
        (&["sign", "--format", "json", "https://sqs.us-east-1.amazonaws.com/"], TOKEN),
        (&["presign", "https://sqs.us-east-1.amazonaws.com/"], "SENTINELtoken"),
    ] {
        let output = run(arguments, &variables);
        assert!(String::from_utf8_lossy(&output.stdout).contains(secret), "{arguments:?}");
        assert!(!String::from_utf8_lossy(&output.stderr).contains("SENTINEL"), "{arguments:?}");
        // The secret key itself is in none but the credentials.
        assert_eq!(String::from_utf8_lossy(&output.stdout).contains(SECRET), arguments[0] == "creds", "{arguments:?}");
    }
}

/// Whoever answers may quote what it was sent, in any header and in what it says of an error.
#[test]
fn secrets_that_the_other_side_quotes_stay_unseen() {
    let token = "SENTINEL+token/that=is.quoted";
    let encoded = "SENTINEL%2Btoken%2Fthat%3Dis.quoted";
    let server = Server::http(move |seen| {
        if seen.body.starts_with(b"Action=") {
            let body = format!("<Error><Code>InvalidToken</Code><Message>bad {token}</Message></Error>");
            return answer(400, &[("content-type", "text/xml")], &body);
        }
        match seen.line.split(' ').nth(1).unwrap() {
            "/creds" => answer(400, &[], &format!("{{\"code\": \"Bad\", \"message\": \"no {token}\"}}")),
            "/away" => answer(302, &[("location", &format!("//localhost:1/?X-Amz-Signature={token}&a=b"))], ""),
            _ => answer(
                403,
                &[
                    ("x-echo", token),
                    ("authorization", "Bearer FOREIGN"),
                    (
                        "location",
                        "https://h/?X-Amz-Security-Token=FOREIGN&X-Amz-Signature=FOREIGN#access_token=FOREIGN",
                    ),
                    ("x-vault-token", "FOREIGN"),
                    ("x-at", &format!("https://h/?t={encoded}")),
                ],
                &format!("<Error><Code>InvalidToken</Code><Message>bad token {token}</Message></Error>"),
            ),
        }
    });
    let (url, full) = (server.url("/"), server.url("/creds"));
    let (away, query) = (server.url("/away"), server.url("/?access_token=FOREIGN"));
    let folder = std::env::temp_dir().join(format!("awsig-quotes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("token").display().to_string();
    std::fs::write(&file, token).unwrap();
    let config = folder.join("config").display().to_string();
    std::fs::write(
        &config,
        format!("[profile a]\nrole_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = {file}\n"),
    )
    .unwrap();
    let off = ("AWS_EC2_METADATA_DISABLED", "true");
    let keys =
        [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", SECRET), ("AWS_SESSION_TOKEN", token), off];
    let role = ("AWS_ROLE_ARN", "arn:aws:iam::1:role/x");
    let sts = ("AWS_ENDPOINT_URL", url.as_str());
    let place = ["--service", "execute-api", "--region", "us-east-1"];
    let typed = format!("AKIDEXAMPLE:{SECRET}");
    for (arguments, variables, said) in [
        (&["-v", &url][..], &keys[..], "InvalidToken: bad token (blanked)"),
        (&["-vL", &away], &keys, "/?X-Amz-Signature=(blanked)&a=b"),
        (&["-v", "-H", "X-Auth-Token: FOREIGN", &query], &keys, "access_token=(blanked)"),
        (&["-v", "-u", &typed, "--session-token", token, &url], &[off], "bad token (blanked)"),
        (&[&url], &[("AWS_WEB_IDENTITY_TOKEN_FILE", &file), role, sts, off], "bad (blanked)"),
        (&["--profile", "a", &url], &[("AWS_CONFIG_FILE", &config), sts, off], "bad (blanked)"),
        (
            &[&url],
            &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full), ("AWS_CONTAINER_AUTHORIZATION_TOKEN", token)],
            "(blanked)",
        ),
        (
            &[&url],
            &[("AWS_CONTAINER_CREDENTIALS_FULL_URI", &full), ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", &file)],
            "(blanked)",
        ),
    ] {
        let output = run(&[&place[..], arguments].concat(), variables);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(!text.contains("SENTINEL") && !text.contains("FOREIGN"), "{arguments:?} {variables:?}\n{text}");
        assert!(text.contains(said), "{arguments:?} {variables:?}\n{text}");
    }
    let output = run(&[&place[..], &["--dry-run", "-H", "Private-Token: FOREIGN", &query]].concat(), &keys);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("FOREIGN") && text.contains("Private-Token: (blanked)"), "{text}");
    std::fs::remove_dir_all(folder).unwrap();
}
