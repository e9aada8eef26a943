//! Lines that wait for a reader.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use super::{Event, Object};

/// A bounded queue of lines, oldest first. When it is full, what is no longer true goes first: of each object only the
/// newest state stays.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    waiting: VecDeque<Line>,
    limit: usize,
}

#[derive(Clone, Debug)]
struct Line {
    text: Vec<u8>,
    /// Whose state it tells, if it tells one.
    state_of: Option<(Object, Arc<str>)>,
}

impl Lines {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            limit: limit.max(1),
        }
    }

    /// Takes a line; answers with how many others had to go for it.
    pub(super) fn push(&mut self, event: &Event) -> usize {
        let lost = if self.waiting.len() < self.limit {
            0
        } else {
            self.make_room()
        };
        self.waiting.push_back(Line {
            text: line(event).into_bytes(),
            state_of: event
                .kind
                .is_state()
                .then(|| (event.object, Arc::clone(&event.name))),
        });
        lost
    }

    /// The oldest line.
    pub(super) fn front(&self) -> Option<&[u8]> {
        self.waiting.front().map(|line| line.text.as_slice())
    }

    /// It is read.
    pub(super) fn pop(&mut self) {
        self.waiting.pop_front();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The oldest line may be written in part, so it stays.
    fn make_room(&mut self) -> usize {
        let before = self.waiting.len();
        let first = self.waiting.pop_front();
        let mut seen = HashSet::new();
        let mut kept: VecDeque<Line> = VecDeque::new();
        while let Some(line) = self.waiting.pop_back() {
            if line
                .state_of
                .as_ref()
                .is_some_and(|object| seen.insert(object.clone()))
            {
                kept.push_front(line);
            }
        }
        // More objects than lines.
        while kept.len() + 2 > self.limit && kept.pop_front().is_some() {}
        self.waiting = kept;
        if let Some(first) = first.filter(|_| self.limit > 1) {
            self.waiting.push_front(first);
        }
        before - self.waiting.len()
    }
}

/// keepalived's line about an event. A name cannot end it early.
pub(super) fn line(event: &Event) -> String {
    let name = event.name.replace(|character: char| character.is_control(), " ");
    format!("{} \"{name}\" {} {}\n", event.object, event.kind, event.priority)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::Kind;

    fn event(name: &str, kind: Kind, priority: u8) -> Event {
        Event {
            priority,
            ..Event::new(Object::Instance, name, kind)
        }
    }

    fn all(mut lines: Lines) -> Vec<String> {
        let mut texts = Vec::new();
        while let Some(text) = lines.front() {
            texts.push(String::from_utf8_lossy(text).trim_end().to_owned());
            lines.pop();
        }
        texts
    }

    #[test]
    fn lines_are_keepaliveds() {
        assert_eq!(
            line(&event("VI_1", Kind::Master, 100)),
            "INSTANCE \"VI_1\" MASTER 100\n"
        );
        let group = Event::new(Object::Group, "G\n1", Kind::Stop);
        assert_eq!(line(&group), "GROUP \"G 1\" STOP 0\n");
        let lower = event("V", Kind::MasterRxLowerPriority, 7);
        assert_eq!(line(&lower), "INSTANCE \"V\" MASTER_RX_LOWER_PRI 7\n");
    }

    #[test]
    fn everything_is_kept_in_order_while_there_is_room() {
        let mut lines = Lines::new(4);
        for kind in [Kind::Backup, Kind::Master, Kind::MasterPriority, Kind::Fault] {
            assert_eq!(lines.push(&event("A", kind, 1)), 0);
        }
        assert_eq!(
            all(lines),
            [
                "INSTANCE \"A\" BACKUP 1",
                "INSTANCE \"A\" MASTER 1",
                "INSTANCE \"A\" MASTER_PRIORITY 1",
                "INSTANCE \"A\" FAULT 1"
            ]
        );
    }

    #[test]
    fn full_queue_keeps_the_newest_states_and_the_line_that_is_being_written() {
        let mut lines = Lines::new(6);
        for (name, kind) in [
            ("A", Kind::Backup),
            ("B", Kind::Backup),
            ("A", Kind::Master),
            ("B", Kind::Master),
            ("B", Kind::MasterPriority),
            ("A", Kind::Fault),
        ] {
            lines.push(&event(name, kind, 1));
        }
        assert_eq!(lines.push(&event("B", Kind::Fault, 1)), 3);
        assert_eq!(
            all(lines),
            [
                "INSTANCE \"A\" BACKUP 1",
                "INSTANCE \"B\" MASTER 1",
                "INSTANCE \"A\" FAULT 1",
                "INSTANCE \"B\" FAULT 1"
            ]
        );
    }

    #[test]
    fn it_never_grows() {
        for limit in [1, 2, 3, 10] {
            let mut lines = Lines::new(limit);
            let mut lost = 0;
            for number in 0..1000_usize {
                lost += lines.push(&event(&format!("{}", number % 50), Kind::Master, 1));
                assert!(lines.waiting.len() <= limit);
            }
            assert_eq!(lost + lines.waiting.len(), 1000);
            assert_eq!(all(lines).last().unwrap(), "INSTANCE \"49\" MASTER 1");
        }
    }
}
