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
#[path = "args/keys.rs"]
mod keys;
#[path = "args/retry.rs"]
mod retry;
#[path = "args/unsupported.rs"]
mod unsupported;

pub(crate) use accepted::{AcceptedForCall, AcceptedForRequest};
pub(crate) use answer::AnswerArgs;
pub(crate) use body::{BodyArgs, DataKind, Form, FormKind};
pub(crate) use connection::ConnectionArgs;
pub(crate) use keys::KeyArgs;
pub(crate) use retry::RetryArgs;
pub(crate) use unsupported::instead;

use crate::sources::SourceArgs;
use clap::{Parser, Subcommand, ValueEnum};
use std::ffi::OsString;

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

/// What a signature is good for.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct PlaceArgs {
    /// The signing name of the service, when the host does not tell it [AWSIG_SERVICE]
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// The signing region, when the host does not tell it [AWS_REGION, AWS_DEFAULT_REGION, the profile's, the instance's]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Sign as of this time instead of now: 20150830T123600Z, RFC 3339 or @SECONDS
    #[arg(long, value_name = "TIME")]
    pub(crate) time: Option<String>,
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
}

/// The request, as far as signing and sending have it in common.
#[derive(Debug, clap::Args)]
pub(crate) struct RequestArgs {
    /// Where to send the request
    pub(crate) url: Option<String>,
    /// The method, in any case; GET by default, POST when there is a body
    #[arg(value_name = "METHOD")]
    pub(crate) method: Option<String>,
    /// The method, as an option
    #[arg(short = 'X', long = "request", value_name = "METHOD", conflicts_with = "method")]
    pub(crate) request: Option<String>,
    /// Where to send the request, as an option
    #[arg(long = "url", value_name = "URL", conflicts_with = "url")]
    pub(crate) url_option: Option<String>,
    #[command(flatten)]
    pub(crate) body: BodyArgs,
    /// Add this to the query of the URL, percent-encoded: TEXT, NAME=TEXT, NAME@FILE, or +TEXT as it is; repeatable
    #[arg(long, value_name = "NAME=TEXT")]
    pub(crate) url_query: Vec<OsString>,
    /// Ask for the head of the answer only (HEAD), and print it
    #[arg(short = 'I', long, conflicts_with = "method")]
    pub(crate) head: bool,
    /// What the client calls itself
    #[arg(short = 'A', long, value_name = "NAME")]
    pub(crate) user_agent: Option<String>,
    #[command(flatten)]
    pub(crate) keys: KeyArgs,
    /// A header, 'Name: value', or a file of them, @FILE; repeatable
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    pub(crate) headers: Vec<String>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// How often the path is encoded for signing [the service's way: once for S3, twice for all others]
    #[arg(long, value_name = "HOW", value_enum)]
    pub(crate) path_encoding: Option<PathEncodingArg>,
    /// Whether `.`, `..` and empty segments of the path are signed resolved [the service's way: no for S3]
    #[arg(long, value_name = "YES|NO", value_enum)]
    pub(crate) normalize_path: Option<YesNo>,
    /// What is signed of the body: signed, unsigned, or its SHA-256 in hexadecimal [the service's way]
    #[arg(long, value_name = "HOW|HASH")]
    pub(crate) payload: Option<String>,
    /// The checksum in the trailer of an upload to S3 from a pipe: crc32, crc32c or sha256
    #[arg(long, value_name = "NAME", value_enum)]
    pub(crate) checksum: Option<ChecksumArg>,
    /// Sign this header though it is left unsigned otherwise; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) sign_header: Vec<String>,
    /// Send this header unsigned; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) dont_sign_header: Vec<String>,
    /// Read options from this file too, one a line, as curl does; - is standard input; repeatable
    #[arg(short = 'K', long = "config", value_name = "FILE")]
    pub(crate) config: Vec<std::path::PathBuf>,
    #[command(flatten)]
    pub(crate) accepted: AcceptedForRequest,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PathEncodingArg {
    /// As it is sent: what S3 wants
    Once,
    /// As it is sent, encoded once more: what all others want
    Twice,
    /// Sent and signed byte for byte as typed
    AsIs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    Yes,
    No,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ChecksumArg {
    Crc32,
    Crc32c,
    Sha256,
}

#[derive(Debug, clap::Args)]
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

#[derive(Debug, clap::Args)]
pub(crate) struct SignArgs {
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    /// What to print; all but this command's own errors hold the session token, since the service needs it
    #[arg(long, value_enum, default_value_t = SignFormat::Headers)]
    pub(crate) format: SignFormat,
    /// Print the three texts of the signature instead, and where each line came from; secrets blanked
    #[arg(long, conflicts_with = "format")]
    pub(crate) explain: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum SignFormat {
    /// The headers to add, one a line
    Headers,
    /// A curl command that sends the request
    Curl,
    /// Everything: method, url, headers, signed_headers, scope, canonical_request, string_to_sign, signature
    Json,
    /// The request as HTTP/1.1 writes it
    Http,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PresignArgs {
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    /// For how long the URL is good: 900, 90s, 15m, 12h or 7d
    #[arg(long, value_name = "DURATION", default_value = "15m")]
    pub(crate) expires: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PresignPostArgs {
    /// The bucket: https://BUCKET.s3.REGION.amazonaws.com/ or https://s3.REGION.amazonaws.com/BUCKET
    pub(crate) url: String,
    /// The key to upload to
    #[arg(long, required_unless_present = "key_starts_with", conflicts_with = "key_starts_with")]
    pub(crate) key: Option<String>,
    /// Upload to any key that starts like this; the name of the uploaded file is put behind it
    #[arg(long, value_name = "PREFIX")]
    pub(crate) key_starts_with: Option<String>,
    /// The smallest and the largest size of the upload, in bytes
    #[arg(long, value_name = "MIN-MAX")]
    pub(crate) content_length_range: Option<String>,
    /// A field that the form has to have, with its value: acl, Content-Type, x-amz-meta-…; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) field: Vec<String>,
    /// For how long the form is good: 900, 90s, 15m, 12h or 7d
    #[arg(long, value_name = "DURATION", default_value = "15m")]
    pub(crate) expires: String,
    /// What to print; all hold the session token, since S3 needs it
    #[arg(long, value_enum, default_value_t = PostFormat::Json)]
    pub(crate) format: PostFormat,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PostFormat {
    /// An object with url and fields
    Json,
    /// A curl command that uploads FILE
    Curl,
    /// A form for a web page
    Html,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// The answer: as curl -i or -v prints it, its body, or what a program printed [standard input]
    #[arg(value_name = "FILE|-")]
    pub(crate) answer: Option<String>,
    /// The request that was refused: as HTTP writes it, from curl -v, a HAR file, or its URL; its texts are compared
    #[arg(long, value_name = "FILE|URL|-")]
    pub(crate) request: Option<String>,
    /// The body of the request, where the request has none, such as in a trace of curl -v
    #[arg(long, value_name = "FILE", requires = "request")]
    pub(crate) body: Option<std::path::PathBuf>,
    /// When the answer came, if the clock of the machine that asked is known to be right
    #[arg(long, value_name = "TIME")]
    pub(crate) time: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = ExplainFormat::Text)]
    pub(crate) format: ExplainFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people
    Text,
    /// One JSON object: status, code, message, request_id, cause, passed, means, next, statement
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The request: as HTTP writes it, from curl -v, a HAR file, or a presigned URL [standard input]
    #[arg(value_name = "FILE|URL|-")]
    pub(crate) request: Option<String>,
    /// The method of a presigned URL
    #[arg(short = 'X', long = "method", value_name = "METHOD", default_value = "GET")]
    pub(crate) method: String,
    /// The body of the request, where the request has none, such as in a trace of curl -v
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<std::path::PathBuf>,
    /// The service that checks [what the host tells, else what is signed]
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// The region that checks [what the host tells, else what is signed]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Check as of this time instead of now: 20150830T123600Z, RFC 3339 or @SECONDS
    #[arg(long, value_name = "TIME")]
    pub(crate) time: Option<String>,
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct CredsArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<CredsVerb>,
    /// How to print them; all but text hold the secret key
    #[arg(long, value_enum, default_value_t = CredsFormat::Text)]
    pub(crate) format: CredsFormat,
    /// List every source in order with what was found, and why it was taken or passed over; no secret
    #[arg(long, conflicts_with = "format")]
    pub(crate) explain: bool,
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CredsVerb {
    /// Run a command with the credentials in its environment
    Exec(ExecArgs),
    /// Offer the credentials on this machine, renewed in time, the way containers get them: any SDK can use them
    Serve(ServeArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExecArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// The command and its arguments, after --
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// The port on 127.0.0.1 [any that is free]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// Write the token that clients need to this file, for its owner only, instead of printing it
    #[arg(long, value_name = "FILE")]
    pub(crate) token_file: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum CredsFormat {
    /// Lines for a POSIX shell: eval "$(awsig creds --format env)"
    Env,
    /// Lines for fish: awsig creds --format fish | source
    Fish,
    /// Lines for PowerShell: awsig creds --format powershell | Out-String | Invoke-Expression
    Powershell,
    /// A JSON object
    Json,
    /// AWS's credential_process format
    Process,
    /// For people: where they come from and until when they are good, no secret
    Text,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WhoamiArgs {
    #[command(flatten)]
    pub(crate) sources: SourceArgs,
    /// The region whose STS is asked [AWS_REGION, AWS_DEFAULT_REGION, the profile's, us-east-1]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = WhoamiFormat::Text)]
    pub(crate) format: WhoamiFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum WhoamiFormat {
    /// For people
    Text,
    /// A JSON object: Account, Arn, UserId, Source
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct EndpointArgs {
    /// Host names or URLs; - reads one a line from standard input
    #[arg(required = true, value_name = "HOST")]
    pub(crate) hosts: Vec<String>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = EndpointFormat::Text)]
    pub(crate) format: EndpointFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EndpointFormat {
    /// For people, with the reasons
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ImdsArgs {
    /// What to read: meta-data/instance-id, dynamic/instance-identity/document, user-data, …
    pub(crate) path: String,
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct LabArgs {
    #[command(subcommand)]
    pub(crate) tour: Option<LabVerb>,
    /// The auth policy of the service: open, authenticated, post-only or a JSON file
    #[arg(long, value_name = "NAME|FILE", default_value = "authenticated")]
    pub(crate) policy: String,
    /// The auth policy of the service network [none: the network asks for nothing]
    #[arg(long, value_name = "NAME|FILE")]
    pub(crate) network_policy: Option<String>,
    /// The port of the service on 127.0.0.1
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
    /// The port of the metadata service on 127.0.0.1
    #[arg(long, default_value_t = 0)]
    pub(crate) imds_port: u16,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LabVerb {
    /// Play the VPC Lattice workshop in one process and show each step
    Tour,
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
