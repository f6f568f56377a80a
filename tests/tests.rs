//! The integration tests: one crate, one module per subject.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::print_stderr,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    missing_docs
)]

/// What host names tell: thousands from botocore's rules, and those written by hand.
mod endpoints;
