//! The bodies of the fuzz targets: laws of the core, for any bytes.
//!
//! An input is four bytes of choices and a message: a request line, header lines, an empty line and a body, with line
//! feeds between. So the vectors serve as seeds, and people can read what was found.

// The laws are assertions; a body that finds one broken panics.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod canonical;
mod chunks;
mod claim;
mod meaning;
mod message;
mod tamper;

pub use canonical::canonical;
pub use chunks::chunks;
pub use claim::claim;
pub use tamper::tamper;

use super::{Credentials, PathEncoding, Rules, Scope, Signer, Timestamp};

const REGION: &str = "us-east-1";

fn now() -> Timestamp {
    Timestamp::parse("20150830T123600Z").unwrap()
}

fn credentials(with_token: bool) -> Credentials {
    let token = if with_token { "AQoDYXdzEPT//////////wEXAMPLE==" } else { "" };
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap().with_token(token).unwrap()
}

fn signer(service: &str, rules: Rules, with_token: bool) -> Signer {
    let scope = Scope::new(now(), REGION, service).unwrap();
    Signer::new(&credentials(with_token), scope).with_rules(rules)
}

/// Every set of rules that the services have, and every way to treat a path.
fn rule_sets() -> [(&'static str, Rules); 10] {
    let general = |path_encoding, keep_dot_segments| Rules { path_encoding, keep_dot_segments, ..Rules::GENERAL };
    let of = |service| (service, Rules::of(service));
    [
        of("execute-api"),
        of("s3"),
        of("vpc-lattice-svcs"),
        of("aoss"),
        of("iotdevicegateway"),
        ("s3express", Rules { token: super::TokenRule::S3Session, ..Rules::S3 }),
        ("service", general(PathEncoding::Once, false)),
        ("service", general(PathEncoding::Twice, true)),
        ("service", general(PathEncoding::AsIs, false)),
        ("service", general(PathEncoding::AsIs, true)),
    ]
}
