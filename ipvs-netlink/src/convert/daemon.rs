use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroU8, NonZeroU16};

use crate::convert::{DecodeError, expect_command, last, needed};
use crate::packet::{DaemonAttribute, IpvsAttribute, IpvsCommand, IpvsMessage};
use crate::{Daemon, MulticastGroup, SyncRole};

/// IP_VS_STATE_MASTER.
const MASTER: u32 = 1;
/// IP_VS_STATE_BACKUP.
const BACKUP: u32 = 2;

/// All that is not left to the kernel.
pub(super) fn attributes(daemon: &Daemon) -> Vec<DaemonAttribute> {
    let mut attributes = vec![
        role_attribute(daemon.role()),
        DaemonAttribute::Interface(daemon.interface().to_owned()),
        DaemonAttribute::SyncId(daemon.sync_id.into()),
    ];
    attributes.extend(
        daemon
            .max_length
            .map(|length| DaemonAttribute::MaxLength(length.get())),
    );
    attributes.extend(daemon.port.map(|port| DaemonAttribute::Port(port.get())));
    attributes.extend(daemon.ttl.map(|ttl| DaemonAttribute::Ttl(ttl.get())));
    attributes.extend(daemon.group.map(group_attribute));
    attributes
}

/// What a daemon is stopped by.
pub(super) fn role_attribute(role: SyncRole) -> DaemonAttribute {
    DaemonAttribute::State(match role {
        SyncRole::Master => MASTER,
        SyncRole::Backup => BACKUP,
    })
}

fn group_attribute(group: MulticastGroup) -> DaemonAttribute {
    match group.address() {
        IpAddr::V4(address) => DaemonAttribute::Group(address.octets()),
        IpAddr::V6(address) => DaemonAttribute::Group6(address.octets()),
    }
}

/// Reads one of the answers to [`Query::Daemons`](crate::Query::Daemons). There, the kernel says its defaults, too.
impl TryFrom<&IpvsMessage> for Daemon {
    type Error = DecodeError;

    fn try_from(message: &IpvsMessage) -> Result<Self, DecodeError> {
        expect_command(message, IpvsCommand::NewDaemon)?;
        let attributes = needed!(message.attributes, IpvsAttribute::Daemon, "sync daemon")?;
        let interface = needed!(attributes, DaemonAttribute::Interface, "sync daemon's interface")?;
        let max_length = last!(attributes, DaemonAttribute::MaxLength).copied();
        let port = last!(attributes, DaemonAttribute::Port).copied();
        let ttl = last!(attributes, DaemonAttribute::Ttl).copied();

        let mut daemon = Self::new(role(attributes)?, interface, sync_id(attributes)?)?;
        daemon.max_length = max_length.and_then(NonZeroU16::new);
        daemon.group = group(attributes)?;
        daemon.port = port.and_then(NonZeroU16::new);
        daemon.ttl = ttl.and_then(NonZeroU8::new);
        Ok(daemon)
    }
}

fn role(attributes: &[DaemonAttribute]) -> Result<SyncRole, DecodeError> {
    match *needed!(attributes, DaemonAttribute::State, "sync daemon's state")? {
        MASTER => Ok(SyncRole::Master),
        BACKUP => Ok(SyncRole::Backup),
        other => Err(DecodeError::SyncState(other)),
    }
}

fn sync_id(attributes: &[DaemonAttribute]) -> Result<u8, DecodeError> {
    let id = *needed!(attributes, DaemonAttribute::SyncId, "sync id")?;
    u8::try_from(id).map_err(|_| DecodeError::SyncId(id))
}

/// Kernels before Linux 4.3 have one group, and do not say it.
fn group(attributes: &[DaemonAttribute]) -> Result<Option<MulticastGroup>, DecodeError> {
    let group = last!(attributes, DaemonAttribute::Group).map(|octets| Ipv4Addr::from(*octets).into());
    let group6 = last!(attributes, DaemonAttribute::Group6).map(|octets| Ipv6Addr::from(*octets).into());
    let address: Option<IpAddr> = group.or(group6);
    Ok(address.map(MulticastGroup::new).transpose()?)
}
