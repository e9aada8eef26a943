//! What the engine wants done.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use vrrp_proto::{AdvertInterval, Ipv4Header, Priority};

use crate::{GroupId, RouterId, Taker, TrackerId};

/// Something to do for one router, in the order in which it is polled.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Output {
    /// Send this packet.
    Transmit(Transmit),
    /// Put all the router's virtual addresses on the interface.
    AddAddresses,
    /// Take all the router's virtual addresses off the interface.
    RemoveAddresses,
    /// Put back one address that somebody else removed.
    RestoreAddress(IpAddr),
    /// Send gratuitous ARPs or unsolicited neighbour advertisements.
    Announce {
        /// The one address, or all of the router's.
        address: Option<IpAddr>,
        /// Frames for each address; rounds are the outer loop.
        repeat: u8,
    },
    /// Tell the neighbours of the address that adverts are sent from: unicast peers that have not heard from it for a
    /// while may send to another place.
    AnnounceSource(IpAddr),
    /// The state changed, and everything it asks for has been polled already.
    Transition(Transition),
    /// What happened to this router changed the state of its sync group; the transitions of all members have been polled.
    GroupTransition {
        /// The group.
        group: GroupId,
        /// Its states; the reason is this router's.
        transition: Transition,
    },
    /// Trackers, or another configuration, changed the effective priority.
    PriorityChanged {
        /// It was.
        from: Priority,
        /// It is.
        to: Priority,
    },
    /// Something an operator may want to know. Damped: at most one of a kind for each router and second.
    Notice(Notice),
}

/// A packet to send: IP protocol 112, unless it has a header of its own.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Transmit {
    /// IP source.
    pub source: IpAddr,
    /// IP destination.
    pub destination: IpAddr,
    /// IPv4 time to live, or IPv6 hop limit.
    pub hop_limit: u8,
    /// The IPv4 header that it must have field by field, where it is protected by an authentication header: that covers
    /// the IP header, too.
    pub header: Option<Ipv4Header>,
    /// What follows the IP header: the VRRP message, and what protects it.
    pub pdu: Bytes,
}

impl fmt::Debug for Transmit {
    /// Never shows the message: in version 2 it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transmit")
            .field("source", &self.source)
            .field("destination", &self.destination)
            .field("hop_limit", &self.hop_limit)
            .field("header", &self.header)
            .field("pdu", &format_args!("{} octets", self.pdu.len()))
            .finish()
    }
}

/// The states of RFC 9568 section 6.4 (there: Initialize, Backup, Active), and keepalived's FAULT.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum StateKind {
    /// Not started, or shut down.
    Initialize,
    /// Something it cannot do without is missing.
    Fault,
    /// Listening to a master.
    Backup,
    /// Holding the addresses.
    Master,
}

/// A change of state, and why.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Transition {
    /// The state before.
    pub from: StateKind,
    /// The state now.
    pub to: StateKind,
    /// Why.
    pub reason: Reason,
}

/// Why a router changed its state. `Display` gives the words for a log line.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Reason {
    /// It was added.
    Started,
    /// It was added as the owner of its addresses.
    Owner,
    /// No advert for a whole Master_Down_Interval.
    MasterSilent {
        /// The master that was heard last, if ever.
        master: Option<IpAddr>,
        /// Since its last advert, or since the wait began.
        silent_for: Duration,
        /// Adverts that were missed.
        adverts: u8,
        /// The master's interval.
        interval: AdvertInterval,
        /// Skew_Time.
        skew: Duration,
    },
    /// The master sent priority 0, and Skew_Time is over.
    MasterResigned {
        /// That master.
        master: IpAddr,
        /// Skew_Time.
        skew: Duration,
    },
    /// The master is there, but its priority is lower.
    Preempted {
        /// That master.
        master: IpAddr,
        /// Its priority.
        theirs: Priority,
        /// The effective priority here.
        ours: Priority,
    },
    /// Another master has a higher priority.
    HigherPriority {
        /// That master.
        master: IpAddr,
        /// Its priority.
        theirs: Priority,
        /// The effective priority here.
        ours: Priority,
    },
    /// Another master has the same priority and the higher address.
    HigherAddress {
        /// That master.
        master: IpAddr,
        /// The address here.
        ours: IpAddr,
    },
    /// Another member of its sync group gave way to a better master.
    GroupYields(RouterId),
    /// Its advert was so late that a peer must have taken over.
    Stalled {
        /// How late.
        late: Duration,
    },
    /// Something went missing.
    Fault(FaultReason),
    /// What was missing is back.
    Recovered(FaultReason),
    /// The engine was shut down, or the router removed.
    Shutdown,
}

/// What a router in FAULT misses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum FaultReason {
    /// The interface is down or gone.
    LinkDown,
    /// There is no address to send from.
    NoSource,
    /// The sockets for its adverts cannot be opened.
    NoSocket,
    /// It is to be unicast, and has no peer.
    NoPeer,
    /// A tracker is not well.
    Tracker(TrackerId),
    /// Another member of its sync group is in FAULT.
    Group(RouterId),
}

/// Something an operator may want to know.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Notice {
    /// A master advertises other addresses than are configured here.
    AddressListMismatch {
        /// The sender.
        from: IpAddr,
    },
    /// Another router with our address and priority, or our own packet came back.
    SameAddressAndPriority {
        /// The address.
        address: IpAddr,
    },
    /// A master of lower priority was answered.
    LowerPriorityMaster {
        /// The sender.
        from: IpAddr,
        /// Its priority.
        theirs: Priority,
    },
    /// A unicast peer's checksums are those of keepalived before 1.3.7; it gets the same.
    OldChecksum {
        /// The peer.
        from: IpAddr,
    },
    /// A version 3 master uses another interval than is configured here; it was adopted.
    IntervalAdopted {
        /// The sender.
        from: IpAddr,
        /// Its interval.
        theirs: AdvertInterval,
    },
    /// It would be master, but another member of its sync group follows one that is better, again and again: where
    /// priorities are crossed, nobody is ever master of all.
    GroupHoldsBack {
        /// That member.
        member: RouterId,
    },
    /// An address was gone from its interface; it was put back.
    AddressRestored {
        /// The address.
        address: IpAddr,
        /// Who took it.
        by: Taker,
    },
    /// The master's adverts were sent late: the machine or the process stood still.
    Stalled {
        /// How late.
        late: Duration,
    },
}
