//! The integration tests: one crate, one `mod` per subject.

// This crate is no `no_std` one.
#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc)]

/// The instance metadata service: each answer it may give, and what the client makes of it.
#[cfg(feature = "imds")]
mod imds;
/// A server on loopback that does to its clients what a test tells it to.
#[cfg(feature = "transport")]
mod server;
/// One request, one response, and each way they can fail.
#[cfg(feature = "transport")]
mod transport;
