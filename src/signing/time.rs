//! [`Timestamp`]: a second in UTC, as signatures write it.

use ::time::format_description::well_known::{Rfc2822, Rfc3339};
use ::time::{Date, Month, OffsetDateTime, Time};
use alloc::string::String;
use core::fmt;

/// A second in UTC between the years 0001 and 9999; prints as `20150830T123600Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    unix: i64,
    text: [u8; 16],
}

/// Text or a number that is no [`Timestamp`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampError;

impl fmt::Display for TimestampError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("not a time between the years 0001 and 9999, such as 20150830T123600Z")
    }
}

impl core::error::Error for TimestampError {}

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self { unix: 0, text: *b"19700101T000000Z" };

    /// The second `seconds` after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// When the year has not four digits.
    pub fn from_unix(seconds: i64) -> Result<Self, TimestampError> {
        Self::from_date_time(OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| TimestampError)?)
    }

    /// Reads the basic format of ISO 8601 that signatures use: `20150830T123600Z`.
    ///
    /// # Errors
    /// When the text is not of exactly this form, or names no real second.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let bytes: &[u8; 16] = text.as_bytes().try_into().map_err(|_| TimestampError)?;
        let [y0, y1, y2, y3, mo0, mo1, d0, d1, b'T', h0, h1, mi0, mi1, s0, s1, b'Z'] = *bytes else {
            return Err(TimestampError);
        };
        let year = i32::from(number(&[y0, y1])?) * 100 + i32::from(number(&[y2, y3])?);
        let month = Month::try_from(number(&[mo0, mo1])?).map_err(|_| TimestampError)?;
        let date = Date::from_calendar_date(year, month, number(&[d0, d1])?).map_err(|_| TimestampError)?;
        let time = Time::from_hms(number(&[h0, h1])?, number(&[mi0, mi1])?, number(&[s0, s1])?);
        Self::from_date_time(date.with_time(time.map_err(|_| TimestampError)?).assume_utc())
    }

    /// Reads RFC 3339, the format of credential documents: `2015-08-30T12:36:00Z`. Fractions of a second are cut off.
    ///
    /// # Errors
    /// When the text is not of this form.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimestampError> {
        Self::from_date_time(OffsetDateTime::parse(text, &Rfc3339).map_err(|_| TimestampError)?)
    }

    /// Reads a `Date` header (RFC 9110 section 5.6.7): `Sun, 30 Aug 2015 12:36:00 GMT`.
    ///
    /// # Errors
    /// When the text is not of this form.
    pub fn parse_http_date(text: &str) -> Result<Self, TimestampError> {
        Self::from_date_time(OffsetDateTime::parse(text, &Rfc2822).map_err(|_| TimestampError)?)
    }

    fn from_date_time(moment: OffsetDateTime) -> Result<Self, TimestampError> {
        let unix = moment.unix_timestamp();
        let moment = OffsetDateTime::from_unix_timestamp(unix).map_err(|_| TimestampError)?;
        let year = u16::try_from(moment.year()).ok().filter(|year| (1..=9999).contains(year)).ok_or(TimestampError)?;
        let two = |number: u8| [b'0' + number / 10, b'0' + number % 10];
        let century = u8::try_from(year / 100).map_err(|_| TimestampError)?;
        let rest = u8::try_from(year % 100).map_err(|_| TimestampError)?;
        let [[y0, y1], [y2, y3]] = [two(century), two(rest)];
        let [[mo0, mo1], [d0, d1]] = [two(u8::from(moment.month())), two(moment.day())];
        let [[h0, h1], [mi0, mi1], [s0, s1]] = [two(moment.hour()), two(moment.minute()), two(moment.second())];
        Ok(Self { unix, text: [y0, y1, y2, y3, mo0, mo1, d0, d1, b'T', h0, h1, mi0, mi1, s0, s1, b'Z'] })
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(&self) -> i64 {
        self.unix
    }

    /// `20150830T123600Z`.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// The day of the credential scope: `20150830`.
    pub fn day(&self) -> &str {
        self.as_str().get(..8).unwrap_or_default()
    }

    /// RFC 3339: `2015-08-30T12:36:00Z`.
    pub fn to_rfc3339(&self) -> String {
        let text = self.as_str();
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        alloc::format!(
            "{}-{}-{}T{}:{}:{}Z",
            part(0, 4),
            part(4, 6),
            part(6, 8),
            part(9, 11),
            part(11, 13),
            part(13, 15)
        )
    }

    /// The moment `seconds` later (earlier, if negative), or the nearest one that exists.
    #[must_use]
    pub fn plus_seconds(&self, seconds: i64) -> Self {
        Self::from_unix(self.unix.saturating_add(seconds)).unwrap_or(*self)
    }

    /// Seconds from `earlier` to this moment; negative if `earlier` is later.
    pub fn seconds_since(&self, earlier: &Self) -> i64 {
        self.unix.saturating_sub(earlier.unix)
    }
}

fn number(digits: &[u8; 2]) -> Result<u8, TimestampError> {
    match digits {
        [high @ b'0'..=b'9', low @ b'0'..=b'9'] => Ok((high - b'0') * 10 + (low - b'0')),
        _ => Err(TimestampError),
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUITE: i64 = 1_440_938_160;

    #[test]
    fn every_form_names_the_same_second() {
        let moment = Timestamp::from_unix(SUITE).unwrap();
        assert_eq!(moment.as_str(), "20150830T123600Z");
        assert_eq!(moment.day(), "20150830");
        assert_eq!(moment.to_rfc3339(), "2015-08-30T12:36:00Z");
        assert_eq!(Timestamp::parse("20150830T123600Z"), Ok(moment));
        assert_eq!(Timestamp::parse_rfc3339("2015-08-30T12:36:00.5Z"), Ok(moment));
        assert_eq!(Timestamp::parse_rfc3339("2015-08-30T14:36:00+02:00"), Ok(moment));
        assert_eq!(Timestamp::parse_http_date("Sun, 30 Aug 2015 12:36:00 GMT"), Ok(moment));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["", "20150830T123600", "20150830T123600z", "20150230T123600Z", "20150830T246000Z", "2015083xT123600Z"]
        {
            assert_eq!(Timestamp::parse(text), Err(TimestampError), "{text}");
        }
        assert_eq!(Timestamp::from_unix(i64::MAX), Err(TimestampError));
        assert_eq!(Timestamp::from_unix(i64::MIN), Err(TimestampError));
    }
}
