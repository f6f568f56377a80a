//! The core: bytes in, bytes out. No clock, variable, file or socket; `core` and `alloc` only.

mod credentials;
mod crypto;
mod encode;
mod rules;
mod scope;
mod secret;
mod time;

pub use self::time::{Timestamp, TimestampError};
pub use credentials::{Credentials, CredentialsError};
pub use rules::{PathEncoding, PayloadRule, Rules, TokenRule};
pub use scope::{Scope, ScopeError};
pub use secret::Secret;
