//! What must hold of one router's outputs, whatever happens to it.

use std::time::Duration;

use vrrp_engine::{
    Delivery, FaultReason, Output, Preempt, Reason, RouterConfig, Start, StateKind, Transition, Transmit,
};
use vrrp_proto::{AdvertInterval, Advertisement, Context, Priority, Version};

/// Looks at every output of one router.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Watch {
    state: StateKind,
    addresses: bool,
    priority: Priority,
    since_input: SinceInput,
    /// Whether the engine's clock runs on, so that it can tell how long it has waited.
    measures_waits: bool,
}

/// What was polled since the last handler was called.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
struct SinceInput {
    was_master: bool,
    spoke_as_master: bool,
    adverts: usize,
    announcements: usize,
}

impl Watch {
    /// Of a router that is about to be added.
    pub(crate) fn new(config: &RouterConfig) -> Self {
        Self {
            state: StateKind::Initialize,
            addresses: false,
            priority: config.priority,
            since_input: SinceInput::default(),
            measures_waits: true,
        }
    }

    /// Of a router whose clock is set back again and again.
    #[allow(dead_code, reason = "the simulation's clocks run on")]
    pub(crate) fn without_a_clock(config: &RouterConfig) -> Self {
        Self {
            measures_waits: false,
            ..Self::new(config)
        }
    }

    pub(crate) fn is_master(&self) -> bool {
        self.state == StateKind::Master
    }

    /// The priority it should have now.
    #[allow(dead_code, reason = "the model changes no priorities")]
    pub(crate) fn priority(&self) -> Priority {
        self.priority
    }

    /// What trackers that amount to the difference do.
    #[allow(dead_code, reason = "the model changes no priorities")]
    pub(crate) fn set_priority(&mut self, config: &RouterConfig, priority: Priority) {
        if !config.priority.is_owner() {
            self.priority = Priority::new(priority.get().clamp(1, 254));
        }
    }

    /// The next output.
    pub(crate) fn take(&mut self, config: &RouterConfig, output: &Output) -> Result<(), String> {
        match output {
            Output::Transmit(packet) => self.transmit(config, packet),
            Output::AddAddresses if self.addresses => Err("addresses added twice".to_owned()),
            Output::AddAddresses => {
                self.addresses = true;
                Ok(())
            }
            Output::RemoveAddresses if !self.addresses => Err("addresses removed twice".to_owned()),
            Output::RemoveAddresses => {
                self.addresses = false;
                Ok(())
            }
            Output::RestoreAddress(address) if !self.addresses => {
                Err(format!("{address} restored without mastership"))
            }
            Output::Announce { .. } if !self.addresses => Err("announced without the addresses".to_owned()),
            Output::Announce { repeat: 0, .. } => Err("an announcement of nothing".to_owned()),
            Output::Announce { .. } => {
                self.since_input.announcements += 1;
                Ok(())
            }
            Output::Transition(transition) => self.transition(config, transition),
            _ => Ok(()),
        }
    }

    /// Everything is polled; `state` is what the engine says.
    pub(crate) fn settle(&mut self, config: &RouterConfig, state: StateKind) -> Result<(), String> {
        let since = std::mem::take(&mut self.since_input);
        self.since_input.was_master = self.is_master();
        if state != self.state {
            return Err(format!(
                "the engine says {state}, its transitions say {}",
                self.state
            ));
        }
        if self.addresses != self.is_master() {
            return Err(format!("addresses held: {}, state {state}", self.addresses));
        }
        if since.spoke_as_master && !since.was_master && !self.is_master() {
            return Err(format!("advertised as master in state {state}"));
        }
        let destinations = match &config.delivery {
            Delivery::Multicast(_) => 1,
            Delivery::Unicast(peers) => peers.len(),
        };
        if since.adverts > destinations {
            return Err(format!("{} packets at once", since.adverts));
        }
        // A second burst, a refresh and an answer may fall together.
        if since.announcements > 3 {
            return Err(format!("{} announcements at once", since.announcements));
        }
        Ok(())
    }

    fn transmit(&mut self, config: &RouterConfig, packet: &Transmit) -> Result<(), String> {
        let context = Context {
            source: packet.source,
            destination: packet.destination,
            checksum: config.checksum,
        };
        let advert =
            Advertisement::parse(&packet.pdu, &context).map_err(|error| format!("sent nonsense: {error}"))?;
        let told = (
            advert.version(),
            advert.vrid(),
            advert.interval(),
            advert.addresses(),
        );
        if told
            != (
                config.version,
                config.vrid,
                config.interval,
                config.addresses.as_addresses(),
            )
        {
            return Err(format!("sent what is not configured: {advert:?}"));
        }
        self.since_input.adverts += 1;
        if advert.priority() == Priority::RELEASE {
            return if self.is_master() {
                Ok(())
            } else {
                Err("resigned without being master".to_owned())
            };
        }
        self.since_input.spoke_as_master = true;
        if advert.priority() == self.priority {
            Ok(())
        } else {
            Err(format!(
                "sent priority {}, which is {}",
                advert.priority(),
                self.priority
            ))
        }
    }

    fn transition(&mut self, config: &RouterConfig, transition: &Transition) -> Result<(), String> {
        let Transition { from, to, reason } = *transition;
        if from != self.state || from == to {
            return Err(format!("went from {from} to {to}, but was {}", self.state));
        }
        self.state = to;
        if self.addresses != self.is_master() {
            return Err(format!("{from} -> {to} with addresses held: {}", self.addresses));
        }
        if self.fits(config, from, to, reason) {
            Ok(())
        } else {
            Err(format!(
                "{from} -> {to} is no transition for the reason {reason:?}"
            ))
        }
    }

    /// Whether the reason allows the transition, and is true as far as it can be told here.
    fn fits(&self, config: &RouterConfig, from: StateKind, to: StateKind, reason: Reason) -> bool {
        use StateKind::{Backup, Fault, Initialize, Master};
        let owner = config.priority.is_owner();
        let starts_as_master = owner && config.start == Start::Master;
        let way = (from, to);
        match reason {
            Reason::Started => way == (Initialize, Backup) && !starts_as_master,
            Reason::Owner => way == (Initialize, Master) && starts_as_master,
            Reason::MasterSilent {
                silent_for,
                adverts,
                interval,
                skew,
                ..
            } => {
                let wait = interval.as_duration() * adverts.into() + skew;
                let waited = silent_for >= wait || !self.measures_waits;
                way == (Backup, Master)
                    && adverts == config.down_timer_adverts.get()
                    && skew == self::skew(config.version, self.priority, interval)
                    && waited
            }
            Reason::MasterResigned { .. } => way == (Backup, Master),
            Reason::Preempted { theirs, ours, .. } => {
                let allowed = owner || config.preempt != Preempt::Never;
                way == (Backup, Master) && theirs < ours && ours == self.priority && allowed
            }
            Reason::HigherPriority { theirs, ours, .. } => {
                way == (Master, Backup) && theirs > ours && ours == self.priority
            }
            Reason::HigherAddress { master, ours } => way == (Master, Backup) && master > ours,
            Reason::Fault(FaultReason::LinkDown | FaultReason::NoSource) => to == Fault,
            Reason::Recovered(_) => from == Fault && to == if starts_as_master { Master } else { Backup },
            Reason::Shutdown => to == Initialize,
            _ => false,
        }
    }
}

/// Skew_Time as RFC 3768 section 6.1 and RFC 9568 section 6.1 have it.
pub(crate) fn skew(version: Version, priority: Priority, interval: AdvertInterval) -> Duration {
    let whole = match version {
        Version::V2 => Duration::from_secs(1),
        Version::V3 => interval.as_duration(),
    };
    whole * (256 - u32::from(priority.get())) / 256
}
