//! `awsig lab`: a metadata service and a VPC Lattice-like service on this machine.

use crate::args::{LabArgs, LabVerb};
use crate::output;
use crate::report::{Failure, LAB, READ, USAGE, chain};
use awsig::lab::policy::{Auth, Policy, PolicyKind};
use awsig::lab::{self, Settings, TourError};
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};

/// More than any policy has; what comes from a pipe or a device must end.
const LONGEST_POLICY: u64 = 64 * 1024;

pub(crate) fn run(args: &LabArgs) -> Result<(), Failure> {
    match args.tour {
        Some(LabVerb::Tour) => match lab::tour(&mut io::stdout().lock()) {
            Err(TourError::Write(error)) => output::closed_is_fine(Err(error)),
            Err(error) => Err(Failure::of(LAB, &error)
                .hint("the lines above show what was sent and what came back; awsig lab runs the same service to try")),
            Ok(()) => Ok(()),
        },
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
    let mut stdout = Noted { out: io::stdout().lock(), failed: false };
    match lab::serve(settings, &mut stdout) {
        Err(error) if stdout.failed => output::closed_is_fine(Err(error)),
        Err(error) => Err(Failure::new(LAB, format!("the lab cannot run: {error}"))
            .hint("leave --port and --imds-port out to take free ports")),
        Ok(()) => Ok(()),
    }
}

/// Standard output, and whether it was what failed.
struct Noted<W> {
    out: W,
    failed: bool,
}

impl<W: Write> Write for Noted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes).inspect_err(|_| self.failed = true)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush().inspect_err(|_| self.failed = true)
    }
}

/// A policy by its name, or from a file.
fn policy(text: &str) -> Result<Policy, Failure> {
    if let Some(named) = Policy::named(text) {
        return Ok(named);
    }
    let mut json = String::new();
    let read = File::open(text).and_then(|file| file.take(LONGEST_POLICY + 1).read_to_string(&mut json));
    read.map_err(|error| {
        let code = if text.contains(['/', '.']) { READ } else { USAGE };
        Failure::new(code, format!("no policy {text}: {error}"))
            .hint("a policy is open, authenticated, post-only or a JSON file")
    })?;
    if u64::try_from(json.len()).is_ok_and(|length| length > LONGEST_POLICY) {
        return Err(Failure::new(USAGE, format!("{text} is longer than {LONGEST_POLICY} bytes"))
            .hint("VPC Lattice takes policies of up to 10240 bytes"));
    }
    Policy::parse(&json, PolicyKind::Resource).map_err(|error| {
        Failure::new(USAGE, format!("{text}: {}", chain(&error)))
            .hint("a policy of VPC Lattice is JSON with Effect, Principal, Action, Resource and Condition")
    })
}
