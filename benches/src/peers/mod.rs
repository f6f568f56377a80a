//! The other signers, each used as its documentation says.

pub mod aws_sigv4;
pub mod process;
pub mod reqsign;
