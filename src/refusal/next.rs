//! What to do or type next.

use super::{Asked, Cause, Layer, Refusal};
use crate::endpoint::Endpoint;
use crate::signing::Mismatch;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

const VERIFY: &str = "awsig verify tells, with the credentials, what the signer did";
const OTHER_SECRET: &str =
    "where it calls the signature valid, the secret key it was given is not the one that the service has";
const CHANGED: &str = "then what a proxy may change on the way: host, path, query, signed headers, body";

pub(super) fn of(cause: &Cause, refusal: &Refusal, asked: &Asked) -> Vec<String> {
    let one = |text: &str| vec![text.to_string()];
    match cause {
        Cause::Differs(difference) => mismatch(difference.mismatch()),
        Cause::Secret => vec![
            "compare the two keys: awsig creds shows the access key id and where it comes from; one of the two may be \
             left over in the environment"
                .into(),
            "a secret key is often spoilt by a line break or a blank behind it, or by a shell that ate its / or +".into(),
        ],
        Cause::Signer => vec![VERIFY.into(), OTHER_SECRET.into()],
        Cause::Signature if asked.steps.is_none() && asked.host.is_some() => one(
            "give the request as it was sent, its Authorization header with it: an unsigned one, or a bare URL, has no \
             texts to compare; awsig sign --format http prints one",
        ),
        Cause::Signature if asked.steps.is_none() => {
            one("give the request too: awsig explain --request FILE ANSWER compares its texts line by line")
        }
        Cause::Signature if !asked.signed_here => vec![VERIFY.into(), OTHER_SECRET.into(), CHANGED.into()],
        Cause::Signature => vec![
            "check the secret key first: awsig creds shows which one is used".into(),
            CHANGED.into(),
        ],
        Cause::Clock(skew) => {
            let mut next = Vec::new();
            if asked.now.is_none() && skew.is_some_and(|skew| skew.seconds() < 0) {
                next.push("a command or URL that was printed is good for minutes: sign again shortly before sending".into());
                next.push("if it was sent at once, the clock is wrong: sudo chronyc makestep (or: sudo timedatectl set-ntp true) sets it".into());
            } else {
                next.push("sudo chronyc makestep (or: sudo timedatectl set-ntp true) sets the clock".into());
            }
            if let Some(time) = skew.map(|skew| skew.server).or(refusal.server_time()) {
                next.push(format!("for one request: awsig --time {} …", time.to_rfc3339()));
            }
            next
        }
        Cause::Old(_) => one("sign again shortly before sending, without --time and x-amz-date"),
        Cause::Region { wanted, .. } => match (not_of_the_host(asked), wanted) {
            (Some(told), wanted) if wanted.as_ref().is_none_or(|wanted| *wanted == told) => {
                vec![format!("leave --region out, or write --region {told}: the host tells it")]
            }
            (_, Some(wanted)) => vec![format!("add --region {wanted}")],
            (_, None) => one("add --region with the region in the host name, or where the resource is"),
        },
        Cause::Service { wanted: Some(wanted), .. } => vec![format!("add --service {wanted}")],
        Cause::Service { wanted: None, .. } => one("awsig endpoint HOST tells the signing name; --service sets it"),
        Cause::Day | Cause::Terminator | Cause::Credential | Cause::Date | Cause::HostNotSigned | Cause::PartMissing(_) => {
            one("sign with awsig, which makes all parts of a signature from one clock")
        }
        Cause::Algorithm => one("use AWS4-HMAC-SHA256, which awsig makes"),
        Cause::NeedsSigV4a => one("call a regional endpoint instead: awsig makes no SigV4A signatures"),
        Cause::NotSigned => one("call the final address itself: redirects and some proxies drop the Authorization header"),
        Cause::Route => vec![
            "check the stage and path: https://ID.execute-api.REGION.amazonaws.com/STAGE/PATH; a custom domain has no stage"
                .into(),
            "check that the method exists there, and that the API is deployed to that stage".into(),
        ],
        Cause::NotKeyValue => one("send one Authorization header only, and no Bearer or Basic one beside the signature"),
        Cause::HeaderNotSigned(_) => one("sign every x-amz-… header; awsig does"),
        Cause::SignedHeaderMissing(_) => {
            one("check that the variable behind the header is not empty: an empty session token is not sent at all")
        }
        Cause::Url => one("write %25 for a percent sign itself; awsig checks that before it sends"),
        Cause::KeyUnknown | Cause::Partition(_) => one("awsig creds shows which access key is used, and where it comes from"),
        Cause::TokenMissing => {
            one("set AWS_SESSION_TOKEN along with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or unset all three")
        }
        Cause::TokenExpired { .. } => vec![
            "if they stand in the environment: unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN, and the \
             instance's own are used"
                .into(),
            "otherwise get new ones where these came from: awsig creds tells".into(),
        ],
        Cause::TokenInvalid => vec![
            "copy key, secret and token anew, all three from one answer, in quotation marks and without line breaks".into(),
            "in a region that had to be opted in to, get the token from the regional endpoint of STS".into(),
        ],
        Cause::UrlExpired => vec![
            "make a new one: awsig presign --expires 12h URL".into(),
            "a URL also dies with the temporary credentials it was signed with".into(),
        ],
        Cause::Permission(permission) => permitted(permission),
        Cause::AccessDenied if refusal.message().contains("Encoded authorization failure message") => {
            one("sts:DecodeAuthorizationMessage decodes the message")
        }
        Cause::AccessDenied => vec![
            "check the caller's policies, the policy of the resource, and those of the organization, in this order".into(),
            "awsig whoami tells who the caller is".into(),
        ],
        Cause::PayloadSigned | Cause::PayloadHashMissing if asked.is_service("vpc-lattice-svcs", "vpc-lattice-svcs") => {
            one("add --service vpc-lattice-svcs where the host is a custom domain: awsig then signs UNSIGNED-PAYLOAD")
        }
        Cause::PayloadSigned => {
            one("send and sign x-amz-content-sha256: UNSIGNED-PAYLOAD; with --service vpc-lattice-svcs awsig does")
        }
        Cause::PayloadHashMissing | Cause::PayloadHashForm => {
            one("let awsig write the header: leave -H x-amz-content-sha256 out, and give the right --service")
        }
        Cause::PayloadChanged => one("hash what is sent, after compression: look for a proxy or a line break at the end of a file"),
        Cause::NetworkPolicy => {
            one("call through the collection's VPC endpoint, or add a network policy that lets this network in")
        }
        Cause::DataPolicy => vec![
            "name the caller's role in a data access policy of the collection, and allow aoss:APIAccessAll".into(),
            "send x-amz-content-sha256 and sign it; awsig does for the service aoss".into(),
        ],
        Cause::FunctionUrl => one(
            "allow both lambda:InvokeFunctionUrl and lambda:InvokeFunction to the caller, and check AuthType AWS_IAM",
        ),
        Cause::ApiForbidden => one("add -H 'x-api-key: KEY' if the method wants one; check the domain's base path mapping"),
        Cause::Authorizer { .. } => vec![
            "look at the policy that the authorizer returns for this caller, method and path, and at what of it is cached; \
             the caller's own policies do not count there"
                .into(),
            "a method behind a Lambda authorizer wants what that reads (a token), not this signature".into(),
        ],
        Cause::LatticeHost => {
            one("associate the service with the service network, and the network with this VPC; check the host's spelling")
        }
        Cause::Redirect => match (&refusal.told.region, &refusal.told.endpoint) {
            (Some(region), _) => vec![format!("add --region {region}, and call the endpoint of that region")],
            (None, Some(endpoint)) => vec![format!("call {endpoint} instead")],
            (None, None) => one("call the address in the Location header, signed anew"),
        },
        Cause::Subscription => one("opt in to the region or the service in the account's console"),
        Cause::Metadata => one("awsig imds meta-data/ reads it: awsig gets the session token by itself"),
        Cause::Throttled | Cause::Server => one("try again a little later"),
        Cause::Foreign => vec![
            "look who answers: its Server and Via headers (awsig -i), and what the host name leads to".into(),
            "if it is a proxy of the environment: no_proxy or --noproxy names hosts that need none".into(),
        ],
        Cause::Request | Cause::Accepted => Vec::new(),
        Cause::Unknown => match refusal.request_id() {
            Some(id) => vec![format!("the operator of the service can find it by its request id {id}")],
            None => one("-v shows the whole exchange"),
        },
    }
}

fn permitted(permission: &super::Permission) -> Vec<String> {
    if permission.is_anonymous() {
        return vec!["sign the request: awsig URL does".into()];
    }
    let mut next = Vec::new();
    if permission.explicit_deny {
        next.push("find the statement with \"Effect\": \"Deny\" that matches, and take it away or narrow it: no Allow outweighs it".into());
    }
    if let Some(statement) = permission.statement() {
        let place = match permission.layer {
            Some(layer) => layer.to_string(),
            None => Layer::Identity.to_string(),
        };
        next.push(format!("add to {place}: {statement}"));
    }
    if permission.layer == Some(Layer::LatticeService) || permission.layer == Some(Layer::LatticeNetwork) {
        next.push(
            "VPC Lattice wants all three to allow it: the service network's policy, the service's, and the caller's own".into(),
        );
    }
    next
}

/// The region of the host, where awsig signed for another: that was typed, since the host is believed before all else.
fn not_of_the_host(asked: &Asked) -> Option<String> {
    let told = Endpoint::of(asked.host.as_deref()?).region()?.to_string();
    (asked.signed_here && asked.region.as_ref() != Some(&told)).then_some(told)
}

fn mismatch(mismatch: &Mismatch) -> Vec<String> {
    let text = match mismatch {
        Mismatch::PathEncodedOnce | Mismatch::PathEncodedTwice | Mismatch::PathResolved | Mismatch::PathNotResolved => {
            "the rules of the service are not those that were used: check --service (S3 encodes once, all others twice)"
        }
        Mismatch::PathEscapes | Mismatch::QueryEscapes(_) | Mismatch::QueryEncodedTwice(_) | Mismatch::QueryPlus(_) => {
            "send the very URL that was signed: awsig sign --format curl prints it; + has to be %2B, a blank %20"
        }
        Mismatch::Region { theirs, .. } => return vec![format!("add --region {theirs}")],
        Mismatch::Service { theirs, .. } => return vec![format!("add --service {theirs}")],
        Mismatch::Body | Mismatch::BodyLost | Mismatch::BodyAdded => {
            "hash exactly what is sent: look for a proxy, a compression, or a line break at the end of a file"
        }
        Mismatch::PayloadUnsigned => "leave x-amz-content-sha256 out: awsig hashes the body itself",
        Mismatch::PayloadSigned => "add -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD'",
        Mismatch::HostPort | Mismatch::HeaderValue(_) | Mismatch::HeaderBlanks(_) | Mismatch::HeaderMissing(_) => {
            "look for a proxy or load balancer between here and the service, or leave the header unsigned"
        }
        Mismatch::Path
        | Mismatch::QueryMissing(_)
        | Mismatch::QueryExtra(_)
        | Mismatch::QueryValue(_)
        | Mismatch::Method => "look for a proxy or load balancer that rewrites requests, and sign what it sends on",
        _ => "awsig sign --explain shows the texts that were signed",
    };
    vec![text.into()]
}
