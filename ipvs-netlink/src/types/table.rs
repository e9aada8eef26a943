use std::collections::BTreeMap;

use super::{Destination, DestinationId, Service, ServiceId};

/// Virtual services with their destinations: what the kernel has, or what it ought to have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    pools: BTreeMap<ServiceId, Pool>,
}

/// A service with its destinations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    service: Service,
    destinations: BTreeMap<DestinationId, Destination>,
}

impl Table {
    /// Without services.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a service in, in the place of one with the same identity, and gives its pool, which is empty if it is new.
    pub fn insert(&mut self, service: Service) -> &mut Pool {
        let pool = self
            .pools
            .entry(service.id())
            .or_insert_with(|| Pool::new(service.clone()));
        pool.service = service;
        pool
    }

    /// Takes a service out, with its destinations.
    pub fn remove(&mut self, id: &ServiceId) -> Option<Pool> {
        self.pools.remove(id)
    }

    /// A service with its destinations.
    #[must_use]
    pub fn get(&self, id: &ServiceId) -> Option<&Pool> {
        self.pools.get(id)
    }

    /// A service with its destinations, to change these.
    pub fn get_mut(&mut self, id: &ServiceId) -> Option<&mut Pool> {
        self.pools.get_mut(id)
    }

    /// All services, ordered by what they are found by.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Pool> {
        self.pools.values()
    }

    /// How many services there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pools.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pools.is_empty()
    }
}

impl Pool {
    /// Without destinations.
    #[must_use]
    pub fn new(service: Service) -> Self {
        Self {
            service,
            destinations: BTreeMap::new(),
        }
    }

    /// The service.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Puts a destination in, in the place of one with the same identity.
    pub fn insert(&mut self, destination: Destination) -> &mut Self {
        self.destinations.insert(destination.id, destination);
        self
    }

    /// Takes a destination out.
    pub fn remove(&mut self, id: &DestinationId) -> Option<Destination> {
        self.destinations.remove(id)
    }

    /// One destination.
    #[must_use]
    pub fn get(&self, id: &DestinationId) -> Option<&Destination> {
        self.destinations.get(id)
    }

    /// All destinations, ordered by what they are found by.
    pub fn destinations(&self) -> impl ExactSizeIterator<Item = &Destination> {
        self.destinations.values()
    }
}

impl FromIterator<Pool> for Table {
    fn from_iter<I: IntoIterator<Item = Pool>>(pools: I) -> Self {
        Self {
            pools: pools.into_iter().map(|pool| (pool.service.id(), pool)).collect(),
        }
    }
}

impl Extend<Destination> for Pool {
    fn extend<I: IntoIterator<Item = Destination>>(&mut self, destinations: I) {
        for destination in destinations {
            self.insert(destination);
        }
    }
}
