use super::case::requests;
use super::check::check_all;
use super::{names, path};

#[test]
fn every_decision_and_every_bug_found() {
    let folder = path("ours");
    let mut cases = Vec::new();
    for name in names(&folder) {
        assert!(name.ends_with(".json"), "not a vector file: {name}");
        let found = requests("ours", &folder.join(&name));
        assert!(!found.is_empty(), "no cases: {name}");
        cases.extend(found);
    }
    assert!(!cases.is_empty());
    check_all("ours", &cases);
}
