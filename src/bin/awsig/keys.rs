//! Credentials and places as they are typed for curl and awscurl.

use crate::args::{Hidden, KeyArgs, PlaceArgs};
use crate::report::{CREDENTIALS, Failure, USAGE, warn};
use crate::secrets;
use awsig::credentials::{Answer, Chain, Found, Provider, ProviderError};
use awsig::signing::{Credentials, CredentialsError};

/// A session token that was typed, and as what.
#[derive(Debug)]
pub(crate) struct Token {
    text: Hidden,
    name: &'static str,
}

/// The header of the token, as curl wants it typed.
const HEADER: &str = "x-amz-security-token";

/// The session token that was typed, if any; from a header too, which the signer writes itself.
pub(crate) fn token(args: &KeyArgs, headers: &mut Vec<(String, String)>) -> Option<Token> {
    let is_token = |name: &str| name.eq_ignore_ascii_case(HEADER);
    let header = headers.iter().find(|(name, _)| is_token(name)).map(|(_, value)| Hidden(value.clone()));
    headers.retain(|(name, _)| !is_token(name));
    let typed = [
        (args.security_token.clone(), "--security_token"),
        (args.session_token.clone(), "--session_token"),
        (header, HEADER),
    ];
    let typed = typed.into_iter().find_map(|(text, name)| text.map(|text| Token { text, name }));
    typed.filter(|token| !token.text.0.is_empty())
}

/// The credentials that were typed, if any, with the token that was.
pub(crate) fn typed(args: &KeyArgs, token: Option<&Token>) -> Result<Option<Found>, Failure> {
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
    credentials(id, secret, token, source).map(Some)
}

/// The credentials that were found, with the token that was typed without keys. It belongs to the keys of the
/// environment, or to others without one; all else has a token of its own.
pub(crate) fn with_token(found: Found, token: &Token) -> Result<Found, Failure> {
    let keys = found.credentials();
    let is_fixed = keys.token().is_none() && keys.expires().is_none();
    if is_fixed || found.source().starts_with("environment (") {
        let source = format!("{} and {}", found.source(), token.name);
        return credentials(keys.access_key_id(), keys.secret().expose(), Some(token), source);
    }
    if token.name == HEADER {
        warn(&format!("the header {HEADER} is replaced by the token of the credentials from {}", found.source()));
        return Ok(found);
    }
    Err(Failure::new(USAGE, format!("{} does not belong to the credentials from {}", token.name, found.source())).hint(
        "leave it out: they have a token of their own; or type its keys too: --access_key ID --secret_key SECRET",
    ))
}

fn credentials(id: &str, secret: &str, token: Option<&Token>, source: impl Into<String>) -> Result<Found, Failure> {
    let wrong = |error| {
        Failure::of(CREDENTIALS, &error).hint(match error {
            CredentialsError::Swapped => "the id comes first: -u ID:SECRET, --access_key ID --secret_key SECRET",
            _ => "check for quotes, blanks and line breaks that do not belong",
        })
    };
    let mut credentials = Credentials::new(id, secret).map_err(wrong)?;
    if let Some(token) = token {
        credentials = credentials.with_token(token.text.0.clone()).map_err(wrong)?;
    }
    secrets::keep_credentials(&credentials);
    Chain::new().with(Typed(credentials, source.into())).find().map_err(|error| Failure::of(CREDENTIALS, &error))
}

#[derive(Debug)]
struct Typed(Credentials, String);

impl Provider for Typed {
    fn name(&self) -> &'static str {
        "command line"
    }

    fn provide(&self) -> Result<Answer, ProviderError> {
        Ok(Answer::Credentials(self.0.clone(), self.1.clone()))
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
    if text.split(':').count() > 4 {
        return Err(Failure::new(USAGE, format!("--aws-sigv4 has more than four parts: {text:?}"))
            .hint("--aws-sigv4 aws:amz:REGION:SERVICE, or less of it: the host tells the rest"));
    }
    place.region = place.region.or(parts.next().filter(|part| !part.is_empty()));
    place.service = place.service.or(parts.next().filter(|part| !part.is_empty()));
    Ok(place)
}
