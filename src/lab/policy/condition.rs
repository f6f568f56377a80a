//! One test of a `Condition` block: an operator, a key, and the values to compare with.

use super::call::{Call, Key};
use super::network::Network;
use super::pattern::Pattern;
use super::{PolicyError, shown, strings};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;
use serde_json::Value;

#[derive(Clone, Debug)]
pub(super) struct Condition {
    key: Key,
    quantifier: Quantifier,
    if_exists: bool,
    test: Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    /// No prefix: a positive operator wants one value that matches, a negated one none that does.
    Plain,
    Any,
    All,
}

#[derive(Clone, Debug)]
enum Test {
    Null(Vec<bool>),
    Compare { negated: bool, wanted: Vec<Wanted> },
}

#[derive(Clone, Debug)]
enum Wanted {
    Text(String),
    TextAnyCase(String),
    Like(Pattern),
    Number(&'static [Ordering], f64),
    Bool(bool),
    Network(Network),
    Arn(Vec<Pattern>),
}

impl Condition {
    pub(super) fn parse(operator: &str, key: &str, values: &Value) -> Result<Self, PolicyError> {
        let unknown = || PolicyError::UnknownOperator(operator.into());
        let (quantifier, name) = match operator.split_once(':') {
            None => (Quantifier::Plain, operator),
            Some(("ForAnyValue", name)) => (Quantifier::Any, name),
            Some(("ForAllValues", name)) => (Quantifier::All, name),
            Some(_) => return Err(unknown()),
        };
        let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
        let parsed_key = Key::parse(key).ok_or_else(|| PolicyError::UnknownKey(key.into()))?;
        let texts = strings(values)
            .filter(|texts| !texts.is_empty())
            .ok_or_else(|| PolicyError::InvalidValue { operator: operator.into(), found: shown(values) })?;
        if let Some(text) = texts.iter().find(|text| text.contains("${")) {
            return Err(PolicyError::Variable(text.clone()));
        }
        let all = |read: &dyn Fn(&str) -> Option<Wanted>| -> Result<Vec<Wanted>, PolicyError> {
            let refuse =
                |text: &String| PolicyError::InvalidValue { operator: operator.into(), found: format!("{text:?}") };
            texts.iter().map(|text| read(text).ok_or_else(|| refuse(text))).collect()
        };
        if name == "Null" {
            if if_exists || quantifier != Quantifier::Plain {
                return Err(unknown());
            }
            let wanted = all(&|text| read_bool(text).map(Wanted::Bool))?;
            let wanted = wanted.iter().map(|wanted| matches!(wanted, Wanted::Bool(true))).collect();
            return Ok(Self { key: parsed_key, quantifier, if_exists, test: Test::Null(wanted) });
        }
        let text = |text: &str| Some(Wanted::Text(text.to_string()));
        let any_case = |text: &str| Some(Wanted::TextAnyCase(text.to_string()));
        let like = |text: &str| Some(Wanted::Like(Pattern::new(text)));
        let number = |accepted| move |text: &str| Some(Wanted::Number(accepted, read_number(text)?));
        let network = |text: &str| Network::parse(text).map(Wanted::Network);
        let arn = |text: &str| read_arn(text).map(Wanted::Arn);
        use Ordering::{Equal, Greater, Less};
        let (negated, wanted) = match name {
            "StringEquals" => (false, all(&text)),
            "StringNotEquals" => (true, all(&text)),
            "StringEqualsIgnoreCase" => (false, all(&any_case)),
            "StringNotEqualsIgnoreCase" => (true, all(&any_case)),
            "StringLike" => (false, all(&like)),
            "StringNotLike" => (true, all(&like)),
            "NumericEquals" => (false, all(&number(&[Equal]))),
            "NumericNotEquals" => (true, all(&number(&[Equal]))),
            "NumericLessThan" => (false, all(&number(&[Less]))),
            "NumericLessThanEquals" => (false, all(&number(&[Less, Equal]))),
            "NumericGreaterThan" => (false, all(&number(&[Greater]))),
            "NumericGreaterThanEquals" => (false, all(&number(&[Greater, Equal]))),
            "Bool" => (false, all(&|text| read_bool(text).map(Wanted::Bool))),
            "IpAddress" => (false, all(&network)),
            "NotIpAddress" => (true, all(&network)),
            // The two of each pair behave identically (IAM User Guide, "ARN condition operators").
            "ArnEquals" | "ArnLike" => (false, all(&arn)),
            "ArnNotEquals" | "ArnNotLike" => (true, all(&arn)),
            _ => return Err(unknown()),
        };
        Ok(Self { key: parsed_key, quantifier, if_exists, test: Test::Compare { negated, wanted: wanted? } })
    }

    /// IAM's rule for absent keys: a positive operator is false, a negated one and `…IfExists` true; of the set
    /// prefixes, `ForAllValues` is true and `ForAnyValue` false unless `…IfExists`.
    pub(super) fn holds(&self, call: &Call) -> bool {
        let values = call.values(&self.key);
        match &self.test {
            Test::Null(wanted) => wanted.contains(&values.is_empty()),
            Test::Compare { negated, wanted } => {
                let passes = |value: &String| wanted.iter().any(|wanted| wanted.matches(value)) != *negated;
                match self.quantifier {
                    // Empty text counts as no value here (IAM User Guide, "ForAllValues").
                    Quantifier::All => values.iter().filter(|value| !value.is_empty()).all(passes),
                    Quantifier::Any if values.is_empty() => self.if_exists,
                    Quantifier::Plain if values.is_empty() => self.if_exists || *negated,
                    Quantifier::Plain if *negated => values.iter().all(passes),
                    Quantifier::Any | Quantifier::Plain => values.iter().any(passes),
                }
            }
        }
    }
}

impl Wanted {
    fn matches(&self, value: &str) -> bool {
        match self {
            Self::Text(text) => text == value,
            Self::TextAnyCase(text) => {
                text.chars().flat_map(char::to_lowercase).eq(value.chars().flat_map(char::to_lowercase))
            }
            Self::Like(pattern) => pattern.matches(value),
            Self::Number(accepted, number) => read_number(value)
                .and_then(|value| value.partial_cmp(number))
                .is_some_and(|ordering| accepted.contains(&ordering)),
            Self::Bool(wanted) => read_bool(value) == Some(*wanted),
            Self::Network(network) => value.parse().is_ok_and(|address| network.contains(address)),
            Self::Arn(parts) => {
                let found: Vec<&str> = value.splitn(6, ':').collect();
                found.len() == 6 && parts.iter().zip(found).all(|(pattern, part)| pattern.matches(part))
            }
        }
    }
}

fn read_bool(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Digits with an optional sign and fraction: Rust alone would take `inf`, `nan` and exponents too.
fn read_number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    text.parse().ok().filter(|number: &f64| plain && number.is_finite())
}

/// The six parts of an ARN are compared one by one, so that a `*` stays within its part; a lone `*` is every ARN.
fn read_arn(text: &str) -> Option<Vec<Pattern>> {
    let parts: Vec<Pattern> = text.splitn(6, ':').map(Pattern::new).collect();
    match parts.len() {
        6 => Some(parts),
        _ if text == "*" => Some(Vec::new()),
        _ => None,
    }
}
