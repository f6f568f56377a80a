use super::case::Case;
use super::fields;
use awsig::PathEncoding;
use serde_json::Value;
use std::collections::BTreeSet;

/// A case that is run in another way than its set says. It must fail without this.
pub(super) struct Exception {
    pub(super) case: String,
    pub(super) step: String,
    pub(super) reason: String,
}

impl Exception {
    /// The case as it is run.
    pub(super) fn apply(&self, case: &Case) -> Case {
        let mut changed = case.clone();
        match self.step.as_str() {
            "path encoded once" => {
                changed.rules.path_encoding = PathEncoding::Once;
                changed
            }
            other => panic!("{}: an exception of unknown kind: {other}", self.case),
        }
    }
}

/// The exception of a case, if it has one.
pub(super) fn of(case: &str) -> Option<Exception> {
    all().into_iter().find(|exception| exception.case == case)
}

fn all() -> Vec<Exception> {
    let file = super::path("exceptions.json");
    let Ok(Value::Array(values)) = serde_json::from_str(&super::text(&file)) else { panic!("{}", file.display()) };
    let read = |value| {
        fields::object("exceptions.json", value, |fields| Exception {
            case: fields.text("case"),
            step: fields.text("step"),
            reason: fields.text("reason"),
        })
    };
    values.into_iter().map(read).collect()
}

#[test]
fn every_exception_names_one_case_and_a_reason() {
    let exceptions = all();
    let cases: BTreeSet<_> = exceptions.iter().map(|exception| &exception.case).collect();
    assert_eq!(cases.len(), exceptions.len());
    for exception in &exceptions {
        assert!(super::path(&exception.case).is_dir(), "no case: {}", exception.case);
        assert!(exception.reason.len() > 20, "no reason: {}", exception.case);
    }
}
