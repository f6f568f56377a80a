//! [`Call`]: what is known about one request when policies are asked about it, and the condition keys that name it.

use alloc::string::{String, ToString};
use alloc::{format, vec, vec::Vec};
use core::fmt;
use core::net::IpAddr;

/// The only action that a request to a VPC Lattice service performs.
pub const INVOKE: &str = "vpc-lattice-svcs:Invoke";

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Caller {
    /// The request carries no signature.
    #[default]
    Anonymous,
    /// A session of a role: what an instance with an instance profile is.
    AssumedRole {
        /// The account, twelve digits.
        account: String,
        /// The role's name.
        role: String,
        /// The session's name; on EC2 the instance id.
        session: String,
    },
}

impl Caller {
    /// How refusals and the access log name the caller.
    pub fn name(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_string(),
            Self::AssumedRole { account, role, session } => {
                format!("arn:aws:sts::{account}:assumed-role/{role}/{session}")
            }
        }
    }

    pub(super) fn account(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::AssumedRole { account, .. } => Some(account),
        }
    }

    /// `aws:PrincipalArn` is the ARN of the role, not of its session (IAM User Guide, "aws:PrincipalArn").
    pub(super) fn principal_arn(&self) -> Option<String> {
        match self {
            Self::Anonymous => None,
            Self::AssumedRole { account, role, .. } => Some(format!("arn:aws:iam::{account}:role/{role}")),
        }
    }
}

/// One request as policies see it.
///
/// Headers and query may hold a token, so `Debug` does not show them.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// The service's ARN, a slash, and the path.
    pub resource: String,
    /// The method.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers; names in any case.
    pub headers: Vec<(String, String)>,
    /// The port of the listener.
    pub port: u16,
    /// Where the request comes from.
    pub source_ip: Option<IpAddr>,
    /// The VPC it comes from.
    pub source_vpc: Option<String>,
    /// The account that owns that VPC.
    pub source_vpc_owner: Option<String>,
    /// The ARN of the service.
    pub service_arn: Option<String>,
    /// The ARN of the service network.
    pub service_network_arn: Option<String>,
    /// The organisation of the caller's account.
    pub principal_org_id: Option<String>,
    /// Where in the organisation that account stands.
    pub principal_org_paths: Vec<String>,
    /// Tags of the caller.
    pub principal_tags: Vec<(String, String)>,
    /// Tags of the service.
    pub resource_tags: Vec<(String, String)>,
}

impl Call {
    /// What the request says about a condition key; nothing when the key is absent.
    pub(super) fn values(&self, key: &Key) -> Vec<String> {
        let one = |value: Option<String>| value.into_iter().collect();
        let named = |pairs: &[(String, String)], wanted: &str| {
            pairs.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.clone()).collect()
        };
        match key {
            Key::Port => vec![self.port.to_string()],
            Key::RequestMethod => vec![self.method.clone()],
            Key::RequestPath => vec![self.path.clone()],
            Key::RequestHeader(wanted) => self
                .headers
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| value.clone())
                .collect(),
            Key::RequestQueryString(wanted) => named(&self.query, wanted),
            Key::ServiceNetworkArn => one(self.service_network_arn.clone()),
            Key::ServiceArn => one(self.service_arn.clone()),
            Key::SourceVpc => one(self.source_vpc.clone()),
            Key::SourceVpcOwnerAccount => one(self.source_vpc_owner.clone()),
            Key::PrincipalOrgId => one(self.principal_org_id.clone()),
            Key::PrincipalOrgPaths => self.principal_org_paths.clone(),
            Key::PrincipalArn => one(self.caller.principal_arn()),
            Key::PrincipalAccount => one(self.caller.account().map(ToString::to_string)),
            Key::PrincipalTag(wanted) => named(&self.principal_tags, wanted),
            Key::PrincipalType => vec![
                match self.caller {
                    Caller::Anonymous => "Anonymous",
                    Caller::AssumedRole { .. } => "AssumedRole",
                }
                .to_string(),
            ],
            Key::ResourceTag(wanted) => named(&self.resource_tags, wanted),
            Key::SourceIp => one(self.source_ip.map(|ip| ip.to_string())),
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Call")
            .field("caller", &self.caller)
            .field("method", &self.method)
            .field("resource", &self.resource)
            .finish_non_exhaustive()
    }
}

/// The condition keys of VPC Lattice (its User Guide, "Condition keys"), spelled as there: case counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Port,
    RequestMethod,
    RequestPath,
    RequestHeader(String),
    RequestQueryString(String),
    ServiceNetworkArn,
    ServiceArn,
    SourceVpc,
    SourceVpcOwnerAccount,
    PrincipalOrgId,
    PrincipalOrgPaths,
    PrincipalArn,
    PrincipalAccount,
    PrincipalTag(String),
    PrincipalType,
    ResourceTag(String),
    SourceIp,
}

impl Key {
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some((family, name)) = text.split_once('/') {
            let name = name.to_string();
            return match family {
                _ if name.is_empty() => None,
                "vpc-lattice-svcs:RequestHeader" => Some(Self::RequestHeader(name)),
                "vpc-lattice-svcs:RequestQueryString" => Some(Self::RequestQueryString(name)),
                "aws:PrincipalTag" => Some(Self::PrincipalTag(name)),
                "aws:ResourceTag" => Some(Self::ResourceTag(name)),
                _ => None,
            };
        }
        Some(match text {
            "vpc-lattice-svcs:Port" => Self::Port,
            "vpc-lattice-svcs:RequestMethod" => Self::RequestMethod,
            "vpc-lattice-svcs:RequestPath" => Self::RequestPath,
            "vpc-lattice-svcs:ServiceNetworkArn" => Self::ServiceNetworkArn,
            "vpc-lattice-svcs:ServiceArn" => Self::ServiceArn,
            "vpc-lattice-svcs:SourceVpc" | "aws:SourceVpc" => Self::SourceVpc,
            "vpc-lattice-svcs:SourceVpcOwnerAccount" => Self::SourceVpcOwnerAccount,
            "aws:PrincipalOrgID" => Self::PrincipalOrgId,
            "aws:PrincipalOrgPaths" => Self::PrincipalOrgPaths,
            "aws:PrincipalArn" => Self::PrincipalArn,
            "aws:PrincipalAccount" => Self::PrincipalAccount,
            "aws:PrincipalType" => Self::PrincipalType,
            "aws:SourceIp" => Self::SourceIp,
            _ => return None,
        })
    }
}
