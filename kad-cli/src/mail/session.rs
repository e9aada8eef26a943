//! One letter, handed to one server.

use std::fmt;
use std::sync::Arc;

use super::reply::Reader;
use super::{Address, Letter, Reply};

/// The client's side of an SMTP connection (RFC 5321) that carries one letter.
///
/// What arrives goes to [`handle_data`](Self::handle_data), the connection's end to
/// [`handle_close`](Self::handle_close), and a step that takes too long to [`handle_timeout`](Self::handle_timeout);
/// after each, [`poll_transmit`](Self::poll_transmit) yields what is to be sent, [`outcome`](Self::outcome) what became
/// of the letter, and [`is_over`](Self::is_over) when the connection may be closed. A step takes as long as
/// [`step`](Self::step) and [`steps`](Self::steps) stay what they are; bytes that do not finish it do not prolong it.
#[derive(Clone, Debug)]
pub struct Session {
    letter: Letter,
    helo: String,
    step: Step,
    steps: u32,
    reader: Reader,
    transmit: Vec<u8>,
    /// How many recipients the server was asked about.
    asked: usize,
    accepted: usize,
    refused: Vec<Refusal>,
    deferred: Vec<Refusal>,
    outcome: Option<Outcome>,
}

/// What the server is to answer next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Step {
    /// Its banner.
    Banner,
    /// `HELO`.
    Hello,
    /// `MAIL FROM`.
    Sender,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`.
    Data,
    /// The letter and its final dot.
    Content,
    /// `QUIT`.
    Quit,
    /// Nothing more.
    Over,
}

/// What became of a letter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The server has it, for all recipients but those it refused for good or for now.
    Delivered {
        /// Never.
        refused: Vec<Refusal>,
        /// Later, perhaps.
        deferred: Vec<Refusal>,
    },
    /// Not now.
    Later {
        /// Who is not ready.
        delay: Delay,
        /// Why, in words.
        reason: String,
        /// Those who will never get it.
        refused: Vec<Refusal>,
    },
    /// Never; why, in words.
    Never(String),
}

/// What a delay is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delay {
    /// The server: no letter gets through.
    Server,
    /// This letter; others may get through.
    Letter,
}

/// A recipient that the server did not accept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Who.
    pub recipient: Address,
    /// What the server said.
    pub reply: Reply,
}

impl Session {
    /// A connection that is being made, on which the server speaks first.
    pub fn new(letter: Letter, helo: &str) -> Self {
        Self {
            letter,
            helo: helo.to_owned(),
            step: Step::Banner,
            steps: 0,
            reader: Reader::default(),
            transmit: Vec::new(),
            asked: 0,
            accepted: 0,
            refused: Vec::new(),
            deferred: Vec::new(),
            outcome: None,
        }
    }

    /// The server said something.
    pub fn handle_data(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.is_over() {
            match self.reader.read(bytes) {
                Ok((taken, reply)) => {
                    bytes = bytes.get(taken..).unwrap_or_default();
                    if let Some(reply) = reply {
                        self.handle_reply(reply, !bytes.is_empty());
                    }
                }
                Err(error) => self.break_off(&format!("{} is not SMTP: {error}", self.step)),
            }
        }
    }

    /// The server closed the connection, or it broke.
    pub fn handle_close(&mut self, reason: &str) {
        self.break_off(&format!("{reason} while waiting for {}", self.step));
    }

    /// The step takes too long.
    pub fn handle_timeout(&mut self) {
        self.break_off(&format!("no answer while waiting for {}", self.step));
    }

    /// Moves what is to be sent to the end of `buffer`; whether there was anything.
    pub fn poll_transmit(&mut self, buffer: &mut Vec<u8>) -> bool {
        let any = !self.transmit.is_empty();
        buffer.append(&mut self.transmit);
        any
    }

    /// What became of the letter, once it is known.
    pub fn outcome(&mut self) -> Option<Outcome> {
        self.outcome.take()
    }

    /// What is waited for.
    pub fn step(&self) -> Step {
        self.step
    }

    /// Counts the steps that are done.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Whether there is nothing more to hear or to say.
    pub fn is_over(&self) -> bool {
        self.step == Step::Over
    }

    /// `more`: something follows that nobody asked for.
    fn handle_reply(&mut self, reply: Reply, more: bool) {
        self.steps += 1;
        if self.step == Step::Quit {
            return self.step = Step::Over;
        }
        if reply.is_closing() {
            return self.break_off(&format!("the answer to {} is {reply}", self.step));
        }
        // Whoever answers questions that were not asked would also confirm a letter that it has not seen.
        if more && reply.is_positive() && self.step != Step::Content {
            return self.break_off(&format!("more than one answer to {}", self.step));
        }
        match self.step {
            Step::Banner => self.positive(&reply, |it| it.say(Step::Hello, &format!("HELO {}", it.helo))),
            Step::Hello => self.positive(&reply, |it| {
                it.say(Step::Sender, &format!("MAIL FROM:<{}>", it.letter.from));
            }),
            Step::Sender => self.positive(&reply, Self::next_recipient),
            Step::Recipient => self.recipient(reply),
            Step::Data if reply.is_intermediate() => self.send_content(),
            Step::Data if reply.is_positive() => {
                self.break_off(&format!(
                    "the answer to {} is {reply}, where 354 belongs",
                    self.step
                ));
            }
            Step::Data => self.fail(&reply),
            Step::Content => self.positive(&reply, Self::delivered),
            Step::Quit | Step::Over => {}
        }
    }

    fn positive(&mut self, reply: &Reply, then: impl FnOnce(&mut Self)) {
        if reply.is_positive() {
            then(self);
        } else if reply.is_intermediate() {
            self.break_off(&format!(
                "the answer to {} is {reply}, where 250 belongs",
                self.step
            ));
        } else {
            self.fail(reply);
        }
    }

    fn recipient(&mut self, reply: Reply) {
        let recipient = self
            .asked
            .checked_sub(1)
            .and_then(|place| self.letter.to.get(place));
        let Some(recipient) = recipient.cloned() else {
            return;
        };
        if reply.is_positive() {
            self.accepted += 1;
        } else if reply.is_permanent() {
            self.refused.push(Refusal { recipient, reply });
        } else {
            self.deferred.push(Refusal { recipient, reply });
        }
        self.next_recipient();
    }

    /// Asks about the next recipient; after the last, the letter goes to those who were accepted.
    fn next_recipient(&mut self) {
        if let Some(recipient) = self.letter.to.get(self.asked) {
            let line = format!("RCPT TO:<{recipient}>");
            self.asked += 1;
            self.say(Step::Recipient, &line);
        } else if self.accepted > 0 {
            self.say(Step::Data, "DATA");
        } else {
            self.nobody();
        }
    }

    fn nobody(&mut self) {
        let said = |refusal: &Refusal| format!("{}: {}", refusal.recipient, refusal.reply);
        let outcome = match (self.deferred.first(), self.refused.last()) {
            (Some(first), _) => Outcome::Later {
                delay: Delay::Letter,
                reason: said(first),
                refused: std::mem::take(&mut self.refused),
            },
            (None, Some(last)) => Outcome::Never(said(last)),
            (None, None) => Outcome::Never("it has no recipient".to_owned()),
        };
        self.end(outcome);
    }

    fn send_content(&mut self) {
        let content = Arc::clone(&self.letter.content);
        self.transmit.extend_from_slice(&content);
        self.say(Step::Content, ".");
    }

    fn delivered(&mut self) {
        let outcome = Outcome::Delivered {
            refused: std::mem::take(&mut self.refused),
            deferred: std::mem::take(&mut self.deferred),
        };
        self.end(outcome);
    }

    /// A refusal of the letter: try later, or never.
    fn fail(&mut self, reply: &Reply) {
        let reason = format!("the answer to {} is {reply}", self.step);
        let outcome = if reply.is_permanent() {
            Outcome::Never(reason)
        } else {
            Outcome::Later {
                delay: if self.step == Step::Banner {
                    Delay::Server
                } else {
                    Delay::Letter
                },
                reason,
                refused: Vec::new(),
            }
        };
        self.end(outcome);
    }

    /// The letter's fate is known: the rest is politeness.
    fn end(&mut self, outcome: Outcome) {
        self.outcome = Some(outcome);
        self.say(Step::Quit, "QUIT");
    }

    /// The connection is of no more use. What the server has confirmed already stays confirmed.
    fn break_off(&mut self, reason: &str) {
        if !matches!(self.step, Step::Quit | Step::Over) {
            self.outcome = Some(Outcome::Later {
                delay: Delay::Server,
                reason: reason.to_owned(),
                refused: Vec::new(),
            });
        }
        self.step = Step::Over;
        self.transmit.clear();
    }

    fn say(&mut self, step: Step, line: &str) {
        self.transmit.extend_from_slice(line.as_bytes());
        self.transmit.extend_from_slice(b"\r\n");
        self.step = step;
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Banner => "the server's greeting",
            Self::Hello => "HELO",
            Self::Sender => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Data => "DATA",
            Self::Content => "the text",
            Self::Quit => "QUIT",
            Self::Over => "nothing",
        })
    }
}
