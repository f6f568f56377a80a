//! Quoting for a POSIX shell.

/// The text as one word that no shell changes: `it's` becomes `'it'\''s'`.
pub(crate) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_survives_a_shell() {
        assert_eq!(shell("it's $HOME\n"), "'it'\\''s $HOME\n'");
        assert_eq!(shell(""), "''");
    }
}
