//! Where two texts of a signature part, and why: [`Difference`], [`Mistake`].
//!
//! A service that refuses a signature often tells the canonical request it has computed. Ours beside it shows what
//! changed between signing and checking: that is a [`Difference`]. Where only the signature itself is known, a verifier
//! that has the secret can try how the signer may have gone wrong: that finds a [`Mistake`].
//!
//! Nothing that is shown here holds a session token or a character that a terminal would obey.

mod difference;
mod failures;
mod lines;
mod mismatch;
mod mistake;
mod parts;
mod printable;

pub use difference::{Difference, Text};
pub use lines::{Line, Origin};
pub use mismatch::Mismatch;
pub use mistake::Mistake;
pub use printable::printable;
