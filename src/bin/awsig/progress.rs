//! How far a transfer is: a bar on the terminal once it has taken a second, and what was counted on the way.

use awsig::send::{ReadSeek, Source};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What is over sooner needs no bar.
const SOON: Duration = Duration::from_secs(1);

/// Counts what is read, and shows it.
#[derive(Clone)]
pub(crate) struct Meter(Arc<Inner>);

struct Inner {
    bar: ProgressBar,
    start: Instant,
    wanted: bool,
    shown: AtomicBool,
    count: AtomicU64,
}

impl Meter {
    /// A meter that shows something only if it is wanted, and if standard error is a terminal.
    pub(crate) fn new(wanted: bool) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        Self(Arc::new(Inner {
            bar,
            start: Instant::now(),
            wanted,
            shown: AtomicBool::new(false),
            count: AtomicU64::new(0),
        }))
    }

    /// Starts counting anew, up to `length` if it is known.
    pub(crate) fn start(&self, what: &'static str, length: Option<u64>) {
        self.0.count.store(0, Ordering::Relaxed);
        self.0.bar.set_message(what);
        self.0.bar.set_position(0);
        let style = match length {
            Some(length) => {
                self.0.bar.set_length(length);
                "{msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec}, {eta} left"
            }
            None => "{msg} {bytes} {bytes_per_sec}, {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(style) {
            self.0.bar.set_style(style.progress_chars("=> "));
        }
    }

    /// How much has been counted since the start.
    pub(crate) fn count(&self) -> u64 {
        self.0.count.load(Ordering::Relaxed)
    }

    /// Takes the bar away.
    pub(crate) fn done(&self) {
        self.0.bar.finish_and_clear();
    }

    fn add(&self, more: usize) {
        let count = self.0.count.fetch_add(u64::try_from(more).unwrap_or(u64::MAX), Ordering::Relaxed);
        if !self.0.wanted {
            return;
        }
        if self.0.start.elapsed() > SOON && !self.0.shown.swap(true, Ordering::Relaxed) {
            self.0.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.0.bar.set_position(count.saturating_add(u64::try_from(more).unwrap_or(0)));
    }

    /// The source, counted.
    pub(crate) fn watch(&self, source: Source) -> Source {
        match source {
            Source::Seekable(inner) => Source::Seekable(Box::new(Watched { inner, meter: self.clone(), length: None })),
            Source::Once { reader, length } => {
                self.start("reading", length);
                Source::Once { reader: Box::new(WatchedOnce { inner: reader, meter: self.clone() }), length }
            }
            other => other,
        }
    }

    /// The reader, counted.
    pub(crate) fn read<R: Read>(&self, inner: R) -> impl Read + use<R> {
        WatchedOnce { inner, meter: self.clone() }
    }
}

struct WatchedOnce<R> {
    inner: R,
    meter: Meter,
}

impl<R: Read> Read for WatchedOnce<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.meter.add(count);
        Ok(count)
    }
}

/// A file that is hashed first and then sent: each pass is counted by itself.
struct Watched {
    inner: Box<dyn ReadSeek>,
    meter: Meter,
    length: Option<u64>,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.meter.add(count);
        Ok(count)
    }
}

impl Seek for Watched {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.inner.seek(to)?;
        match to {
            SeekFrom::Start(_) => {
                self.meter.start(if self.length.is_some() { "sending" } else { "hashing" }, self.length)
            }
            _ => self.length = Some(at),
        }
        Ok(at)
    }
}
