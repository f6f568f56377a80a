//! [`Proxies`]: which requests take a detour.

use super::{Failure, TransportError};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

/// The proxies to use, by the rules of curl, and the hosts that need none.
///
/// A proxy's URL may hold a password, so `Debug` does not show it.
#[derive(Clone, Default)]
pub struct Proxies {
    pub(super) http: Option<String>,
    pub(super) https: Option<String>,
    exceptions: Vec<Exception>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Exception {
    Everything,
    Domain(String),
    Network(IpAddr, u32),
}

impl Proxies {
    /// No proxy for anybody.
    pub fn none() -> Self {
        Self::default()
    }

    /// What the environment says, asked through `variable`: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`.
    ///
    /// Each but the first may be written in capitals too: `HTTP_PROXY` is what a web server sets for a request header
    /// `Proxy`, so curl does not believe it, and neither does this. Empty means unset. A proxy that is no URL
    /// `http://host:port` fails the requests that would need it (for https, `https://host:port` will do too).
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&str]| {
            names.iter().filter_map(|name| variable(name)).map(|value| value.trim().to_owned()).find(|v| !v.is_empty())
        };
        Self {
            http: first(&["http_proxy", "all_proxy", "ALL_PROXY"]),
            https: first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            exceptions: first(&["no_proxy", "NO_PROXY"]).map(|list| exceptions(&list)).unwrap_or_default(),
        }
    }

    /// One proxy for everything; an empty URL is none.
    pub fn all(url: &str) -> Self {
        let url = (!url.trim().is_empty()).then(|| url.trim().to_owned());
        Self { http: url.clone(), https: url, exceptions: Vec::new() }
    }

    /// The same, with this list of exceptions instead: hosts, domains, addresses and networks, `*` for all.
    #[must_use]
    pub fn with_exceptions(mut self, list: &str) -> Self {
        self.exceptions = exceptions(list);
        self
    }

    /// Whether `host` is reached without a proxy.
    pub(super) fn excepts(&self, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let address: Option<IpAddr> = host.parse().ok();
        self.exceptions.iter().any(|exception| match exception {
            Exception::Everything => true,
            Exception::Domain(domain) => address.is_none() && is_under(host, domain),
            Exception::Network(network, bits) => address.is_some_and(|address| is_in(address, *network, *bits)),
        })
    }
}

fn exceptions(list: &str) -> Vec<Exception> {
    list.split([',', ' ']).map(str::trim).filter(|item| !item.is_empty()).filter_map(exception).collect()
}

fn exception(item: &str) -> Option<Exception> {
    if item == "*" {
        return Some(Exception::Everything);
    }
    let (address, bits) = item.split_once('/').map_or((item, None), |(address, bits)| (address, Some(bits)));
    let bare = address.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = bare.parse::<IpAddr>() {
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(all), |bits| bits.parse().ok().filter(|bits| *bits <= all))?;
        return Some(Exception::Network(address, bits));
    }
    let domain = item.trim_start_matches("*.").trim_start_matches('.').trim_end_matches('.');
    (!domain.is_empty()).then(|| Exception::Domain(domain.to_ascii_lowercase()))
}

fn is_under(host: &str, domain: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_in(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (address.to_bits() ^ network.to_bits()).checked_shr(32 - bits).is_none_or(|rest| rest == 0)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            (address.to_bits() ^ network.to_bits()).checked_shr(128 - bits).is_none_or(|rest| rest == 0)
        }
        _ => false,
    }
}

/// A proxy for plain HTTP: where it is, and what to tell it.
pub(super) struct Forward {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: Option<(String, String)>,
}

impl Forward {
    /// # Errors
    /// When the URL is not `http://[user[:password]@]host[:port]`, the scheme being optional.
    pub(super) fn parse(url: &str) -> Result<Self, TransportError> {
        let proxy = ureq::Proxy::new(url).map_err(|_| TransportError::new(Failure::ProxyUrl))?;
        if proxy.protocol() != ureq::ProxyProtocol::Http {
            return Err(TransportError::new(Failure::ProxyUrl));
        }
        let user = proxy.username().map(|user| (user.to_owned(), proxy.password().unwrap_or_default().to_owned()));
        Ok(Self { host: proxy.host().to_owned(), port: proxy.port(), user })
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Proxies")
            .field("http", &self.http.is_some())
            .field("https", &self.https.is_some())
            .field("exceptions", &self.exceptions)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(list: &str) -> Proxies {
        Proxies::from_variables(|name| (name == "no_proxy").then(|| list.into()))
    }

    #[test]
    fn exceptions_are_hosts_domains_addresses_and_networks() {
        let proxies = without("Localhost, .example.com,*.org,10.0.0.0/8,[::1],127.0.0.1,fd00::/8");
        for host in
            ["localhost", "example.com", "A.EXAMPLE.COM", "a.org", "10.9.8.7", "[::1]", "127.0.0.1", "[fd01::2]"]
        {
            assert!(proxies.excepts(host), "{host}");
        }
        for host in ["badexample.com", "example.com.evil.net", "11.0.0.1", "127.0.0.2", "[fe80::1]", "ocalhost"] {
            assert!(!proxies.excepts(host), "{host}");
        }
        assert!(without("*").excepts("anything"));
        assert!(without("0.0.0.0/0").excepts("9.9.9.9"));
        assert!(!without("").excepts("anything"));
    }

    #[test]
    fn capitals_are_not_believed_for_http_alone() {
        let all = Proxies::from_variables(|name| name.contains("_PROXY").then(|| name.into()));
        assert_eq!(all.http.as_deref(), Some("ALL_PROXY"));
        assert_eq!(all.https.as_deref(), Some("HTTPS_PROXY"));
        let none = Proxies::from_variables(|name| (name == "HTTP_PROXY").then(|| "x".into()));
        assert_eq!((none.http, none.https), (None, None));
    }

    #[test]
    fn debug_shows_no_password() {
        let proxies = Proxies::from_variables(|_| Some("http://u:SENTINEL@p:1".into()));
        assert!(!alloc::format!("{proxies:?}").contains("SENTINEL@"), "{proxies:?}");
    }
}
