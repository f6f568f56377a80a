//! The integration tests: one crate, one `mod` per subject.

/// What host names tell: thousands from botocore's rules, and those written by hand.
mod endpoints;
/// A server on loopback that does to its clients what a test tells it to.
#[cfg(feature = "transport")]
mod server;
/// One request, one response, and each way they can fail.
#[cfg(feature = "transport")]
mod transport;
/// What is in `test-vectors/`: every step of every case, then verified, then tampered with.
mod vectors;
