//! The decision about a call: service network, service and identity must all agree.

use super::{Call, Caller, INVOKE, Policy, Verdict};
use alloc::format;
use alloc::string::String;

/// How a service or a service network authorises: its `authType`.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Auth {
    /// `NONE`: everybody passes, whatever policy is attached.
    #[default]
    None,
    /// `AWS_IAM`: what the policy does not allow is denied, and without a policy everything is.
    Iam(Option<Policy>),
}

/// The three places that decide.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Legs {
    /// The service network.
    pub network: Auth,
    /// The service.
    pub service: Auth,
    /// The policies of the caller's role; without any, a caller who signs may do nothing. Anonymous callers have none
    /// and need none.
    pub identity: Option<Policy>,
}

/// Where a denial comes from, in the order in which VPC Lattice names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Layer {
    /// The policy of the service network.
    Network,
    /// The policy of the service.
    Service,
    /// The policies of the caller's role.
    Identity,
}

impl Layer {
    /// As the access log writes it: `Network`, `Service`, `Identity`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Network => "Network",
            Self::Service => "Service",
            Self::Identity => "Identity",
        }
    }
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denial {
    /// The first place that did not agree.
    pub layer: Layer,
    /// Whether a statement denied it, rather than none allowing it.
    pub explicit: bool,
}

impl Denial {
    /// What VPC Lattice answers, without the name of the error before it.
    pub fn sentence(self, call: &Call) -> String {
        let layer = match self.layer {
            Layer::Network => "network-based",
            Layer::Service => "service-based",
            Layer::Identity => "identity-based",
        };
        let reason = match (self.explicit, self.layer) {
            (false, _) => format!("because no {layer} policy allows the {INVOKE} action"),
            (true, Layer::Identity) => format!("with an explicit deny in an {layer} policy"),
            (true, _) => format!("with an explicit deny in a {layer} policy"),
        };
        format!(
            "User: {} is not authorized to perform: {INVOKE} on resource: {} {reason}",
            call.caller.name(),
            call.resource
        )
    }
}

impl Legs {
    /// Asks all three.
    ///
    /// # Errors
    /// The first one that does not agree: network, then service, then identity.
    pub fn decide(&self, call: &Call) -> Result<(), Denial> {
        self.network.allows(call, Layer::Network)?;
        self.service.allows(call, Layer::Service)?;
        match call.caller {
            Caller::Anonymous => Ok(()),
            _ => allows(self.identity.as_ref(), call, Layer::Identity),
        }
    }
}

impl Auth {
    fn allows(&self, call: &Call, layer: Layer) -> Result<(), Denial> {
        match self {
            Self::None => Ok(()),
            Self::Iam(policy) => allows(policy.as_ref(), call, layer),
        }
    }
}

fn allows(policy: Option<&Policy>, call: &Call, layer: Layer) -> Result<(), Denial> {
    match policy.map_or(Verdict::Silent, |policy| policy.verdict(call)) {
        Verdict::Allow => Ok(()),
        Verdict::Deny => Err(Denial { layer, explicit: true }),
        Verdict::Silent => Err(Denial { layer, explicit: false }),
    }
}
