//! [`Rules`]: how a service wants its requests signed.

/// How often the path is percent-encoded for signing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum PathEncoding {
    /// Signed as it is sent, strictly encoded once: S3. Where dot segments are kept, `%2F` is a slash, since a
    /// key has only one kind.
    Once,
    /// The sent path is encoded a second time for signing (`%20` is signed as `%2520`): every service but S3's family.
    #[default]
    Twice,
    /// Sent and signed byte for byte as given: no decoding, no encoding.
    AsIs,
}

/// What stands for the body in the canonical request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum PayloadRule {
    /// What the [`Payload`](super::Payload) of the request says; in a presigned URL the hash of its body.
    #[default]
    Given,
    /// What the payload says; in a presigned URL, whose sender is unknown, `UNSIGNED-PAYLOAD`: S3.
    UnsignedInUrl,
    /// `UNSIGNED-PAYLOAD` always: VPC Lattice, which refuses signed payloads.
    Unsigned,
}

/// Where the session token goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TokenRule {
    /// `x-amz-security-token`, signed.
    #[default]
    Signed,
    /// `x-amz-security-token`, added after signing: AWS IoT's WebSocket URLs.
    Unsigned,
    /// `x-amz-s3session-token`, signed: S3 Express sessions.
    S3Session,
}

/// How a service wants paths, payload hashes and tokens; picked by the service's name, or set by hand.
///
/// ```
/// use awsig::signing::{PathEncoding, Rules};
/// assert_eq!(Rules::of("s3").path_encoding, PathEncoding::Once);
/// assert_eq!(Rules::of("execute-api").path_encoding, PathEncoding::Twice);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Rules {
    /// How often the path is encoded.
    pub path_encoding: PathEncoding,
    /// Whether `.`, `..` and empty segments are sent as they are and signed as they are (`true`, S3), or signed
    /// resolved (`false`).
    pub keep_dot_segments: bool,
    /// What stands for the body.
    pub payload: PayloadRule,
    /// Whether `x-amz-content-sha256` is sent and signed.
    pub content_sha256_header: bool,
    /// Where the token goes.
    pub token: TokenRule,
}

impl Rules {
    /// What most services want: path normalised and encoded twice, body hashed, token signed, no extra header.
    pub const GENERAL: Self = Self {
        path_encoding: PathEncoding::Twice,
        keep_dot_segments: false,
        payload: PayloadRule::Given,
        content_sha256_header: false,
        token: TokenRule::Signed,
    };

    /// S3 and what speaks like it.
    pub const S3: Self = Self {
        path_encoding: PathEncoding::Once,
        keep_dot_segments: true,
        payload: PayloadRule::UnsignedInUrl,
        content_sha256_header: true,
        token: TokenRule::Signed,
    };

    /// VPC Lattice: `UNSIGNED-PAYLOAD`, sent as a header and signed, over http and https alike
    /// (VPC Lattice User Guide, "SigV4 authenticated requests").
    pub const LATTICE: Self = Self { payload: PayloadRule::Unsigned, content_sha256_header: true, ..Self::GENERAL };

    /// The rules of the service with this signing name.
    pub fn of(service: &str) -> Self {
        match service {
            "s3" | "s3-outposts" | "s3-object-lambda" | "s3express" => Self::S3,
            "vpc-lattice-svcs" => Self::LATTICE,
            // OpenSearch Developer Guide, "Signing HTTP requests to Amazon OpenSearch Serverless".
            "aoss" => Self { content_sha256_header: true, ..Self::GENERAL },
            // AWS IoT Core Developer Guide, "Device communication protocols", MQTT over WebSocket.
            "iotdevicegateway" => Self { token: TokenRule::Unsigned, ..Self::GENERAL },
            _ => Self::GENERAL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_that_differ() {
        assert_eq!(Rules::of("sqs"), Rules::GENERAL);
        assert_eq!(Rules::default(), Rules::GENERAL);
        assert!(Rules::of("aoss").content_sha256_header);
        assert_eq!(Rules::of("vpc-lattice-svcs").payload, PayloadRule::Unsigned);
        assert_eq!(Rules::of("iotdevicegateway").token, TokenRule::Unsigned);
    }
}
