//! The words for a log line.

use std::fmt;
use std::time::Duration;

use crate::{FaultReason, Notice, Reason, StateKind, Taker};

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
            Self::HigherAddress { master, .. } => {
                write!(f, "{master} has our priority and the higher address")
            }
            Self::GroupYields(_) => f.write_str("another member of its sync group gave up"),
            Self::Stalled { late } => write!(
                f,
                "stood still for so long ({} late with an advert) that a peer must have taken over",
                Readable(*late)
            ),
            Self::Fault(fault) => fault.fmt(f),
            Self::Recovered(FaultReason::LinkDown) => f.write_str("interface up"),
            Self::Recovered(FaultReason::NoSource) => f.write_str("source address found"),
            Self::Recovered(FaultReason::NoSocket) => f.write_str("sockets open"),
            Self::Recovered(FaultReason::NoPeer) => f.write_str("a unicast peer is configured"),
            Self::Recovered(FaultReason::Tracker(_)) => f.write_str("what it tracks is well"),
            Self::Recovered(FaultReason::Group(_)) => f.write_str("all members of its sync group are well"),
            Self::Shutdown => f.write_str("shut down"),
        }
    }
}

impl fmt::Display for FaultReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LinkDown => "interface down",
            Self::NoSource => "no source address",
            Self::NoSocket => "no socket for its adverts",
            Self::NoPeer => "no unicast peer",
            Self::Tracker(_) => "something it tracks is not well",
            Self::Group(_) => "another member of its sync group is in FAULT",
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
            Self::OldChecksum { from } => {
                write!(
                    f,
                    "{from} makes checksums as keepalived before 1.3.7 did between unicast peers; it gets the same"
                )
            }
            Self::IntervalAdopted { from, theirs } => {
                let theirs = Readable(theirs.as_duration());
                write!(
                    f,
                    "{from} sends every {theirs}, which is not the interval configured here; adopted"
                )
            }
            Self::GroupHoldsBack { .. } => f.write_str(
                "would be master, but another member of its sync group follows a better one; where that does not change, \
                 their priorities are crossed",
            ),
            Self::AddressRestored { address, by } => {
                let how = match by {
                    Taker::Program => "was removed by another program",
                    Taker::Interface => "was gone with its interface, which is there again",
                };
                write!(f, "{address} {how}; put back")
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
    use vrrp_proto::{AdvertInterval, Priority};

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
    fn reasons_say_who_and_how_long() {
        let (master, ours) = ("10.0.0.2".parse().unwrap(), "10.0.0.1".parse().unwrap());
        let skew = Duration::from_micros(609_375);
        let silent = |master| Reason::MasterSilent {
            master,
            silent_for: Duration::from_micros(3_609_400),
            adverts: 3,
            interval: AdvertInterval::DEFAULT,
            skew,
        };
        let (low, high) = (Priority::new(100), Priority::new(150));
        let words = [
            (
                silent(Some(master)),
                "10.0.0.2 silent for 3.61 s (3 x 1 s + skew 0.61 s)",
            ),
            (silent(None), "no master heard for 3.61 s (3 x 1 s + skew 0.61 s)"),
            (
                Reason::MasterResigned { master, skew },
                "10.0.0.2 resigned (priority 0), skew 0.61 s",
            ),
            (
                Reason::HigherPriority {
                    master,
                    theirs: high,
                    ours: low,
                },
                "10.0.0.2 has priority 150, ours is 100",
            ),
            (
                Reason::Preempted {
                    master,
                    theirs: low,
                    ours: high,
                },
                "10.0.0.2 has priority 100, lower than our 150",
            ),
            (
                Reason::HigherAddress { master, ours },
                "10.0.0.2 has our priority and the higher address",
            ),
            (Reason::Fault(FaultReason::LinkDown), "interface down"),
            (Reason::Fault(FaultReason::NoSource), "no source address"),
            (Reason::Recovered(FaultReason::LinkDown), "interface up"),
            (Reason::Recovered(FaultReason::NoSource), "source address found"),
            (Reason::Started, "started"),
            (
                Reason::Owner,
                "started as the owner of its addresses (priority 255)",
            ),
            (Reason::Shutdown, "shut down"),
        ];
        for (reason, words) in words {
            assert_eq!(reason.to_string(), words);
        }
    }

    #[test]
    fn notices_name_the_other_router() {
        let from = "fe80::2".parse().unwrap();
        let words = [
            (
                Notice::AddressListMismatch { from },
                "fe80::2 advertises other addresses than are configured here",
            ),
            (
                Notice::SameAddressAndPriority { address: from },
                "an advert came in with our own address fe80::2 and priority",
            ),
            (
                Notice::LowerPriorityMaster {
                    from,
                    theirs: Priority::new(50),
                },
                "fe80::2 is master too, with priority 50; answered, and the neighbours told again",
            ),
            (
                Notice::IntervalAdopted {
                    from,
                    theirs: AdvertInterval::from_centis(25).unwrap(),
                },
                "fe80::2 sends every 250 ms, which is not the interval configured here; adopted",
            ),
            (
                Notice::AddressRestored {
                    address: from,
                    by: Taker::Program,
                },
                "fe80::2 was removed by another program; put back",
            ),
            (
                Notice::Stalled {
                    late: Duration::from_millis(2500),
                },
                "an advert left 2.50 s late: this process or machine stood still",
            ),
        ];
        for (notice, words) in words {
            assert_eq!(notice.to_string(), words);
        }
    }
}
