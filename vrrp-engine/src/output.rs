//! What the engine wants done.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use vrrp_proto::{AdvertInterval, Priority};

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
    /// The state changed, and everything it asks for has been polled already.
    Transition(Transition),
    /// Something an operator may want to know. Damped: at most one of a kind for each router and second.
    Notice(Notice),
}

/// A packet to send: IP protocol 112, time to live 255.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Transmit {
    /// IP source.
    pub source: IpAddr,
    /// IP destination.
    pub destination: IpAddr,
    /// The VRRP message.
    pub pdu: Bytes,
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
    /// A version 3 master uses another interval than is configured here; it was adopted.
    IntervalAdopted {
        /// The sender.
        from: IpAddr,
        /// Its interval.
        theirs: AdvertInterval,
    },
    /// Somebody else removed an address; it was put back.
    AddressRestored {
        /// The address.
        address: IpAddr,
    },
    /// The master's adverts were sent late: the machine or the process stood still.
    Stalled {
        /// How late.
        late: Duration,
    },
}

impl fmt::Display for StateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Initialize => "INIT",
            Self::Fault => "FAULT",
            Self::Backup => "BACKUP",
            Self::Master => "MASTER",
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started => f.write_str("started"),
            Self::Owner => f.write_str("started as the owner of its addresses (priority 255)"),
            Self::MasterSilent {
                master,
                silent_for,
                adverts,
                interval,
                skew,
            } => {
                match master {
                    Some(master) => write!(f, "{master} silent for {}", Readable(*silent_for))?,
                    None => write!(f, "no master heard for {}", Readable(*silent_for))?,
                }
                write!(
                    f,
                    " ({adverts} x {} + skew {})",
                    Readable(interval.as_duration()),
                    Readable(*skew)
                )
            }
            Self::MasterResigned { master, skew } => {
                write!(f, "{master} resigned (priority 0), skew {}", Readable(*skew))
            }
            Self::Preempted { master, theirs, ours } => {
                write!(f, "{master} has priority {theirs}, lower than our {ours}")
            }
            Self::HigherPriority { master, theirs, ours } => {
                write!(f, "{master} has priority {theirs}, ours is {ours}")
            }
            Self::HigherAddress { master, ours } => {
                write!(f, "{master} has our priority and a higher address than {ours}")
            }
            Self::Fault(fault) => fault.fmt(f),
            Self::Recovered(FaultReason::LinkDown) => f.write_str("interface is up"),
            Self::Recovered(FaultReason::NoSource) => f.write_str("there is a source address"),
            Self::Shutdown => f.write_str("shut down"),
        }
    }
}

impl fmt::Display for FaultReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LinkDown => "interface is down or gone",
            Self::NoSource => "no address to send adverts from",
        })
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AddressListMismatch { from } => {
                write!(f, "{from} advertises other addresses than are configured here")
            }
            Self::SameAddressAndPriority { address } => {
                write!(f, "an advert came in with our own address {address} and priority")
            }
            Self::LowerPriorityMaster { from, theirs } => {
                write!(
                    f,
                    "{from} is master too, with priority {theirs}; answered, and the neighbours told again"
                )
            }
            Self::IntervalAdopted { from, theirs } => {
                let theirs = Readable(theirs.as_duration());
                write!(
                    f,
                    "{from} sends every {theirs}, which is not the interval configured here; adopted"
                )
            }
            Self::AddressRestored { address } => {
                write!(f, "{address} was removed by another program; put back")
            }
            Self::Stalled { late } => {
                write!(
                    f,
                    "an advert left {} late: this process or machine stood still",
                    Readable(*late)
                )
            }
        }
    }
}

/// `3.61 s`, `1 s`, `361 ms`, `36.1 ms`, `250 us`.
struct Readable(Duration);

impl fmt::Display for Readable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (micros, secs) = (self.0.as_micros(), self.0.as_secs_f64());
        match micros {
            1_000_000.. if micros.is_multiple_of(1_000_000) => write!(f, "{} s", micros / 1_000_000),
            500_000.. => write!(f, "{secs:.2} s"),
            1_000..500_000 if micros.is_multiple_of(1_000) => write!(f, "{} ms", micros / 1_000),
            100_000.. => write!(f, "{:.0} ms", secs * 1e3),
            1_000.. => write!(f, "{:.1} ms", secs * 1e3),
            _ => write!(f, "{micros} us"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_readable() {
        let readable = |micros| Readable(Duration::from_micros(micros)).to_string();
        assert_eq!(readable(3_609_375), "3.61 s");
        assert_eq!(readable(1_000_000), "1 s");
        assert_eq!(readable(360_937), "361 ms");
        assert_eq!(readable(100_000), "100 ms");
        assert_eq!(readable(36_093), "36.1 ms");
        assert_eq!(readable(250), "250 us");
    }

    #[test]
    fn reason_says_how_long_and_why() {
        let reason = Reason::MasterSilent {
            master: Some("10.0.0.2".parse().unwrap()),
            silent_for: Duration::from_micros(3_609_400),
            adverts: 3,
            interval: AdvertInterval::DEFAULT,
            skew: Duration::from_micros(609_375),
        };
        assert_eq!(
            reason.to_string(),
            "10.0.0.2 silent for 3.61 s (3 x 1 s + skew 0.61 s)"
        );
    }
}
