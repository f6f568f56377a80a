//! Finding pieces of a message.

/// What stands between the first `before` and the next `after`.
pub(super) fn between<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(found, _)| found)
}

/// Whether the text holds this, in any case.
pub(super) fn says(text: &str, piece: &str) -> bool {
    text.to_ascii_lowercase().contains(&piece.to_ascii_lowercase())
}
