//! [`Sources`]: where and how to look for credentials on this machine.

use super::profiles::{self, FilesError, Profile, Profiles, var};
use super::{
    Assume, AssumedRole, Chain, Container, Environment, InstanceRole, PassedOver, ProfileSource, WebIdentity, guard,
};
use crate::endpoint::Partition;
use crate::imds::Settings;
use crate::transport::{Client, Proxies, Transport};
use crate::world::World;
use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::time::Duration;
use std::sync::{Mutex, OnceLock, PoisonError};

/// Where and how to look for credentials: the machine, what it is reached through, and what was asked for.
///
/// ```no_run
/// use awsig::credentials::Sources;
/// use awsig::world::Process;
/// use std::sync::Arc;
///
/// let found = Sources::new(Arc::new(Process::new())).with_profile("dev").chain().find()?;
/// println!("{}", found.source());
/// # Ok::<(), awsig::credentials::ChainError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sources {
    pub(super) world: Arc<dyn World>,
    services: Arc<OnceLock<Arc<dyn Transport>>>,
    local: Arc<OnceLock<Arc<dyn Transport>>>,
    profile: Option<String>,
    role: Option<Assume>,
    wait: Duration,
    instance: Option<InstanceRole>,
    only: Option<String>,
    /// Access key ids that a service has called expired or invalid.
    rejected: Arc<Mutex<BTreeSet<String>>>,
}

/// A name of a profile, and who gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selected {
    pub(super) name: String,
    /// `--profile`, a variable, or nobody.
    pub(super) by: Option<&'static str>,
}

/// A service that credentials are asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Service {
    /// For people.
    pub(super) title: &'static str,
    /// As in `AWS_ENDPOINT_URL_NAME`.
    variable: &'static str,
    /// As in a section `[services x]`.
    key: &'static str,
    /// The first label of its host names.
    label: &'static str,
    fips_label: &'static str,
}

pub(super) const STS: Service =
    Service { title: "STS", variable: "AWS_ENDPOINT_URL_STS", key: "sts", label: "sts", fips_label: "sts-fips" };
pub(super) const SSO: Service = Service {
    title: "SSO",
    variable: "AWS_ENDPOINT_URL_SSO",
    key: "sso",
    label: "portal.sso",
    fips_label: "portal.sso-fips",
};
pub(super) const SSO_OIDC: Service = Service {
    title: "SSO OIDC",
    variable: "AWS_ENDPOINT_URL_SSO_OIDC",
    key: "sso_oidc",
    label: "oidc",
    fips_label: "oidc-fips",
};
pub(super) const SIGNIN: Service = Service {
    title: "AWS Sign-In",
    variable: "AWS_ENDPOINT_URL_SIGNIN",
    key: "signin",
    label: "signin",
    fips_label: "signin-fips",
};

impl Sources {
    /// Everything that the AWS CLI would look at on this machine.
    pub fn new(world: Arc<dyn World>) -> Self {
        Self {
            world,
            services: Arc::default(),
            local: Arc::default(),
            profile: None,
            role: None,
            wait: Duration::ZERO,
            instance: None,
            only: None,
            rejected: Arc::default(),
        }
    }

    /// The same with this profile: the environment's keys are passed over, and the profile must be there.
    #[must_use]
    pub fn with_profile(mut self, name: impl Into<String>) -> Self {
        self.profile = Some(name.into());
        self
    }

    /// The same, assuming a role on top of whatever is found.
    #[must_use]
    pub fn with_role(mut self, role: Assume) -> Self {
        self.role = Some(role);
        self
    }

    /// The same, waiting this long for a metadata service that is not there yet, as while an instance starts.
    #[must_use]
    pub fn with_wait(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// The same with this source alone: `environment`, `profile`, `web identity`, `container` or `instance role`.
    #[must_use]
    pub fn only(mut self, name: impl Into<String>) -> Self {
        self.only = Some(name.into());
        self
    }

    /// The same with other transports: one to services, and one to what is on this machine or next to it, which must use
    /// no proxy and must refuse addresses that [are not](super::is_local).
    #[must_use]
    pub fn with_transports(mut self, services: Arc<dyn Transport>, local: Arc<dyn Transport>) -> Self {
        self.services = Arc::new(OnceLock::from(services));
        self.local = Arc::new(OnceLock::from(local));
        self
    }

    /// The same, sharing the client of the metadata service with others who ask it.
    #[must_use]
    pub fn with_instance(mut self, instance: InstanceRole) -> Self {
        self.instance = Some(instance);
        self
    }

    /// The sources in order: environment, profile, web identity, container, instance role.
    pub fn chain(&self) -> Chain {
        let mut chain = Chain::new();
        let wanted = |name: &str| self.only.as_deref().is_none_or(|only| only == name);
        let flag = "--profile names one";
        if wanted("environment") {
            chain = match self.profile {
                None => chain.with(Environment::new(Arc::clone(&self.world))),
                Some(_) => chain.with(PassedOver::new("environment", flag)),
            };
        }
        if wanted("profile") {
            chain = chain.with(ProfileSource::new(self.clone()));
        }
        if wanted("web identity") {
            chain = match self.profile {
                None => chain.with(WebIdentity::new(self.clone())),
                Some(_) => chain.with(PassedOver::new("web identity", flag)),
            };
        }
        if wanted("container") {
            chain = chain.with(Container::new(self.clone()));
        }
        if wanted("instance role") {
            chain = chain.with(self.instance_role());
        }
        match &self.role {
            Some(role) => chain.then(AssumedRole::new(self.clone(), role.clone())),
            None => chain,
        }
    }

    /// The role of the instance, with the settings of the profile.
    pub fn instance_role(&self) -> InstanceRole {
        if let Some(instance) = &self.instance {
            return instance.clone();
        }
        let sources = self.clone();
        InstanceRole::with_client(Arc::clone(&self.world), move || {
            // A file that is broken is told by the profile, which is asked before.
            let profile = sources.profile().ok().flatten();
            let from_profile =
                |key: &str| profile.as_ref().and_then(|profile| profile.value(key).map(ToOwned::to_owned));
            let settings = Settings::from_world_and(&*sources.world, &from_profile)?;
            Ok((sources.local(), settings.with_wait(sources.wait)))
        })
    }

    /// The region of this machine's settings: `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's.
    ///
    /// # Errors
    /// When the files of profiles cannot be used.
    pub fn region(&self) -> Result<Option<String>, FilesError> {
        if let Some(region) = var(&*self.world, "AWS_REGION").or_else(|| var(&*self.world, "AWS_DEFAULT_REGION")) {
            return Ok(Some(region));
        }
        Ok(self.profile()?.and_then(|profile| profile.value("region").map(ToOwned::to_owned)))
    }

    pub(super) fn selected(&self) -> Selected {
        if let Some(name) = &self.profile {
            return Selected { name: name.clone(), by: Some("--profile") };
        }
        // The AWS CLI looks at them in this order; boto3 the other way round.
        for by in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
            if let Some(name) = var(&*self.world, by) {
                return Selected { name, by: Some(by) };
            }
        }
        Selected { name: "default".into(), by: None }
    }

    pub(super) fn profile(&self) -> Result<Option<Profile>, FilesError> {
        Ok(Profiles::load(&*self.world)?.get(&self.selected().name).cloned())
    }

    /// To services; through the proxies of the environment.
    pub(super) fn services(&self) -> Arc<dyn Transport> {
        let make =
            || -> Arc<dyn Transport> { Arc::new(Client::new(Proxies::from_variables(|name| self.world.var(name)))) };
        Arc::clone(self.services.get_or_init(make))
    }

    /// To what is on this machine or next to it.
    pub(super) fn local(&self) -> Arc<dyn Transport> {
        let make = || -> Arc<dyn Transport> { Arc::new(Client::link_local()) };
        Arc::clone(self.local.get_or_init(make))
    }

    /// To credentials of containers: as [`local`](Self::local), and only to addresses that may be asked.
    pub(super) fn guarded(&self) -> Arc<dyn Transport> {
        match self.local.get() {
            Some(local) => Arc::clone(local),
            None => Arc::new(Client::guarded(guard::is_local)),
        }
    }

    /// Where a service is. `region` is the one that calls are signed for.
    pub(super) fn endpoint(&self, service: &Service, region: &str, profile: Option<&Profile>) -> String {
        let world = &*self.world;
        let yes = |value: String| value.eq_ignore_ascii_case("true");
        let setting = |variable: &str, key: &str| {
            let of_profile = || profile.and_then(|profile| profile.value(key)).map(ToOwned::to_owned);
            var(world, variable).or_else(of_profile)
        };
        if !setting("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls").is_some_and(yes) {
            let of_services = || -> Option<String> {
                let profiles = Profiles::load(world).ok()?;
                let services = profiles.services(profile?.value("services")?)?;
                services.nested(service.key, "endpoint_url").map(ToOwned::to_owned)
            };
            let of_profile = || profile.and_then(|profile| profile.value("endpoint_url")).map(ToOwned::to_owned);
            let url = var(world, service.variable).or_else(|| var(world, "AWS_ENDPOINT_URL"));
            if let Some(url) = url.or_else(of_services).or_else(of_profile) {
                return url.trim_end_matches('/').to_owned();
            }
        }
        let fips = setting("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint").is_some_and(yes);
        let dual_stack = setting("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint").is_some_and(yes);
        let partition = Partition::of_region(region);
        if *service == SIGNIN && !fips && !dual_stack && partition.id() == "aws" {
            return format!("https://{region}.signin.aws.amazon.com");
        }
        // STS itself is validated in GovCloud and has no second name there.
        let fips_label = fips && !(*service == STS && partition.id() == "aws-us-gov" && !dual_stack);
        let label = if fips_label { service.fips_label } else { service.label };
        format!("https://{label}.{region}.{}", partition.suffix(dual_stack))
    }

    /// Whether a service has called credentials with this id expired or invalid.
    pub(super) fn is_rejected(&self, access_key_id: &str) -> bool {
        self.rejected.lock().unwrap_or_else(PoisonError::into_inner).contains(access_key_id)
    }

    pub(super) fn reject(&self, access_key_id: &str) {
        self.rejected.lock().unwrap_or_else(PoisonError::into_inner).insert(access_key_id.to_owned());
    }

    /// A path under the home folder.
    pub(super) fn at_home(&self, path: &str) -> Option<std::path::PathBuf> {
        profiles::home(&*self.world).map(|home| home.join(path))
    }
}
