//! A signed call: a request, what signs it, and what sends it.
//!
//! ```text
//!  Call ─▶ Source hashed, or cut in chunks ─▶ Signer ─▶ prepare ─▶ Transport ─▶ Answer
//!   ▲                                                                           │
//!   ├─────── signed again, once, for the region that S3 names ◀─────────────────┤
//!   └─ Again: retries, once the service's clock, once other credentials ◀───────┘
//! ```
//!
//! [`prepare`] turns a checked [`Request`](crate::signing::Request) into the `http` request that goes on the wire: the URL
//! that was signed, byte for byte, the caller's headers, and those that signing adds. [`Call`] does that for a body of
//! any size and kind; [`Call::send_again`] does it as often as it takes. No redirect is followed: a signature is of one host.

mod again;
mod ahead;
mod call;
mod checksum;
mod chunks;
mod declared;
mod express;
mod hash;
mod prepare;
mod region;
mod source;

pub use again::{Again, Reason, Retries};
pub use call::{Answer, Call, CallError, Event, PayloadChoice};
pub use express::{ExpressSessions, SessionError, wants_session};
pub use prepare::{PrepareError, prepare};
pub use source::{ReadSeek, Source};
