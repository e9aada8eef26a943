//! The client at work.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::{Duration, SystemTime};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token, Waker};
use vrrp_engine::Time;

use super::call::Call;
use super::lookup::Lookup;
use super::session::{Delay, Outcome};
use super::{Letter, Message, Note, Outbox, Settings};
use crate::clock;

/// Sends mail, one letter at a time, without ever waiting for anything.
///
/// [`register`](Self::register) it for readability; after each event call [`handle_ready`](Self::handle_ready), and
/// [`handle_timeout`](Self::handle_timeout) at [`poll_timeout`](Self::poll_timeout). It logs what becomes of the mail.
#[derive(Debug)]
pub struct Mailer {
    settings: Settings,
    poll: Poll,
    events: Events,
    outbox: Outbox,
    lookup: Lookup,
    work: Work,
    written: u64,
}

/// What is done about the letter that is on its way.
#[derive(Debug)]
enum Work {
    Idle,
    /// The server's name is being looked up.
    Resolving {
        letter: Letter,
        deadline: Time,
    },
    Calling {
        call: Box<Call>,
        letter: Letter,
        /// Addresses to be tried if this one does not work.
        rest: VecDeque<SocketAddr>,
        settled: bool,
    },
}

impl Mailer {
    /// A mailer that has nothing to do yet.
    pub fn new(settings: Settings) -> io::Result<Self> {
        let poll = Poll::new()?;
        let waker = Waker::new(poll.registry(), WAKER)?;
        Ok(Self {
            settings,
            poll,
            events: Events::with_capacity(EVENTS),
            outbox: Outbox::new(QUEUE),
            lookup: Lookup::new(waker),
            work: Work::Idle,
            written: 0,
        })
    }

    /// Other settings, for what is written from now on and for where all of it goes.
    pub fn configure(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// Has the caller woken when there is something to read or to write.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut SourceFd(&self.poll.as_raw_fd()), token, Interest::READABLE)
    }

    /// Writes a letter and queues it.
    pub fn send(&mut self, now: Time, message: &Message) {
        self.written += 1;
        let process = std::process::id();
        let letter = Letter::new(&self.settings, message, SystemTime::now(), process, self.written);
        self.outbox.push(now, letter);
        self.advance(now);
    }

    /// A socket is ready, or a name was looked up.
    pub fn handle_ready(&mut self, now: Time) {
        loop {
            match self.poll.poll(&mut self.events, Some(Duration::ZERO)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return tracing::error!("mail: {error}"),
                Ok(()) => {}
            }
            if self.events.is_empty() {
                return;
            }
            if let Work::Calling { call, .. } = &mut self.work {
                call.progress(now);
            }
            self.advance(now);
        }
    }

    /// A step took too long, or a letter is due.
    pub fn handle_timeout(&mut self, now: Time) {
        match &mut self.work {
            Work::Calling { call, .. } => call.handle_timeout(now),
            Work::Resolving { deadline, .. } if *deadline <= now => {
                self.work = Work::Idle;
                self.fail(
                    now,
                    format!("no answer to the question where {} is", self.settings.server),
                );
            }
            Work::Idle | Work::Resolving { .. } => {}
        }
        self.advance(now);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        match &self.work {
            Work::Idle => self.outbox.poll_timeout(),
            Work::Resolving { deadline, .. } => Some(*deadline),
            Work::Calling { call, .. } => Some(call.deadline()),
        }
    }

    /// Letters that are not sent yet.
    pub fn waiting(&self) -> usize {
        self.outbox.len()
    }

    /// Goes on for at most `limit`, unless nothing can be done: for the end of the daemon, when nothing else has to be.
    pub fn finish(&mut self, limit: Duration) {
        let end = clock::now() + limit;
        while clock::now() < end && self.can_go_on_before(end) {
            if let Err(error) = self.poll.poll(&mut self.events, Some(FINISH_STEP))
                && error.kind() != io::ErrorKind::Interrupted
            {
                break;
            }
            let now = clock::now();
            if let Work::Calling { call, .. } = &mut self.work {
                call.progress(now);
            }
            self.handle_ready(now);
            self.handle_timeout(now);
        }
        match self.outbox.len() {
            0 => {}
            1 => tracing::warn!("one mail could not be sent any more"),
            waiting => tracing::warn!("{waiting} mails could not be sent any more"),
        }
    }

    fn can_go_on_before(&self, end: Time) -> bool {
        !matches!(self.work, Work::Idle) || self.outbox.poll_timeout().is_some_and(|due| due < end)
    }

    /// Does what can be done now.
    fn advance(&mut self, now: Time) {
        loop {
            let went_on = match std::mem::replace(&mut self.work, Work::Idle) {
                Work::Idle => self.begin(now),
                Work::Resolving { letter, deadline } => self.resolved(now, letter, deadline),
                Work::Calling {
                    call,
                    letter,
                    rest,
                    settled,
                } => self.called(now, call, letter, rest, settled),
            };
            if !went_on {
                break;
            }
        }
        self.report();
    }

    fn begin(&mut self, now: Time) -> bool {
        let Some(letter) = self.outbox.next(now) else {
            return false;
        };
        match self.lookup.start(&self.settings.server) {
            Ok(()) => {
                let deadline = now + self.settings.timeout;
                self.work = Work::Resolving { letter, deadline };
            }
            Err(error) => self.fail(now, format!("no thread to look the server up: {error}")),
        }
        true
    }

    fn resolved(&mut self, now: Time, letter: Letter, deadline: Time) -> bool {
        match self.lookup.poll(&self.settings.server) {
            None => {
                self.work = Work::Resolving { letter, deadline };
                return false;
            }
            Some(Ok(addresses)) if !addresses.is_empty() => {
                self.call(now, letter, addresses.into(), "it has no address");
            }
            Some(Ok(_)) => self.fail(now, "it has no address".to_owned()),
            Some(Err(error)) => self.fail(now, format!("it is not found: {error}")),
        }
        true
    }

    /// Tries the addresses in turn until one can be tried. `reason`: why the one before did not work.
    fn call(&mut self, now: Time, letter: Letter, mut rest: VecDeque<SocketAddr>, reason: &str) {
        let mut reason = reason.to_owned();
        while let Some(address) = rest.pop_front() {
            let (helo, timeout) = (&self.settings.helo, self.settings.timeout);
            let registry = self.poll.registry();
            match Call::new(now, address, letter.clone(), helo, timeout, registry, SOCKET) {
                Ok(call) => {
                    self.work = Work::Calling {
                        call: Box::new(call),
                        letter,
                        rest,
                        settled: false,
                    };
                    return;
                }
                Err(error) => reason = format!("{address}: {error}"),
            }
        }
        self.fail(now, reason);
    }

    fn called(
        &mut self,
        now: Time,
        mut call: Box<Call>,
        letter: Letter,
        rest: VecDeque<SocketAddr>,
        mut settled: bool,
    ) -> bool {
        match call.session.outcome() {
            Some(Outcome::Later {
                delay: Delay::Server,
                reason,
                ..
            }) => {
                let reason = format!("{}: {reason}", call.address);
                drop(call);
                self.call(now, letter, rest, &reason);
                return true;
            }
            Some(outcome) => {
                self.outbox.settle(now, outcome);
                settled = true;
            }
            None => {}
        }
        if call.session.is_over() {
            debug_assert!(settled, "a session ends with an outcome");
            return true;
        }
        self.work = Work::Calling {
            call,
            letter,
            rest,
            settled,
        };
        false
    }

    fn fail(&mut self, now: Time, reason: String) {
        self.outbox.settle(
            now,
            Outcome::Later {
                delay: Delay::Server,
                reason,
                refused: Vec::new(),
            },
        );
    }

    fn report(&mut self) {
        while let Some(note) = self.outbox.poll_note() {
            self.say(&note);
        }
    }

    fn say(&self, note: &Note) {
        let server = &self.settings.server;
        match note {
            Note::Sent { subject } => tracing::debug!("mail sent: {subject}"),
            Note::Refused {
                subject,
                recipient,
                reply,
            } => tracing::warn!("the mail server {server} refuses {recipient}: {reply}; mail: {subject}"),
            Note::Lost { subject, reason } => {
                tracing::warn!("mail not sent: {reason}; mail: {subject}");
            }
            Note::PutOff {
                subject,
                reason,
                wait,
            } => {
                tracing::debug!("mail put off for {} s: {reason}; mail: {subject}", wait.as_secs());
            }
            // Said once; that it goes on is a detail.
            Note::Failing {
                reason,
                attempts: 1,
                waiting,
                wait,
            } => tracing::warn!(
                "the mail server {server} does not take mail: {reason}; {waiting} waiting, tried again in {} s and from \
                 then on",
                wait.as_secs()
            ),
            Note::Failing {
                reason,
                waiting,
                wait,
                ..
            } => tracing::debug!(
                "the mail server {server} still takes no mail: {reason}; {waiting} waiting, tried again in {} s",
                wait.as_secs()
            ),
            Note::Working { attempts } => {
                tracing::info!("the mail server {server} takes mail again, after {attempts} failed attempts");
            }
            Note::Dropped { subject, total } if total.is_power_of_two() => {
                tracing::warn!(
                    "more than {QUEUE} mails are waiting; dropped the oldest ({total} so far): {subject}"
                );
            }
            Note::Dropped { .. } => {}
        }
    }
}

const WAKER: Token = Token(0);
const SOCKET: Token = Token(1);
const EVENTS: usize = 8;
/// Letters that wait at most: some events of the largest configurations, and a few megabytes at most.
const QUEUE: usize = 1000;
const FINISH_STEP: Duration = Duration::from_millis(20);
