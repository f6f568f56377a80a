//! The integration tests: one crate, one `mod` per subject.

// This crate is no `no_std` one, and its helpers are not `#[test]` functions.
#![allow(
    clippy::std_instead_of_core,
    clippy::std_instead_of_alloc,
    clippy::as_conversions,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr
)]

/// Requests of other tools: what they did wrong is named.
mod captured;
/// What is sent is what is told of.
#[cfg(all(feature = "cli", unix))]
mod counted;
/// The chain of sources: who is asked, what is taken, what stops.
#[cfg(feature = "credentials")]
mod credentials;
/// What host names tell: thousands from botocore's rules, and those written by hand.
mod endpoints;
/// The flags of curl and awscurl.
#[cfg(feature = "cli")]
mod flags;
/// Servers that never end.
#[cfg(all(feature = "cli", unix))]
mod hostile;
/// The instance metadata service: each answer it may give, and what the client makes of it.
#[cfg(feature = "imds")]
mod imds;
/// Twelve mistakes, made on purpose.
mod mistakes;
/// The program: what is typed and what is seen.
#[cfg(all(feature = "cli", unix))]
mod program;
/// What services answer when they refuse, and why.
#[cfg(feature = "refusal")]
mod refusals;
/// Stories of finding credentials, as data.
#[cfg(feature = "credentials")]
mod scenarios_credentials;
/// Sentinel secrets, looked for in everything that is printed.
#[cfg(feature = "cli")]
mod sentinels;
/// A server on loopback that does to its clients what a test tells it to.
#[cfg(feature = "transport")]
mod server;
/// One request, one response, and each way they can fail.
#[cfg(feature = "transport")]
mod transport;
/// What is in `test-vectors/`: every step of every case, then verified, then tampered with.
mod vectors;
