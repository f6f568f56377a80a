//! AWS Signature Version 4 from scratch.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod endpoint;
pub mod signing;

pub use signing::*;
