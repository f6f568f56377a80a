//! What is secret in this run, and the one way to standard error, on which none of it shows.
//!
//! Whoever answers may quote what it was sent. What is foreign is blanked by the names of headers and parameters; what is
//! ours is known, and blanked wherever it stands.

use awsig::signing::{Credentials, Timestamp};
use awsig::world::{Command, CommandOutput, Process, World};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use zeroize::Zeroizing;

/// What is shorter is a word that may stand anywhere.
const SHORTEST: usize = 8;
/// So much of a secret is taken for one that was cut off.
const BEGINNING: usize = 16;
/// A file that is longer holds no token; AWS bounds those of web identities at 20 000 characters.
const LONGEST: usize = 64 * 1024;
/// Variables that hold a secret, or a proxy's URL with one.
const VARIABLES: [&str; 4] =
    ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN"];
const PROXIES: [&str; 5] = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// RFC 3986 section 2.3.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

static KNOWN: Mutex<Vec<Zeroizing<String>>> = Mutex::new(Vec::new());

/// Writes this to standard error, blanked. A stream that cannot be written to has nobody to be told.
pub(crate) fn say(text: &str) {
    let _ = io::stderr().lock().write_all(blanked(text).as_bytes());
}

/// The text without what is secret in this run.
pub(crate) fn blanked(text: &str) -> String {
    let mut secrets = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let set = |name: &str| std::env::var(name).ok().map(Zeroizing::new);
    secrets.extend(VARIABLES.into_iter().filter_map(set));
    secrets.extend(PROXIES.into_iter().filter_map(set).filter_map(|url| password(&url)));
    let words: Vec<_> = secrets.iter().filter_map(|secret| secret.split_once(' ')).map(|(_, word)| word).collect();
    let mut shown = text.to_owned();
    for secret in secrets.iter().map(|secret| secret.trim()).chain(words).filter(|secret| secret.len() >= SHORTEST) {
        let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
        let escaped = utf8_percent_encode(secret, &RESERVED).to_string();
        let lower = escaped.replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d");
        for form in [secret, &encoded, &escaped, &lower, &secret.replace('/', "\\/")] {
            shown = blank(&shown, form);
        }
    }
    shown
}

fn blank(text: &str, secret: &str) -> String {
    let beginning = secret.get(..BEGINNING).unwrap_or(secret);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, found)) = rest.find(beginning).and_then(|at| rest.split_at_checked(at)) {
        let same = found.chars().zip(secret.chars()).take_while(|(found, secret)| found == secret);
        let length = same.map(|(found, _)| found.len_utf8()).sum();
        shown.push_str(before);
        shown.push_str("(blanked)");
        rest = found.get(length..).unwrap_or_default();
    }
    shown.push_str(rest);
    shown
}

/// Adds what is secret.
pub(crate) fn keep(secret: impl Into<String>) {
    let secret = Zeroizing::new(secret.into());
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if !known.contains(&secret) {
        known.push(secret);
    }
}

/// Adds what is secret of credentials: to be blanked, not shown.
pub(crate) fn keep_credentials(credentials: &Credentials) {
    keep(credentials.secret().expose());
    if let Some(token) = credentials.token() {
        keep(token.expose());
    }
}

/// Adds the password of a proxy.
pub(crate) fn keep_proxy(url: &str) {
    if let Some(password) = password(url) {
        keep(password.as_str());
        keep(percent_decode_str(&password).decode_utf8_lossy());
    }
}

fn password(url: &str) -> Option<Zeroizing<String>> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (user, _) = rest.rsplit_once('@')?;
    user.split_once(':').map(|(_, password)| Zeroizing::new(password.to_owned()))
}

/// The machine, whose files are looked through for what is secret.
pub(crate) fn world() -> Arc<dyn World> {
    Arc::new(Watched(Process::new()))
}

#[derive(Debug)]
struct Watched(Process);

impl World for Watched {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }

    fn var(&self, name: &str) -> Option<String> {
        self.0.var(name)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let bytes = self.0.read(path)?;
        if let Ok(text) = std::str::from_utf8(bytes.get(..LONGEST).unwrap_or(&bytes)) {
            secrets_in(text).for_each(keep);
        }
        Ok(bytes)
    }

    fn save(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.0.save(path, bytes)
    }

    fn ask(&self, question: &str) -> io::Result<String> {
        self.0.ask(question)
    }

    fn run(&self, command: &Command) -> io::Result<CommandOutput> {
        self.0.run(command)
    }

    fn random(&self) -> u64 {
        self.0.random()
    }

    fn sleep(&self, duration: Duration) {
        self.0.sleep(duration);
    }
}

/// A file that is one word is a token. In any other, what is behind a name that tells of a secret is one: `name = value`
/// of a profile, `"name": "value"` of a cache.
fn secrets_in(text: &str) -> impl Iterator<Item = &str> {
    let whole = Some(text.trim()).filter(|text| !text.contains(char::is_whitespace) && !text.starts_with('{'));
    let pairs = text.split(['\n', ',', '{', '}']).filter_map(|piece| {
        let (name, value) = piece.split_once(['=', ':'])?;
        let lower = name.to_ascii_lowercase();
        let is_secret = ["secret", "token"].iter().any(|word| lower.contains(word)) && !lower.contains("file");
        is_secret.then(|| value.trim_matches(|character: char| character.is_whitespace() || character == '"'))
    });
    whole.into_iter().chain(pairs).filter(|secret| secret.len() >= SHORTEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_in_files_is_found() {
        for (text, secrets) in [
            ("eyJh.eyJz.sig-nature\n", vec!["eyJh.eyJz.sig-nature"]),
            (
                "[default]\naws_secret_access_key = wJalr/XUtn=\nregion = eu-west-1\naws_session_token=IQoJ//==\n",
                vec!["wJalr/XUtn=", "IQoJ//=="],
            ),
            ("web_identity_token_file = /var/run/token", vec![]),
            ("{\"accessToken\": \"aoaAAA:/x=\", \"region\": \"us-east-1\"}", vec!["aoaAAA:/x="]),
        ] {
            assert_eq!(secrets_in(text).collect::<Vec<_>>(), secrets, "{text}");
        }
    }

    #[test]
    fn secrets_are_blanked_in_any_form_and_when_cut_off() {
        keep("SENTINEL+of/this=test==");
        keep_proxy("http://user:pa%2Fssword@h");
        for (text, shown) in [
            ("a SENTINEL+of/this=test== b", "a (blanked) b"),
            ("t=SENTINEL%2Bof%2Fthis%3Dtest%3D%3D&u", "t=(blanked)&u"),
            ("t=SENTINEL%2bof%2fthis%3dtest%3d%3d&u", "t=(blanked)&u"),
            ("\"SENTINEL+of\\/this=test==\"", "\"(blanked)\""),
            ("SENTINEL+of/this…", "(blanked)…"),
            ("SENTINEL", "SENTINEL"),
            ("pa%2Fssword, pa/ssword", "(blanked), (blanked)"),
        ] {
            assert_eq!(blanked(text), shown);
        }
    }
}
