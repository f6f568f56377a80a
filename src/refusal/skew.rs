//! [`Skew`]: two clocks that disagree, and durations in words.

use super::find::between;
use super::told::time;
use crate::signing::Timestamp;
use alloc::string::String;
use alloc::vec::Vec;

/// When a request was signed, and what time it was for the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skew {
    /// The time in the signature.
    pub signed: Timestamp,
    /// The time of the service.
    pub server: Timestamp,
}

impl Skew {
    /// Seconds by which the signature is ahead of the service; negative if it is behind.
    pub fn seconds(&self) -> i64 {
        self.signed.seconds_since(&self.server)
    }

    /// Reads `Signature expired: A is now earlier than B (C - 5 min.)` and `Signature not yet current: A is still later
    /// than B (C + 5 min.)`.
    pub(super) fn of_sentence(message: &str) -> Option<Self> {
        let late = between(message, "Signature expired: ", " is now earlier than ");
        let signed = late.or_else(|| between(message, "Signature not yet current: ", " is still later than "))?;
        let (_, rest) = message.split_once('(')?;
        let server = rest.split([' ', ')']).next()?;
        Some(Self { signed: time(signed)?, server: time(server)? })
    }
}

/// A number of seconds in words: `12 min 30 s`, `3 h`, `2 days 4 h`; the two largest units.
pub fn span(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let units = [(86_400, "days"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds;
    let mut words = Vec::new();
    for (size, unit) in units {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            let unit = if count == 1 && size == 86_400 { "day" } else { unit };
            words.push(alloc::format!("{count} {unit}"));
        } else if !words.is_empty() {
            break;
        }
        if words.len() == 2 {
            break;
        }
    }
    if words.is_empty() { "0 s".into() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_hold_three_times() {
        let skew = Skew::of_sentence(
            "Signature expired: 20140325T143453Z is now earlier than 20140325T143751Z (20140325T145251Z - 15 min.)",
        );
        assert_eq!(skew.unwrap().seconds(), -1078);
        let skew = Skew::of_sentence(
            "Signature not yet current: 20190305T002809Z is still later than 20190304T214315Z (20190304T212815Z + 15 min.)",
        );
        assert_eq!(skew.unwrap().seconds(), 10_794);
        assert_eq!(Skew::of_sentence("Signature expired: a is now earlier than b (c - 5 min.)"), None);
    }

    #[test]
    fn durations_are_told_in_words() {
        for (seconds, words) in [
            (0, "0 s"),
            (-750, "12 min 30 s"),
            (10_800, "3 h"),
            (86_400, "1 day"),
            (187_260, "2 days 4 h"),
            (86_405, "1 day"),
            (i64::MIN, "106751991167300 days 15 h"),
        ] {
            assert_eq!(span(seconds), words);
        }
    }
}
