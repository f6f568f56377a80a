//! Credentials and places as they are typed for curl and awscurl.

use crate::args::{KeyArgs, PlaceArgs};
use crate::report::{CREDENTIALS, Failure, USAGE};
use awsig::credentials::{Answer, Chain, Found, Provider, ProviderError};
use awsig::signing::Credentials;

/// The credentials that were typed, if any; a token may have come as curl wants it, in a header.
pub(crate) fn typed(args: &KeyArgs, headers: &mut Vec<(String, String)>) -> Result<Option<Found>, Failure> {
    let (id, secret, source) = match (&args.user, &args.access_key, &args.secret_key) {
        (Some(user), ..) => {
            let (id, secret) = user.0.split_once(':').ok_or_else(|| {
                Failure::new(USAGE, "-u takes an access key id and a secret key, with a colon between")
                    .hint("-u \"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY\", or leave it out: awsig finds them itself")
            })?;
            (id, secret, "--user")
        }
        (None, Some(id), Some(secret)) => (id.as_str(), secret.0.as_str(), "--access_key"),
        _ => return Ok(None),
    };
    let is_token = |name: &str| name.eq_ignore_ascii_case("x-amz-security-token");
    let header = headers.iter().find(|(name, _)| is_token(name)).map(|(_, value)| value.clone());
    headers.retain(|(name, _)| !is_token(name));
    let token = args.security_token.as_ref().or(args.session_token.as_ref()).map(|token| token.0.clone()).or(header);
    let wrong =
        |error| Failure::of(CREDENTIALS, &error).hint("check for quotes, blanks and line breaks that do not belong");
    let mut credentials = Credentials::new(id, secret).map_err(wrong)?;
    if let Some(token) = token.filter(|token| !token.is_empty()) {
        credentials = credentials.with_token(token).map_err(wrong)?;
    }
    Chain::new().with(Typed(credentials, source)).find().map(Some).map_err(|error| Failure::of(CREDENTIALS, &error))
}

#[derive(Debug)]
struct Typed(Credentials, &'static str);

impl Provider for Typed {
    fn name(&self) -> &'static str {
        "command line"
    }

    fn provide(&self) -> Result<Answer, ProviderError> {
        Ok(Answer::Credentials(self.0.clone(), self.1.into()))
    }
}

/// The place, with what `--aws-sigv4 aws:amz:REGION:SERVICE` says where nothing else does.
pub(crate) fn place(args: &KeyArgs, place: &PlaceArgs) -> Result<PlaceArgs, Failure> {
    let mut place = place.clone();
    let Some(text) = &args.aws_sigv4 else {
        return Ok(place);
    };
    let mut parts = text.split(':').map(|part| part.trim().to_owned());
    let (first, second) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if !matches!(first.as_str(), "" | "aws") || !matches!(second.as_str(), "" | "amz" | "aws") {
        return Err(Failure::new(USAGE, "--aws-sigv4 is for another provider than AWS")
            .hint("awsig signs for aws:amz; curl --aws-sigv4 signs for others"));
    }
    place.region = place.region.or(parts.next().filter(|part| !part.is_empty()));
    place.service = place.service.or(parts.next().filter(|part| !part.is_empty()));
    Ok(place)
}
