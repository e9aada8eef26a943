//! What happens in a world.

use std::net::IpAddr;
use std::process::ExitStatus;
use std::time::Duration;

use vrrp_engine::Time;
use vrrp_proto::{MacAddr, Priority, Version, Vrid};

/// Something that happened, and when on the monotonic clock: for packets, when the kernel saw them.
#[derive(Clone, Debug)]
pub struct Event {
    /// When.
    pub at: Time,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum What {
    /// A machine sent a VRRP advert.
    Advert {
        /// The machine whose port it came in by.
        node: String,
        /// Ethernet source.
        mac: MacAddr,
        /// IP source.
        source: IpAddr,
        /// IP destination.
        destination: IpAddr,
        /// The protocol's version.
        version: Version,
        /// The virtual router.
        vrid: Vrid,
        /// The priority.
        priority: Priority,
    },
    /// A machine sent a gratuitous ARP or an unsolicited neighbour advertisement.
    Announcement {
        /// The machine.
        node: String,
        /// The address it claims.
        address: IpAddr,
        /// The Ethernet address it gives.
        mac: MacAddr,
    },
    /// An echo request was answered, or given up.
    Ping(Ping),
    /// A program wrote a line.
    Line {
        /// The machine.
        node: String,
        /// The program's process id.
        process: u32,
        /// The line.
        text: String,
    },
    /// A program ended.
    Exit {
        /// The machine.
        node: String,
        /// The program's process id.
        process: u32,
        /// How.
        status: ExitStatus,
    },
}

/// One echo request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ping {
    /// Its number.
    pub sequence: u16,
    /// When it was sent.
    pub sent: Time,
    /// How long the answer took; `None` if there was none.
    pub answered: Option<Duration>,
}
