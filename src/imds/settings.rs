//! [`Settings`]: where the metadata service is, and how long to wait for it.

use super::error::{ImdsError, ImdsFailure};
use crate::world::World;
use alloc::borrow::ToOwned;
use alloc::string::String;
use core::time::Duration;

const IPV4: &str = "http://169.254.169.254";
const IPV6: &str = "http://[fd00:ec2::254]";

/// Where the metadata service is, and how patient to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub(super) endpoint: String,
    pub(super) disabled: bool,
    /// For connecting, and again for the head of a response.
    pub(super) patience: Duration,
    pub(super) attempts: u32,
    /// How often a time-out is tried, for as long as nothing has answered yet.
    pub(super) first_attempts: u32,
    pub(super) token_ttl: u32,
    pub(super) wait: Duration,
    unclear_disabled: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            endpoint: IPV4.to_owned(),
            disabled: false,
            patience: Duration::from_secs(1),
            attempts: 4,
            first_attempts: 1,
            token_ttl: 21_600,
            wait: Duration::ZERO,
            unclear_disabled: None,
        }
    }
}

impl Settings {
    /// What the environment says.
    ///
    /// `AWS_EC2_METADATA_DISABLED` (`true`), `AWS_EC2_METADATA_SERVICE_ENDPOINT` (a URL; it beats the mode),
    /// `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE` (`IPv4`, `IPv6`), `AWS_METADATA_SERVICE_TIMEOUT` (seconds),
    /// `AWS_METADATA_SERVICE_NUM_ATTEMPTS` (at least 1, of time-outs too). Blank means unset.
    ///
    /// # Errors
    /// When one of them cannot be understood.
    pub fn from_world(world: &dyn World) -> Result<Self, ImdsError> {
        Self::from_world_and(world, &|_| None)
    }

    /// What the environment says, and where it is silent a profile of `~/.aws/config`, asked through `profile`:
    /// `ec2_metadata_disabled`, `ec2_metadata_service_endpoint`, `ec2_metadata_service_endpoint_mode`,
    /// `metadata_service_timeout`, `metadata_service_num_attempts`. An endpoint of the profile beats a mode of the
    /// environment.
    ///
    /// # Errors
    /// When one of them cannot be understood.
    pub fn from_world_and(
        world: &dyn World,
        profile: &dyn Fn(&'static str) -> Option<String>,
    ) -> Result<Self, ImdsError> {
        let set = |value: String| Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        let find = |name: &'static str, key: &'static str| {
            let named = |place| move |value: String| (value, place);
            world.var(name).and_then(set).map(named(name)).or_else(|| profile(key).and_then(set).map(named(key)))
        };
        let mut settings = Self::default();
        if let Some((value, _)) = find("AWS_EC2_METADATA_DISABLED", "ec2_metadata_disabled") {
            settings.disabled = value.eq_ignore_ascii_case("true");
            if !settings.disabled && !value.eq_ignore_ascii_case("false") {
                settings.unclear_disabled = Some(value);
            }
        }
        match find("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode") {
            None => {}
            Some((mode, _)) if mode.eq_ignore_ascii_case("IPv4") => {}
            Some((mode, _)) if mode.eq_ignore_ascii_case("IPv6") => settings.endpoint = IPV6.to_owned(),
            Some((value, name)) => return Err(unclear(name, value)),
        }
        if let Some((value, name)) = find("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint") {
            settings.endpoint = endpoint(&value).ok_or_else(|| unclear(name, value))?;
        }
        if let Some((value, name)) = find("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout") {
            let seconds = value.parse().ok().filter(|seconds: &f64| *seconds > 0.0 && *seconds <= 3600.0);
            settings.patience = Duration::from_secs_f64(seconds.ok_or_else(|| unclear(name, value))?);
        }
        if let Some((value, name)) = find("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts") {
            let attempts = value.parse().ok().filter(|attempts| (1..=100).contains(attempts));
            settings.attempts = attempts.ok_or_else(|| unclear(name, value))?;
            settings.first_attempts = settings.attempts;
        }
        Ok(settings)
    }

    /// The same with another endpoint, which beats what the environment says.
    ///
    /// # Errors
    /// When it is no `http` or `https` URL of a host and at most a path.
    pub fn with_endpoint(mut self, url: &str) -> Result<Self, ImdsError> {
        self.endpoint = endpoint(url.trim()).ok_or_else(|| unclear("endpoint", url.to_owned()))?;
        Ok(self)
    }

    /// The same, waiting this long for a service that is not there yet, as while an instance starts.
    #[must_use]
    pub fn with_wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// The same, asking for tokens of this many seconds, from 1 to 21 600 (the nearest, if outside).
    #[must_use]
    pub fn with_token_ttl(mut self, seconds: u32) -> Self {
        self.token_ttl = seconds.clamp(1, 21_600);
        self
    }

    /// Where the service is.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Whether the environment forbids to ask.
    pub fn is_disabled(&self) -> bool {
        self.disabled
    }

    /// A value of `AWS_EC2_METADATA_DISABLED` that is neither true nor false, and disables nothing: worth a warning.
    pub fn unclear_disabled(&self) -> Option<&str> {
        self.unclear_disabled.as_deref()
    }

    /// For one document with all its retries.
    pub(super) fn document_time(&self) -> Duration {
        let asked_for = self.exchange_time().saturating_mul(self.first_attempts);
        Duration::from_secs(5).max(asked_for).saturating_add(self.wait)
    }

    /// For a whole credential fetch: token, role and document.
    pub(super) fn credentials_time(&self) -> Duration {
        let asked_for = self.exchange_time().saturating_mul(self.first_attempts.saturating_add(1));
        Duration::from_secs(10).max(asked_for).saturating_add(self.wait)
    }

    /// For one exchange: connecting, waiting, and two seconds for the body.
    pub(super) fn exchange_time(&self) -> Duration {
        self.patience.saturating_mul(2).saturating_add(Duration::from_secs(2))
    }
}

/// An endpoint without its last slash.
fn endpoint(url: &str) -> Option<String> {
    let uri: http::Uri = url.parse().ok()?;
    let authority = uri.authority()?;
    let plain = matches!(uri.scheme_str(), Some("http" | "https"))
        && !uri.host()?.is_empty()
        && (authority.port().is_none() || authority.port_u16().is_some())
        && authority.as_str().len() == uri.host()?.len() + authority.port().map_or(0, |port| port.as_str().len() + 1)
        // A user name has no place here, and its password none in a message.
        && !url.contains(['?', '#', '@']);
    plain.then(|| url.trim_end_matches('/').to_owned())
}

fn unclear(name: &'static str, value: String) -> ImdsError {
    // What looks like a password is not repeated.
    let value = if value.contains('@') { "(a URL with a user name)".to_owned() } else { value };
    ImdsError::without_exchange(ImdsFailure::Setting { name, value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::Timestamp;
    use crate::world::Scripted;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, ImdsFailure> {
        let world = Scripted::at(Timestamp::UNIX_EPOCH);
        let world = variables.iter().fold(world, |world, (name, value)| world.with_var(*name, *value));
        Settings::from_world(&world).map_err(|error| error.failure().clone())
    }

    #[test]
    fn only_true_disables_and_what_is_unclear_is_told() {
        let disabled = |value| {
            let settings = read(&[("AWS_EC2_METADATA_DISABLED", value)]).unwrap();
            (settings.is_disabled(), settings.unclear_disabled().map(str::to_owned))
        };
        assert_eq!(disabled("true"), (true, None));
        assert_eq!(disabled("TRUE "), (true, None));
        assert_eq!(disabled("false"), (false, None));
        assert_eq!(disabled(" "), (false, None));
        assert_eq!(disabled("1"), (false, Some("1".into())));
    }

    #[test]
    fn an_endpoint_beats_a_mode() {
        let endpoint = |variables: &[(&str, &str)]| read(variables).unwrap().endpoint;
        let mode = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
        let url = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
        assert_eq!(endpoint(&[]), IPV4);
        assert_eq!(endpoint(&[(mode, "ipv4")]), IPV4);
        assert_eq!(endpoint(&[(mode, "IPV6")]), IPV6);
        assert_eq!(endpoint(&[(mode, "IPv6"), (url, "http://localhost:1338/")]), "http://localhost:1338");
        assert_eq!(endpoint(&[(url, "http://[::1]:80/imds//")]), "http://[::1]:80/imds");
        assert!(read(&[(mode, "dual")]).is_err());
        for bad in ["169.254.169.254", "ftp://x", "http://", "http://u:p", "http://h/?q", "http://h/#f", "http://a b"] {
            assert_eq!(read(&[(url, bad)]), Err(ImdsFailure::Setting { name: url, value: bad.into() }));
        }
    }

    #[test]
    fn a_password_in_an_endpoint_is_refused_and_not_repeated() {
        let url = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
        for bad in ["http://u:SENTINEL@h", "http://u:SENTINEL/x@h", "SENTINEL@h"] {
            let Err(ImdsFailure::Setting { value, .. }) = read(&[(url, bad)]) else { panic!("{bad}") };
            assert!(!value.contains("SENTINEL"), "{value}");
        }
    }

    #[test]
    fn numbers_must_be_numbers() {
        let (time, attempts) = ("AWS_METADATA_SERVICE_TIMEOUT", "AWS_METADATA_SERVICE_NUM_ATTEMPTS");
        let settings = read(&[(time, "2.5"), (attempts, "5")]).unwrap();
        assert_eq!((settings.patience, settings.first_attempts), (Duration::from_millis(2500), 5));
        assert!(settings.document_time() >= Duration::from_secs(25));
        for (name, bad) in [(time, "0"), (time, "NaN"), (time, "-1"), (time, "1s"), (attempts, "0"), (attempts, "2.0")]
        {
            assert_eq!(read(&[(name, bad)]), Err(ImdsFailure::Setting { name, value: bad.into() }));
        }
    }
}
