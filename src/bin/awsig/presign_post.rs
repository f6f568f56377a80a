//! `awsig presign-post`: the fields of a form with which a browser uploads to S3.

use crate::args::{PostFormat, PresignPostArgs};
use crate::plan::{refused, signer, signing_time, with_scheme};
use crate::quote::shell;
use crate::report::{ENDPOINT, Failure, USAGE};
use crate::{output, presign};
use awsig::endpoint::Endpoint;
use awsig::signing::{PostForm, PostPolicy, Request};
use awsig::world::{Process, World};
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) fn run(args: &PresignPostArgs) -> Result<(), Failure> {
    let world: Arc<dyn World> = Arc::new(Process::new());
    let expires = presign::expires(&args.expires)?;
    let url = with_scheme(args.url.clone());
    let request = Request::new("POST", &url).map_err(|error| refused(&error))?;
    let bucket = bucket(&request)?;
    let time = signing_time(&args.place, None, world.as_ref())?;
    let (signer, _) = signer(&args.place, &Endpoint::of(request.host()), time, &world, None)?;
    if signer.scope().service() != "s3" {
        return Err(Failure::new(USAGE, format!("{} is not S3, which alone takes such forms", request.host()))
            .hint("awsig presign makes a URL for any service"));
    }
    let policy = policy(args, PostPolicy::new(&bucket, time.plus_seconds(i64::from(expires.seconds()))))?;
    let form = signer.sign_policy(&policy);
    let url = signer.url(&request);
    output::print(
        match args.format {
            PostFormat::Json => json(&url, &form),
            PostFormat::Curl => curl(&url, &form),
            PostFormat::Html => html(&url, &form),
        }
        .as_bytes(),
    )
}

/// The bucket's name: before `.s3` in the host, or the first segment of the path.
fn bucket(request: &Request<'_>) -> Result<String, Failure> {
    let segment = request.path().trim_start_matches('/').split('/').next().unwrap_or_default();
    let label = request.host().split_once(".s3").map(|(bucket, _)| bucket).filter(|bucket| !bucket.is_empty());
    let name = label.unwrap_or(segment);
    if name.is_empty() {
        return Err(Failure::new(ENDPOINT, "the URL names no bucket")
            .hint("https://BUCKET.s3.REGION.amazonaws.com/ or https://s3.REGION.amazonaws.com/BUCKET"));
    }
    Ok(name.to_owned())
}

fn policy(args: &PresignPostArgs, policy: PostPolicy) -> Result<PostPolicy, Failure> {
    let mut policy = match (&args.key, &args.key_starts_with) {
        (Some(key), _) => policy.key(key),
        (None, Some(prefix)) => policy.key_starts_with(prefix),
        (None, None) => policy,
    };
    if let Some(range) = &args.content_length_range {
        let range = range.split_once('-').and_then(|(min, max)| Some(min.parse().ok()?..=max.parse().ok()?));
        policy = policy.content_length(range.filter(|range| !range.is_empty()).ok_or_else(|| {
            Failure::new(USAGE, "not a range of sizes").hint("--content-length-range takes MIN-MAX, such as 1-10485760")
        })?);
    }
    for field in &args.field {
        let (name, value) = field.split_once('=').ok_or_else(|| {
            Failure::new(USAGE, "a field has no value").hint("write --field NAME=VALUE, such as --field acl=private")
        })?;
        policy = policy.field(name, value);
    }
    Ok(policy)
}

fn json(url: &str, form: &PostForm) -> String {
    let fields: Map<String, Value> = form.fields().map(|(name, value)| (name.into(), value.into())).collect();
    format!("{:#}\n", json!({ "url": url, "fields": fields }))
}

fn curl(url: &str, form: &PostForm) -> String {
    let mut text = String::from("curl");
    for (name, value) in form.fields() {
        text.push_str(&format!(" --form-string {}", shell(&format!("{name}={value}"))));
    }
    format!("{text} -F 'file=@FILE' {}\n", shell(url))
}

fn html(url: &str, form: &PostForm) -> String {
    let mut text = format!("<form action=\"{}\" method=\"post\" enctype=\"multipart/form-data\">\n", escaped(url));
    for (name, value) in form.fields() {
        text.push_str(&format!("  <input type=\"hidden\" name=\"{}\" value=\"{}\">\n", escaped(name), escaped(value)));
    }
    text.push_str("  <input type=\"file\" name=\"file\">\n  <input type=\"submit\" value=\"Upload\">\n</form>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}
