//! What the machines say on the bridges.

use std::io::IoSliceMut;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::socket::sockopt::{RcvBufForce, ReceiveTimestampns};
use nix::sys::socket::{ControlMessageOwned, LinkAddr, MsgFlags, recvmsg, setsockopt};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime};
use socket2::{Domain, Protocol, Socket, Type};
use vrrp_engine::Time;
use vrrp_proto::{
    AhPacket, Context, Family, GratuitousArp, Ipv4Packet, MacAddr, PROTOCOL, Packet, Priority, UnsolicitedNa,
    Version, Vrid,
};

use super::world::Ports;
use super::{Error, Event, What};
use crate::clock;

/// A thread that listens until it is dropped.
#[derive(Debug)]
pub(super) struct Capture {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Listens on every interface of the namespace the caller is in.
pub(super) fn start(events: Sender<Event>, ports: Ports) -> Result<Capture, Error> {
    let failed = |source| Error::Socket {
        what: "capturing packets",
        source,
    };
    let socket =
        Socket::new(Domain::PACKET, Type::RAW, Some(Protocol::from(ALL_PROTOCOLS))).map_err(failed)?;
    socket.set_read_timeout(Some(LOOK_UP)).map_err(failed)?;
    // The force is for root on the whole machine; others get what the system allows.
    let _ = socket.set_recv_buffer_size(RECEIVE_BUFFER);
    let _ = setsockopt(&socket, RcvBufForce, &RECEIVE_BUFFER);
    setsockopt(&socket, ReceiveTimestampns, &true).map_err(|errno| failed(errno.into()))?;
    let stop = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stop);
    let socket = OwnedFd::from(socket);
    let thread = thread::Builder::new().name("capture".to_owned());
    let thread = thread
        .spawn(move || listen(&socket, &seen, &events, &ports))
        .map_err(failed)?;
    Ok(Capture {
        stop,
        thread: Some(thread),
    })
}

fn listen(socket: &OwnedFd, stop: &AtomicBool, events: &Sender<Event>, ports: &Ports) {
    let mut buffer = vec![0; LARGEST_FRAME];
    while !stop.load(Ordering::Relaxed) {
        let Some((len, port, at)) = receive(socket, &mut buffer) else {
            continue;
        };
        let node = ports.lock().ok().and_then(|ports| ports.get(&port).cloned());
        if let (Some(node), Some(frame)) = (node, buffer.get(..len))
            && let Some(what) = read(frame, node)
            && events.send(Event { at, what }).is_err()
        {
            return;
        }
    }
}

/// A frame that came in by a port: its length, the port's index, and when.
fn receive(socket: &OwnedFd, buffer: &mut [u8]) -> Option<(usize, u32, Time)> {
    let mut control = nix::cmsg_space!(TimeSpec);
    let mut slices = [IoSliceMut::new(buffer)];
    let message = recvmsg::<LinkAddr>(
        socket.as_raw_fd(),
        &mut slices,
        Some(&mut control),
        MsgFlags::empty(),
    )
    .ok()?;
    let address = message.address?;
    if address.pkttype() == PACKET_OUTGOING {
        return None;
    }
    let stamp = message.cmsgs().ok()?.find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(stamp) => Some(stamp),
        _ => None,
    });
    let port = u32::try_from(address.ifindex()).ok()?;
    Some((message.bytes, port, stamp.map_or_else(clock::now, monotonic)))
}

/// The kernel stamps packets by the wall clock.
fn monotonic(stamp: TimeSpec) -> Time {
    let now = clock::now();
    let wall = clock_gettime(ClockId::CLOCK_REALTIME).expect("the wall clock is always there");
    now.earlier_by(Duration::from(wall).saturating_sub(Duration::from(stamp)))
}

fn read(frame: &[u8], node: String) -> Option<What> {
    if let Ok(arp) = GratuitousArp::parse(frame) {
        return Some(What::Announcement {
            node,
            address: arp.address.into(),
            mac: arp.sender,
        });
    }
    if let Ok(na) = UnsolicitedNa::parse(frame) {
        return Some(What::Announcement {
            node,
            address: na.address.into(),
            mac: na.sender,
        });
    }
    let mac = MacAddr(frame.get(6..12)?.try_into().ok()?);
    let (ethertype, packet) = (frame.get(12..14)?, frame.get(14..)?);
    let (context, pdu) = match *ethertype {
        [0x08, 0x00] => ipv4(packet)?,
        [0x86, 0xdd] => ipv6(packet)?,
        _ => return None,
    };
    let packet = Packet::new_checked(pdu).ok()?;
    let version = match packet.version() {
        2 => Version::V2,
        3 => Version::V3,
        _ => return None,
    };
    Some(What::Advert {
        node,
        mac,
        source: context.source,
        destination: context.destination,
        version,
        vrid: Vrid::new(packet.vrid()).ok()?,
        priority: Priority::new(packet.priority()),
    })
}

fn ipv4(packet: &[u8]) -> Option<(Context, &[u8])> {
    let packet = Ipv4Packet::parse(packet).ok()?;
    let header = packet.header();
    let message = match header.protocol {
        PROTOCOL => packet.payload(),
        AhPacket::PROTOCOL => AhPacket::parse(packet.payload()).ok()?.message(),
        _ => return None,
    };
    let context = Context {
        source: header.source.into(),
        destination: header.destination.into(),
        checksum: Default::default(),
    };
    Some((context, message))
}

fn ipv6(packet: &[u8]) -> Option<(Context, &[u8])> {
    let address = |at: usize| {
        let octets: [u8; 16] = packet.get(at..at + Family::Ipv6.address_len())?.try_into().ok()?;
        Some(octets.into())
    };
    (*packet.get(6)? == vrrp_proto::PROTOCOL).then_some(())?;
    let context = Context {
        source: address(8)?,
        destination: address(24)?,
        checksum: Default::default(),
    };
    Some((context, packet.get(40..)?))
}

/// ETH_P_ALL (linux/if_ether.h) in network byte order.
const ALL_PROTOCOLS: i32 = 0x0003_u16.to_be() as i32;
/// linux/if_packet.h.
const PACKET_OUTGOING: u8 = 4;
const LARGEST_FRAME: usize = 2048;
const RECEIVE_BUFFER: usize = 8 << 20;
const LOOK_UP: Duration = Duration::from_millis(100);
