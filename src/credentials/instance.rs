//! [`InstanceRole`]: the role of the EC2 instance this runs on.

use super::{Absence, Answer, Provider, ProviderError, ProviderFailure};
use crate::imds::{Imds, ImdsError};
use crate::transport::Client;
use crate::world::World;
use alloc::string::ToString;
use alloc::sync::Arc;
use std::sync::OnceLock;

const NAME: &str = "instance role";

/// The credentials of the instance's role, from the metadata service.
///
/// No service, or no role, is nothing; a service that is there and refuses, or whose settings cannot be understood, stops
/// the search. A service that accepts the connection and never answers counts as nothing too, as in the SDKs.
///
/// Clones share one client of the metadata service, which is made when it is first needed.
#[derive(Clone, Debug)]
pub struct InstanceRole {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    world: Arc<dyn World>,
    imds: OnceLock<Result<Imds, ImdsError>>,
}

impl InstanceRole {
    /// The role of the instance this world is.
    pub fn new(world: Arc<dyn World>) -> Self {
        Self { shared: Arc::new(Shared { world, imds: OnceLock::new() }) }
    }

    /// The client of the metadata service that the role comes from.
    ///
    /// # Errors
    /// When a setting of it cannot be understood.
    pub fn imds(&self) -> Result<&Imds, ImdsError> {
        let make = || Imds::new(Arc::clone(&self.shared.world), Arc::new(Client::link_local()));
        self.shared.imds.get_or_init(make).as_ref().map_err(Clone::clone)
    }
}

impl Provider for InstanceRole {
    fn name(&self) -> &'static str {
        NAME
    }

    fn provide(&self) -> Result<Answer, ProviderError> {
        let error = match self.imds().and_then(Imds::credentials) {
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
