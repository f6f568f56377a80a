//! AWS Signature Version 4 from scratch.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "imds")]
pub mod imds;
#[cfg(feature = "lab")]
pub mod lab;
pub mod signing;
#[cfg(feature = "transport")]
pub mod transport;
#[cfg(feature = "std")]
pub mod world;

pub use signing::*;
