use thiserror::Error;

use super::{
    Destination, Family, Forward, Persistence, PersistenceEngine, Scheduler, SchedulerFlags, ServiceId,
    Statistics,
};

/// A virtual service, without its destinations.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Service {
    id: ServiceId,
    scheduler: Scheduler,
    scheduler_flags: SchedulerFlags,
    one_packet: bool,
    persistence: Option<Persistence>,
    engine: Option<PersistenceEngine>,
}

impl Service {
    /// One that is not persistent.
    #[must_use]
    pub fn new(id: ServiceId, scheduler: Scheduler) -> Self {
        Self {
            id,
            scheduler,
            scheduler_flags: SchedulerFlags::NONE,
            one_packet: false,
            persistence: None,
            engine: None,
        }
    }

    /// With what the scheduler is told beside its name.
    #[must_use]
    pub fn with_scheduler_flags(self, scheduler_flags: SchedulerFlags) -> Self {
        Self {
            scheduler_flags,
            ..self
        }
    }

    /// With each packet scheduled by itself, or not. Meant for UDP: what one client sends goes to many destinations.
    #[must_use]
    pub fn with_one_packet(self, one_packet: bool) -> Self {
        Self { one_packet, ..self }
    }

    /// With persistence, or without.
    ///
    /// # Errors
    ///
    /// If it is of another family than the service.
    pub fn with_persistence(self, persistence: Option<Persistence>) -> Result<Self, WrongFamily> {
        let found = persistence.map(|persistence| persistence.granularity().family());
        match found {
            Some(found) if found != self.id.family() => Err(WrongFamily {
                found,
                expected: self.id.family(),
            }),
            _ => Ok(Self { persistence, ..self }),
        }
    }

    /// With what tells one client from another. It matters to a persistent service only.
    #[must_use]
    pub fn with_persistence_engine(self, engine: Option<PersistenceEngine>) -> Self {
        Self { engine, ..self }
    }

    /// What the kernel finds it by.
    #[must_use]
    pub fn id(&self) -> ServiceId {
        self.id
    }

    /// How it chooses among its destinations.
    #[must_use]
    pub fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    /// What the scheduler is told beside its name.
    #[must_use]
    pub fn scheduler_flags(&self) -> SchedulerFlags {
        self.scheduler_flags
    }

    /// Whether each packet is scheduled by itself.
    #[must_use]
    pub fn one_packet(&self) -> bool {
        self.one_packet
    }

    /// Whether and for how long clients stay with a destination.
    #[must_use]
    pub fn persistence(&self) -> Option<Persistence> {
        self.persistence
    }

    /// What tells one client from another, if not its address.
    #[must_use]
    pub fn persistence_engine(&self) -> Option<&PersistenceEngine> {
        self.engine.as_ref()
    }

    /// Whether the kernel takes a destination for this service. Its address must be
    /// [one machine's](super::DestinationId::is_unicast). One of another family is taken only through a tunnel, and that only while
    /// no sync daemon runs, since it cannot say such connections to another director.
    #[must_use]
    pub fn suits(&self, destination: &Destination) -> bool {
        let is_tunnel = matches!(destination.forward, Forward::Tunnel(_));
        let is_same = destination.id.family() == self.id.family();
        destination.id.is_unicast() && (is_same || is_tunnel)
    }
}

/// A virtual service as the kernel reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEntry {
    /// What was configured.
    pub service: Service,
    /// What has gone through it.
    pub statistics: Statistics,
}

/// The persistence of a service of one family is of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("the persistence granularity is one of {found}, and the service is one of {expected}")]
pub struct WrongFamily {
    /// That of the persistence.
    pub found: Family,
    /// That of the service.
    pub expected: Family,
}
