//! A generic netlink socket that waits, but not for ever.

use std::io;
use std::time::{Duration, Instant};

use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};
use rustix::io::Errno;
use rustix::net::RecvFlags;
use rustix::net::sockopt::{
    Timeout, set_socket_recv_buffer_size, set_socket_recv_buffer_size_force, set_socket_timeout,
};

use crate::Error;

/// The socket, and room for one datagram.
#[derive(Debug)]
pub(super) struct NetlinkSocket {
    socket: Socket,
    buffer: Vec<u8>,
    time_limit: Duration,
}

impl NetlinkSocket {
    pub(super) fn open() -> Result<Self, Error> {
        Self::with_time_limit(TIME_LIMIT).map_err(Error::Open)
    }

    fn with_time_limit(time_limit: Duration) -> io::Result<Self> {
        let mut socket = Socket::new(NETLINK_GENERIC)?;
        // Kernels from before 4.12 have neither: the reason is then a number only.
        let _ = socket.set_ext_ack(true);
        let _ = socket.set_cap_ack(true);
        // The force is for a process that is privileged on the whole machine; others get what the system allows.
        let _ = set_socket_recv_buffer_size(&socket, RECEIVE_BUFFER);
        let _ = set_socket_recv_buffer_size_force(&socket, RECEIVE_BUFFER);
        set_socket_timeout(&socket, Timeout::Recv, Some(time_limit))?;
        socket.bind_auto()?;
        Ok(Self {
            socket,
            buffer: vec![0; DATAGRAM_LIMIT],
            time_limit,
        })
    }

    /// How many answers to commands surely fit into the receive buffer.
    pub(super) fn answers_that_fit(&self) -> usize {
        let room = self.socket.get_rx_buf_sz().unwrap_or(RECEIVE_BUFFER_LEAST);
        (room / ANSWER_SIZE).clamp(1, ANSWERS_MOST)
    }

    /// Gives messages to the kernel, which acts on them before this returns.
    pub(super) fn send(&self, messages: &[u8]) -> Result<(), Error> {
        loop {
            match self.socket.send_to(messages, &SocketAddr::new(0, 0), 0) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::Send(error)),
            }
        }
    }

    /// Waits for one datagram of the kernel.
    pub(super) fn receive(&mut self) -> Result<&[u8], Error> {
        let deadline = Instant::now() + self.time_limit;
        let len = loop {
            match self.read(0) {
                Ok(Some(len)) => break len,
                // A signal, or another process, which may send to this socket, too, and has nothing to say.
                Ok(None) if Instant::now() < deadline => {}
                Ok(None) => return Err(Error::TimedOut(self.time_limit)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Err(Error::TimedOut(self.time_limit));
                }
                Err(error) if is_overrun(&error) => return Err(Error::Overrun),
                Err(error) => return Err(Error::Receive(error)),
            }
        };
        let limit = self.buffer.len();
        self.buffer.get(..len).ok_or(Error::Truncated { len, limit })
    }

    /// Passes over what is there of an exchange that was given up. The kernel goes on with a list while it is read, and
    /// begins no other one meanwhile.
    pub(super) fn drain(&mut self) -> Result<(), Error> {
        for _ in 0..DRAIN_LIMIT {
            let flags = RecvFlags::DONTWAIT.bits().cast_signed();
            match self.read(flags) {
                Ok(_) => {}
                Err(error) if is_overrun(&error) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(Error::Receive(error)),
            }
        }
        Err(Error::Overrun)
    }

    /// Reads one datagram, and tells how long it is if it is the kernel's.
    fn read(&mut self, flags: i32) -> io::Result<Option<usize>> {
        let mut room = self.buffer.as_mut_slice();
        let flags = flags | RecvFlags::TRUNC.bits().cast_signed();
        match self.socket.recv_from(&mut room, flags) {
            Ok((len, sender)) => Ok((sender.port_number() == 0).then_some(len)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn is_overrun(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error())
}

/// The kernel acts within the send, so that an answer that is not there at once is lost.
const TIME_LIMIT: Duration = Duration::from_secs(5);
/// The kernel doubles it (socket(7)).
const RECEIVE_BUFFER: usize = 1 << 20;
/// What the kernel gives in any case: SOCK_MIN_RCVBUF in net/sock.h is a little more.
const RECEIVE_BUFFER_LEAST: usize = 2048;
/// What one answer takes of the receive buffer, with all that the kernel counts: it is 36 octets, the words and, before Linux
/// 4.2, the request, within an allocation of 1024 octets at most, and the kernel's own record of it.
const ANSWER_SIZE: usize = 2048;
/// More make nothing faster.
const ANSWERS_MOST: usize = 512;
/// Twice what the kernel puts into one datagram of a list (netlink_dump in net/netlink/af_netlink.c).
const DATAGRAM_LIMIT: usize = 64 << 10;
/// In datagrams. The longest list of an exchange has a tenth of this.
const DRAIN_LIMIT: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    /// GETFAMILY of the controller for a family that no kernel has.
    fn question(sequence: u32) -> Vec<u8> {
        let mut bytes = vec![28, 0, 0, 0, 16, 0, 1, 0];
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend([0, 0, 0, 0, 3, 1, 0, 0, 7, 0, 2, 0, b'?', b'?', 0, 0]);
        bytes[0] = u8::try_from(bytes.len()).unwrap();
        bytes
    }

    #[test]
    fn kernel_answers_and_then_nothing_comes_in_time() {
        let mut socket = NetlinkSocket::with_time_limit(SHORT).unwrap();
        socket.send(&question(9)).unwrap();
        let answer = socket.receive().unwrap();
        assert_eq!(answer[8..12], 9_u32.to_ne_bytes());
        assert!(matches!(socket.receive(), Err(Error::TimedOut(SHORT))));
    }

    #[test]
    fn only_the_kernel_is_listened_to() {
        let mut socket = NetlinkSocket::with_time_limit(SHORT).unwrap();
        let mut own = SocketAddr::new(0, 0);
        socket.socket.get_address(&mut own).unwrap();
        let stranger = NetlinkSocket::with_time_limit(SHORT).unwrap();
        if let Err(error) = stranger.socket.send_to(b"a datagram of a stranger", &own, 0) {
            // The kernel lets only the privileged do this.
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        }
        socket.send(&question(10)).unwrap();
        assert_eq!(socket.receive().unwrap()[8..12], 10_u32.to_ne_bytes());
    }

    #[test]
    fn answers_that_were_not_read_are_an_overrun_and_can_be_passed_over() {
        let mut socket = NetlinkSocket::with_time_limit(SHORT).unwrap();
        set_socket_recv_buffer_size(&socket.socket, 1).unwrap();
        for sequence in 0..100 {
            socket.send(&question(sequence)).unwrap();
        }
        let overrun = (0..100).find_map(|_| socket.receive().err());
        assert!(matches!(overrun, Some(Error::Overrun)), "{overrun:?}");
        socket.drain().unwrap();
        socket.send(&question(200)).unwrap();
        assert_eq!(socket.receive().unwrap()[8..12], 200_u32.to_ne_bytes());
    }

    #[test]
    fn as_many_answers_fit_as_it_says() {
        let mut socket = NetlinkSocket::with_time_limit(SHORT).unwrap();
        for room in [1, 20_000, 100_000] {
            set_socket_recv_buffer_size(&socket.socket, room).unwrap();
            let fit = u32::try_from(socket.answers_that_fit()).unwrap();
            for sequence in 0..fit {
                socket.send(&question(sequence)).unwrap();
            }
            for sequence in 0..fit {
                assert_eq!(socket.receive().unwrap()[8..12], sequence.to_ne_bytes(), "{fit}");
            }
        }
    }

    #[test]
    fn datagram_that_is_too_long_is_no_shorter_one() {
        let mut socket = NetlinkSocket::with_time_limit(SHORT).unwrap();
        socket.buffer.truncate(30);
        socket.send(&question(9)).unwrap();
        let error = socket.receive().unwrap_err();
        assert!(
            matches!(error, Error::Truncated { len, limit: 30 } if len > 30),
            "{error}"
        );
    }
}
