//! Letters that wait, and when they are tried again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use vrrp_engine::Time;

use super::session::{Delay, Outcome, Refusal};
use super::{Address, Letter};

/// A bounded queue of letters with one of them on its way at most.
///
/// While the server does not answer, all of them wait; when it puts off a single letter, the others go on. Each wait is
/// twice the one before, from [`FIRST_WAIT`](Self::FIRST_WAIT) up to [`LONGEST_WAIT`](Self::LONGEST_WAIT).
#[derive(Clone, Debug)]
pub struct Outbox {
    waiting: VecDeque<Entry>,
    on_its_way: Option<Entry>,
    limit: usize,
    /// Attempts in a row that the server's state spoilt.
    failures: u32,
    resume: Time,
    dropped: u64,
    notes: VecDeque<Note>,
}

#[derive(Clone, Debug)]
struct Entry {
    letter: Letter,
    since: Time,
    attempts: u32,
    due: Time,
}

/// Something to be said about the mail.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Note {
    /// The server has a letter.
    Sent {
        /// Its subject.
        subject: Arc<str>,
    },
    /// A recipient is not going to get it.
    Refused {
        /// Its subject.
        subject: Arc<str>,
        /// Who.
        recipient: Address,
        /// What the server said.
        reply: String,
    },
    /// Nobody is going to get it.
    Lost {
        /// Its subject.
        subject: Arc<str>,
        /// Why.
        reason: String,
    },
    /// Not everybody has it yet.
    PutOff {
        /// Its subject.
        subject: Arc<str>,
        /// Why.
        reason: String,
        /// Until it is tried again.
        wait: Duration,
    },
    /// The server gives no service.
    Failing {
        /// Why.
        reason: String,
        /// Attempts in a row that failed, from 1.
        attempts: u32,
        /// Letters that wait.
        waiting: usize,
        /// Until it is tried again.
        wait: Duration,
    },
    /// It does again.
    Working {
        /// Attempts that failed before.
        attempts: u32,
    },
    /// There were too many letters, and the oldest was dropped.
    Dropped {
        /// Its subject.
        subject: Arc<str>,
        /// How many were dropped since the server gave service last.
        total: u64,
    },
}

impl Outbox {
    /// The first wait after a failure.
    pub const FIRST_WAIT: Duration = Duration::from_secs(5);
    /// The longest one.
    pub const LONGEST_WAIT: Duration = Duration::from_secs(300);
    /// A letter that could not be sent for so long is of no use any more.
    pub const PATIENCE: Duration = Duration::from_secs(24 * 3600);

    /// An empty queue for at most `limit` letters.
    pub fn new(limit: usize) -> Self {
        Self {
            waiting: VecDeque::new(),
            on_its_way: None,
            limit: limit.max(1),
            failures: 0,
            resume: Time::ZERO,
            dropped: 0,
            notes: VecDeque::new(),
        }
    }

    /// Takes a letter. If there are too many, the oldest that waits is dropped.
    pub fn push(&mut self, now: Time, letter: Letter) {
        if self.waiting.len() >= self.limit
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.dropped += 1;
            self.notes.push_back(Note::Dropped {
                subject: oldest.letter.subject,
                total: self.dropped,
            });
        }
        self.waiting.push_back(Entry {
            letter,
            since: now,
            attempts: 0,
            due: now,
        });
    }

    /// The letter to be sent now, if any; it is on its way until [`settle`](Self::settle) says what became of it.
    pub fn next(&mut self, now: Time) -> Option<Letter> {
        if self.on_its_way.is_some() || now < self.resume {
            return None;
        }
        let place = self.waiting.iter().position(|entry| entry.due <= now)?;
        self.on_its_way = self.waiting.remove(place);
        self.on_its_way.as_ref().map(|entry| entry.letter.clone())
    }

    /// What became of the letter that was on its way.
    pub fn settle(&mut self, now: Time, outcome: Outcome) {
        let Some(entry) = self.on_its_way.take() else {
            return;
        };
        if !matches!(
            &outcome,
            Outcome::Later {
                delay: Delay::Server,
                ..
            }
        ) {
            self.works();
        }
        match outcome {
            Outcome::Delivered { refused, deferred } => self.delivered(now, entry, refused, &deferred),
            Outcome::Never(reason) => self.lose(entry, reason),
            Outcome::Later {
                delay: Delay::Server,
                reason,
                ..
            } => self.server_failed(now, entry, &reason),
            Outcome::Later {
                delay: Delay::Letter,
                reason,
                refused,
            } => {
                let entry = self.refuse(entry, refused);
                self.put_off(now, entry, reason);
            }
        }
    }

    /// When there is something to do next; nothing while a letter is on its way.
    pub fn poll_timeout(&self) -> Option<Time> {
        if self.on_its_way.is_some() {
            return None;
        }
        let due = self.waiting.iter().map(|entry| entry.due).min()?;
        Some(due.max(self.resume))
    }

    /// Something to be said.
    pub fn poll_note(&mut self) -> Option<Note> {
        self.notes.pop_front()
    }

    /// How many letters there are, that on its way too.
    pub fn len(&self) -> usize {
        self.waiting.len() + usize::from(self.on_its_way.is_some())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn works(&mut self) {
        if self.failures > 0 {
            self.notes.push_back(Note::Working {
                attempts: self.failures,
            });
        }
        self.failures = 0;
        self.dropped = 0;
    }

    fn delivered(&mut self, now: Time, entry: Entry, refused: Vec<Refusal>, deferred: &[Refusal]) {
        let mut entry = self.refuse(entry, refused);
        let Some(first) = deferred.first() else {
            return self.notes.push_back(Note::Sent {
                subject: entry.letter.subject,
            });
        };
        let reason = format!("{}: {}", first.recipient, first.reply);
        let to = &mut entry.letter.to;
        to.retain(|recipient| deferred.iter().any(|refusal| refusal.recipient == *recipient));
        self.put_off(now, entry, reason);
    }

    /// Nobody asks again for those who were refused for good.
    fn refuse(&mut self, mut entry: Entry, refused: Vec<Refusal>) -> Entry {
        for Refusal { recipient, reply } in refused {
            entry.letter.to.retain(|other| *other != recipient);
            self.notes.push_back(Note::Refused {
                subject: Arc::clone(&entry.letter.subject),
                recipient,
                reply: reply.to_string(),
            });
        }
        entry
    }

    fn put_off(&mut self, now: Time, mut entry: Entry, reason: String) {
        if now - entry.since >= Self::PATIENCE {
            return self.lose(entry, reason);
        }
        let wait = wait(entry.attempts);
        entry.attempts += 1;
        entry.due = now + wait;
        self.notes.push_back(Note::PutOff {
            subject: Arc::clone(&entry.letter.subject),
            reason,
            wait,
        });
        self.waiting.push_back(entry);
    }

    fn server_failed(&mut self, now: Time, entry: Entry, reason: &str) {
        let wait = wait(self.failures);
        self.failures = self.failures.saturating_add(1);
        self.resume = now + wait;
        // The oldest again, unless the queue has filled up meanwhile.
        self.waiting.push_front(entry);
        if self.waiting.len() > self.limit
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.dropped += 1;
            self.notes.push_back(Note::Dropped {
                subject: oldest.letter.subject,
                total: self.dropped,
            });
        }
        self.notes.push_back(Note::Failing {
            reason: reason.to_owned(),
            attempts: self.failures,
            waiting: self.waiting.len(),
            wait,
        });
        let (old, young) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition::<VecDeque<_>, _>(|entry| now - entry.since >= Self::PATIENCE);
        self.waiting = young;
        for entry in old {
            self.lose(entry, reason.to_owned());
        }
    }

    fn lose(&mut self, entry: Entry, reason: String) {
        self.notes.push_back(Note::Lost {
            subject: entry.letter.subject,
            reason,
        });
    }
}

/// The wait after that many failures before this one.
fn wait(failures: u32) -> Duration {
    let factor = 1 << failures.min(10);
    (Outbox::FIRST_WAIT * factor).min(Outbox::LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{Message, Reply, Settings};
    use std::time::SystemTime;

    fn letter(subject: &str) -> Letter {
        let mut settings = Settings::example();
        settings.to = ["a@x", "b@x"].map(|to| Address::new(to).unwrap()).to_vec();
        Letter::new(
            &settings,
            &Message::new(subject, ""),
            SystemTime::UNIX_EPOCH,
            1,
            1,
        )
    }

    fn outbox(limit: usize, letters: &[&str]) -> Outbox {
        let mut outbox = Outbox::new(limit);
        letters
            .iter()
            .for_each(|subject| outbox.push(at(0), letter(subject)));
        outbox
    }

    fn at(seconds: u64) -> Time {
        Time::from_millis(seconds * 1000)
    }

    fn down() -> Outcome {
        Outcome::Later {
            delay: Delay::Server,
            reason: "no answer".to_owned(),
            refused: Vec::new(),
        }
    }

    fn sent() -> Outcome {
        Outcome::Delivered {
            refused: Vec::new(),
            deferred: Vec::new(),
        }
    }

    fn refusal(recipient: &str, code: u16) -> Refusal {
        Refusal {
            recipient: Address::new(recipient).unwrap(),
            reply: Reply {
                code,
                text: "no".to_owned(),
            },
        }
    }

    fn notes(outbox: &mut Outbox) -> Vec<Note> {
        std::iter::from_fn(|| outbox.poll_note()).collect()
    }

    fn subject(letter: Option<Letter>) -> Option<String> {
        letter.map(|letter| letter.subject.to_string())
    }

    #[test]
    fn letters_leave_in_order_one_at_a_time() {
        let mut outbox = outbox(10, &["1", "2"]);
        assert_eq!(outbox.poll_timeout(), Some(at(0)));
        assert_eq!(subject(outbox.next(at(0))).as_deref(), Some("1"));
        assert_eq!(subject(outbox.next(at(0))), None);
        assert_eq!(outbox.poll_timeout(), None);
        outbox.settle(at(1), sent());
        assert_eq!(subject(outbox.next(at(1))).as_deref(), Some("2"));
        outbox.settle(at(1), Outcome::Never("550 no".to_owned()));
        assert!(outbox.is_empty() && outbox.poll_timeout().is_none());
        assert!(matches!(
            &notes(&mut outbox)[..],
            [Note::Sent { .. }, Note::Lost { .. }]
        ));
    }

    #[test]
    fn all_wait_longer_and_longer_while_the_server_is_down() {
        let mut outbox = outbox(10, &["1", "2"]);
        let mut now = 0;
        for wait in [5, 10, 20, 40, 80, 160, 300, 300] {
            assert_eq!(subject(outbox.next(at(now))).as_deref(), Some("1"));
            outbox.settle(at(now), down());
            assert_eq!(outbox.poll_timeout(), Some(at(now + wait)));
            assert_eq!(subject(outbox.next(at(now + wait - 1))), None);
            now += wait;
        }
        outbox.next(at(now)).unwrap();
        outbox.settle(at(now), sent());
        assert!(notes(&mut outbox).contains(&Note::Working { attempts: 8 }));
        assert_eq!(subject(outbox.next(at(now))).as_deref(), Some("2"));
    }

    #[test]
    fn one_letter_that_is_put_off_holds_no_other_up() {
        let mut outbox = outbox(10, &["1", "2"]);
        outbox.next(at(0)).unwrap();
        let reason = "451 later".to_owned();
        let refused = vec![refusal("b@x", 550)];
        outbox.settle(
            at(0),
            Outcome::Later {
                delay: Delay::Letter,
                reason,
                refused,
            },
        );
        assert_eq!(subject(outbox.next(at(0))).as_deref(), Some("2"));
        outbox.settle(at(1), sent());
        assert_eq!(outbox.poll_timeout(), Some(at(5)));
        let again = outbox.next(at(5)).unwrap();
        assert_eq!(again.to, [Address::new("a@x").unwrap()]);
    }

    #[test]
    fn only_those_who_were_put_off_are_asked_again() {
        let mut outbox = outbox(10, &["1"]);
        outbox.next(at(0)).unwrap();
        outbox.settle(
            at(0),
            Outcome::Delivered {
                refused: Vec::new(),
                deferred: vec![refusal("b@x", 450)],
            },
        );
        let again = outbox.next(at(5)).unwrap();
        assert_eq!(again.to, [Address::new("b@x").unwrap()]);
        outbox.settle(at(5), Outcome::Never("550".to_owned()));
        assert!(outbox.is_empty());
    }

    #[test]
    fn oldest_is_dropped_and_counted_and_that_on_its_way_too_if_it_fails() {
        let mut outbox = outbox(2, &["1", "2", "3"]);
        let dropped = |subject: &str, total| Note::Dropped {
            subject: subject.into(),
            total,
        };
        assert_eq!(notes(&mut outbox), [dropped("1", 1)]);
        assert_eq!(subject(outbox.next(at(0))).as_deref(), Some("2"));
        outbox.push(at(0), letter("4"));
        assert_eq!(outbox.len(), 3);
        outbox.settle(at(1), down());
        assert_eq!(outbox.len(), 2);
        assert_eq!(notes(&mut outbox)[0], dropped("2", 2));
        assert_eq!(subject(outbox.next(at(10))).as_deref(), Some("3"));
    }

    #[test]
    fn patience_ends() {
        let day = Outbox::PATIENCE.as_secs();
        let mut outbox = outbox(10, &["1"]);
        outbox.push(at(day - 10), letter("2"));
        outbox.next(at(day)).unwrap();
        outbox.settle(at(day), down());
        assert_eq!(outbox.len(), 1);
        assert!(
            matches!(&notes(&mut outbox)[..], [Note::Failing { .. }, Note::Lost { subject, .. }] if &**subject == "1")
        );
    }
}
