use super::*;
use alloc::format;
use alloc::vec;

const RESOURCE: &str = "arn:aws:vpc-lattice:us-west-2:123456789012:service/svc-0123/";
const ROLE: &str = "arn:aws:iam::123456789012:role/workshop";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/workshop/i-1";

fn role() -> Caller {
    Caller::AssumedRole { account: "123456789012".into(), role: "workshop".into(), session: "i-1".into() }
}

fn call(caller: Caller, method: &str, path: &str) -> Call {
    Call {
        caller,
        method: method.into(),
        path: path.into(),
        resource: format!("{}{path}", RESOURCE.trim_end_matches('/')),
        port: 443,
        source_ip: Some("10.1.2.3".parse().unwrap()),
        query: vec![("tag".into(), "a".into()), ("tag".into(), "b".into()), ("empty".into(), String::new())],
        headers: vec![("X-Flag".into(), "TRUE".into()), ("x-count".into(), "12".into())],
        ..Call::default()
    }
}

/// A policy with this condition block, asked about the role's `POST /rates`.
fn condition(block: &str) -> Result<bool, PolicyError> {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{block}}}}}"#
    );
    let policy = Policy::parse(&text, PolicyKind::Resource)?;
    Ok(policy.verdict(&call(role(), "POST", "/rates")) == Verdict::Allow)
}

#[test]
fn every_operator_decides_as_iam_does() {
    for (block, expected) in [
        ("{}", true),
        // Strings.
        (r#"{"StringEquals":{"vpc-lattice-svcs:RequestMethod":"POST"}}"#, true),
        (r#"{"StringEquals":{"vpc-lattice-svcs:RequestMethod":"post"}}"#, false),
        (r#"{"StringEquals":{"vpc-lattice-svcs:RequestMethod":["GET","POST"]}}"#, true),
        (r#"{"StringNotEquals":{"vpc-lattice-svcs:RequestMethod":["GET","POST"]}}"#, false),
        (r#"{"StringNotEquals":{"vpc-lattice-svcs:RequestMethod":["GET","PUT"]}}"#, true),
        (r#"{"StringEqualsIgnoreCase":{"vpc-lattice-svcs:RequestMethod":"post"}}"#, true),
        (r#"{"StringNotEqualsIgnoreCase":{"vpc-lattice-svcs:RequestMethod":"post"}}"#, false),
        (r#"{"StringLike":{"vpc-lattice-svcs:RequestPath":"/r?te*"}}"#, true),
        (r#"{"StringEquals":{"vpc-lattice-svcs:RequestPath":"/r?te*"}}"#, false),
        (r#"{"StringNotLike":{"vpc-lattice-svcs:RequestPath":"/r?te*"}}"#, false),
        // Several operators and several keys: all must hold.
        (r#"{"StringEquals":{"vpc-lattice-svcs:RequestMethod":"POST","aws:PrincipalAccount":"123456789012"}}"#, true),
        (r#"{"StringEquals":{"vpc-lattice-svcs:RequestMethod":"POST","aws:PrincipalAccount":"1"}}"#, false),
        (
            r#"{"StringEquals":{"aws:PrincipalType":"AssumedRole"},"StringLike":{"vpc-lattice-svcs:RequestMethod":"G*"}}"#,
            false,
        ),
        // Numbers.
        (r#"{"NumericEquals":{"vpc-lattice-svcs:Port":443}}"#, true),
        (r#"{"NumericEquals":{"vpc-lattice-svcs:Port":"443.0"}}"#, true),
        (r#"{"NumericNotEquals":{"vpc-lattice-svcs:Port":[80,443]}}"#, false),
        (r#"{"NumericLessThan":{"vpc-lattice-svcs:Port":443}}"#, false),
        (r#"{"NumericLessThanEquals":{"vpc-lattice-svcs:Port":443}}"#, true),
        (r#"{"NumericGreaterThan":{"vpc-lattice-svcs:RequestHeader/x-count":"9"}}"#, true),
        (r#"{"NumericGreaterThanEquals":{"vpc-lattice-svcs:RequestHeader/x-count":"13"}}"#, false),
        (r#"{"NumericGreaterThan":{"vpc-lattice-svcs:RequestHeader/x-flag":"0"}}"#, false),
        // Booleans and header names in any case.
        (r#"{"Bool":{"vpc-lattice-svcs:RequestHeader/x-flag":true}}"#, true),
        (r#"{"Bool":{"vpc-lattice-svcs:RequestHeader/X-FLAG":"false"}}"#, false),
        (r#"{"Bool":{"vpc-lattice-svcs:RequestHeader/x-none":"false"}}"#, false),
        // Addresses.
        (r#"{"IpAddress":{"aws:SourceIp":["192.0.2.0/24","10.0.0.0/8"]}}"#, true),
        (r#"{"NotIpAddress":{"aws:SourceIp":["192.0.2.0/24","10.0.0.0/8"]}}"#, false),
        (r#"{"IpAddress":{"aws:SourceIp":"2001:db8::/32"}}"#, false),
        // ARNs: part by part.
        (r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/workshop"}}"#, true),
        (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/work*"}}"#, true),
        (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:*:role/workshop:*:x:y"}}"#, false),
        (r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/work*"}}"#, false),
        (r#"{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/other"}}"#, true),
        (r#"{"ArnLike":{"aws:PrincipalArn":"*"}}"#, true),
        // Absent keys: positive false, negated true, IfExists true.
        (r#"{"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#, false),
        (r#"{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}"#, true),
        (r#"{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}"#, true),
        (r#"{"StringEqualsIfExists":{"vpc-lattice-svcs:RequestMethod":"GET"}}"#, false),
        (r#"{"NotIpAddressIfExists":{"vpc-lattice-svcs:RequestHeader/x-ip":"10.0.0.0/8"}}"#, true),
        (r#"{"NumericNotEquals":{"vpc-lattice-svcs:RequestHeader/x-none":"1"}}"#, true),
        (r#"{"NumericLessThan":{"vpc-lattice-svcs:RequestHeader/x-none":"1"}}"#, false),
        (r#"{"ArnNotLike":{"vpc-lattice-svcs:ServiceArn":"arn:aws:vpc-lattice:*:*:*"}}"#, true),
        (r#"{"ArnLike":{"vpc-lattice-svcs:ServiceArn":"*"}}"#, false),
        (r#"{"Null":{"aws:SourceVpc":"true"}}"#, true),
        (r#"{"Null":{"aws:SourceVpc":false}}"#, false),
        (r#"{"Null":{"aws:SourceIp":"false"}}"#, true),
        (r#"{"Null":{"aws:PrincipalTag/team":"true"}}"#, true),
        // Several values in the request: tag=a&tag=b&empty=
        (r#"{"ForAnyValue:StringEquals":{"vpc-lattice-svcs:RequestQueryString/tag":["b","c"]}}"#, true),
        (r#"{"ForAllValues:StringEquals":{"vpc-lattice-svcs:RequestQueryString/tag":["b","c"]}}"#, false),
        (r#"{"ForAllValues:StringLike":{"vpc-lattice-svcs:RequestQueryString/tag":["?"]}}"#, true),
        (r#"{"ForAnyValue:StringNotEquals":{"vpc-lattice-svcs:RequestQueryString/tag":"a"}}"#, true),
        (r#"{"ForAllValues:StringNotEquals":{"vpc-lattice-svcs:RequestQueryString/tag":"a"}}"#, false),
        (r#"{"ForAllValues:StringEquals":{"vpc-lattice-svcs:RequestQueryString/none":"a"}}"#, true),
        (r#"{"ForAllValues:StringEquals":{"vpc-lattice-svcs:RequestQueryString/empty":"a"}}"#, true),
        (r#"{"ForAnyValue:StringEquals":{"vpc-lattice-svcs:RequestQueryString/none":"a"}}"#, false),
        (r#"{"ForAnyValue:StringNotEquals":{"vpc-lattice-svcs:RequestQueryString/none":"a"}}"#, false),
        (r#"{"ForAnyValue:StringEqualsIfExists":{"vpc-lattice-svcs:RequestQueryString/none":"a"}}"#, true),
        (r#"{"StringEquals":{"vpc-lattice-svcs:RequestQueryString/tag":"b"}}"#, true),
        (r#"{"StringNotEquals":{"vpc-lattice-svcs:RequestQueryString/tag":"b"}}"#, false),
    ] {
        assert_eq!(condition(block), Ok(expected), "{block}");
    }
}

#[test]
fn what_a_condition_cannot_mean_is_an_error_that_names_it() {
    let value =
        |operator: &str, found: &str| PolicyError::InvalidValue { operator: operator.into(), found: found.into() };
    for (block, expected) in [
        (r#"{"StringEqual":{"aws:SourceVpc":"x"}}"#, PolicyError::UnknownOperator("StringEqual".into())),
        (r#"{"DateLessThan":{"aws:SourceVpc":"x"}}"#, PolicyError::UnknownOperator("DateLessThan".into())),
        (r#"{"ForSome:StringLike":{"aws:SourceVpc":"x"}}"#, PolicyError::UnknownOperator("ForSome:StringLike".into())),
        (r#"{"NullIfExists":{"aws:SourceVpc":"true"}}"#, PolicyError::UnknownOperator("NullIfExists".into())),
        (r#"{"StringEqualsIfExistsIfExists":{"aws:SourceVpc":"x"}}"#, {
            PolicyError::UnknownOperator("StringEqualsIfExistsIfExists".into())
        }),
        (r#"{"StringEquals":{"aws:CurrentTime":"x"}}"#, PolicyError::UnknownKey("aws:CurrentTime".into())),
        (r#"{"StringEquals":{"aws:sourcevpc":"x"}}"#, PolicyError::UnknownKey("aws:sourcevpc".into())),
        (r#"{"StringEquals":{"aws:PrincipalTag/":"x"}}"#, PolicyError::UnknownKey("aws:PrincipalTag/".into())),
        (r#"{"StringEquals":{"aws:SourceVpc":"${aws:x}"}}"#, PolicyError::Variable("${aws:x}".into())),
        (r#"{"StringEquals":{"aws:SourceVpc":[]}}"#, value("StringEquals", "[]")),
        (r#"{"StringEquals":{"aws:SourceVpc":{}}}"#, value("StringEquals", "{}")),
        (r#"{"StringEquals":{"aws:SourceVpc":null}}"#, value("StringEquals", "null")),
        (r#"{"NumericEquals":{"vpc-lattice-svcs:Port":"inf"}}"#, value("NumericEquals", "\"inf\"")),
        (r#"{"Bool":{"vpc-lattice-svcs:Port":"yes"}}"#, value("Bool", "\"yes\"")),
        (r#"{"Null":{"vpc-lattice-svcs:Port":"absent"}}"#, value("Null", "\"absent\"")),
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/64"}}"#, value("IpAddress", "\"10.0.0.0/64\"")),
        (r#"{"ArnLike":{"aws:PrincipalArn":"role/x"}}"#, value("ArnLike", "\"role/x\"")),
        (r#"{"ArnLike":{"aws:PrincipalArn":"arn:*:role/x"}}"#, value("ArnLike", "\"arn:*:role/x\"")),
        (r#"{"StringEquals":"x"}"#, PolicyError::Invalid { element: "Condition", found: "\"x\"".into() }),
        (r#"[]"#, PolicyError::Invalid { element: "Condition", found: "[]".into() }),
    ] {
        assert_eq!(condition(block), Err(expected), "{block}");
    }
}

#[test]
fn elements_select_what_they_say() {
    let statement = |rest: &str| format!(r#"{{"Statement":[{{"Effect":"Allow",{rest}}}]}}"#);
    for (rest, caller, path, expected) in [
        (r#""Principal":"*","Action":"vpc-lattice-svcs:Invoke","Resource":"*""#, Caller::Anonymous, "/", true),
        (r#""Principal":{"AWS":"*"},"Action":"VPC-Lattice-Svcs:inv*","Resource":"*""#, Caller::Anonymous, "/", true),
        (r#""Principal":"*","Action":["s3:GetObject","vpc-lattice-svcs:Connect"],"Resource":"*""#, role(), "/", false),
        (r#""Principal":"*","NotAction":"s3:*","Resource":"*""#, role(), "/", true),
        (r#""Principal":"*","NotAction":"*","Resource":"*""#, role(), "/", false),
        (r#""Principal":{"AWS":"123456789012"},"Action":"*","Resource":"*""#, role(), "/", true),
        (r#""Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"*","Resource":"*""#, role(), "/", true),
        (r#""Principal":{"AWS":"arn:aws:iam::210987654321:root"},"Action":"*","Resource":"*""#, role(), "/", false),
        (r#""Principal":{"AWS":["210987654321","ROLE"]},"Action":"*","Resource":"*""#, role(), "/", true),
        (r#""Principal":{"AWS":"SESSION"},"Action":"*","Resource":"*""#, role(), "/", true),
        (r#""Principal":{"AWS":"SESSION0"},"Action":"*","Resource":"*""#, role(), "/", false),
        (r#""Principal":{"AWS":"ROLE"},"Action":"*","Resource":"*""#, Caller::Anonymous, "/", false),
        (r#""Principal":{"Service":"ec2.amazonaws.com"},"Action":"*","Resource":"*""#, role(), "/", false),
        (r#""Principal":"*","Action":"*","Resource":"*/rates""#, role(), "/rates", true),
        (r#""Principal":"*","Action":"*","Resource":"*/rates""#, role(), "/payments", false),
        (r#""Principal":"*","Action":"*","NotResource":"*/rates""#, role(), "/payments", true),
        // The request's resource is the service's ARN and its path: without one it is not named.
        (r#""Principal":"*","Action":"*","Resource":"SERVICE""#, role(), "/", false),
        (r#""Principal":"*","Action":"*","Resource":"SERVICE/*""#, role(), "/", true),
        (r#""Principal":"*","Action":"*","Resource":["SERVICE/a?","x"]"#, role(), "/a/", true),
    ] {
        let rest =
            rest.replace("SERVICE", RESOURCE.trim_end_matches('/')).replace("ROLE", ROLE).replace("SESSION", SESSION);
        let policy = Policy::parse(&statement(&rest), PolicyKind::Resource).unwrap();
        let allowed = policy.verdict(&call(caller, "GET", path)) == Verdict::Allow;
        assert_eq!(allowed, expected, "{rest}");
    }
}

#[test]
fn what_is_no_policy_is_an_error_that_names_the_element() {
    let good = r#""Effect":"Allow","Principal":"*","Action":"*","Resource":"*""#;
    let invalid = |element, found: &str| PolicyError::Invalid { element, found: found.into() };
    let unknown = |name: &str| PolicyError::UnknownElement(name.into());
    for (text, expected) in [
        (r#"{}"#.into(), PolicyError::Missing("Statement")),
        (r#"{"Statement":[]}"#.into(), PolicyError::Missing("Statement")),
        (r#"{"Statement":7}"#.into(), invalid("Statement", "7")),
        (r#"[]"#.into(), invalid("policy", "[]")),
        (format!(r#"{{"Version":"2012-10-18","Statement":{{{good}}}}}"#), invalid("Version", "\"2012-10-18\"")),
        (format!(r#"{{"Statements":[],"Statement":{{{good}}}}}"#), unknown("Statements")),
        (format!(r#"{{"Statement":{{{good},"Sidd":"x"}}}}"#), unknown("Sidd")),
        (format!(r#"{{"Statement":{{{good},"Sid":1}}}}"#), invalid("Sid", "1")),
        (format!(r#"{{"Statement":{{{good},"NotPrincipal":"*"}}}}"#), unknown("NotPrincipal")),
        (format!(r#"{{"Statement":{{{good},"NotAction":"*"}}}}"#), PolicyError::Both("Action", "NotAction")),
        (format!(r#"{{"Statement":{{{good},"NotResource":"*"}}}}"#), PolicyError::Both("Resource", "NotResource")),
        (format!(r#"{{"Statement":{{{good},"effect":"Deny"}}}}"#), unknown("effect")),
        (r#"{"Statement":{"Principal":"*","Action":"*","Resource":"*"}}"#.into(), PolicyError::Missing("Effect")),
        (r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#.into(), PolicyError::Missing("Principal")),
        (r#"{"Statement":{"Effect":"Allow","Principal":"*","Resource":"*"}}"#.into(), PolicyError::Missing("Action")),
        (r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"*"}}"#.into(), PolicyError::Missing("Resource")),
        (format!(r#"{{"Statement":{{{}}}}}"#, good.replace("Allow", "allow")), invalid("Effect", "\"allow\"")),
        (format!(r#"{{"Statement":{{{}}}}}"#, good.replace("\"Action\":\"*\"", "\"Action\":\"Invoke\"")), {
            invalid("Action", "\"Invoke\"")
        }),
        (format!(r#"{{"Statement":{{{}}}}}"#, good.replace("\"Action\":\"*\"", "\"Action\":[]")), {
            invalid("Action", "[]")
        }),
        (format!(r#"{{"Statement":{{{}}}}}"#, good.replace("\"Resource\":\"*\"", "\"Resource\":[1]")), {
            invalid("Resource", "[1]")
        }),
        (format!(r#"{{"Statement":{{{}}}}}"#, good.replace("\"Resource\":\"*\"", "\"Resource\":\"a/${x}\"")), {
            PolicyError::Variable("a/${x}".into())
        }),
        (format!(r#"{{"Statement":{{{}}}}}"#, good.replace("\"Principal\":\"*\"", "\"Principal\":\"x\"")), {
            invalid("Principal", "\"x\"")
        }),
        (
            format!(
                r#"{{"Statement":{{{}}}}}"#,
                good.replace("\"Principal\":\"*\"", r#""Principal":{"AWS":"arn:aws:iam::123456789012:role/*"}"#)
            ),
            invalid("Principal", "\"arn:aws:iam::123456789012:role/*\""),
        ),
        (
            format!(r#"{{"Statement":{{{}}}}}"#, good.replace("\"Principal\":\"*\"", r#""Principal":{"Aws":"*"}"#)),
            unknown("Aws"),
        ),
        (
            r#"{"Statement":[],"Statement":[]}"#.into(),
            PolicyError::Json { line: 1, column: 27, duplicate: Some("Statement".into()) },
        ),
        ("{".into(), PolicyError::Json { line: 1, column: 1, duplicate: None }),
        ("{} x".into(), PolicyError::Json { line: 1, column: 4, duplicate: None }),
        ("[".repeat(1000), PolicyError::Json { line: 1, column: 128, duplicate: None }),
        (" ".repeat(10_241), PolicyError::TooLong { bytes: 10_241 }),
    ] {
        assert_eq!(Policy::parse(&text, PolicyKind::Resource).unwrap_err(), expected, "{text}");
    }
    let identity = format!(r#"{{"Statement":{{{good}}}}}"#);
    assert_eq!(Policy::parse(&identity, PolicyKind::Identity).unwrap_err(), unknown("Principal"));
}

/// VPC Lattice's documented meaning of the console's and the workshop's policies.
#[test]
fn the_named_policies_decide_as_the_workshop_shows() {
    for (name, caller, method, expected) in [
        ("open", Caller::Anonymous, "GET", true),
        ("open", role(), "POST", true),
        ("authenticated", Caller::Anonymous, "GET", false),
        ("authenticated", Caller::Anonymous, "POST", false),
        ("authenticated", role(), "POST", true),
        ("authenticated", role(), "GET", true),
        ("authenticated", role(), "PUT", true),
        ("post-only", Caller::Anonymous, "GET", false),
        ("post-only", Caller::Anonymous, "POST", false),
        ("post-only", role(), "POST", true),
        ("post-only", role(), "GET", false),
        ("post-only", role(), "get", false),
        ("post-only", role(), "PUT", true),
    ] {
        let verdict = Policy::named(name).unwrap().verdict(&call(caller, method, "/"));
        assert_eq!(verdict == Verdict::Allow, expected, "{name} {method}");
    }
    assert!(POLICY_NAMES.iter().all(|name| Policy::named(name).is_some()));
    assert!(Policy::named("closed").is_none());
}

#[test]
fn denials_are_named_in_lattices_order_and_words() {
    let open = || Policy::named("open");
    let deny = || {
        let text = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"},
            {"Effect":"Deny","Principal":"*","Action":"*","Resource":"*/secret"}]}"#;
        Policy::parse(text, PolicyKind::Resource).ok()
    };
    let identity =
        || Policy::parse(r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#, PolicyKind::Identity).ok();
    let user = format!("User: {SESSION} is not authorized to perform: vpc-lattice-svcs:Invoke on resource: {RESOURCE}");
    let none = "User: anonymous is not authorized to perform: vpc-lattice-svcs:Invoke on resource: ";
    let no = |layer: &str| format!("because no {layer} policy allows the vpc-lattice-svcs:Invoke action");
    let legs = |network, service, identity| Legs { network, service, identity };
    for (legs, call, expected) in [
        (legs(Auth::None, Auth::None, None), call(Caller::Anonymous, "GET", "/"), None),
        (
            legs(Auth::None, Auth::Iam(None), None),
            call(Caller::Anonymous, "GET", "/"),
            Some(format!("{none}{RESOURCE} {}", no("service-based"))),
        ),
        (
            legs(Auth::Iam(None), Auth::Iam(None), None),
            call(Caller::Anonymous, "GET", "/"),
            Some(format!("{none}{RESOURCE} {}", no("network-based"))),
        ),
        (
            legs(Auth::None, Auth::Iam(None), None),
            call(role(), "GET", "/rates"),
            Some(format!("{user}rates {}", no("service-based"))),
        ),
        (
            legs(Auth::None, Auth::Iam(open()), None),
            call(role(), "GET", "/rates"),
            Some(format!("{user}rates {}", no("identity-based"))),
        ),
        (legs(Auth::Iam(open()), Auth::Iam(open()), identity()), call(role(), "GET", "/rates"), None),
        (legs(Auth::None, Auth::Iam(open()), None), call(Caller::Anonymous, "GET", "/"), None),
        (
            legs(Auth::None, Auth::Iam(deny()), identity()),
            call(role(), "GET", "/secret"),
            Some(format!("{user}secret with an explicit deny in a service-based policy")),
        ),
        (
            legs(Auth::Iam(deny()), Auth::Iam(None), identity()),
            call(role(), "GET", "/secret"),
            Some(format!("{user}secret with an explicit deny in a network-based policy")),
        ),
    ] {
        assert_eq!(legs.decide(&call).err().map(|denial| denial.sentence(&call)), expected);
    }
}

/// Cheap damage to good policies: whatever still loads must give a verdict, and a denial of everything must outweigh it.
#[test]
fn damaged_policies_are_refused_or_judged_and_never_outweigh_a_denial() {
    let good = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":["*","123456789012"]},
        "Action":["vpc-lattice-svcs:Invoke"],"Resource":"*/rates*","Condition":{"StringLike":{"aws:PrincipalTag/t":"x?*"},
        "ForAnyValue:StringNotEqualsIfExists":{"vpc-lattice-svcs:RequestQueryString/tag":["a","b"]},
        "NotIpAddress":{"aws:SourceIp":["10.0.0.0/8","::/0"]},"Null":{"aws:SourceVpc":"true"}}}]}"#;
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"},{"Sid""#;
    let call = call(role(), "POST", "/rates");
    let (mut state, mut loaded) = (0x9e37_79b9_7f4a_7c15_u64, 0);
    for _ in 0..20_000 {
        let mut bytes = good.as_bytes().to_vec();
        for _ in 0..1 + state % 3 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let at = usize::try_from(state >> 8).unwrap() % bytes.len();
            match state % 4 {
                0 => bytes[at] ^= 1 << (state % 7),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"*?\"{}[]:,/ea1"[usize::try_from(state >> 40).unwrap() % 13]),
                _ => bytes.truncate(bytes.len() - at % 3),
            }
        }
        let Ok(text) = core::str::from_utf8(&bytes) else { continue };
        let Ok(policy) = Policy::parse(text, PolicyKind::Resource) else { continue };
        loaded += 1;
        assert_ne!(policy.verdict(&call), Verdict::Deny, "{text}");
        let denied = text.replacen("{\"Sid\"", deny, 1);
        if denied != text {
            let policy = Policy::parse(&denied, PolicyKind::Resource).unwrap();
            assert_eq!(policy.verdict(&call), Verdict::Deny, "{denied}");
        }
    }
    assert!(loaded > 1000, "{loaded}");
}
