//! What was typed. Nothing here touches the world, nor names another file: `packaging/pages` makes the manual page and
//! the completions of it.

#[path = "args/accepted.rs"]
mod accepted;
#[path = "args/answer.rs"]
mod answer;
#[path = "args/body.rs"]
mod body;
#[path = "args/connection.rs"]
mod connection;
#[path = "args/creds.rs"]
mod creds;
#[path = "args/endpoint.rs"]
mod endpoint;
#[path = "args/explain.rs"]
mod explain;
#[path = "args/imds.rs"]
mod imds;
#[path = "args/keys.rs"]
mod keys;
#[path = "args/lab.rs"]
mod lab;
#[path = "args/place.rs"]
mod place;
#[path = "args/presign.rs"]
mod presign;
#[path = "args/request.rs"]
mod request;
#[path = "args/retry.rs"]
mod retry;
#[path = "args/sign.rs"]
mod sign;
#[path = "args/source.rs"]
mod source;
#[path = "args/unsupported.rs"]
mod unsupported;
#[path = "args/verify.rs"]
mod verify;
#[path = "args/whoami.rs"]
mod whoami;

pub(crate) use accepted::{AcceptedForCall, AcceptedForRequest};
pub(crate) use answer::{AnswerArgs, MAX_REDIRS};
pub(crate) use body::{BodyArgs, DataKind, Form, FormKind};
pub(crate) use connection::{CONNECT_TIMEOUT, ConnectionArgs};
pub(crate) use creds::{CredsArgs, CredsFormat, CredsVerb, ExecArgs, ServeArgs};
pub(crate) use endpoint::{EndpointArgs, EndpointFormat};
pub(crate) use explain::{ExplainArgs, ExplainFormat};
pub(crate) use imds::ImdsArgs;
pub(crate) use keys::{Hidden, KeyArgs};
pub(crate) use lab::{LabArgs, LabVerb};
pub(crate) use place::PlaceArgs;
pub(crate) use presign::{PostFormat, PresignArgs, PresignPostArgs};
pub(crate) use request::{ChecksumArg, PathEncodingArg, RequestArgs, YesNo};
pub(crate) use retry::RetryArgs;
pub(crate) use sign::{SignArgs, SignFormat};
pub(crate) use source::SourceArgs;
pub(crate) use unsupported::instead;
pub(crate) use verify::VerifyArgs;
pub(crate) use whoami::{WhoamiArgs, WhoamiFormat};

use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  awsig https://svc-0123.7d67968.vpc-lattice-svcs.us-west-2.on.aws POST
  awsig https://abc123.execute-api.eu-west-1.amazonaws.com/prod/items -d @item.json -H 'content-type: application/json'
  awsig presign --expires 15m https://bucket.s3.eu-central-1.amazonaws.com/key
  eval \"$(awsig creds --format env)\"
  awsig lab tour
  awsig explain answer.txt --request request.http

Exit codes: 0 for an answer below 400, 22 from 400 up; curl's for what goes wrong on the way: 3 bad URL, 5 proxy or
6 host not resolved, 7 no connection, 18 partial answer, 23 write error, 26 read error, 28 time-out, 35 TLS, 52 empty
answer, 55 send and 56 receive error, 60 certificate, 63 answer too long, 77 --cacert, 1 all else; 2 for wrong usage; 110 without credentials,
111 when service or region cannot be told, 112 when a step of the lab fails. awsig verify: 0 valid, 1 invalid, 2 cannot be
read.";

/// Signs a request with AWS Signature Version 4, with the credentials of this machine, and sends it.
#[derive(Debug, Parser)]
#[command(name = "awsig", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(args_override_self = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
    #[command(flatten)]
    pub(crate) call: CallArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Print the signed request instead of sending it
    ///
    /// A body from a pipe is read whole and signed in one piece, also for S3, to which awsig itself sends it in chunks.
    Sign(SignArgs),
    /// Print a URL that is signed for a while
    Presign(PresignArgs),
    /// Print the form fields that let a browser upload to S3 for a while
    PresignPost(PresignPostArgs),
    /// Say why a service refused, from its answer saved or pasted; needs no credentials
    Explain(ExplainArgs),
    /// Check the signature of a request that any tool made: 0 valid, 1 invalid, 2 cannot be read
    Verify(VerifyArgs),
    /// Print the credentials that would be used
    Creds(CredsArgs),
    /// Print whose credentials they are: asks STS
    Whoami(WhoamiArgs),
    /// Print how requests to a host would be signed, and why
    Endpoint(EndpointArgs),
    /// Print a document of the instance metadata service (version 2)
    Imds(ImdsArgs),
    /// Run a metadata service and a VPC Lattice-like service on this machine
    Lab(LabArgs),
}

#[derive(Debug, Default, clap::Args)]
pub(crate) struct CallArgs {
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) answer: AnswerArgs,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) retry: RetryArgs,
    #[command(flatten)]
    pub(crate) accepted: AcceptedForCall,
    /// Show the request, the texts of its signature and the answer's headers on standard error, secrets blanked
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// When the service refuses, tell all about it: texts compared, every hint, a policy statement
    #[arg(long, conflicts_with = "silent")]
    pub(crate) explain: bool,
    /// Sign, show what would be sent, and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

impl Args {
    /// The request, if this is about one.
    pub(crate) fn request(&self) -> Option<&RequestArgs> {
        match &self.verb {
            None => Some(&self.call.request),
            Some(Verb::Sign(args)) => Some(&args.request),
            Some(Verb::Presign(args)) => Some(&args.request),
            Some(_) => None,
        }
    }
}
