//! `awsig presign-post`: the fields of a form with which a browser uploads to S3.

use crate::args::{PostFormat, PresignPostArgs};
use crate::plan::{refused, signer, signing_time, with_scheme};
use crate::quote::shell;
use crate::receive::bytes;
use crate::report::{ENDPOINT, Failure, USAGE};
use crate::{output, presign, secrets};
use awsig::endpoint::Endpoint;
use awsig::signing::{PostForm, PostPolicy, Request};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

const FORMS: &str = "https://BUCKET.s3.REGION.amazonaws.com/ or https://s3.REGION.amazonaws.com/BUCKET";

pub(crate) fn run(args: &PresignPostArgs) -> Result<(), Failure> {
    let world = secrets::world();
    let expires = presign::expires(&args.expires)?;
    let url = with_scheme(&args.url)?;
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

/// The bucket's name: the labels before that of S3 in the host, or the one segment of the path.
fn bucket(request: &Request<'_>) -> Result<String, Failure> {
    let path = request.path().strip_prefix('/').unwrap_or_default();
    let (name, rest) = match in_host(request.host()) {
        Some(name) => (name.to_owned(), path),
        None => {
            let (segment, rest) = path.split_once('/').unwrap_or((path, ""));
            let name = percent_decode_str(segment).decode_utf8().map_err(|_| {
                Failure::new(USAGE, "the bucket's name is not UTF-8").hint("write the name as S3 shows it")
            })?;
            (name.into_owned(), rest)
        }
    };
    if name.is_empty() {
        return Err(Failure::new(ENDPOINT, "the URL names no bucket").hint(FORMS));
    }
    if !rest.is_empty() || request.query().is_some() {
        return Err(Failure::new(USAGE, "a form is posted to the bucket alone; the URL names more than that")
            .hint(format!("{FORMS}; the key goes into --key")));
    }
    Ok(name)
}

/// `my.s3stuff` of `my.s3stuff.s3.us-east-1.amazonaws.com`: the label of S3 is the last one that looks like it.
fn in_host(host: &str) -> Option<&str> {
    // In an interface endpoint's host the bucket's place is taken by the word `bucket`.
    if host.contains(".vpce.") {
        return None;
    }
    let is_service = |label: &str| label == "s3" || label.starts_with("s3-");
    let mut end = host.len();
    for label in host.rsplit('.') {
        let start = end.checked_sub(label.len())?;
        if is_service(label) {
            return host.get(..start.checked_sub(1)?).filter(|name| !name.is_empty());
        }
        end = start.saturating_sub(1);
    }
    None
}

/// Fields that the form gets from elsewhere.
fn check_field(name: &str, before: &[&str]) -> Result<(), Failure> {
    const OWN: [&str; 11] = [
        "key",
        "bucket",
        "file",
        "policy",
        "signature",
        "awsaccesskeyid",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-signature",
    ];
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    if name.is_empty() {
        Err(Failure::new(USAGE, "a field has no name").hint("write --field NAME=VALUE, such as --field acl=private"))
    } else if is("key") {
        Err(Failure::new(USAGE, "the field key has an option of its own")
            .hint("--key KEY, or --key-starts-with PREFIX"))
    } else if OWN.iter().any(|own| is(own)) {
        Err(Failure::new(USAGE, format!("the field {name} is what awsig itself makes")).hint("leave it out"))
    } else if before.iter().any(|other| is(other)) {
        Err(Failure::new(USAGE, format!("the field {name} is there twice")).hint("S3 takes one value of each"))
    } else {
        Ok(())
    }
}

fn policy(args: &PresignPostArgs, policy: PostPolicy) -> Result<PostPolicy, Failure> {
    let mut policy = match (&args.key, &args.key_starts_with) {
        (Some(key), _) => policy.key(key),
        (None, Some(prefix)) => policy.key_starts_with(prefix),
        (None, None) => policy,
    };
    if let Some(range) = &args.content_length_range {
        let range = range.split_once('-').and_then(|(min, max)| Some(bytes(min)?..=bytes(max)?));
        policy = policy.content_length(range.filter(|range| !range.is_empty()).ok_or_else(|| {
            Failure::new(USAGE, "not a range of sizes")
                .hint("--content-length-range takes MIN-MAX, such as 1-10485760 or 1-10M")
        })?);
    }
    if args.key.as_deref() == Some("") {
        return Err(Failure::new(USAGE, "the key is empty").hint("--key-starts-with '' takes any key"));
    }
    let mut names = Vec::new();
    for field in &args.field {
        let (name, value) = field.split_once('=').ok_or_else(|| {
            Failure::new(USAGE, "a field has no value").hint("write --field NAME=VALUE, such as --field acl=private")
        })?;
        check_field(name, &names)?;
        names.push(name);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_may_look_like_the_service() {
        for (host, wanted) in [
            ("my.s3stuff.s3.us-east-1.amazonaws.com", Some("my.s3stuff")),
            ("s3.s3.us-east-1.amazonaws.com", Some("s3")),
            ("b.s3-fips.dualstack.us-east-1.amazonaws.com", Some("b")),
            ("b.s3-us-west-2.amazonaws.com", Some("b")),
            ("b.s3.amazonaws.com", Some("b")),
            ("s3.us-east-1.amazonaws.com", None),
            ("bucket.vpce-1a-2b.s3.us-east-1.vpce.amazonaws.com", None),
            ("127.0.0.1:9000", None),
        ] {
            assert_eq!(in_host(host), wanted, "{host}");
        }
    }
}
