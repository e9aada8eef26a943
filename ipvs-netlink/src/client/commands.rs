//! One change at a time.

use crate::{
    Client, Command, Daemon, Destination, DestinationId, Error, Service, ServiceId, SyncRole, Timeouts,
};

impl Client {
    /// Does one thing.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] with the reason if the kernel does not do it.
    pub fn apply(&mut self, command: &Command) -> Result<(), Error> {
        let results = self.batch(std::slice::from_ref(command))?;
        Ok(results.into_iter().collect::<Result<(), _>>()?)
    }

    /// Adds a service without destinations.
    ///
    /// # Errors
    ///
    /// If it is there, or if the kernel lacks its scheduler or persistence engine; see [`Client::apply`].
    pub fn add_service(&mut self, service: &Service) -> Result<(), Error> {
        self.apply(&Command::AddService(service.clone()))
    }

    /// Changes a service; its destinations and connections stay.
    ///
    /// # Errors
    ///
    /// If it is not there, or if the kernel lacks its scheduler or persistence engine; see [`Client::apply`].
    pub fn set_service(&mut self, service: &Service) -> Result<(), Error> {
        self.apply(&Command::SetService(service.clone()))
    }

    /// Deletes a service with its destinations.
    ///
    /// # Errors
    ///
    /// If it is not there; see [`Client::apply`].
    pub fn delete_service(&mut self, id: &ServiceId) -> Result<(), Error> {
        self.apply(&Command::DeleteService(*id))
    }

    /// Adds a destination to a service.
    ///
    /// # Errors
    ///
    /// If it is there, or if the service is not; see [`Client::apply`].
    pub fn add_destination(&mut self, id: &ServiceId, destination: &Destination) -> Result<(), Error> {
        self.apply(&Command::AddDestination(*id, *destination))
    }

    /// Changes a destination of a service; its connections stay.
    ///
    /// # Errors
    ///
    /// If it is not there; see [`Client::apply`].
    pub fn set_destination(&mut self, id: &ServiceId, destination: &Destination) -> Result<(), Error> {
        self.apply(&Command::SetDestination(*id, *destination))
    }

    /// Deletes a destination of a service.
    ///
    /// # Errors
    ///
    /// If it is not there; see [`Client::apply`].
    pub fn delete_destination(&mut self, id: &ServiceId, destination: &DestinationId) -> Result<(), Error> {
        self.apply(&Command::DeleteDestination(*id, *destination))
    }

    /// Deletes all services, whoever added them.
    ///
    /// # Errors
    ///
    /// See [`Client::apply`].
    pub fn flush(&mut self) -> Result<(), Error> {
        self.apply(&Command::Flush)
    }

    /// Sets the counters of a service and its destinations to 0, or those of all. The rates go on.
    ///
    /// # Errors
    ///
    /// If the service is not there; see [`Client::apply`].
    pub fn zero(&mut self, id: Option<&ServiceId>) -> Result<(), Error> {
        self.apply(&Command::Zero(id.copied()))
    }

    /// Starts a sync daemon.
    ///
    /// # Errors
    ///
    /// If one of this role runs, or if its interface is not there; see [`Client::apply`].
    pub fn start_daemon(&mut self, daemon: &Daemon) -> Result<(), Error> {
        self.apply(&Command::StartDaemon(daemon.clone()))
    }

    /// Stops a sync daemon.
    ///
    /// # Errors
    ///
    /// If none of this role runs; see [`Client::apply`].
    pub fn stop_daemon(&mut self, role: SyncRole) -> Result<(), Error> {
        self.apply(&Command::StopDaemon(role))
    }

    /// Sets how long connections are remembered; what is `None` stays as it is.
    ///
    /// # Errors
    ///
    /// See [`Client::apply`].
    pub fn set_timeouts(&mut self, timeouts: &Timeouts) -> Result<(), Error> {
        self.apply(&Command::SetTimeouts(*timeouts))
    }
}
