//! `awsig creds`: the credentials that would be used, in the form that something else wants.

use crate::args::{CredsArgs, CredsFormat, CredsVerb, ExecArgs};
use crate::quote::{fish, powershell, shell};
use crate::report::{CREDENTIALS, Failure, USAGE, chain};
use crate::sources::{find, sources};
use crate::{output, secrets, serve};
use awsig::credentials::{Asked, Found, Outcome, Sources};
use awsig::refusal::span;
use awsig::world::World;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What shells give for a command that is not there, and for one that cannot be run.
const NOT_FOUND: u8 = 127;
const NOT_RUN: u8 = 126;

pub(crate) fn run(args: &CredsArgs) -> Result<(), Failure> {
    let world = secrets::world();
    match &args.verb {
        Some(CredsVerb::Exec(args)) => return exec(args, &world),
        Some(CredsVerb::Serve(args)) => return serve::run(args, &world),
        None => {}
    }
    let sources = sources(&args.sources, &world)?;
    if args.explain {
        return explain(&sources, world.as_ref());
    }
    let found = find(&sources, world.as_ref())?;
    let printed = match args.format {
        CredsFormat::Env => lines(&found, |name, value| match value {
            Some(value) => format!("export {name}={}", shell(value)),
            None => format!("unset {name}"),
        }),
        CredsFormat::Fish => lines(&found, |name, value| match value {
            Some(value) => format!("set -gx {name} {}", fish(value)),
            None => format!("set -e {name}"),
        }),
        CredsFormat::Powershell => lines(&found, |name, value| match value {
            Some(value) => format!("$Env:{name} = {}", powershell(value)),
            None => format!("Remove-Item -ErrorAction Ignore Env:{name}"),
        }),
        CredsFormat::Json => format!("{:#}\n", Value::from(fields(&found))),
        CredsFormat::Process => {
            let mut fields = fields(&found);
            fields.insert("Version".into(), json!(1));
            format!("{}\n", Value::from(fields))
        }
        CredsFormat::Text => text(&found, world.as_ref()),
    };
    output::print(printed.as_bytes())
}

/// The variables that hand credentials on; those without a value must not be left over from others.
fn variables(found: &Found) -> [(&'static str, Option<String>); 4] {
    let credentials = found.credentials();
    [
        ("AWS_ACCESS_KEY_ID", Some(credentials.access_key_id().to_owned())),
        // Asked for: this is for handing the credentials on.
        ("AWS_SECRET_ACCESS_KEY", Some(credentials.secret().expose().to_owned())),
        ("AWS_SESSION_TOKEN", credentials.token().map(|token| token.expose().to_owned())),
        ("AWS_CREDENTIAL_EXPIRATION", credentials.expires().map(|expires| expires.to_rfc3339())),
    ]
}

fn lines(found: &Found, line: impl Fn(&str, Option<&str>) -> String) -> String {
    variables(found).iter().map(|(name, value)| line(name, value.as_deref()) + "\n").collect()
}

/// Every source in order, with what came of it.
fn explain(sources: &Sources, world: &dyn World) -> Result<(), Failure> {
    let (asked, found) = match sources.chain().find() {
        Ok(found) => (found.asked().to_vec(), Some(found)),
        Err(error) => (error.asked().to_vec(), None),
    };
    let mut told = String::new();
    for Asked { name, outcome, .. } in &asked {
        let (outcome, hint) = match outcome {
            Outcome::Broken(error) => (format!("stopped: {}", chain(error)), error.hint()),
            other => (other.to_string(), None),
        };
        told.push_str(&format!("{name:<14} {}\n", printable(&outcome)));
        if let Some(hint) = hint {
            told.push_str(&format!("{:<14} hint: {hint}\n", ""));
        }
    }
    match &found {
        Some(found) => told.push_str(&text(found, world)),
        None => told.push_str("no credentials\n"),
    }
    output::print(told.as_bytes())?;
    if found.is_some() {
        Ok(())
    } else {
        Err(Failure::new(CREDENTIALS, "no credentials").hint("see the reasons above"))
    }
}

fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Runs a command in our place, with the credentials in its environment, where other people's `ps` does not see them.
fn exec(args: &ExecArgs, world: &Arc<dyn World>) -> Result<(), Failure> {
    let sources = sources(&args.sources, world)?;
    let found = find(&sources, world.as_ref())?;
    let (program, arguments) = args.command.split_first().ok_or_else(|| Failure::new(USAGE, "no command"))?;
    let mut command = std::process::Command::new(program);
    command.args(arguments);
    for (name, value) in variables(&found) {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    // The profile would come first for some programs, and the old name of the token first for others.
    for name in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN"] {
        command.env_remove(name);
    }
    run_in_our_place(command).map_err(|error| {
        let code = if error.kind() == std::io::ErrorKind::NotFound { NOT_FOUND } else { NOT_RUN };
        Failure::new(code, format!("cannot run {}: {error}", program.to_string_lossy()))
    })
}

#[cfg(unix)]
fn run_in_our_place(mut command: std::process::Command) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn run_in_our_place(mut command: std::process::Command) -> std::io::Result<()> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1))
}

fn fields(found: &Found) -> Map<String, Value> {
    let credentials = found.credentials();
    let mut fields = Map::new();
    fields.insert("AccessKeyId".into(), credentials.access_key_id().into());
    // Asked for: this format is for handing the credentials on.
    fields.insert("SecretAccessKey".into(), credentials.secret().expose().into());
    if let Some(token) = credentials.token() {
        fields.insert("SessionToken".into(), token.expose().into());
    }
    if let Some(expires) = credentials.expires() {
        fields.insert("Expiration".into(), expires.to_rfc3339().into());
    }
    fields
}

fn text(found: &Found, world: &dyn World) -> String {
    let credentials = found.credentials();
    let mut text = format!("source         {}\naccess key id  {}\n", found.source(), credentials.access_key_id());
    text.push_str(&format!("session token  {}\n", if credentials.token().is_some() { "yes" } else { "no" }));
    match credentials.expires() {
        Some(expires) => {
            let left = expires.seconds_since(&world.now());
            let left = if left < 0 { format!("{} ago", span(left)) } else { format!("in {}", span(left)) };
            text.push_str(&format!("expires        {} ({left})\n", expires.to_rfc3339()));
        }
        None => text.push_str("expires        not known\n"),
    }
    text
}
