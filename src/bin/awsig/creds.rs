//! `awsig creds`: the credentials that would be used, in the form that something else wants.

use crate::args::{CredsArgs, CredsFormat};
use crate::quote::shell;
use crate::report::Failure;
use crate::{output, plan};
use awsig::credentials::Found;
use awsig::world::{Process, World};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) fn run(args: &CredsArgs) -> Result<(), Failure> {
    let world: Arc<dyn World> = Arc::new(Process::new());
    let found = plan::credentials(&world)?;
    let printed = match args.format {
        CredsFormat::Env => env(&found),
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

fn env(found: &Found) -> String {
    let credentials = found.credentials();
    let mut text = format!("export AWS_ACCESS_KEY_ID={}\n", shell(credentials.access_key_id()));
    // Asked for: this format is for handing the credentials on.
    text.push_str(&format!("export AWS_SECRET_ACCESS_KEY={}\n", shell(credentials.secret().expose())));
    match credentials.token() {
        Some(token) => text.push_str(&format!("export AWS_SESSION_TOKEN={}\n", shell(token.expose()))),
        None => text.push_str("unset AWS_SESSION_TOKEN\n"),
    }
    match credentials.expires() {
        Some(expires) => text.push_str(&format!("export AWS_CREDENTIAL_EXPIRATION={}\n", shell(&expires.to_rfc3339()))),
        None => text.push_str("unset AWS_CREDENTIAL_EXPIRATION\n"),
    }
    text
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
            text.push_str(&format!("expires        {} (in {} min)\n", expires.to_rfc3339(), left / 60));
        }
        None => text.push_str("expires        not known\n"),
    }
    text
}
