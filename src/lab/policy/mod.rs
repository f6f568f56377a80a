//! Auth policies: IAM's language as VPC Lattice speaks it, read strictly and evaluated without any I/O.
//!
//! What is here: `Effect`, `Principal`, `Action`/`NotAction`, `Resource`/`NotResource` and `Condition`, with every
//! operator but the dates and binary ones, and the condition keys that VPC Lattice documents. What is not known, or not
//! supported (`NotPrincipal`, policy variables), is an error when the policy is loaded: a rule that is silently
//! skipped would make the lab say yes where the real service says no.
//!
//! ```
//! use awsig::lab::policy::{Call, Caller, Policy, PolicyKind, Verdict};
//! let policy = Policy::named("authenticated").unwrap();
//! let mut call = Call::default();
//! assert_eq!(policy.verdict(&call), Verdict::Silent);
//! call.caller = Caller::AssumedRole { account: "123456789012".into(), role: "r".into(), session: "i-1".into() };
//! assert_eq!(policy.verdict(&call), Verdict::Allow);
//! assert!(Policy::parse(r#"{"Statement": []}"#, PolicyKind::Resource).is_err());
//! ```

mod call;
mod condition;
mod decision;
mod error;
mod json;
mod named;
mod network;
mod pattern;
mod statement;

pub use call::{Call, Caller, INVOKE};
pub use decision::{Auth, Denial, Layer, Legs};
pub use error::PolicyError;
pub use named::POLICY_NAMES;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde_json::Value;
use statement::Statement;

/// VPC Lattice quotas: an auth policy has at most 10 KB.
const LONGEST: usize = 10 * 1024;

/// What a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyKind {
    /// A service or a service network: every statement names its `Principal`.
    Resource,
    /// A role: no statement names one.
    Identity,
}

/// What one policy says about one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// A statement allows it and none denies it.
    Allow,
    /// A statement denies it.
    Deny,
    /// No statement is about it: implicitly denied.
    Silent,
}

/// A policy that was understood completely.
#[derive(Clone, Debug)]
pub struct Policy {
    statements: Vec<Statement>,
}

impl Policy {
    /// Reads a policy.
    ///
    /// # Errors
    /// For everything that is not valid in IAM's language, or that this evaluator could not judge as IAM does.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, PolicyError> {
        if text.len() > LONGEST {
            return Err(PolicyError::TooLong { bytes: text.len() });
        }
        let document = json::parse(text)?;
        let Value::Object(map) = &document else {
            return Err(PolicyError::Invalid { element: "policy", found: shown(&document) });
        };
        for (name, value) in map {
            match name.as_str() {
                "Statement" => {}
                "Version" if value == "2012-10-17" || value == "2008-10-17" => {}
                "Version" => return Err(PolicyError::Invalid { element: "Version", found: shown(value) }),
                "Id" if value.is_string() => {}
                "Id" => return Err(PolicyError::Invalid { element: "Id", found: shown(value) }),
                _ => return Err(PolicyError::UnknownElement(name.clone())),
            }
        }
        let statements = match map.get("Statement") {
            None => return Err(PolicyError::Missing("Statement")),
            Some(Value::Array(list)) if list.is_empty() => return Err(PolicyError::Missing("Statement")),
            Some(Value::Array(list)) => list.as_slice(),
            Some(one) => core::slice::from_ref(one),
        };
        let statements =
            statements.iter().map(|statement| Statement::parse(statement, kind)).collect::<Result<_, _>>()?;
        Ok(Self { statements })
    }

    /// What the policy says: one denying statement outweighs every allowing one.
    pub fn verdict(&self, call: &Call) -> Verdict {
        let mut verdict = Verdict::Silent;
        for statement in self.statements.iter().filter(|statement| statement.applies(call)) {
            if statement.denies {
                return Verdict::Deny;
            }
            verdict = Verdict::Allow;
        }
        verdict
    }
}

/// A scalar or a list of scalars as texts; numbers and booleans are compared as they are written.
fn strings(value: &Value) -> Option<Vec<String>> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    match value {
        Value::Array(list) => list.iter().map(scalar).collect(),
        one => scalar(one).map(|text| alloc::vec![text]),
    }
}

/// A value for an error message: short, on one line.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((at, _)) => alloc::format!("{}...", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests;
