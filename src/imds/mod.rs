//! The instance metadata service of EC2, version 2 only.
//!
//! ```text
//! PUT /latest/api/token ─▶ token ─▶ GET /latest/meta-data/iam/security-credentials/     ─▶ the role's name
//!                            │  └──▶ GET /latest/meta-data/iam/security-credentials/ROLE ─▶ Credentials
//!                            └─────▶ GET any other path
//! ```
//!
//! No proxy, no redirect, and never version 1: a service that grants no token is an error, not a reason to go without.
//! One deadline on a clock that never goes back covers a whole answer with its retries. Away from EC2 nothing answers at
//! 169.254.169.254, so until the first reply a time-out is believed at once, and for half a minute.

mod client;
mod document;
mod error;
mod settings;
mod token;

pub use client::{Imds, RoleCredentials};
pub use document::{DocumentError, parse_document, parse_role};
pub use error::{ImdsError, ImdsFailure};
pub use settings::Settings;
