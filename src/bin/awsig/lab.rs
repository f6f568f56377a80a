//! `awsig lab`: a metadata service and a VPC Lattice-like service on this machine.

use crate::args::{LabArgs, LabVerb};
use crate::report::{Failure, LAB, READ, USAGE, chain};
use awsig::lab::policy::{Auth, Policy, PolicyKind};
use awsig::lab::{self, Settings};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

pub(crate) fn run(args: &LabArgs) -> Result<(), Failure> {
    match args.tour {
        Some(LabVerb::Tour) => lab::tour(&mut io::stdout().lock()).map_err(|error| Failure::of(LAB, &error)),
        None => serve(args),
    }
}

fn serve(args: &LabArgs) -> Result<(), Failure> {
    let mut settings = Settings::default();
    settings.legs.service = Auth::Iam(Some(policy(&args.policy)?));
    if let Some(network) = &args.network_policy {
        settings.legs.network = Auth::Iam(Some(policy(network)?));
    }
    settings.service_address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    settings.metadata_address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.imds_port));
    lab::serve(settings, &mut io::stdout().lock()).map_err(|error| {
        Failure::new(LAB, format!("the lab cannot run: {error}"))
            .hint("leave --port and --imds-port out to take free ports")
    })
}

/// A policy by its name, or from a file.
fn policy(text: &str) -> Result<Policy, Failure> {
    if let Some(named) = Policy::named(text) {
        return Ok(named);
    }
    let json = fs::read_to_string(text).map_err(|error| {
        let code = if text.contains(['/', '.']) { READ } else { USAGE };
        Failure::new(code, format!("no policy {text}: {error}"))
            .hint("a policy is open, authenticated, post-only or a JSON file")
    })?;
    Policy::parse(&json, PolicyKind::Resource)
        .map_err(|error| Failure::new(USAGE, format!("{text}: {}", chain(&error))))
}
