//! The integration tests: one crate, one `mod` per subject.

/// A server on loopback that does to its clients what a test tells it to.
#[cfg(feature = "transport")]
mod server;
/// One request, one response, and each way they can fail.
#[cfg(feature = "transport")]
mod transport;
