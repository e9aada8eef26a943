//! All pipes, and the programs that read them.

use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};
use vrrp_engine::Time;

use super::fifo::{Fifo, FifoSettings};
use super::{Event, FifoError};
use crate::clock;
use crate::script::{Finished, Job, JobId, Outcome, Prepared, Runner};

/// Writes events to pipes and keeps their readers running.
///
/// [`register`](Self::register) it for readability; after each event call [`handle_ready`](Self::handle_ready), and
/// [`handle_timeout`](Self::handle_timeout) at [`poll_timeout`](Self::poll_timeout).
#[derive(Debug)]
pub struct Pipes {
    poll: Poll,
    events: Events,
    runner: Runner,
    pipes: Vec<Pipe>,
}

/// A pipe and who reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PipeSettings {
    /// The pipe.
    pub fifo: FifoSettings,
    /// The program that is to read it; it gets the path as its last argument.
    pub reader: Option<Prepared>,
}

#[derive(Debug)]
struct Pipe {
    fifo: Fifo,
    reader: Option<Reader>,
}

/// A program that is started again when it ends, since without it nobody learns anything.
#[derive(Debug)]
struct Reader {
    prepared: Prepared,
    job: Option<JobId>,
    restart: Option<Time>,
    wait: Duration,
}

impl Pipes {
    /// No pipes yet.
    pub fn new() -> io::Result<Self> {
        let (poll, runner) = (Poll::new()?, Runner::new()?);
        runner.register(poll.registry(), RUNNER)?;
        Ok(Self {
            poll,
            events: Events::with_capacity(EVENTS),
            runner,
            pipes: Vec::new(),
        })
    }

    /// Has the caller woken when a pipe can be written to or a reader ended.
    pub fn register(&mut self, registry: &Registry, token: Token) -> io::Result<()> {
        registry.register(&mut SourceFd(&self.poll.as_raw_fd()), token, Interest::READABLE)
    }

    /// Has exactly these pipes. Those that stay, and their readers, are not touched. A pipe that cannot be had is left out,
    /// with the reason.
    pub fn configure(&mut self, now: Time, wanted: Vec<PipeSettings>) -> Vec<FifoError> {
        let mut errors = Vec::new();
        let is_gone = |pipe: &mut Pipe| !wanted.iter().any(|wanted| wanted.fifo == *pipe.fifo.settings());
        let gone: Vec<Pipe> = self.pipes.extract_if(.., is_gone).collect();
        // One that is only to be another's is removed before it is made anew.
        for mut pipe in gone {
            self.change_reader(now, &mut pipe, None);
        }
        let mut known = std::mem::take(&mut self.pipes);
        for PipeSettings { fifo, reader } in wanted {
            let place = known.iter().position(|pipe| *pipe.fifo.settings() == fifo);
            let pipe = match place {
                Some(place) => Ok(known.swap_remove(place)),
                None => Fifo::open(fifo).map(|fifo| Pipe { fifo, reader: None }),
            };
            match pipe {
                Ok(mut pipe) => {
                    self.change_reader(now, &mut pipe, reader);
                    self.watch(&pipe);
                    self.pipes.push(pipe);
                }
                Err(error) => errors.push(error),
            }
        }
        self.settle(now);
        errors
    }

    /// Writes an event to all pipes.
    pub fn tell(&mut self, now: Time, event: &Event) {
        for pipe in &mut self.pipes {
            pipe.fifo.tell(now, event);
        }
    }

    /// A pipe is ready, or a reader ended.
    pub fn handle_ready(&mut self, now: Time) {
        loop {
            match self.poll.poll(&mut self.events, Some(Duration::ZERO)) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return tracing::error!("notify pipes: {error}"),
                Ok(()) => {}
            }
            if self.events.is_empty() {
                return;
            }
            self.work(now);
        }
    }

    /// A reader is to be started again, or to be looked for.
    pub fn handle_timeout(&mut self, now: Time) {
        self.runner.handle_timeout(now);
        for pipe in &mut self.pipes {
            if pipe.fifo.poll_timeout().is_some_and(|due| due <= now) {
                pipe.fifo.flush(now);
            }
            if let Some(reader) = &mut pipe.reader
                && reader.restart.is_some_and(|due| due <= now)
            {
                reader.start(now, &pipe.fifo, &mut self.runner);
            }
        }
        self.settle(now);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn poll_timeout(&self) -> Option<Time> {
        let pipes = self.pipes.iter().flat_map(|pipe| {
            let restart = pipe.reader.as_ref().and_then(|reader| reader.restart);
            [pipe.fifo.poll_timeout(), restart]
        });
        pipes.chain([self.runner.poll_timeout()]).flatten().min()
    }

    /// Whether readers that others than root can change are refused when they are to run as root.
    pub fn set_security(&mut self, on: bool) {
        self.runner.set_security(on);
    }

    /// The end: readers get a moment to read what is there, to see the end of it, and to end themselves.
    pub fn finish(&mut self, limit: Duration) {
        let begun = clock::now();
        let slow = |it: &Self| it.pipes.iter().any(|pipe| pipe.fifo.is_held_up_by_reader());
        self.go_on_while(begun + limit / 2, slow);
        let had_readers = self.pipes.iter().any(|pipe| pipe.reader.is_some());
        self.pipes.clear();
        if had_readers {
            let runs = |it: &Self| it.runner.is_busy();
            self.go_on_while(begun + limit, runs);
            self.runner.stop_all(clock::now());
            self.go_on_while(clock::now() + limit / 2, runs);
        }
    }

    fn go_on_while(&mut self, end: Time, wanted: impl Fn(&Self) -> bool) {
        while wanted(self) && clock::now() < end {
            if let Err(error) = self.poll.poll(&mut self.events, Some(FINISH_STEP))
                && error.kind() != io::ErrorKind::Interrupted
            {
                return;
            }
            self.work(clock::now());
        }
    }

    fn work(&mut self, now: Time) {
        for pipe in &mut self.pipes {
            pipe.fifo.flush(now);
        }
        self.runner.handle_ready(now);
        self.settle(now);
    }

    /// Takes the ends of readers.
    fn settle(&mut self, now: Time) {
        while let Some(finished) = self.runner.poll_finished() {
            let pipes = self.pipes.iter_mut();
            let mut readers = pipes.filter_map(|pipe| Some((&pipe.fifo, pipe.reader.as_mut()?)));
            if let Some((fifo, reader)) = readers.find(|(_, reader)| reader.job == Some(finished.job)) {
                reader.ended(now, fifo, &finished);
            }
        }
    }

    fn change_reader(&mut self, now: Time, pipe: &mut Pipe, wanted: Option<Prepared>) {
        if pipe.reader.as_ref().map(|reader| &reader.prepared) == wanted.as_ref() {
            return;
        }
        if let Some(job) = pipe.reader.take().and_then(|reader| reader.job) {
            self.runner.stop(now, job);
        }
        pipe.reader = wanted.map(|prepared| {
            let mut reader = Reader {
                prepared,
                job: None,
                restart: None,
                wait: FIRST_RESTART,
            };
            reader.start(now, &pipe.fifo, &mut self.runner);
            reader
        });
    }

    /// One that is watched already stays so.
    fn watch(&self, pipe: &Pipe) {
        let fd = pipe.fifo.file().as_raw_fd();
        let registry = self.poll.registry();
        if let Err(error) = registry.register(&mut SourceFd(&fd), PIPE, Interest::WRITABLE)
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            tracing::error!("{}: {error}", pipe.fifo.settings().path.display());
        }
    }
}

impl Reader {
    fn start(&mut self, now: Time, fifo: &Fifo, runner: &mut Runner) {
        let path = fifo.settings().path.to_string_lossy().into_owned();
        let job = Job {
            argv: self.prepared.argv.iter().cloned().chain([path]).collect(),
            user: self.prepared.user.clone(),
            environment: Vec::new(),
            timeout: None,
        };
        self.restart = None;
        self.job = Some(runner.start(now, &job));
    }

    fn ended(&mut self, now: Time, fifo: &Fifo, finished: &Finished) {
        self.job = None;
        self.wait = if finished.took >= STEADY {
            FIRST_RESTART
        } else {
            self.wait
        };
        self.restart = Some(now + self.wait);
        tracing::warn!(
            "{}, which reads {}, {}; started again in {} s",
            self.prepared.argv.first().map_or("a program", String::as_str),
            fifo.settings().path.display(),
            how(&finished.outcome),
            self.wait.as_secs()
        );
        self.wait = (self.wait * 2).min(LONGEST_RESTART);
    }
}

fn how(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Exited(status) => format!("ended with status {status}"),
        Outcome::Signalled(signal) => format!("was ended by signal {signal}"),
        Outcome::TimedOut => "was told to end".to_owned(),
        Outcome::NotStarted(reason) => format!("cannot be started: {reason}"),
    }
}

const RUNNER: Token = Token(0);
/// All pipes have it: each is looked at anyway.
const PIPE: Token = Token(1);
const EVENTS: usize = 8;
const FINISH_STEP: Duration = Duration::from_millis(10);
/// The first wait before a reader that ended is started again; each is twice the one before.
const FIRST_RESTART: Duration = Duration::from_secs(1);
const LONGEST_RESTART: Duration = Duration::from_secs(60);
/// A reader that ran for so long did not fail at once.
const STEADY: Duration = Duration::from_secs(60);
