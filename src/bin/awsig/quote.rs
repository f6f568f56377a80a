//! Quoting for shells.

/// The text as one word that no shell changes: `it's` becomes `'it'\''s'`.
pub(crate) fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// As [`shell`], for fish, in whose single quotes `\` counts too.
pub(crate) fn fish(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// As [`shell`], for PowerShell.
pub(crate) fn powershell(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_survives_a_shell() {
        assert_eq!(shell("it's $HOME\n"), "'it'\\''s $HOME\n'");
        assert_eq!(shell(""), "''");
        assert_eq!(fish("it's \\"), "'it\\'s \\\\'");
        assert_eq!(powershell("it's $x"), "'it''s $x'");
    }
}
