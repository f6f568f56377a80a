//! The core: bytes in, bytes out. No clock, variable, file or socket; `core` and `alloc` only.
//!
//! ```text
//! Request ─▶ CanonicalRequest ─▶ StringToSign ─▶ Signature ─▶ Authorization   Signer::sign
//!    ▲              ▲                  ▲              ▲       └▶ PresignedUrl   Signer::presign
//! checked once    Rules         Scope (time,      SigningKey    Verified       Verifier::verify
//!                               region, service)                Steps          Signer::steps, Verifier::steps
//! ```
//!
//! One function writes the canonical request, into any sink: into SHA-256 when signing, into a `String` when somebody
//! wants to read it. Sign, presign, verify and explain differ only in what they pass in, so they cannot drift apart.
//! The steps are those of the AWS General Reference, "Create a signed AWS API request".
//!
//! # What is sent is what is signed
//!
//! A URL is decoded once and strictly encoded once; [`Signer::url`] gives those bytes, and they are what is signed.
//! Each row names what settles it: a case of the AWS test suite (`test-vectors/aws/v4`), a published example, or the
//! unit test that pins a choice of ours.
//!
//! | in the request | is sent | is signed | settled by |
//! |---|---|---|---|
//! | `+` in a query | `%2B` | `%2B`: a plus, never a blank | ours, `query::tests`; RFC 3986 section 2.2 |
//! | `%2F` in a path | as it is; S3: `/` | `%252F`; S3: `/`, since a key has one kind of slash | ours, `path::tests` |
//! | `//` in a path | as it is | `/`; S3: `//` | `get-slashes-normalized`, `get-slashes-unnormalized` |
//! | `.` and `..` in a path | as they are | resolved; S3: as they are | `get-relative-relative-normalized`, `-unnormalized` |
//! | a name without `=` | as it is | with `=` | Amazon S3 "GET bucket lifecycle" example |
//! | a repeated query name | in order | sorted by value, after encoding | `get-vanilla-query-order-value` |
//! | a repeated header | in order | one line, joined by `,` in order | `get-header-key-duplicate` |
//! | blanks in a header value | as they are | trimmed, inner runs made one blank | `get-header-value-trim` |
//! | tabs in a header value | as they are | count as blanks | ours, `headers::tests` |
//! | non-ASCII in a URL | percent-encoded UTF-8 | the same (a path twice, S3 once) | `get-utf8`, `get-vanilla-utf8-query` |
//! | non-ASCII in a header | as it is (UTF-8) | as it is | ours, `request::tests` |
//! | a `%` without two digits | refused | refused | ours, `authority::tests`; AWS answers 400 |
//! | an unneeded escape (`%41`, `%7e`) | decoded (`A`, `~`) | decoded | `get-unreserved`; ours, `encode::tests` |
//! | the scheme's own port | dropped | dropped | ours, `authority::tests`; RFC 9110 section 4.2 |
//! | any other port | in `Host` | in `host` | ours, `authority::tests` |
//! | upper case in a host | lower case | lower case | RFC 3986 section 3.2.2; ours, `authority::tests` |
//! | an IPv6 host | in brackets | in brackets | RFC 3986 section 3.2.2; ours, `authority::tests` |
//! | a fragment | dropped | dropped | RFC 9110 section 4.2.5 |
//!
//! # Bodies
//!
//! [`Payload`] says what the signature covers of the body. For a body that cannot be read twice, [`ChunkedBody`] cuts
//! it into chunks that are signed on the way, and [`EventSigner`] signs the messages of an event stream. A form that a
//! browser posts to S3 is signed by its [`PostPolicy`].
//!
//! # Limits
//!
//! SigV4A (`AWS4-ECDSA-P256-SHA256`) is not made here. Header values have to be UTF-8.

mod authority;
mod authorization;
mod bytes;
mod canonical;
mod chain;
mod chunked;
mod claim;
mod credentials;
mod crypto;
mod encode;
mod events;
mod explain;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
mod headers;
mod key;
mod list;
mod path;
mod payload;
mod post_policy;
mod query;
mod request;
mod rules;
mod scan;
mod scope;
mod secret;
mod signer;
mod steps;
mod time;
mod verify;

pub use self::time::{Timestamp, TimestampError};
pub use authorization::{Authorization, Expires, ExpiresError, PresignedUrl};
pub use chunked::{Checksum, ChunkDecodeError, ChunkDecoder, ChunkEncodeError, ChunkEncoder, ChunkEvent, ChunkedBody};
pub use claim::{Claim, ClaimError};
pub use credentials::{Credentials, CredentialsError};
pub use events::{EventHeaders, EventSigner};
pub use explain::{Difference, Line, Mismatch, Mistake, Origin, Text, printable};
pub use key::{Signature, SigningKey};
pub use payload::{BodyHash, Payload};
pub use post_policy::{PostForm, PostPolicy};
pub use request::{Request, RequestError, is_never_signed};
pub use rules::{PathEncoding, PayloadRule, Rules, TokenRule};
pub use scope::{Scope, ScopeError};
pub use secret::Secret;
pub use signer::Signer;
pub use steps::{Steps, is_secret_header, shown_url};
pub use verify::{Verified, Verifier, VerifyError};
