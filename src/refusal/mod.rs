//! Why a service refused: from its answer to a [`Diagnosis`].
//!
//! ```text
//! status, headers, body ─▶ Refusal ─┐
//! (or a saved answer)               ├─▶ Diagnosis: cause, what passed before, what to do next
//! request, signer, clock ─▶ Asked ──┘
//! ```
//!
//! Services answer in XML, JSON, CBOR, plain text or in a header only; all of them are read here, with no I/O. What an
//! answer holds of session tokens, signatures and dumps in hexadecimal gets no further than the parsers, and every text
//! that comes out is fit for a terminal.
//!
//! The order of a server's checks, which tells what a refusal proves, is the one that was measured on STS; it is relied
//! on only for services that answer as STS does.

mod answer;
mod asked;
mod cause;
mod cbor;
mod check;
mod diagnosis;
mod fields;
mod find;
mod json;
mod means;
mod next;
mod permission;
mod saved;
mod scrub;
mod skew;
mod told;
mod words;
mod xml;

pub use answer::Refusal;
pub use asked::Asked;
pub use cause::Cause;
pub use check::Check;
pub use diagnosis::Diagnosis;
pub use fields::Format;
pub use permission::{Layer, Permission};
pub use skew::{Skew, span};

#[cfg(test)]
mod tests;
