//! `awsig endpoint HOST…`: how requests to a host would be signed, and why.

use crate::args::{EndpointArgs, EndpointFormat};
use crate::output;
use crate::report::{Failure, READ, USAGE};
use awsig::endpoint::Endpoint;
use awsig::signing::{Request, Rules};
use serde_json::{Value, json};
use std::io::{self, BufRead};

pub(crate) fn run(args: &EndpointArgs) -> Result<(), Failure> {
    let mut printed = String::new();
    for host in &args.hosts {
        if host == "-" {
            for line in io::stdin().lock().lines() {
                let line = line.map_err(|error| Failure::new(READ, format!("cannot read standard input: {error}")))?;
                if !line.trim().is_empty() {
                    printed.push_str(&one(line.trim(), args.format)?);
                }
            }
        } else {
            printed.push_str(&one(host, args.format)?);
        }
    }
    output::print(printed.as_bytes())
}

fn one(typed: &str, format: EndpointFormat) -> Result<String, Failure> {
    let no_host = || {
        // What stands before an @ may be a password.
        let (hidden, shown) = typed.rsplit_once('@').map_or(("", typed), |(_, host)| ("…@", host));
        Failure::new(USAGE, format!("not a host or its URL: {:?}", format!("{hidden}{shown}")))
            .hint("awsig endpoint bucket.s3.eu-west-1.amazonaws.com, or a URL with https:// or http://")
    };
    let (scheme, rest) = typed.split_once("://").unwrap_or(("https", typed));
    let url = format!("{scheme}://{rest}");
    Request::new("GET", &url).map_err(|_| no_host())?;
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let endpoint = Endpoint::of_url(host, if path.starts_with('/') { path } else { "/" });
    Ok(match format {
        EndpointFormat::Json => format!("{}\n", as_json(&endpoint)),
        EndpointFormat::Text => as_text(&endpoint),
    })
}

fn as_json(endpoint: &Endpoint) -> Value {
    let rules = endpoint.rules();
    json!({
        "host": endpoint.host(),
        "service": endpoint.service(),
        "region": endpoint.region(),
        "partition": endpoint.partition().map(|partition| partition.id()),
        "sigv4a": endpoint.needs_sigv4a(),
        "rules": {
            "path_encoding": format!("{:?}", rules.path_encoding).to_lowercase(),
            "normalize_path": !rules.keep_dot_segments,
            "payload": payload(&rules),
            "content_sha256_header": rules.content_sha256_header,
            "token": token(&rules),
        },
    })
}

fn as_text(endpoint: &Endpoint) -> String {
    let rules = endpoint.rules();
    let mut text = format!(
        "{}\n  service    {}\n  region     {}\n  partition  {}\n",
        endpoint.host(),
        endpoint.service().unwrap_or("not known: --service says it"),
        endpoint.region().unwrap_or(if endpoint.needs_sigv4a() { "*" } else { "not known: --region says it" }),
        endpoint.partition().map_or("not known", |partition| partition.id()),
    );
    text.push_str(&format!(
        "  rules      path encoded {}, {}; payload {}{}; token {}\n",
        format!("{:?}", rules.path_encoding).to_lowercase(),
        if rules.keep_dot_segments { "kept as it is" } else { "normalized" },
        payload(&rules),
        if rules.content_sha256_header { ", x-amz-content-sha256 sent and signed" } else { "" },
        token(&rules),
    ));
    for reason in endpoint.reasons() {
        text.push_str(&format!("  because    {reason}\n"));
    }
    for missing in endpoint.missing() {
        text.push_str(&format!("  missing    {missing}\n"));
    }
    text
}

fn payload(rules: &Rules) -> &'static str {
    use awsig::signing::PayloadRule;
    match rules.payload {
        PayloadRule::Unsigned => "unsigned",
        PayloadRule::UnsignedInUrl => "signed, unsigned in a URL",
        _ => "signed",
    }
}

fn token(rules: &Rules) -> &'static str {
    use awsig::signing::TokenRule;
    match rules.token {
        TokenRule::Unsigned => "added after signing",
        TokenRule::S3Session => "signed, as x-amz-s3session-token",
        _ => "signed",
    }
}
