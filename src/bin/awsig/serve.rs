//! `awsig creds serve`: the found credentials on loopback, the way containers get them.

use crate::args::ServeArgs;
use crate::output;
use crate::quote::shell;
use crate::report::{CREDENTIALS, Failure, WRITE, chain, warn};
use crate::sources::{failure, sources};
use awsig::credentials::Cached;
use awsig::lab::Agent;
use awsig::world::World;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

pub(crate) fn run(args: &ServeArgs, world: &Arc<dyn World>) -> Result<(), Failure> {
    let sources = sources(&args.sources, world)?;
    let cached = Cached::new(sources.chain(), Arc::clone(world)).with_listener(|refusal| {
        let why = refusal.error.map_or_else(|| "new ones had expired already".to_owned(), |error| chain(error));
        let minutes = refusal.next_attempt.as_secs() / 60;
        warn(&format!("the old credentials are served on: {why}; next attempt in {minutes} min"));
    });
    // What is not there now is an error now, not one for each client.
    cached.get().map_err(|error| failure(&error))?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let agent = Agent::start(Arc::new(cached), Arc::clone(world), address).map_err(|error| {
        Failure::new(CREDENTIALS, format!("cannot listen on {address}: {error}")).hint("take another --port")
    })?;
    let mut told = format!("export AWS_CONTAINER_CREDENTIALS_FULL_URI={}\n", shell(&agent.url()));
    match &args.token_file {
        Some(file) => {
            let path = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            // Asked for: who may read the file may have the credentials.
            world
                .save(&path, agent.token().expose().as_bytes())
                .map_err(|error| Failure::new(WRITE, format!("cannot write {}: {error}", path.display())))?;
            told.push_str(&format!(
                "export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE={}\n",
                shell(&path.to_string_lossy())
            ));
        }
        // Asked for: who sees this may have the credentials.
        None => told.push_str(&format!("export AWS_CONTAINER_AUTHORIZATION_TOKEN={}\n", shell(agent.token().expose()))),
    }
    output::print(told.as_bytes())?;
    loop {
        std::thread::park();
    }
}
