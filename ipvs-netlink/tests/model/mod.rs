//! What the kernel does with commands, as a model that is as strict as it is, and what a difference must be: shared by the
//! tests and the fuzz target, each of which needs a part of it.
#![allow(dead_code, unused_imports)]

mod draw;
mod property;

pub(crate) use draw::Draw;
pub(crate) use property::{expected, holds};

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipvs_netlink::{Command, Destination, DestinationId, Family, Forward, Pool, Service, ServiceId, Table};

/// A kernel with IPVS (net/netfilter/ipvs/ip_vs_ctl.c), as far as commands on the table can tell.
#[derive(Debug, Default)]
pub(crate) struct Kernel {
    table: Table,
    sync_daemons: usize,
}

/// Why a command was refused, as the kernel has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// EEXIST: what is added is there.
    Exists,
    /// ESRCH: there is no such service.
    NoService,
    /// ENOENT: its service has no such destination.
    NoDestination,
    /// EINVAL: the destination's address is not one machine's.
    Address,
    /// EINVAL: the destination is of another family, and not behind a tunnel, or a sync daemon runs.
    Family,
}

impl Kernel {
    pub(crate) fn with(table: Table) -> Self {
        Self {
            table,
            sync_daemons: 0,
        }
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    pub(crate) fn apply(&mut self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::AddService(service) => self.add_service(service),
            Command::SetService(service) => self.set_service(service),
            Command::DeleteService(id) => self.table.remove(id).map(drop).ok_or(Refusal::NoService),
            Command::AddDestination(id, destination) => self.add_destination(id, destination),
            Command::SetDestination(id, destination) => self.set_destination(id, destination),
            Command::DeleteDestination(id, destination) => self.delete_destination(id, destination),
            Command::Flush => {
                self.table = Table::new();
                Ok(())
            }
            Command::Zero(Some(id)) => self.pool(id).map(drop),
            Command::StartDaemon(_) => {
                self.sync_daemons += 1;
                Ok(())
            }
            Command::StopDaemon(_) => {
                self.sync_daemons = self.sync_daemons.saturating_sub(1);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn add_service(&mut self, service: &Service) -> Result<(), Refusal> {
        if self.table.get(&service.id()).is_some() {
            return Err(Refusal::Exists);
        }
        self.table.insert(service.clone());
        Ok(())
    }

    fn set_service(&mut self, service: &Service) -> Result<(), Refusal> {
        self.pool(&service.id())?;
        self.table.insert(service.clone());
        Ok(())
    }

    fn add_destination(&mut self, id: &ServiceId, destination: &Destination) -> Result<(), Refusal> {
        self.check_family(id, destination)?;
        let pool = self.pool(id)?;
        if NEVER.contains(&destination.id.address) {
            return Err(Refusal::Address);
        }
        if pool.get(&destination.id).is_some() {
            return Err(Refusal::Exists);
        }
        pool.insert(*destination);
        Ok(())
    }

    fn set_destination(&mut self, id: &ServiceId, destination: &Destination) -> Result<(), Refusal> {
        self.check_family(id, destination)?;
        let pool = self.pool(id)?;
        pool.get(&destination.id).ok_or(Refusal::NoDestination)?;
        pool.insert(*destination);
        Ok(())
    }

    fn delete_destination(&mut self, id: &ServiceId, destination: &DestinationId) -> Result<(), Refusal> {
        let removed = self.pool(id)?.remove(destination);
        removed.map(drop).ok_or(Refusal::NoDestination)
    }

    fn pool(&mut self, id: &ServiceId) -> Result<&mut Pool, Refusal> {
        self.table.get_mut(id).ok_or(Refusal::NoService)
    }

    /// The kernel looks for the service first.
    fn check_family(&mut self, id: &ServiceId, destination: &Destination) -> Result<(), Refusal> {
        self.pool(id)?;
        let is_same = Family::of(destination.id.address) == id.family();
        let is_tunnel = matches!(destination.forward, Forward::Tunnel(_));
        if is_same || (is_tunnel && self.sync_daemons == 0) {
            Ok(())
        } else {
            Err(Refusal::Family)
        }
    }
}

/// Addresses that a destination never has, one of each kind.
pub(crate) const NEVER: [IpAddr; 6] = [
    IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    IpAddr::V4(Ipv4Addr::BROADCAST),
    IpAddr::V4(Ipv4Addr::new(224, 0, 0, 1)),
    IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    IpAddr::V6(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1)),
    IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0x0a00, 1)),
];
