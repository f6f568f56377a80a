//! [`InstanceRole`]: the role of the EC2 instance this runs on.

use super::{Absence, Answer, Provider, ProviderError, ProviderFailure};
use crate::imds::{Imds, ImdsError, Settings};
use crate::transport::{Client, Transport};
use crate::world::World;
use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use core::fmt;
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

type Make = dyn Fn() -> Result<(Arc<dyn Transport>, Settings), ImdsError> + Send + Sync;

struct Shared {
    world: Arc<dyn World>,
    make: Box<Make>,
    imds: OnceLock<Result<Imds, ImdsError>>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").field("imds", &self.imds).finish_non_exhaustive()
    }
}

impl InstanceRole {
    /// The role of the instance this world is.
    pub fn new(world: Arc<dyn World>) -> Self {
        let same = Arc::clone(&world);
        Self::with_client(world, move || Ok((Arc::new(Client::link_local()), Settings::from_world(&*same)?)))
    }

    /// The same through a transport and with settings that are made when they are first needed.
    pub(super) fn with_client(
        world: Arc<dyn World>,
        make: impl Fn() -> Result<(Arc<dyn Transport>, Settings), ImdsError> + Send + Sync + 'static,
    ) -> Self {
        Self { shared: Arc::new(Shared { world, make: Box::new(make), imds: OnceLock::new() }) }
    }

    /// The client of the metadata service that the role comes from.
    ///
    /// # Errors
    /// When a setting of it cannot be understood.
    pub fn imds(&self) -> Result<&Imds, ImdsError> {
        let make = || {
            let (transport, settings) = (self.shared.make)()?;
            Ok(Imds::with_settings(Arc::clone(&self.shared.world), transport, settings))
        };
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
