//! What options say instead of the service's own way.

use crate::args::{PathEncodingArg, RequestArgs, YesNo};
use crate::report::{Failure, URL, USAGE};
use awsig::send::PayloadChoice;
use awsig::signing::{PathEncoding, Rules};

/// Headers that proxies and clients change on the way, so they are sent but not signed.
const LEFT_UNSIGNED: [&str; 8] = [
    "accept",
    "accept-encoding",
    "content-length",
    "forwarded",
    "range",
    "via",
    "x-forwarded-for",
    "x-forwarded-proto",
];

/// What was typed with `--path-encoding` and `--normalize-path` instead of the service's own way.
pub(super) fn force(args: &RequestArgs, rules: &mut Rules) {
    match args.path_encoding {
        Some(PathEncodingArg::Once) => rules.path_encoding = PathEncoding::Once,
        Some(PathEncodingArg::Twice) => rules.path_encoding = PathEncoding::Twice,
        Some(PathEncodingArg::AsIs) => {
            rules.path_encoding = PathEncoding::AsIs;
            rules.keep_dot_segments = true;
        }
        None => {}
    }
    if let Some(normalize) = args.normalize_path {
        rules.keep_dot_segments = normalize == YesNo::No;
    }
}

/// What is sent byte for byte must fit on a request line.
pub(super) fn sendable(path: &str, rules: &Rules) -> Result<(), Failure> {
    if rules.path_encoding == PathEncoding::AsIs && path.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return Err(Failure::new(URL, "the path holds a blank or a character that is not ASCII, and is sent as it is")
            .hint("write such bytes as %XX, or leave --path-encoding out"));
    }
    Ok(())
}

pub(super) fn left_unsigned(args: &RequestArgs) -> Result<Vec<String>, Failure> {
    let must = ["host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token"];
    let is_needed = |must: &&str| args.dont_sign_header.iter().any(|name| name.eq_ignore_ascii_case(must));
    if let Some(name) = must.into_iter().find(is_needed) {
        return Err(Failure::new(USAGE, format!("{name} cannot be left unsigned"))
            .hint("a signature without it is refused; --dont-sign-header takes other headers"));
    }
    let forced = |name: &str| args.sign_header.iter().any(|forced| forced.eq_ignore_ascii_case(name));
    let mut names: Vec<String> = LEFT_UNSIGNED.iter().filter(|name| !forced(name)).map(|&name| name.into()).collect();
    names.extend(args.dont_sign_header.iter().cloned());
    Ok(names)
}

/// `--payload`, or `x-amz-content-sha256` as a header, chooses the payload; the signer writes the header itself.
pub(super) fn payload(args: &RequestArgs, headers: &mut Vec<(String, String)>) -> Result<PayloadChoice, Failure> {
    let is_it = |name: &str| name.eq_ignore_ascii_case("x-amz-content-sha256");
    let header = headers.iter().find(|(name, _)| is_it(name)).map(|(_, value)| value.clone());
    headers.retain(|(name, _)| !is_it(name));
    match args.payload.as_deref().or(header.as_deref()) {
        None => Ok(PayloadChoice::Automatic),
        Some("signed") => Ok(PayloadChoice::Signed),
        Some("unsigned" | "UNSIGNED-PAYLOAD") => Ok(PayloadChoice::Unsigned),
        Some(text) => {
            let mut digest = [0; 32];
            hex::decode_to_slice(text, &mut digest).map_err(|_| {
                Failure::new(USAGE, "the payload is neither signed, unsigned nor 64 hexadecimal digits")
                    .hint("leave it out: awsig does what the service wants, and hashes the body itself")
            })?;
            Ok(PayloadChoice::Sha256(digest))
        }
    }
}
