//! The scripts of one object, one after another; pure.
//!
//! What has begun is finished before anything else begins, so that no script overtakes another. What waits is only what
//! is still true: a newer state takes the place of an older one, and one that the scripts were told already is not told
//! again.

use std::collections::VecDeque;

use super::Kind;

/// What is to be run for one object, and in which order. `J` is a program to run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Queue<J> {
    waiting: VecDeque<Entry<J>>,
    /// What of the event that has begun is still to be run; `None` if nothing runs.
    current: Option<VecDeque<J>>,
    /// The state that the scripts were told last.
    told: Option<Kind>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Entry<J> {
    kind: Kind,
    jobs: VecDeque<J>,
}

impl<J> Default for Queue<J> {
    fn default() -> Self {
        Self {
            waiting: VecDeque::new(),
            current: None,
            told: None,
        }
    }
}

impl<J> Queue<J> {
    /// Something happened, for which these are to be run, in this order.
    pub(super) fn push(&mut self, kind: Kind, jobs: impl IntoIterator<Item = J>) {
        let is_outdated = |entry: &Entry<J>| entry.kind == kind || (kind.is_state() && entry.kind.is_state());
        self.waiting.retain(|entry| !is_outdated(entry));
        if kind.is_state() && self.told == Some(kind) {
            return;
        }
        let jobs = jobs.into_iter().collect();
        self.waiting.push_back(Entry { kind, jobs });
    }

    /// What is to be run now, if nothing runs. [`Queue::finished`] says when it is over.
    pub(super) fn next(&mut self) -> Option<J> {
        if self.current.is_some() {
            return None;
        }
        while let Some(mut entry) = self.waiting.pop_front() {
            if entry.kind.is_state() {
                self.told = Some(entry.kind);
            }
            if let Some(job) = entry.jobs.pop_front() {
                self.current = Some(entry.jobs);
                return Some(job);
            }
        }
        None
    }

    /// What runs has ended. Answers with what is to be run next of the same event.
    pub(super) fn finished(&mut self) -> Option<J> {
        let next = self.current.as_mut()?.pop_front();
        if next.is_none() {
            self.current = None;
        }
        next
    }

    /// Whether something runs or waits.
    pub(super) fn is_busy(&self) -> bool {
        self.current.is_some() || !self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Kind::{Backup, Fault, Master, MasterPriority, Stop};

    fn push(queue: &mut Queue<String>, kind: Kind) {
        queue.push(kind, [format!("{kind} own"), format!("{kind} any")]);
    }

    /// Ends what runs; answers with what runs then.
    fn end(queue: &mut Queue<String>) -> Option<String> {
        queue.finished().or_else(|| queue.next())
    }

    #[test]
    fn scripts_of_an_event_come_one_after_another() {
        let mut queue = Queue::default();
        push(&mut queue, Master);
        assert_eq!(queue.next().unwrap(), "MASTER own");
        assert_eq!(queue.next(), None, "one at a time");
        assert_eq!(queue.finished().unwrap(), "MASTER any");
        assert_eq!(end(&mut queue), None);
        assert!(!queue.is_busy());
    }

    #[test]
    fn of_a_burst_only_what_is_still_true_is_told() {
        let mut queue = Queue::default();
        push(&mut queue, Master);
        queue.next().unwrap();
        for kind in [Backup, Fault, Backup] {
            push(&mut queue, kind);
        }
        assert_eq!(
            queue.finished().unwrap(),
            "MASTER any",
            "what has begun is finished"
        );
        assert_eq!(end(&mut queue).unwrap(), "BACKUP own");
        assert_eq!(end(&mut queue).unwrap(), "BACKUP any");
        assert_eq!(end(&mut queue), None);
    }

    #[test]
    fn what_was_told_last_is_not_told_again() {
        let mut queue = Queue::default();
        push(&mut queue, Master);
        queue.next().unwrap();
        push(&mut queue, Backup);
        push(&mut queue, Master);
        assert_eq!(end(&mut queue).unwrap(), "MASTER any");
        assert_eq!(end(&mut queue), None);
        push(&mut queue, Master);
        assert_eq!(queue.next(), None);
        push(&mut queue, Backup);
        assert_eq!(queue.next().unwrap(), "BACKUP own");
    }

    #[test]
    fn what_is_no_state_is_kept_once_of_its_kind() {
        let mut queue = Queue::default();
        push(&mut queue, Master);
        queue.next().unwrap();
        for kind in [MasterPriority, Backup, MasterPriority] {
            push(&mut queue, kind);
        }
        let mut run = Vec::new();
        while let Some(job) = end(&mut queue) {
            run.push(job);
        }
        assert_eq!(
            run,
            [
                "MASTER any",
                "BACKUP own",
                "BACKUP any",
                "MASTER_PRIORITY own",
                "MASTER_PRIORITY any"
            ]
        );
    }

    #[test]
    fn an_event_without_scripts_counts_as_told() {
        let mut queue = Queue::<String>::default();
        queue.push(Master, []);
        assert_eq!(queue.next(), None);
        push(&mut queue, Master);
        assert!(!queue.is_busy(), "nothing else is to be told of it");
    }

    /// Whatever happens in whatever order: one at a time, events in order, and the last state is told in the end.
    #[test]
    fn last_state_is_always_told() {
        let mut seed = 1u64;
        let mut roll = |sides: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % sides
        };
        for _ in 0..2000 {
            let (mut queue, mut told, mut last, mut runs) = (Queue::default(), Vec::new(), None, false);
            for _ in 0..roll(30) {
                if roll(2) == 0 {
                    let kind = [Master, Backup, Fault][usize::try_from(roll(3)).unwrap()];
                    queue.push(kind, [kind]);
                    last = Some(kind);
                } else if runs {
                    assert_eq!(queue.finished(), None);
                    runs = false;
                }
                let next = queue.next();
                assert!(!runs || next.is_none(), "two at once");
                runs |= next.is_some();
                told.extend(next);
            }
            if runs {
                queue.finished();
            }
            while let Some(kind) = queue.next() {
                told.push(kind);
                queue.finished();
            }
            assert_eq!(told.last().copied(), last);
            assert!(told.windows(2).all(|pair| pair[0] != pair[1]), "{told:?}");
        }
    }

    #[test]
    fn the_end_is_a_state_like_others() {
        let mut queue = Queue::default();
        push(&mut queue, Backup);
        push(&mut queue, Stop);
        assert_eq!(queue.next().unwrap(), "STOP own");
    }
}
