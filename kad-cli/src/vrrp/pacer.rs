//! Which frame goes next, and when: no more on an interface than it is allowed in a time; pure.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use vrrp_engine::Time;

/// Frames that wait, in lanes that have a pause between two frames each.
///
/// A frame is in its lane once, with the number of times that it is still to be sent: the memory is bounded by the number
/// of different frames, whatever is asked for. Within a lane all frames have their turn before one has its second;
/// lanes take turns, so that a long one does not keep a short one waiting.
#[derive(Debug)]
pub(super) struct Pacer<F> {
    lanes: Vec<Lane<F>>,
    /// The lane that is looked at first.
    turn: usize,
}

#[derive(Debug)]
struct Lane<F> {
    pause: Duration,
    not_before: Time,
    queue: VecDeque<F>,
    times: HashMap<F, u8>,
}

impl<F: Copy + Eq + Hash> Pacer<F> {
    /// Lanes with these pauses; zero for none.
    pub(super) fn new(pauses: impl IntoIterator<Item = Duration>) -> Self {
        Self {
            lanes: pauses.into_iter().map(Lane::new).collect(),
            turn: 0,
        }
    }

    /// Wants a frame sent `times` times. What it was to be sent anyway counts for that.
    pub(super) fn push(&mut self, lane: usize, frame: F, times: u8) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.push(frame, times);
        }
    }

    /// The next frame to send now.
    pub(super) fn pop(&mut self, now: Time) -> Option<F> {
        let count = self.lanes.len();
        for step in 0..count {
            let place = (self.turn + step) % count;
            if let Some(frame) = self.lanes.get_mut(place).and_then(|lane| lane.pop(now)) {
                self.turn = (place + 1) % count;
                return Some(frame);
            }
        }
        None
    }

    /// Wants the frames no longer for which `is_unwanted` holds; answers with how often each was still to be sent.
    pub(super) fn take(&mut self, is_unwanted: impl Fn(F) -> bool) -> Vec<(F, u8)> {
        let mut taken = Vec::new();
        for lane in &mut self.lanes {
            lane.queue.retain(|frame| !is_unwanted(*frame));
            taken.extend(lane.times.extract_if(|frame, _| is_unwanted(*frame)));
        }
        taken
    }

    /// When [`Pacer::pop`] has something next: in the past if it has it already.
    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let waiting = self.lanes.iter().filter(|lane| !lane.queue.is_empty());
        waiting.map(|lane| lane.not_before).min()
    }
}

impl<F: Copy + Eq + Hash> Lane<F> {
    fn new(pause: Duration) -> Self {
        Self {
            pause,
            not_before: Time::ZERO,
            queue: VecDeque::new(),
            times: HashMap::new(),
        }
    }

    fn push(&mut self, frame: F, times: u8) {
        if times == 0 {
            return;
        }
        let queued = self.times.entry(frame).or_insert_with(|| {
            self.queue.push_back(frame);
            0
        });
        *queued = times.max(*queued);
    }

    fn pop(&mut self, now: Time) -> Option<F> {
        if now < self.not_before {
            return None;
        }
        let frame = self.queue.pop_front()?;
        if let Some(times) = self.times.get_mut(&frame).filter(|times| **times > 1) {
            *times -= 1;
            self.queue.push_back(frame);
        } else {
            self.times.remove(&frame);
        }
        if !self.pause.is_zero() {
            self.not_before = now + self.pause;
        }
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    fn drain(pacer: &mut Pacer<char>, now: Time) -> String {
        std::iter::from_fn(|| pacer.pop(now)).collect()
    }

    #[test]
    fn without_a_pause_rounds_are_the_outer_loop() {
        let mut pacer = Pacer::new([Duration::ZERO]);
        "abc".chars().for_each(|frame| pacer.push(0, frame, 2));
        assert_eq!(pacer.poll_timeout(), Some(Time::ZERO));
        assert_eq!(drain(&mut pacer, at(5)), "abcabc");
        assert_eq!(pacer.poll_timeout(), None);
    }

    #[test]
    fn pause_is_kept_between_any_two_frames_of_a_lane() {
        let mut pacer = Pacer::new([Duration::from_millis(10), Duration::ZERO]);
        pacer.push(0, 'a', 2);
        pacer.push(0, 'b', 1);
        pacer.push(1, 'x', 1);
        assert_eq!(drain(&mut pacer, at(100)), "ax");
        assert_eq!(pacer.poll_timeout(), Some(at(110)));
        assert_eq!(drain(&mut pacer, at(109)), "");
        assert_eq!(drain(&mut pacer, at(110)), "b");
        // Late is late: the next pause begins with the frame.
        assert_eq!(drain(&mut pacer, at(135)), "a");
        pacer.push(0, 'c', 1);
        assert_eq!(pacer.poll_timeout(), Some(at(145)));
    }

    #[test]
    fn frame_that_is_queued_already_does_not_pile_up() {
        let mut pacer = Pacer::new([Duration::from_millis(1)]);
        for _ in 0..1000 {
            pacer.push(0, 'a', 5);
        }
        let sent = (0..100).filter(|millis| pacer.pop(at(*millis)).is_some());
        assert_eq!(sent.count(), 5);
        pacer.push(0, 'a', 0);
        assert_eq!(pacer.poll_timeout(), None);
    }

    #[test]
    fn long_lane_does_not_keep_a_short_one_waiting() {
        let mut pacer = Pacer::new([Duration::ZERO, Duration::ZERO]);
        "abcdefgh".chars().for_each(|frame| pacer.push(0, frame, 1));
        pacer.push(1, 'x', 1);
        assert_eq!(
            (pacer.pop(at(0)), pacer.pop(at(0))),
            (Some('a'), Some('x')),
            "the short lane has its turn"
        );
    }

    #[test]
    fn what_is_taken_is_not_sent() {
        let mut pacer = Pacer::new([Duration::ZERO]);
        "ab".chars().for_each(|frame| pacer.push(0, frame, 3));
        assert_eq!(pacer.pop(at(0)), Some('a'));
        assert_eq!(pacer.take(|frame| frame == 'a'), [('a', 2)]);
        assert_eq!(drain(&mut pacer, at(0)), "bbb");
    }
}
