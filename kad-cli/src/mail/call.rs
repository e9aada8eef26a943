//! One connection to one address.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use vrrp_engine::Time;

use super::{Letter, Session, Step};

/// A socket, and the session on it.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) address: SocketAddr,
    pub(super) session: Session,
    stream: TcpStream,
    connected: bool,
    unsent: Vec<u8>,
    timeout: Duration,
    /// When the present step has taken too long.
    deadline: Time,
    steps: u32,
}

impl Call {
    /// Begins to connect.
    pub(super) fn new(
        now: Time,
        address: SocketAddr,
        letter: Letter,
        helo: &str,
        timeout: Duration,
        registry: &Registry,
        token: Token,
    ) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        Ok(Self {
            address,
            session: Session::new(letter, helo),
            stream,
            connected: false,
            unsent: Vec::new(),
            timeout,
            deadline: now + timeout,
            steps: 0,
        })
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub(super) fn deadline(&self) -> Time {
        self.deadline
    }

    /// The present step takes too long.
    pub(super) fn handle_timeout(&mut self, now: Time) {
        if now < self.deadline {
            return;
        }
        if self.connected {
            self.session.handle_timeout();
        } else {
            self.session.handle_close("no connection");
        }
    }

    /// Reads and writes all that can be.
    pub(super) fn progress(&mut self, now: Time) {
        if !self.connected && !self.connect(now) {
            return;
        }
        // What was said before the connection broke counts.
        let read = self.read();
        self.session.poll_transmit(&mut self.unsent);
        let written = self.write();
        if let Err(error) = read.and(written) {
            self.session.handle_close(&error.to_string());
        }
        if self.session.steps() != self.steps {
            self.steps = self.session.steps();
            self.begin_step(now);
        }
    }

    /// Whether it is connected now.
    fn connect(&mut self, now: Time) -> bool {
        let outcome = match self.stream.take_error() {
            Ok(None) => self.stream.peer_addr().map(|_| ()),
            Ok(Some(error)) | Err(error) => Err(error),
        };
        match outcome {
            Ok(()) => {
                self.connected = true;
                self.begin_step(now);
            }
            Err(error) if error.kind() == io::ErrorKind::NotConnected => {}
            Err(error) => self.session.handle_close(&format!("no connection ({error})")),
        }
        self.connected
    }

    fn begin_step(&mut self, now: Time) {
        let polite = self.session.step() == Step::Quit;
        self.deadline = now
            + if polite {
                self.timeout.min(POLITENESS)
            } else {
                self.timeout
            };
    }

    fn read(&mut self) -> io::Result<()> {
        let mut buffer = [0; 1024];
        // The rest of what floods us is for the next turn, and the session ends it soon.
        while !self.session.is_over() {
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err(io::Error::other("the connection was closed")),
                Ok(length) => self.session.handle_data(buffer.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(length) => {
                    self.unsent.drain(..length);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// How long the answer to `QUIT` is waited for.
const POLITENESS: Duration = Duration::from_secs(2);
