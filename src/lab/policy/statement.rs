//! One statement of a policy.

use super::call::{Call, Caller, INVOKE};
use super::condition::Condition;
use super::pattern::Pattern;
use super::{PolicyError, PolicyKind, shown, strings};
use alloc::string::String;
use alloc::vec::Vec;
use serde_json::{Map, Value};

#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub(super) denies: bool,
    /// `None` in an identity policy, whose principal is whoever it is attached to.
    principal: Option<Vec<Principal>>,
    actions: Patterns,
    resources: Patterns,
    conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug)]
struct Patterns {
    negated: bool,
    list: Vec<Pattern>,
}

#[derive(Clone, Debug)]
enum Principal {
    Everyone,
    /// An account id, or the ARN of an account's root, a role, a role's session or a user.
    Aws(String),
    /// A service or a federation: nobody who calls here.
    Other,
}

impl Statement {
    pub(super) fn parse(value: &Value, kind: PolicyKind) -> Result<Self, PolicyError> {
        let Value::Object(map) = value else {
            return Err(PolicyError::Invalid { element: "Statement", found: shown(value) });
        };
        for (name, value) in map {
            match name.as_str() {
                "Sid" if value.is_string() => {}
                "Sid" => return Err(PolicyError::Invalid { element: "Sid", found: shown(value) }),
                "Effect" | "Action" | "NotAction" | "Resource" | "NotResource" | "Condition" => {}
                "Principal" if kind == PolicyKind::Resource => {}
                _ => return Err(PolicyError::UnknownElement(name.clone())),
            }
        }
        let denies = match map.get("Effect") {
            None => return Err(PolicyError::Missing("Effect")),
            Some(Value::String(effect)) if effect == "Allow" => false,
            Some(Value::String(effect)) if effect == "Deny" => true,
            Some(other) => return Err(PolicyError::Invalid { element: "Effect", found: shown(other) }),
        };
        let principal = match (kind, map.get("Principal")) {
            (PolicyKind::Identity, _) => None,
            (PolicyKind::Resource, None) => return Err(PolicyError::Missing("Principal")),
            (PolicyKind::Resource, Some(value)) => Some(principals(value)?),
        };
        let actions = Patterns::parse(map, "Action", "NotAction", is_action)?;
        let resources = Patterns::parse(map, "Resource", "NotResource", |text| !text.is_empty())?;
        let conditions = map.get("Condition").map_or_else(|| Ok(Vec::new()), conditions)?;
        Ok(Self { denies, principal, actions, resources, conditions })
    }

    pub(super) fn applies(&self, call: &Call) -> bool {
        self.principal.as_ref().is_none_or(|list| list.iter().any(|principal| principal.is(&call.caller)))
            && self.actions.match_any(|pattern| pattern.matches_any_case(INVOKE))
            && self.resources.match_any(|pattern| pattern.matches(&call.resource))
            && self.conditions.iter().all(|condition| condition.holds(call))
    }
}

impl Patterns {
    fn parse(
        map: &Map<String, Value>,
        name: &'static str,
        negated_name: &'static str,
        well_formed: fn(&str) -> bool,
    ) -> Result<Self, PolicyError> {
        let (element, value) = match (map.get(name), map.get(negated_name)) {
            (Some(_), Some(_)) => return Err(PolicyError::Both(name, negated_name)),
            (Some(value), None) => (name, value),
            (None, Some(value)) => (negated_name, value),
            (None, None) => return Err(PolicyError::Missing(name)),
        };
        let invalid = || PolicyError::Invalid { element, found: shown(value) };
        let texts = texts(value).ok_or_else(invalid)?;
        if let Some(text) = texts.iter().find(|text| text.contains("${")) {
            return Err(PolicyError::Variable(text.clone()));
        }
        if texts.is_empty() || !texts.iter().all(|text| well_formed(text)) {
            return Err(invalid());
        }
        Ok(Self { negated: element == negated_name, list: texts.iter().map(|text| Pattern::new(text)).collect() })
    }

    fn match_any(&self, matches: impl Fn(&Pattern) -> bool) -> bool {
        self.list.iter().any(matches) != self.negated
    }
}

impl Principal {
    fn is(&self, caller: &Caller) -> bool {
        match self {
            Self::Everyone => true,
            Self::Other => false,
            Self::Aws(text) => {
                caller.account().is_some_and(|account| {
                    text == account
                        || text.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root"))
                            == Some(account)
                }) || caller.principal_arn().as_ref() == Some(text)
                    || *caller != Caller::Anonymous && caller.name() == *text
            }
        }
    }
}

fn principals(value: &Value) -> Result<Vec<Principal>, PolicyError> {
    let invalid = |value: &Value| PolicyError::Invalid { element: "Principal", found: shown(value) };
    match value {
        Value::String(text) if text == "*" => Ok(alloc::vec![Principal::Everyone]),
        Value::Object(map) if !map.is_empty() => {
            let mut list = Vec::new();
            for (kind, value) in map {
                let texts = texts(value).filter(|texts| !texts.is_empty()).ok_or_else(|| invalid(value))?;
                for text in texts {
                    list.push(match kind.as_str() {
                        "AWS" if text == "*" => Principal::Everyone,
                        // A wildcard is allowed alone only (IAM User Guide, "Principal").
                        "AWS" if is_account(&text) || is_principal_arn(&text) => Principal::Aws(text),
                        "Service" | "Federated" if !text.is_empty() && !text.contains('*') => Principal::Other,
                        "AWS" | "Service" | "Federated" => return Err(invalid(value)),
                        _ => return Err(PolicyError::UnknownElement(kind.clone())),
                    });
                }
            }
            Ok(list)
        }
        other => Err(invalid(other)),
    }
}

fn conditions(value: &Value) -> Result<Vec<Condition>, PolicyError> {
    let invalid = |value: &Value| PolicyError::Invalid { element: "Condition", found: shown(value) };
    let Value::Object(operators) = value else { return Err(invalid(value)) };
    let mut list = Vec::new();
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else { return Err(invalid(keys)) };
        if keys.is_empty() {
            // Nothing would be compared, and an operator that is not known would pass unseen.
            return Err(PolicyError::InvalidValue { operator: operator.clone(), found: shown(value) });
        }
        for (key, values) in keys {
            list.push(Condition::parse(operator, key, values)?);
        }
    }
    Ok(list)
}

/// A string, or a list of strings and nothing else.
fn texts(value: &Value) -> Option<Vec<String>> {
    let only_texts = match value {
        Value::String(_) => true,
        Value::Array(list) => list.iter().all(Value::is_string),
        _ => false,
    };
    if only_texts { strings(value) } else { None }
}

/// `*`, or a service, a colon and the name of an action.
fn is_action(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'*' | b'?' | b'_');
    text == "*"
        || text.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty() && !name.is_empty() && service.bytes().all(plain) && name.bytes().all(plain)
        })
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_principal_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, name] = parts.as_slice() else { return false };
    let known = match *service {
        "iam" => *name == "root" || name.starts_with("role/") || name.starts_with("user/"),
        "sts" => name.starts_with("assumed-role/") || name.starts_with("federated-user/"),
        _ => false,
    };
    *arn == "arn"
        && partition.starts_with("aws")
        && region.is_empty()
        && is_account(account)
        && known
        && !text.contains(['*', '?', '$'])
}
