//! The integration tests: one crate, one `mod` per subject.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed, as it should")]
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, reason = "this crate has std")]

/// What host names tell: thousands from botocore's rules, and those written by hand.
mod endpoints;
/// The instance metadata service: each answer it may give, and what the client makes of it.
#[cfg(feature = "imds")]
mod imds;
/// A server on loopback that does to its clients what a test tells it to.
#[cfg(feature = "transport")]
mod server;
/// One request, one response, and each way they can fail.
#[cfg(feature = "transport")]
mod transport;
/// What is in `test-vectors/`: every step of every case, then verified, then tampered with.
mod vectors;
