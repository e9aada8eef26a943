//! What tests send and hear without the code under test.

use std::io::{ErrorKind, Read};
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use kad_cli::net::{Batch, Malformed, Receiver};
use nix::ifaddrs::getifaddrs;
use nix::libc;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{LinkAddr, MsgFlags, sendto};
use socket2::{Domain, Protocol, Socket, Type};

/// A packet that a [`Receiver`] handed out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Heard {
    pub(crate) source: IpAddr,
    pub(crate) destination: IpAddr,
    pub(crate) hop_limit: u8,
    pub(crate) pdu: Vec<u8>,
}

/// Reads until `count` packets came, malformed and lost ones included, and adds up what the batches say.
pub(crate) fn hear(receiver: &mut Receiver, count: usize) -> (Vec<Heard>, Batch) {
    let (mut heard, mut sum) = (Vec::new(), Batch::default());
    let deadline = Instant::now() + PATIENCE;
    while sum.datagrams + usize::try_from(sum.lost).unwrap() < count {
        assert!(
            Instant::now() < deadline,
            "{count} packets expected, but: {sum:?}"
        );
        await_readable(receiver, PATIENCE);
        let batch = receiver.receive(|received| {
            heard.push(Heard {
                source: received.source,
                destination: received.destination,
                hop_limit: received.hop_limit,
                pdu: received.pdu.to_vec(),
            });
        });
        let batch = batch.unwrap();
        assert_eq!(batch.more, batch.datagrams == Receiver::BATCH);
        sum = add(sum, batch);
    }
    assert_eq!(heard.len() + sum.malformed.total(), sum.datagrams);
    (heard, sum)
}

fn add(sum: Batch, batch: Batch) -> Batch {
    let (a, b) = (sum.malformed, batch.malformed);
    Batch {
        datagrams: sum.datagrams + batch.datagrams,
        malformed: Malformed {
            too_long: a.too_long + b.too_long,
            ip_header: a.ip_header + b.ip_header,
            unexplained: a.unexplained + b.unexplained,
        },
        lost: sum.lost + batch.lost,
        more: batch.more,
    }
}

/// Every frame that arrives on this machine.
pub(crate) struct Capture {
    socket: Socket,
}

impl Capture {
    pub(crate) fn start() -> Self {
        let all = i32::from(u16::try_from(libc::ETH_P_ALL).unwrap().to_be());
        let socket = Socket::new(Domain::PACKET, Type::RAW, Some(Protocol::from(all))).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket }
    }

    /// The next `count` frames that are not the kernel's own talk.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        let deadline = Instant::now() + PATIENCE;
        while frames.len() < count {
            assert!(
                Instant::now() < deadline,
                "{count} frames expected, but: {frames:02x?}"
            );
            await_readable(&self.socket, PATIENCE);
            frames.extend(self.next().filter(|frame| !is_noise(frame)));
        }
        frames
    }

    /// Whether a probe arrives in time.
    fn hears_probe(&mut self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        while let left = deadline.saturating_duration_since(Instant::now())
            && !left.is_zero()
        {
            await_readable(&self.socket, left);
            if self.next().is_some_and(|frame| is_probe(&frame)) {
                return true;
            }
        }
        false
    }

    fn next(&mut self) -> Option<Vec<u8>> {
        let mut buffer = vec![0; 2048];
        match (&self.socket).read(&mut buffer) {
            Ok(len) => buffer.truncate(len),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return None,
            Err(error) => panic!("{error}"),
        }
        Some(buffer)
    }
}

/// Sends probes until one arrives.
pub(crate) fn probe(mut send: impl FnMut(&[u8]), capture: &mut Capture) {
    let frame = [[0xff; 6].as_slice(), &[2, 0, 0, 0, 0, 9], &PROBE, &[0; 46]].concat();
    let deadline = Instant::now() + PATIENCE;
    loop {
        send(&frame);
        if capture.hears_probe(Duration::from_millis(2)) {
            return;
        }
        assert!(Instant::now() < deadline, "the link does not come up");
    }
}

/// Probes, IGMP, and multicast listener reports, which have the hop-by-hop option of RFC 2711.
fn is_noise(frame: &[u8]) -> bool {
    let igmp = frame[12..14] == [0x08, 0x00] && frame[23] == 2;
    let mld = frame[12..14] == [0x86, 0xdd] && frame[20] == 0;
    igmp || mld || is_probe(frame)
}

fn is_probe(frame: &[u8]) -> bool {
    frame[12..14] == PROBE
}

/// Sends a frame as it is.
pub(crate) fn inject(interface: &str, frame: &[u8]) {
    let socket = Socket::new(Domain::PACKET, Type::RAW, Some(Protocol::from(0))).unwrap();
    let sent = sendto(
        socket.as_raw_fd(),
        frame,
        &link_address(interface),
        MsgFlags::empty(),
    );
    assert_eq!(sent, Ok(frame.len()));
}

fn link_address(interface: &str) -> LinkAddr {
    let mut addresses = getifaddrs()
        .unwrap()
        .filter(|entry| entry.interface_name == interface);
    addresses
        .find_map(|entry| entry.address?.as_link_addr().copied())
        .unwrap()
}

/// Has the kernel send one packet of protocol 112 with this time to live or hop limit, in fragments if need be.
pub(crate) fn send(index: u32, destination: IpAddr, hop_limit: u32, pdu: &[u8]) {
    let protocol = Some(Protocol::from(112));
    let (socket, to) = match destination {
        IpAddr::V4(_) => {
            let socket = Socket::new(Domain::IPV4, Type::RAW, protocol).unwrap();
            socket.set_multicast_if_v4(&"192.0.2.1".parse().unwrap()).unwrap();
            socket.set_multicast_ttl_v4(hop_limit).unwrap();
            socket.set_ttl_v4(hop_limit).unwrap();
            (socket, SocketAddr::new(destination, 0))
        }
        IpAddr::V6(destination) => {
            let socket = Socket::new(Domain::IPV6, Type::RAW, protocol).unwrap();
            socket.set_multicast_hops_v6(hop_limit).unwrap();
            socket.set_unicast_hops_v6(hop_limit).unwrap();
            (socket, SocketAddrV6::new(destination, 0, 0, index).into())
        }
    };
    assert_eq!(socket.send_to(pdu, &to.into()).unwrap(), pdu.len());
}

fn await_readable(socket: &impl AsFd, patience: Duration) {
    let mut wanted = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
    poll(&mut wanted, PollTimeout::try_from(patience).unwrap()).unwrap();
}

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(10);
/// The Ethernet type for experiments (IEEE 802).
const PROBE: [u8; 2] = [0x88, 0xb5];
