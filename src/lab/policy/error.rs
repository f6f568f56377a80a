//! [`PolicyError`]: why a text is no policy this module can evaluate faithfully.

use alloc::string::String;
use core::fmt;

/// Why a policy is refused when it is loaded. What cannot be evaluated as IAM would is never skipped.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// The text is longer than the 10 240 bytes that VPC Lattice takes.
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// The text is no JSON, is nested too deeply, or names a member twice.
    Json {
        /// Line of the fault, from 1.
        line: usize,
        /// Column of the fault, from 1.
        column: usize,
        /// A member that occurs twice in one object.
        duplicate: Option<String>,
    },
    /// An element is missing.
    Missing(&'static str),
    /// An element IAM does not know, or one that this evaluator does not support.
    UnknownElement(String),
    /// Two elements that exclude each other, such as `Action` and `NotAction`.
    Both(&'static str, &'static str),
    /// An element has the wrong form or value.
    Invalid {
        /// The element.
        element: &'static str,
        /// What stands there.
        found: String,
    },
    /// A condition operator that is not known.
    UnknownOperator(String),
    /// A condition key that VPC Lattice does not have.
    UnknownKey(String),
    /// A value that the operator cannot compare with.
    InvalidValue {
        /// The operator.
        operator: String,
        /// The value.
        found: String,
    },
    /// A policy variable such as `${aws:username}`; they are not supported.
    Variable(String),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes } => write!(formatter, "the policy has {bytes} bytes, at most 10240 are allowed"),
            Self::Json { line, column, duplicate: Some(name) } => {
                write!(formatter, "{name:?} occurs twice in one object, line {line} column {column}")
            }
            Self::Json { line, column, duplicate: None } => {
                write!(formatter, "not a JSON document, line {line} column {column}")
            }
            Self::Missing(element) => write!(formatter, "{element} is missing"),
            Self::UnknownElement(name) => write!(formatter, "the element {name:?} is unknown or not supported"),
            Self::Both(one, other) => write!(formatter, "{one} and {other} exclude each other"),
            Self::Invalid { element, found } => write!(formatter, "{element} cannot be {found}"),
            Self::UnknownOperator(name) => write!(formatter, "unknown condition operator {name:?}"),
            Self::UnknownKey(name) => write!(formatter, "unknown condition key {name:?}"),
            Self::InvalidValue { operator, found } => write!(formatter, "{operator} cannot compare with {found}"),
            Self::Variable(text) => write!(formatter, "policy variables are not supported: {text:?}"),
        }
    }
}

impl core::error::Error for PolicyError {}
