//! Why a service refused, in lines for people.

use awsig::refusal::{Cause, Diagnosis, Refusal};
use awsig::signing::printable;
use std::io::{self, Read};

/// A body that passes through, and of which the beginning is kept.
pub(crate) struct Kept<R> {
    body: R,
    kept: Vec<u8>,
    room: usize,
}

impl<R> Kept<R> {
    pub(crate) fn new(body: R, keep: bool) -> Self {
        Self { body, kept: Vec::new(), room: if keep { Refusal::MAX_BODY } else { 0 } }
    }

    pub(crate) fn kept(&self) -> &[u8] {
        &self.kept
    }
}

impl<R: Read> Read for Kept<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.body.read(buffer)?;
        let taken = count.min(self.room);
        self.kept.extend_from_slice(buffer.get(..taken).unwrap_or_default());
        self.room -= taken;
        Ok(count)
    }
}

/// One short paragraph: what was said, what that means, what passed, and the likeliest next thing. Nothing where the
/// answer, which was printed, says it all.
pub(crate) fn short(refusal: &Refusal, diagnosis: &Diagnosis) -> Vec<(&'static str, String)> {
    let mut told = Vec::new();
    if let Some(said) = said(refusal, 300) {
        told.push(("said", said));
    }
    if !matches!(diagnosis.cause(), Cause::Request | Cause::Unknown | Cause::Server) {
        told.push(("means", diagnosis.means().to_owned()));
        told.extend(passed(diagnosis));
        told.extend(diagnosis.next().first().map(|next| ("hint", next.clone())));
    }
    told
}

/// All that is known.
pub(crate) fn all(refusal: &Refusal, diagnosis: &Diagnosis) -> Vec<(&'static str, String)> {
    let mut told = Vec::new();
    told.extend(said(refusal, usize::MAX).map(|said| ("said", said)));
    told.push(("means", diagnosis.means().to_owned()));
    if let Cause::Differs(difference) = diagnosis.cause() {
        told.extend(difference.to_string().lines().map(|line| ("text", line.to_owned())));
    }
    told.extend(passed(diagnosis));
    told.extend(refusal.request_id().map(|id| ("request id", id.to_owned())));
    told.extend(diagnosis.next().iter().map(|next| ("hint", next.clone())));
    told
}

fn said(refusal: &Refusal, max: usize) -> Option<String> {
    // What is no answer of a service has no code, and was printed whole.
    let message = printable(refusal.message(), max);
    match (refusal.code(), message.is_empty()) {
        (Some(code), false) => Some(format!("{code}: {message}")),
        (Some(code), true) => Some(code.to_owned()),
        (None, false) if !message.is_empty() => Some(message),
        (None, _) => None,
    }
}

fn passed(diagnosis: &Diagnosis) -> Option<(&'static str, String)> {
    let passed: Vec<String> = diagnosis.passed().iter().map(ToString::to_string).collect();
    (!passed.is_empty()).then(|| ("passed", passed.join(", ")))
}
