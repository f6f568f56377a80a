//! [`serve`]: a lab that stays, for clients outside.

use super::{Lab, Settings, Sink};
use std::io::{self, Write};
use std::sync::mpsc;

/// Lines of the access log that wait to be written; beyond them the service waits too.
const BACKLOG: usize = 1024;

/// Starts a lab, writes where it listens and what a shell has to export to use it, and then one line of access log per
/// request. It returns when nobody reads any more.
///
/// # Errors
/// When an address cannot be listened on, or writing fails other than by a closed pipe.
pub fn serve(mut settings: Settings, out: &mut dyn Write) -> io::Result<()> {
    let (sender, lines) = mpsc::sync_channel(BACKLOG);
    settings.log = Sink::new(move |line| {
        // Nobody reads any more: the lab is about to stop.
        let _ = sender.send(alloc::borrow::ToOwned::to_owned(line));
    });
    let lab = Lab::start(settings)?;
    let mut write = || {
        introduce(&lab, out)?;
        lines.iter().try_for_each(|line: alloc::string::String| {
            writeln!(out, "{line}")?;
            out.flush()
        })
    };
    let written = write();
    // First of all: the lab's thread may be waiting for a place in the backlog, and stopping the lab waits for its thread.
    drop(lines);
    drop(lab);
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

fn introduce(lab: &Lab, out: &mut dyn Write) -> io::Result<()> {
    let (metadata, service, host) = (lab.metadata(), lab.service(), lab.place().service_host());
    writeln!(
        out,
        "# instance metadata service (version 2): http://{metadata}\n\
         # service behind IAM auth, and HTTP proxy to itself: http://{service}\n\
         # Both speak plain HTTP: write http:// where the real service takes https://. In another shell:\n\
         unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE AWS_EC2_METADATA_DISABLED\n\
         export AWS_EC2_METADATA_SERVICE_ENDPOINT=http://{metadata}\n\
         export http_proxy=http://{service} no_proxy={}\n\
         awsig http://{host}/ POST",
        metadata.ip()
    )?;
    out.flush()
}
