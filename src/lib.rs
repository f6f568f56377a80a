//! AWS Signature Version 4 from scratch: signs, presigns, verifies and explains; with features, finds credentials,
//! sends, and plays the services on this machine.
//!
//! | module | what it is for | feature |
//! |---|---|---|
//! | [`signing`] | the core: bytes in, bytes out; no I/O, no clock | |
//! | [`endpoint`] | from a host name to service, region and rules | |
#![cfg_attr(feature = "std", doc = "| [`world`] | the time, variables, files and commands of the machine | `std` |")]
#![cfg_attr(feature = "transport", doc = "| [`transport`] | one HTTP request, one response | `transport` |")]
#![cfg_attr(feature = "imds", doc = "| [`imds`] | instance metadata, version 2 only | `imds` |")]
#![cfg_attr(feature = "credentials", doc = "| [`credentials`] | where credentials come from | `credentials` |")]
#![cfg_attr(feature = "send", doc = "| [`send`] | a signed call | `send` |")]
#![cfg_attr(feature = "refusal", doc = "| [`refusal`] | why a service refused, and what to do | `refusal` |")]
#![cfg_attr(feature = "lab", doc = "| [`lab`] | a metadata service and a VPC Lattice-like service | `lab` |")]
//!
//! Everything in [`signing`] is also at the root of the crate.
//!
//! ```
//! use awsig::{Credentials, Request, Scope, Signer, Timestamp};
//!
//! let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
//! let request = Request::new("GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")?;
//! let scope = Scope::new(Timestamp::from_unix(1_440_938_160)?, "us-east-1", "iam")?;
//! let authorization = Signer::new(&credentials, scope).sign(&request);
//! assert_eq!(authorization.headers().count(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "credentials")]
pub mod credentials;
pub mod endpoint;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(feature = "imds")]
pub mod imds;
#[cfg(feature = "lab")]
pub mod lab;
#[cfg(feature = "refusal")]
pub mod refusal;
#[cfg(feature = "send")]
pub mod send;
pub mod signing;
#[cfg(feature = "transport")]
pub mod transport;
#[cfg(feature = "std")]
pub mod world;
#[cfg(feature = "credentials")]
mod xml;

pub use signing::*;

/// The README, compiled so that its examples stay right.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
