//! [`Settings`]: how a [`Client`](super::Client) reaches hosts, and whom it trusts.

use super::{Failure, Proxies, Timeline, TransportError};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use std::path::PathBuf;
use ureq::tls::{Certificate, ClientCert, PemItem, PrivateKey, RootCerts, TlsConfig, parse_pem};

/// How hosts are reached, and whom to trust. The default is directly, and the compiled-in roots.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Settings {
    /// The proxies.
    pub proxies: Proxies,
    /// The roots to trust instead of the compiled-in ones, in PEM.
    pub roots: Option<Vec<u8>>,
    /// Whether the host's certificate is accepted unseen. Whoever is in between can then read and change everything.
    pub unchecked: bool,
    /// The certificate to show to the host, and its key, in PEM.
    pub identity: Option<Vec<u8>>,
    /// The versions of TLS to speak.
    pub tls: TlsVersions,
    /// The addresses to use.
    pub family: Family,
    /// Hosts whose addresses are known.
    pub pinned: Vec<Pinned>,
    /// Hosts to connect to instead; the first that fits counts.
    pub detours: Vec<Detour>,
    /// The socket of this machine to connect to, whatever the host.
    pub unix_socket: Option<PathBuf>,
    /// What takes down when connections come about.
    pub timeline: Timeline,
    /// Connects only where every address of the host passes: see [`Client::guarded`](super::Client::guarded).
    pub(super) allowed: Option<fn(IpAddr) -> bool>,
}

/// Versions of TLS. Older ones than 1.2 are not spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TlsVersions {
    /// 1.2 and 1.3.
    #[default]
    Both,
    /// 1.2 only.
    Only12,
    /// 1.3 only.
    Only13,
}

/// The addresses to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Family {
    /// All.
    #[default]
    Any,
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// The addresses of a host, for which no name server is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pinned {
    host: Option<String>,
    port: u16,
    pub(super) addresses: Vec<IpAddr>,
}

impl Pinned {
    /// `HOST:PORT:ADDRESS[,ADDRESS…]`; the host may be `*`. IPv6 addresses may stand in brackets.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, rest) = host(text.strip_prefix('+').unwrap_or(text))?;
        let (port, addresses) = rest.strip_prefix(':')?.split_once(':')?;
        let address = |text: &str| text.trim().trim_start_matches('[').trim_end_matches(']').parse().ok();
        let addresses = addresses.split(',').map(address).collect::<Option<Vec<IpAddr>>>()?;
        Some(Self { host: (host != "*").then(|| host.to_owned()), port: port.parse().ok()?, addresses })
    }

    pub(super) fn fits(&self, host: &str, port: u16) -> bool {
        self.port == port && self.host.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(host))
    }
}

/// A host to connect to instead of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detour {
    from: (Option<String>, Option<u16>),
    to: (Option<String>, Option<u16>),
}

impl Detour {
    /// `HOST1:PORT1:HOST2:PORT2`; what is empty stands for any, or for the same.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, rest) = host(text)?;
        let (from_port, rest) = rest.strip_prefix(':')?.split_once(':')?;
        let (to, rest) = host(rest)?;
        let to_port = rest.strip_prefix(':').unwrap_or(rest);
        let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        let port = |port: &str| if port.is_empty() { Some(None) } else { port.parse().ok().map(Some) };
        Some(Self { from: (name(from), port(from_port)?), to: (name(to), port(to_port)?) })
    }

    /// Where to go instead, if this is about `host` and `port`.
    pub(super) fn instead(&self, host: &str, port: u16) -> Option<(String, u16)> {
        let is_host = self.from.0.as_deref().is_none_or(|from| from.eq_ignore_ascii_case(host));
        let is_port = self.from.1.is_none_or(|from| from == port);
        (is_host && is_port).then(|| (self.to.0.clone().unwrap_or_else(|| host.to_owned()), self.to.1.unwrap_or(port)))
    }
}

/// A host at the start of `text`, without brackets, and the rest.
fn host(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('[') {
        Some(text) => text.split_once(']'),
        None => Some(text.split_at(text.find(':').unwrap_or(text.len()))),
    }
}

impl Settings {
    pub(super) fn tls_config(&self) -> Result<TlsConfig, TransportError> {
        let roots = match &self.roots {
            Some(pem) => RootCerts::Specific(Arc::new(certificates(pem)?)),
            None => RootCerts::WebPki,
        };
        let mut config = TlsConfig::builder().root_certs(roots).disable_verification(self.unchecked);
        if let Some(pem) = &self.identity {
            config = config.client_cert(Some(identity(pem)?));
        }
        if self.tls != TlsVersions::Both {
            let mut provider = rustls::crypto::ring::default_provider();
            let wanted =
                if self.tls == TlsVersions::Only13 { &rustls::version::TLS13 } else { &rustls::version::TLS12 };
            provider.cipher_suites.retain(|suite| suite.version().version == wanted.version);
            config = config.unversioned_rustls_crypto_provider(Arc::new(provider));
        }
        Ok(config.build())
    }
}

fn certificates(pem: &[u8]) -> Result<Vec<Certificate<'static>>, TransportError> {
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(error) => return Err(TransportError::new(Failure::Certificate).with_cause(error)),
        }
    }
    if found.is_empty() { Err(TransportError::new(Failure::Certificate)) } else { Ok(found) }
}

/// A certificate with the key that belongs to it.
fn identity(pem: &[u8]) -> Result<ClientCert, TransportError> {
    let wrong = || TransportError::new(Failure::ClientCertificate);
    let chain = certificates(pem).map_err(|error| wrong().with_cause(error))?;
    let key = PrivateKey::from_pem(pem).map_err(|error| wrong().with_cause(error))?;
    // ureq takes it for granted that they fit.
    let key_der = PrivateKeyDer::from_pem_slice(pem).map_err(|error| wrong().with_cause(error))?;
    let chain_der = chain.iter().map(|certificate| certificate.der().to_vec().into()).collect();
    rustls::sign::CertifiedKey::from_der(chain_der, key_der, &rustls::crypto::ring::default_provider())
        .map_err(|error| wrong().with_cause(error))?;
    Ok(ClientCert::new_with_certs(&chain, key))
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("proxies", &self.proxies)
            .field("unchecked", &self.unchecked)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_pinned_as_curl_writes_it() {
        let pinned = Pinned::parse("Host.example:443:127.0.0.1,[::1]").unwrap();
        assert_eq!(pinned.addresses.len(), 2);
        assert!(pinned.fits("host.EXAMPLE", 443) && !pinned.fits("host.example", 80) && !pinned.fits("x", 443));
        assert!(Pinned::parse("*:80:::1").unwrap().fits("any", 80));
        for wrong in ["", "h", "h:1", "h:x:1.1.1.1", "h:1:name", "h:1:", "[::1"] {
            assert_eq!(Pinned::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn detours_are_taken_as_curl_writes_them() {
        for (text, host, port, wanted) in [
            ("a:1:b:2", "a", 1, Some(("b", 2))),
            ("a:1:b:2", "a", 2, None),
            ("::b:2", "any", 9, Some(("b", 2))),
            ("a::b:", "A", 9, Some(("b", 9))),
            ("a:1::2", "a", 1, Some(("a", 2))),
            ("[::1]:1:[::2]:3", "::1", 1, Some(("::2", 3))),
        ] {
            let wanted = wanted.map(|(host, port): (&str, u16)| (host.to_owned(), port));
            assert_eq!(Detour::parse(text).unwrap().instead(host, port), wanted, "{text}");
        }
        for wrong in ["", "a", "a:1", "a:x:b:1", "a:1:b:x"] {
            assert_eq!(Detour::parse(wrong), None, "{wrong}");
        }
    }
}
