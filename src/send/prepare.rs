//! [`prepare`]: a signed request as it goes on the wire.

use crate::signing::{Authorization, Request, RequestError, Signer};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use http::{HeaderName, HeaderValue, Method, Uri};

/// Why a signed request cannot be put on the wire.
#[derive(Debug)]
#[non_exhaustive]
pub enum PrepareError {
    /// The URL is longer than HTTP clients take (65 534 bytes).
    Url(http::uri::InvalidUri),
    /// The method, or a header of this name, is not fit for HTTP.
    Part(String, http::Error),
}

impl fmt::Display for PrepareError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(_) => formatter.write_str("the URL cannot be sent"),
            Self::Part(name, _) => write!(formatter, "{name} cannot be sent"),
        }
    }
}

impl core::error::Error for PrepareError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Url(error) => Some(error),
            Self::Part(_, error) => Some(error),
        }
    }
}

/// The signed request, ready for a [`Transport`](crate::transport::Transport).
///
/// # Errors
/// When the URL is too long for HTTP clients; what [`Request`] accepts is fit otherwise.
pub fn prepare<B>(signer: &Signer, request: &Request<'_>, body: B) -> Result<http::Request<B>, PrepareError> {
    Ok(with_authorization(signer, request)?.0.map(|()| body))
}

/// The signed request without its body, and what signed it.
pub(super) fn with_authorization(
    signer: &Signer,
    request: &Request<'_>,
) -> Result<(http::Request<()>, Authorization), PrepareError> {
    let authorization = signer.sign(request);
    let added: Vec<(&str, &str)> = authorization.headers().collect();
    let replaced = |name: &str| added.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let mut prepared = http::Request::new(());
    let part = |name: &str, error: http::Error| PrepareError::Part(name.to_string(), error);
    *prepared.method_mut() =
        Method::from_bytes(request.method().as_bytes()).map_err(|error| part("the method", error.into()))?;
    *prepared.uri_mut() = Uri::try_from(signer.url(request)).map_err(PrepareError::Url)?;
    let headers = prepared.headers_mut();
    if request.header_value("host").is_none() {
        let host = HeaderValue::from_str(request.host()).map_err(|error| part("host", error.into()))?;
        headers.insert(http::header::HOST, host);
    }
    for (name, value) in request.headers().filter(|(name, _)| !replaced(name)).chain(added.iter().copied()) {
        let value = value.trim_matches([' ', '\t']);
        let mut header = HeaderValue::from_bytes(value.as_bytes()).map_err(|error| part(name, error.into()))?;
        header.set_sensitive(name.eq_ignore_ascii_case("x-amz-security-token"));
        headers.append(HeaderName::from_bytes(name.as_bytes()).map_err(|error| part(name, error.into()))?, header);
    }
    drop(added);
    Ok((prepared, authorization))
}

impl<'a, B> TryFrom<&'a http::Request<B>> for Request<'a> {
    type Error = RequestError;

    /// The one place where the two request types meet. The body is not looked at: say what it is with
    /// [`payload`](Request::payload).
    fn try_from(request: &'a http::Request<B>) -> Result<Self, RequestError> {
        let uri = request.uri();
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(RequestError::Scheme),
        };
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        let mut signed = Self::from_parts(request.method().as_str(), https, authority, target)?;
        for (name, value) in request.headers() {
            let value = core::str::from_utf8(value.as_bytes())
                .map_err(|_| RequestError::HeaderValue(name.as_str().to_string()))?;
            signed = signed.header(name.as_str(), value)?;
        }
        Ok(signed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{Claim, Credentials, Payload, Scope, Timestamp, Verifier};

    fn signer(service: &str) -> Signer {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret").unwrap();
        Signer::new(
            &credentials,
            Scope::new(Timestamp::from_unix(1_440_938_160).unwrap(), "us-west-2", service).unwrap(),
        )
    }

    #[test]
    fn what_goes_on_the_wire_verifies() {
        for service in ["execute-api", "s3", "vpc-lattice-svcs"] {
            let signer = signer(service);
            let request = Request::new("post", "https://Example.com:443/a b//../c%2Bd?x=\u{e9}+1#gone").unwrap();
            let request = request.header("X-Amz-Date", "replaced").unwrap().header("My-Key", " a  b ").unwrap();
            let request = request.payload(Payload::Bytes(b"{}"));
            let prepared = prepare(&signer, &request, ()).unwrap();
            assert_eq!(prepared.uri().path_and_query().unwrap().as_str(), "/a%20b//../c%2Bd?x=%C3%A9%2B1");
            let headers: Vec<_> =
                prepared.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
            let target = prepared.uri().path_and_query().unwrap().as_str();
            let received = Request::received("post", target, &headers, Payload::Bytes(b"{}")).unwrap();
            let claim = Claim::parse(&received).unwrap();
            let credentials = Credentials::new("AKIDEXAMPLE", "secret").unwrap();
            let verifier = Verifier::new("us-west-2", service);
            assert!(verifier.verify(&claim, &credentials, claim.time()).is_ok(), "{service}");
        }
    }

    #[test]
    fn an_http_request_is_signed_as_it_is() {
        let request = http::Request::get("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08")
            .header("content-type", "application/x-www-form-urlencoded; charset=utf-8")
            .body(())
            .unwrap();
        let request = Request::try_from(&request).unwrap();
        let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
        let scope = Scope::new(Timestamp::from_unix(1_440_938_160).unwrap(), "us-east-1", "iam").unwrap();
        assert_eq!(
            Signer::new(&credentials, scope).sign(&request).signature().to_string(),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }
}
