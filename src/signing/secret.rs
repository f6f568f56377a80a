//! [`Secret`]: text that must not be seen.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use zeroize::Zeroizing;

/// A secret access key or session token: wiped when dropped, never printed, with one way out.
///
/// Clones share the text, which is wiped with the last of them.
///
/// There is no `Display`, no `Deref` and no `==`; `Debug` shows the type only.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes the text over. The caller's other copies stay the caller's to wipe.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(text.into())))
    }

    /// Gives the secret away. Searching for this name finds every place that does.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_hides_the_text() {
        assert_eq!(alloc::format!("{:?}", Secret::new("hunter2")), "Secret(..)");
    }
}
