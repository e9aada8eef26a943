//! What there is.

use crate::{
    Client, Daemon, DestinationEntry, Error, Exchange, FamilyNumber, Info, Pool, Reason, ServiceEntry,
    ServiceId, Table, Timeouts,
};

impl Client {
    /// All services, in the kernel's order, without their destinations.
    ///
    /// The kernel gives long lists in parts, and does not notice if a service is added or deleted between two of them by
    /// someone else; one entry may then be missing or come twice.
    ///
    /// # Errors
    ///
    /// If the kernel cannot be asked, or does not answer.
    pub fn services(&mut self) -> Result<Vec<ServiceEntry>, Error> {
        self.list(Exchange::<ServiceEntry>::services)
    }

    /// One service, if it is there.
    ///
    /// # Errors
    ///
    /// If the kernel cannot be asked, or does not answer.
    pub fn service(&mut self, id: &ServiceId) -> Result<Option<ServiceEntry>, Error> {
        match self.list(|family, sequence| Exchange::service(family, sequence, id)) {
            Ok(entries) => Ok(entries.into_iter().next()),
            Err(Error::Refused(refusal)) if refusal.reason == Reason::NoService(*id) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All destinations of a service, in the kernel's order. The kernel gives an empty list for a service that is not
    /// there. As to changes meanwhile, see [`Client::services`].
    ///
    /// # Errors
    ///
    /// If the kernel cannot be asked, or does not answer.
    pub fn destinations(&mut self, id: &ServiceId) -> Result<Vec<DestinationEntry>, Error> {
        self.list(|family, sequence| Exchange::destinations(family, sequence, id))
    }

    /// All services with their destinations, as they are configured.
    ///
    /// What makes no sense to this version of the crate is not in it; [`Client::passed_over`] has it then.
    ///
    /// # Errors
    ///
    /// If the kernel cannot be asked, or does not answer.
    pub fn table(&mut self) -> Result<Table, Error> {
        let services = self.services()?;
        let mut passed_over = std::mem::take(&mut self.passed_over);
        let mut pools = Vec::with_capacity(services.len());
        for entry in services {
            let destinations = self.destinations(&entry.service.id())?;
            passed_over.append(&mut self.passed_over);
            let mut pool = Pool::new(entry.service);
            pool.extend(destinations.into_iter().map(|entry| entry.destination));
            pools.push(pool);
        }
        self.passed_over = passed_over;
        Ok(pools.into_iter().collect())
    }

    /// The sync daemons that run: none, one, or one of each role.
    ///
    /// # Errors
    ///
    /// If the kernel cannot be asked, or does not answer.
    pub fn daemons(&mut self) -> Result<Vec<Daemon>, Error> {
        self.list(Exchange::<Daemon>::daemons)
    }

    /// How long connections are remembered.
    ///
    /// # Errors
    ///
    /// If the kernel cannot be asked, or does not answer.
    pub fn timeouts(&mut self) -> Result<Timeouts, Error> {
        self.one(Exchange::<Timeouts>::timeouts)
    }

    /// What IPVS says of itself.
    ///
    /// # Errors
    ///
    /// If the kernel cannot be asked, or does not answer.
    pub fn info(&mut self) -> Result<Info, Error> {
        self.one(Exchange::<Info>::info)
    }

    pub(super) fn resolve(&mut self) -> Result<FamilyNumber, Error> {
        self.one(|_, sequence| Exchange::resolve(sequence))
    }

    fn one<T>(&mut self, question: impl Fn(FamilyNumber, u32) -> Exchange<T>) -> Result<T, Error> {
        self.list(question)?.pop().ok_or(Error::Missing)
    }

    fn list<T>(&mut self, question: impl Fn(FamilyNumber, u32) -> Exchange<T>) -> Result<Vec<T>, Error> {
        let reply = self.ask(question)?;
        self.passed_over = reply.passed_over;
        Ok(reply.entries)
    }
}
