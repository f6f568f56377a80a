//! [`InstanceRole`]: the role of the EC2 instance this runs on.

use super::{Absence, Answer, Provider, ProviderError, ProviderFailure};
use crate::imds::{Imds, ImdsError};
use crate::transport::Client;
use crate::world::World;
use alloc::string::ToString;
use alloc::sync::Arc;

const NAME: &str = "instance role";

/// The credentials of the instance's role, from the metadata service.
///
/// No service, or no role, is nothing; a service that is there and refuses, or whose settings cannot be understood, stops
/// the search. A service that accepts the connection and never answers counts as nothing too, as in the SDKs.
#[derive(Debug)]
pub struct InstanceRole {
    imds: Result<Imds, ImdsError>,
}

impl InstanceRole {
    /// The role of the instance this world is.
    pub fn new(world: Arc<dyn World>) -> Self {
        Self { imds: Imds::new(world, Arc::new(Client::link_local())) }
    }

    /// The role that this client knows of.
    pub fn with_imds(imds: Imds) -> Self {
        Self { imds: Ok(imds) }
    }
}

impl Provider for InstanceRole {
    fn name(&self) -> &'static str {
        NAME
    }

    fn provide(&self) -> Result<Answer, ProviderError> {
        let found = match &self.imds {
            Ok(imds) => imds.credentials(),
            Err(error) => Err(error.clone()),
        };
        let error = match found {
            Ok(found) => return Ok(Answer::Credentials(found.credentials, found.role)),
            Err(error) => error,
        };
        let hint = error.hint();
        if error.is_absence() {
            let absence = Absence::new(error.to_string());
            return Ok(Answer::Nothing(match hint {
                Some(hint) => absence.with_hint(hint),
                None => absence,
            }));
        }
        let failed = ProviderError::new(NAME, ProviderFailure::Failed).with_cause(error);
        Err(match hint {
            Some(hint) => failed.with_hint(hint),
            None => failed,
        })
    }
}
