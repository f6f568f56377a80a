//! `-w`: what scripts ask about a call that is done.

use crate::report::{Failure, READ};
use awsig::transport::Moments;
use http::HeaderMap;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::Read;
use std::time::Instant;

/// What is known about a call.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) url: String,
    pub(crate) url_effective: String,
    pub(crate) method: String,
    pub(crate) status: u16,
    pub(crate) version: String,
    pub(crate) headers: HeaderMap,
    pub(crate) redirect_url: String,
    pub(crate) redirects: u32,
    pub(crate) retries: u32,
    pub(crate) requests: u32,
    pub(crate) size_download: u64,
    pub(crate) size_upload: u64,
    pub(crate) size_header: u64,
    /// Seconds.
    pub(crate) until_answer: f64,
    pub(crate) until_resolved: f64,
    pub(crate) until_connected: f64,
    pub(crate) until_secured: f64,
    pub(crate) until_redirected: f64,
    pub(crate) connections: u32,
    pub(crate) whole: f64,
    pub(crate) file: String,
    pub(crate) exit_code: u8,
    pub(crate) error: String,
}

/// Where a piece of the text goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Error,
}

/// The text that was typed, or the file it is in.
pub(crate) fn template(typed: &str) -> Result<String, Failure> {
    let Some(path) = typed.strip_prefix('@') else {
        return Ok(typed.to_owned());
    };
    let mut text = String::new();
    let read = if path == "-" {
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        crate::input::text_of(path.as_ref())
    };
    read.map_err(|error| Failure::new(READ, format!("cannot read {path}: {error}")))
}

impl Told {
    /// How the last connection came about, after this start.
    pub(crate) fn connected(&mut self, start: Instant, moments: &Moments) {
        let until = |moment: Option<Instant>| {
            moment.map_or(0.0, |moment| moment.saturating_duration_since(start).as_secs_f64())
        };
        self.until_resolved = until(moments.resolved);
        self.until_connected = until(moments.connected);
        self.until_secured = until(moments.secured);
        self.connections = moments.connections;
    }

    /// The text for standard output, that for standard error, and variables that there are not.
    pub(crate) fn filled(&self, template: &str) -> (String, String, Vec<String>) {
        let (mut out, mut error, mut unknown) = (String::new(), String::new(), Vec::new());
        let mut stream = Stream::Out;
        let mut rest = template;
        while let Some(at) = rest.find(['%', '\\']) {
            let (plain, marked) = rest.split_at(at);
            let text = if stream == Stream::Out { &mut out } else { &mut error };
            text.push_str(plain);
            rest = if let Some(behind) = marked.strip_prefix("%%") {
                text.push('%');
                behind
            } else if let Some((name, behind)) = marked.strip_prefix("%{").and_then(|marked| marked.split_once('}')) {
                match name {
                    "stdout" => stream = Stream::Out,
                    "stderr" => stream = Stream::Error,
                    "onerror" if self.exit_code == 0 => return (out, error, unknown),
                    "onerror" => {}
                    _ => match self.variable(name) {
                        Some(value) => text.push_str(&value),
                        None => unknown.push(name.to_owned()),
                    },
                }
                behind
            } else if let Some((name, behind)) =
                marked.strip_prefix("%header{").and_then(|marked| marked.split_once('}'))
            {
                text.push_str(&self.header(name));
                behind
            } else {
                let escaped = [("\\n", '\n'), ("\\r", '\r'), ("\\t", '\t')]
                    .into_iter()
                    .find_map(|(escape, character)| Some((marked.strip_prefix(escape)?, character)));
                let (behind, character) = escaped.unwrap_or_else(|| {
                    let mut characters = marked.chars();
                    let first = characters.next().unwrap_or('%');
                    (characters.as_str(), first)
                });
                text.push(character);
                behind
            };
        }
        if stream == Stream::Out { &mut out } else { &mut error }.push_str(rest);
        (out, error, unknown)
    }

    fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
    }

    fn variable(&self, name: &str) -> Option<String> {
        if name == "json" {
            return Some(self.json());
        }
        if name == "header_json" {
            return Some(format!("{:#}", self.header_json()));
        }
        self.variables().into_iter().find(|(other, _)| *other == name).map(|(_, value)| match value {
            Value::String(text) => text,
            Value::Number(number) if name.starts_with("time_") => {
                format!("{:.6}", number.as_f64().unwrap_or_default())
            }
            Value::Null => String::new(),
            other => other.to_string(),
        })
    }

    fn variables(&self) -> Vec<(&'static str, Value)> {
        let speed = |bytes: u64| {
            // Whole bytes a second, as curl prints them.
            let milliseconds = format!("{:.0}", self.whole * 1000.0).parse::<u64>().unwrap_or(0).max(1);
            bytes.saturating_mul(1000) / milliseconds
        };
        let scheme = self.url_effective.split(':').next().unwrap_or_default();
        let version = self.version.strip_suffix(".0").unwrap_or(&self.version);
        let optional = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
        vec![
            ("http_code", format!("{:03}", self.status).into()),
            ("response_code", format!("{:03}", self.status).into()),
            ("content_type", optional(&self.header("content-type"))),
            ("errormsg", optional(&self.error)),
            ("exitcode", self.exit_code.into()),
            ("filename_effective", optional(&self.file)),
            ("http_version", if self.version.is_empty() { "0".into() } else { version.into() }),
            ("method", self.method.clone().into()),
            ("num_connects", self.connections.into()),
            ("num_headers", self.headers.len().into()),
            ("num_redirects", self.redirects.into()),
            ("num_retries", self.retries.into()),
            ("num_requests", self.requests.into()),
            ("redirect_url", optional(&self.redirect_url)),
            ("scheme", scheme.into()),
            ("size_download", self.size_download.into()),
            ("size_header", self.size_header.into()),
            ("size_upload", self.size_upload.into()),
            ("speed_download", speed(self.size_download).into()),
            ("speed_upload", speed(self.size_upload).into()),
            ("ssl_verify_result", if self.exit_code == 60 { 1.into() } else { 0.into() }),
            ("time_appconnect", json!(self.until_secured)),
            ("time_connect", json!(self.until_connected)),
            ("time_namelookup", json!(self.until_resolved)),
            ("time_pretransfer", json!(self.until_connected.max(self.until_secured))),
            ("time_redirect", json!(self.until_redirected)),
            ("time_starttransfer", json!(self.until_answer)),
            ("time_total", json!(self.whole)),
            ("url", self.url.clone().into()),
            ("url_effective", self.url_effective.clone().into()),
            ("urlnum", 0.into()),
        ]
    }

    fn json(&self) -> String {
        let mut object = Map::new();
        for (name, value) in self.variables() {
            let value = match name {
                "http_code" | "response_code" => self.status.into(),
                _ => value,
            };
            object.insert(name.into(), value);
        }
        Value::Object(object).to_string()
    }

    fn header_json(&self) -> Value {
        let mut object = Map::new();
        for name in self.headers.keys() {
            let values = self.headers.get_all(name).iter();
            let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned().into()).collect();
            object.insert(name.as_str().into(), Value::Array(values));
        }
        Value::Object(object)
    }

    /// One line about variables that there are not.
    pub(crate) fn unknown(names: &[String]) -> Option<String> {
        let mut text = String::from("-w knows no ");
        for (index, name) in names.iter().enumerate() {
            let _ = write!(text, "{}%{{{name}}}", if index > 0 { ", " } else { "" });
        }
        (!names.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> Told {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "text/plain".parse().unwrap());
        Told {
            url_effective: "https://h/".into(),
            status: 200,
            headers,
            whole: 0.25,
            size_download: 1000,
            ..Told::default()
        }
    }

    #[test]
    fn variables_stand_for_what_they_say() {
        for (template, out) in [
            ("%{http_code}\\n", "200\n"),
            ("%{response_code} %{size_download} %{speed_download}", "200 1000 4000"),
            ("%{time_total}|%{content_type}|%header{content-type}|%header{x}|", "0.250000|text/plain|text/plain||"),
            ("100%% %x \\t\\q %{scheme}", "100% %x \t\\q https"),
            ("a%{onerror}b", "a"),
            ("%{header_json}", "{\n  \"content-type\": [\n    \"text/plain\"\n  ]\n}"),
            ("%{", "%{"),
            ("%", "%"),
            ("\\", "\\"),
        ] {
            assert_eq!(told().filled(template).0, out, "{template}");
        }
        let failed = Told { exit_code: 7, error: "no".into(), ..Told::default() };
        assert_eq!(failed.filled("%{http_code} %{onerror}%{errormsg}%{exitcode}").0, "000 no7");
        assert_eq!(told().filled("a%{stderr}b%{stdout}c%{nope}"), ("ac".into(), "b".into(), vec!["nope".into()]));
        assert!(told().json().contains("\"http_code\":200"));
    }
}
