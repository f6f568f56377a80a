//! [`Line`]: each line of a signature's texts, and where it came from.

use super::super::Steps;
use super::super::crypto::EMPTY_SHA256;
use super::super::steps::blank_secrets;
use super::{Text, printable};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// One line of the texts of a signature, secrets blanked, fit for a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// Which text it belongs to.
    pub text: Text,
    /// Its number in that text, from 1.
    pub number: usize,
    /// What it says.
    pub content: String,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a line of a signature's texts came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The method.
    Method,
    /// The path.
    Path,
    /// The query, which may be empty.
    Query,
    /// The header of this name.
    Header(String),
    /// The empty line after the headers.
    End,
    /// The list of signed headers.
    SignedHeaders,
    /// The SHA-256 of a body.
    BodyHash,
    /// The SHA-256 of an empty body.
    EmptyBody,
    /// A word that stands for a body.
    BodyWord,
    /// The name of the algorithm.
    Algorithm,
    /// The time of signing.
    Time,
    /// Day, region and service.
    Scope,
    /// The SHA-256 of the canonical request.
    CanonicalRequest,
    /// The signature.
    Signature,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Method => "the method",
            Self::Path => "the path, as the service has it encoded",
            Self::Query => "the query, encoded and sorted by name",
            Self::Header(name) => match name.as_str() {
                "host" => "header: host and port of the URL",
                "x-amz-date" => "header: the time of signing",
                "x-amz-content-sha256" => "header: what stands for the body",
                "x-amz-security-token" | "x-amz-s3session-token" => "header: the session token of the credentials",
                _ => "header of the request",
            },
            Self::End => "an empty line ends the headers",
            Self::SignedHeaders => "the names of the headers above",
            Self::BodyHash => "SHA-256 of the body",
            Self::EmptyBody => "SHA-256 of an empty body",
            Self::BodyWord => "the body is not hashed here",
            Self::Algorithm => "the algorithm",
            Self::Time => "the time of signing",
            Self::Scope => "its day, the region, the service",
            Self::CanonicalRequest => "SHA-256 of the canonical request",
            Self::Signature => "HMAC-SHA256 of the string to sign, with the key of the scope",
        })
    }
}

impl Steps {
    /// Every line of the three texts, and where it came from.
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut add = |text: Text, number: usize, content: &str, origin: Origin| {
            lines.push(Line { text, number, content: printable(&blank_secrets(content), 8192), origin });
        };
        let mut after_headers = 0;
        for (index, line) in self.canonical_request().split('\n').enumerate() {
            let origin = match (index, after_headers) {
                (0, _) => Origin::Method,
                (1, _) => Origin::Path,
                (2, _) => Origin::Query,
                (_, 0) if line.is_empty() => Origin::End,
                (_, 0) => Origin::Header(line.split(':').next().unwrap_or_default().into()),
                (_, 1) => Origin::SignedHeaders,
                _ if line == EMPTY_SHA256 => Origin::EmptyBody,
                _ if line.len() == 64 => Origin::BodyHash,
                _ => Origin::BodyWord,
            };
            after_headers += usize::from(after_headers > 0 || origin == Origin::End);
            add(Text::CanonicalRequest, index + 1, line, origin);
        }
        let origins = [Origin::Algorithm, Origin::Time, Origin::Scope, Origin::CanonicalRequest];
        for (index, (line, origin)) in self.string_to_sign().split('\n').zip(origins).enumerate() {
            add(Text::StringToSign, index + 1, line, origin);
        }
        add(Text::Signature, 1, &self.signature().to_string(), Origin::Signature);
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Credentials, Request, Scope, Signer, Timestamp};
    use super::*;

    #[test]
    fn every_line_says_where_it_came_from() {
        let credentials = Credentials::new("AKIDEXAMPLE", "secret").unwrap().with_token("SENTINEL").unwrap();
        let scope = Scope::new(Timestamp::from_unix(1_440_938_160).unwrap(), "us-east-1", "s3").unwrap();
        let request = Request::new("GET", "https://h/").unwrap();
        let lines = Signer::new(&credentials, scope).steps(&request).lines();
        let origins: Vec<&Origin> = lines.iter().map(|line| &line.origin).collect();
        let header = |name: &str| Origin::Header(name.into());
        assert_eq!(
            origins,
            [
                &Origin::Method,
                &Origin::Path,
                &Origin::Query,
                &header("host"),
                &header("x-amz-content-sha256"),
                &header("x-amz-date"),
                &header("x-amz-security-token"),
                &Origin::End,
                &Origin::SignedHeaders,
                &Origin::EmptyBody,
                &Origin::Algorithm,
                &Origin::Time,
                &Origin::Scope,
                &Origin::CanonicalRequest,
                &Origin::Signature,
            ]
        );
        assert!(!alloc::format!("{lines:?}").contains("SENTINEL"));
    }
}
