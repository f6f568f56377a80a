//! [`Growing`]: what is on its way to or from a socket.

use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};
use ureq::unversioned::transport::Buffers;

/// What nearly every request fits into, and its answer.
const FIRST: usize = 8 * 1024;

/// The longest line of the requests of a client so far: what has to fit into a buffer in one piece.
#[derive(Clone, Debug, Default)]
pub(super) struct LongestLine(Arc<AtomicUsize>);

impl LongestLine {
    pub(super) fn of(&self, head: &http::request::Parts) {
        let target = head.uri.path_and_query().map_or(1, |target| target.as_str().len());
        let headers = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
        let longest = headers.chain([target + head.method.as_str().len()]).max().unwrap_or(0);
        // What HTTP writes around them.
        self.0.fetch_max(longest + 64, Ordering::Relaxed);
    }
}

/// Buffers that start small and grow while they are filled. ureq's own are cleared at full size for each connection, which
/// takes longer than signing when one short request is all that a program sends.
#[derive(Debug)]
pub(super) struct Growing {
    input: Vec<u8>,
    /// What has arrived and is not consumed: from `start` to `end` of the input.
    start: usize,
    end: usize,
    /// Whether the last that arrived took all room there was.
    was_full: bool,
    /// Whether the last look at the input took something.
    progress: bool,
    output: Vec<u8>,
    most_input: usize,
    most_output: usize,
    line: LongestLine,
}

impl Growing {
    pub(super) fn new(most_input: usize, most_output: usize, line: LongestLine) -> Self {
        Self {
            input: Vec::new(),
            start: 0,
            end: 0,
            was_full: false,
            progress: false,
            output: Vec::new(),
            most_input,
            most_output,
            line,
        }
    }

    /// So much of the output was sent.
    pub(super) fn sent(&mut self, amount: usize) {
        if amount > self.output.len() / 2 && self.output.len() < self.most_output {
            self.output = vec![0; self.output.len().saturating_mul(4).min(self.most_output)];
        }
    }
}

impl Buffers for Growing {
    fn output(&mut self) -> &mut [u8] {
        let least = self.line.0.load(Ordering::Relaxed).max(FIRST).min(self.most_output);
        if self.output.len() < least {
            self.output = vec![0; least];
        }
        &mut self.output
    }

    fn input(&self) -> &[u8] {
        self.input.get(self.start..self.end).unwrap_or_default()
    }

    fn input_append_buf(&mut self) -> &mut [u8] {
        if self.start > 0 {
            self.input.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.was_full || self.end == self.input.len() {
            let larger = self.input.len().saturating_mul(4).clamp(FIRST, self.most_input);
            self.input.resize(larger.max(self.input.len()), 0);
            self.was_full = false;
        }
        self.input.get_mut(self.end..).unwrap_or_default()
    }

    fn input_appended(&mut self, amount: usize) {
        self.end = self.end.saturating_add(amount).min(self.input.len());
        self.was_full = self.end == self.input.len();
    }

    fn input_consume(&mut self, amount: usize) {
        self.progress = amount > 0;
        self.start = self.start.saturating_add(amount).min(self.end);
    }

    fn tmp_and_output(&mut self) -> (&mut [u8], &mut [u8]) {
        self.output();
        // Room to read as much as can be written, behind what may have arrived already.
        let wanted = self.end.saturating_add(self.output.len());
        if self.input.len() < wanted {
            self.input.resize(wanted, 0);
        }
        (self.input.get_mut(self.end..).unwrap_or_default(), &mut self.output)
    }

    fn can_use_input(&self) -> bool {
        self.progress && !self.input().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = 128 * 1024;

    fn growing() -> Growing {
        Growing::new(MOST, MOST, LongestLine::default())
    }

    #[test]
    fn what_arrives_is_kept_in_order_while_the_input_grows() {
        let mut buffers = growing();
        let mut sizes = Vec::new();
        let (mut next, mut seen) = (0u8, 0u8);
        for round in 0..40 {
            let room = buffers.input_append_buf();
            sizes.push(room.len());
            let filled = if round % 3 == 2 { room.len() / 2 } else { room.len() };
            for byte in room.iter_mut().take(filled) {
                *byte = next;
                next = next.wrapping_add(1);
            }
            buffers.input_appended(filled);
            // Half is left for the next time.
            let take = buffers.input().len() / 2;
            for byte in buffers.input().iter().take(take) {
                assert_eq!(*byte, seen, "round {round}");
                seen = seen.wrapping_add(1);
            }
            buffers.input_consume(take);
            assert!(buffers.can_use_input());
        }
        assert_eq!((sizes[0], buffers.input.len()), (FIRST, MOST), "{sizes:?}");
    }

    #[test]
    fn a_full_input_gives_no_room_once_it_is_as_large_as_it_may_be() {
        let mut buffers = growing();
        for _ in 0..8 {
            let room = buffers.input_append_buf().len();
            buffers.input_appended(room);
        }
        assert_eq!((buffers.input().len(), buffers.input_append_buf().len()), (MOST, 0));
        buffers.input_consume(0);
        assert!(!buffers.can_use_input());
    }

    #[test]
    fn the_output_grows_only_with_what_is_sent() {
        let mut buffers = growing();
        assert_eq!(buffers.output().len(), FIRST);
        buffers.sent(500);
        assert_eq!(buffers.tmp_and_output().1.len(), FIRST);
        for _ in 0..5 {
            let (tmp, output) = buffers.tmp_and_output();
            assert!(tmp.len() >= output.len());
            let all = output.len();
            buffers.sent(all);
        }
        assert_eq!(buffers.output().len(), MOST);
    }

    #[test]
    fn a_long_line_has_room_on_a_connection_that_was_made_for_a_short_one() {
        let line = LongestLine::default();
        let mut buffers = Growing::new(MOST, MOST, line.clone());
        assert_eq!(buffers.output().len(), FIRST);
        let request = http::Request::get("http://h/").header("x-long", "v".repeat(50_000)).body(()).unwrap();
        line.of(&request.into_parts().0);
        assert!(buffers.output().len() > 50_000 + "x-long: \r\n".len());
    }
}
