//! The kernel's process connector: who forks, becomes another program and ends.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::thread;

use netlink_sys::protocols::NETLINK_CONNECTOR;
use netlink_sys::{Socket, SocketAddr};
use nix::libc::{ENOBUFS, MSG_DONTWAIT};
use nix::sched::{CloneFlags, setns};
use nix::sys::socket::{setsockopt, sockopt};
use thiserror::Error;

use super::event::{self, ProcessEvent};

/// A socket that listens.
#[derive(Debug)]
pub(super) struct Connector {
    socket: Socket,
}

/// Why there are no events to be had.
#[derive(Debug, Error)]
pub(super) enum ConnectorError {
    /// No socket, or nobody who listens to what is sent: the kernel has no process connector, or has it in the initial
    /// network namespace only.
    #[error("the kernel's process connector cannot be reached from here: {0}")]
    Unreachable(#[from] io::Error),
    /// The kernel tells processes of the initial PID namespace only.
    #[error("the kernel's process connector does not answer, as it does outside the initial PID namespace")]
    Silent,
    /// CAP_NET_ADMIN is missing.
    #[error("the kernel's process connector refuses: {0}")]
    Refused(io::Error),
}

/// What a read found.
#[derive(Debug)]
pub(super) enum Received {
    Event(ProcessEvent),
    /// Something that does not matter.
    Noise,
    Nothing,
    /// Events were lost.
    Overrun,
}

impl Connector {
    /// Listens from here, or else from the first process' network namespace: the connector is in the initial one only.
    pub(super) fn open() -> Result<Self, ConnectorError> {
        match Self::open_here() {
            Err(ConnectorError::Unreachable(error)) => {
                Self::open_in_first_namespace().unwrap_or(Err(ConnectorError::Unreachable(error)))
            }
            outcome => outcome,
        }
    }

    /// A thread of its own goes there, since it cannot be sure to come back.
    fn open_in_first_namespace() -> Option<Result<Self, ConnectorError>> {
        let namespace = File::open("/proc/1/ns/net").ok()?;
        let body = move || {
            setns(namespace, CloneFlags::CLONE_NEWNET)
                .is_ok()
                .then(Self::open_here)
        };
        let thread = thread::Builder::new().spawn(body).ok()?;
        thread.join().ok()?
    }

    fn open_here() -> Result<Self, ConnectorError> {
        let mut socket = Socket::new(NETLINK_CONNECTOR)?;
        socket.set_non_blocking(true)?;
        // The force is for a process that is privileged on the whole machine; others get what the system allows.
        let _ = setsockopt(&socket, sockopt::RcvBuf, &RECEIVE_BUFFER);
        let _ = setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER);
        socket.bind(&SocketAddr::new(0, CN_IDX_PROC_GROUP))?;
        let number = std::process::id();
        socket.send_to(&event::listen(number), &SocketAddr::new(0, 0), 0)?;
        let connector = Self { socket };
        connector.await_answer(number)?;
        Ok(connector)
    }

    /// The kernel answers within the send, so an answer that is not there does not come. Events before it are of no
    /// interest: what runs is looked at afterwards.
    fn await_answer(&self, number: u32) -> Result<(), ConnectorError> {
        for _ in 0..MOST_BEFORE_ANSWER {
            match self.receive() {
                Received::Event(ProcessEvent::Answer { number: of, error }) if of == number => {
                    return match i32::try_from(error) {
                        Ok(0) => Ok(()),
                        Ok(errno) => Err(ConnectorError::Refused(io::Error::from_raw_os_error(errno))),
                        Err(_) => Err(ConnectorError::Silent),
                    };
                }
                Received::Nothing => break,
                Received::Event(_) | Received::Noise | Received::Overrun => {}
            }
        }
        Err(ConnectorError::Silent)
    }

    /// Reads one event.
    pub(super) fn receive(&self) -> Received {
        let mut buffer = [0; DATAGRAM_LIMIT];
        let outcome = self.socket.recv_from(&mut buffer.as_mut_slice(), MSG_DONTWAIT);
        match outcome {
            // Others may send to this socket, too; they have nothing to say.
            Ok((_, sender)) if sender.port_number() != 0 => Received::Noise,
            Ok((len, _)) => {
                let event = buffer.get(..len).and_then(event::read);
                event.map_or(Received::Noise, Received::Event)
            }
            Err(error) if error.raw_os_error() == Some(ENOBUFS) => Received::Overrun,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Received::Noise,
            Err(_) => Received::Nothing,
        }
    }
}

impl AsFd for Connector {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The multicast group of process events, as a bit.
const CN_IDX_PROC_GROUP: u32 = 1;
/// A machine on which everybody forks all the time.
const MOST_BEFORE_ANSWER: usize = 10_000;
/// Some ten thousand events.
const RECEIVE_BUFFER: usize = 4 << 20;
/// An event is of 76 bytes.
const DATAGRAM_LIMIT: usize = 512;
