//! [`Verifier::failures`]: every check that fails, not only the first.

use super::super::crypto::sha256;
use super::super::encode::{hex_of, hex_str};
use super::super::{Claim, Credentials, Payload, PayloadRule, Timestamp, Verifier, VerifyError};
use alloc::vec::Vec;

impl Verifier<'_> {
    /// Every check that the claim fails, in the order of the checks; empty if it is verified.
    ///
    /// After a failed check the next ones are made as if the claim were right in that point. A payload hash that cannot
    /// be used ends the list, since nothing can be computed with it.
    pub fn failures(&self, claim: &Claim<'_>, credentials: &Credentials, now: Timestamp) -> Vec<VerifyError> {
        let mut verifier = self.clone();
        let (mut credentials, mut now) = (credentials.clone(), now);
        let mut failures = Vec::new();
        while let Err(failure) = verifier.verify(claim, &credentials, now) {
            // A point that cannot be conceded would come up for ever.
            if failures.contains(&failure) {
                break;
            }
            match &failure {
                VerifyError::Expired { .. } | VerifyError::NotYet { .. } => now = claim.time(),
                VerifyError::Region { .. } => verifier.region = claim.region(),
                VerifyError::Service { .. } => verifier.service = claim.service(),
                VerifyError::AccessKeyId | VerifyError::TokenMissing | VerifyError::TokenWrong => {
                    // Goes from one set of credentials into another.
                    let secret = credentials.secret().expose();
                    let (token, expected) = (claim.token(), credentials.token());
                    let same_key = claim.access_key_id() == credentials.access_key_id();
                    // The token stays what it was if only the key id is conceded.
                    let token = if same_key { token } else { expected.map(super::super::Secret::expose) };
                    let Ok(mut conceded) = Credentials::new(claim.access_key_id(), secret) else { break };
                    if let Some(token) = token {
                        let Ok(with_token) = conceded.with_token(token) else { break };
                        conceded = with_token;
                    }
                    credentials = conceded;
                }
                VerifyError::PayloadSigned => verifier.rules.payload = PayloadRule::Given,
                VerifyError::PayloadNotSigned => verifier.accept_unsigned_payload = true,
                VerifyError::Signature => {
                    failures.push(failure);
                    failures.extend(body(claim));
                    return failures;
                }
                _ => {
                    failures.push(failure);
                    return failures;
                }
            }
            failures.push(failure);
        }
        failures
    }
}

/// Whether the body is another than `x-amz-content-sha256` says.
fn body(claim: &Claim<'_>) -> Option<VerifyError> {
    let declared = claim.request.header_value("x-amz-content-sha256")?;
    let Payload::Bytes(bytes) = claim.request.body() else { return None };
    let hashed = declared.len() == 64 && declared != hex_str(&hex_of(&sha256(bytes)));
    hashed.then_some(VerifyError::Body)
}

#[cfg(test)]
mod tests {
    use super::super::super::{Request, Scope, Signer};
    use super::*;
    use core::time::Duration;

    #[test]
    fn every_failed_check_is_told_in_order() {
        let time = Timestamp::from_unix(1_440_938_160).unwrap();
        let credentials = Credentials::new("AKIDEXAMPLE", "secret").unwrap().with_token("right").unwrap();
        let wrong = Credentials::new("AKIDOTHER", "secret2").unwrap().with_token("wrong").unwrap();
        let signer = Signer::new(&wrong, Scope::new(time, "us-east-1", "iam").unwrap());
        let request = Request::new("GET", "https://h/").unwrap();
        let authorization = signer.sign(&request);
        let headers: Vec<_> = [("host", "h")].into_iter().chain(authorization.headers()).collect();
        let received = Request::received("GET", "/", &headers, Payload::Bytes(b"")).unwrap();
        let claim = Claim::parse(&received).unwrap();
        let now = time.plus_seconds(3600);
        let verifier = Verifier::new("eu-west-1", "sts").with_max_skew(Duration::from_secs(300));
        let failures = verifier.failures(&claim, &credentials, now);
        assert_eq!(
            failures,
            [
                VerifyError::Expired { at: time, good_for: 300, now },
                VerifyError::Region { wanted: "eu-west-1".into(), found: "us-east-1".into() },
                VerifyError::Service { wanted: "sts".into(), found: "iam".into() },
                VerifyError::AccessKeyId,
                VerifyError::TokenWrong,
                VerifyError::Signature,
            ]
        );
        assert_eq!(Verifier::new("us-east-1", "iam").failures(&claim, &wrong, time), []);
    }
}
