//! [`Place`]: the instance, role and service that the lab pretends to be.

use super::issuer::LIFETIME;
use super::policy::Caller;
use alloc::format;
use alloc::string::{String, ToString};
use core::time::Duration;

/// The instance, its role and the service of a lab; the default is the workshop's.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// The region.
    pub region: String,
    /// The letter that makes a region an availability zone.
    pub zone_letter: char,
    /// The account, twelve digits.
    pub account: String,
    /// The instance; also the name of the role's session.
    pub instance_id: String,
    /// The role of the instance; without one the metadata service has no credentials.
    pub role: Option<String>,
    /// How long the role's credentials live.
    pub credential_lifetime: Duration,
    /// What `/latest/user-data` answers; nothing is 404.
    pub user_data: Option<String>,
    /// The name of the service.
    pub service_name: String,
    /// The id of the service without its `svc-`.
    pub service_id: String,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            region: "us-west-2".into(),
            zone_letter: 'a',
            account: "123456789012".into(),
            instance_id: "i-0123456789abcdef0".into(),
            role: Some("workshop-role".into()),
            credential_lifetime: LIFETIME,
            user_data: None,
            service_name: "reservation".into(),
            service_id: "0123456789abcdef0".into(),
        }
    }
}

impl Place {
    /// The host name of the service, as VPC Lattice generates it.
    pub fn service_host(&self) -> String {
        format!("{}-{}.7d67968.vpc-lattice-svcs.{}.on.aws", self.service_name, self.service_id, self.region)
    }

    /// Who the instance is when it signs.
    pub fn caller(&self) -> Caller {
        match &self.role {
            None => Caller::Anonymous,
            Some(role) => Caller::AssumedRole {
                account: self.account.clone(),
                role: role.clone(),
                session: self.instance_id.clone(),
            },
        }
    }

    pub(super) fn zone(&self) -> String {
        format!("{}{}", self.region, self.zone_letter)
    }

    /// Region and service id that a host name stands for, `<name>-<id>.<hash>.vpc-lattice-svcs.<region>.on.aws`; those
    /// of this place for any other name.
    pub(super) fn of_host(&self, host: &str) -> (String, String) {
        let mut labels = host.split('.');
        let service = labels.next().unwrap_or_default();
        let region = labels.by_ref().find(|label| *label == "vpc-lattice-svcs").and_then(|_| labels.next());
        match (region, service.rsplit_once('-')) {
            (Some(region), Some((_, id))) => (region.to_string(), id.to_string()),
            (Some(region), None) => (region.to_string(), self.service_id.clone()),
            _ => (self.region.clone(), self.service_id.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lattice_name_tells_its_region_and_service() {
        let place = Place::default();
        let of = |host: &str| place.of_host(host);
        assert_eq!(of(&place.service_host()), ("us-west-2".into(), "0123456789abcdef0".into()));
        let host = "parking-0dcc67d057e4a5626.7d67968.vpc-lattice-svcs.ap-northeast-2.on.aws";
        assert_eq!(of(host), ("ap-northeast-2".into(), "0dcc67d057e4a5626".into()));
        assert_eq!(of("parking.example.com"), ("us-west-2".into(), "0123456789abcdef0".into()));
    }
}
