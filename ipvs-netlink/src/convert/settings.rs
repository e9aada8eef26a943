use std::time::Duration;

use crate::convert::{DecodeError, expect_command, last, needed};
use crate::packet::{InfoAttribute, IpvsAttribute, IpvsCommand, IpvsMessage};
use crate::{Info, Timeouts, Version};

/// Those that are to change.
pub(super) fn attributes(timeouts: &Timeouts) -> Vec<IpvsAttribute> {
    let tcp = timeouts.tcp.map(seconds).map(IpvsAttribute::TimeoutTcp);
    let tcp_fin = timeouts.tcp_fin.map(seconds).map(IpvsAttribute::TimeoutTcpFin);
    let udp = timeouts.udp.map(seconds).map(IpvsAttribute::TimeoutUdp);
    [tcp, tcp_fin, udp].into_iter().flatten().collect()
}

/// A part of a second counts as one, since the kernel takes 0 for "as it is". What does not fit is for the kernel to refuse.
fn seconds(time: Duration) -> u32 {
    let whole = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
    u32::try_from(whole).unwrap_or(u32::MAX)
}

/// Reads the answer to [`Query::Timeouts`](crate::Query::Timeouts). A kernel without a protocol does not say its timeouts.
impl TryFrom<&IpvsMessage> for Timeouts {
    type Error = DecodeError;

    fn try_from(message: &IpvsMessage) -> Result<Self, DecodeError> {
        expect_command(message, IpvsCommand::SetConfig)?;
        let attributes = &message.attributes;
        let time = |seconds: Option<&u32>| seconds.map(|seconds| Duration::from_secs((*seconds).into()));
        Ok(Self {
            tcp: time(last!(attributes, IpvsAttribute::TimeoutTcp)),
            tcp_fin: time(last!(attributes, IpvsAttribute::TimeoutTcpFin)),
            udp: time(last!(attributes, IpvsAttribute::TimeoutUdp)),
        })
    }
}

/// Reads the answer to [`Query::Info`](crate::Query::Info).
impl TryFrom<&IpvsMessage> for Info {
    type Error = DecodeError;

    fn try_from(message: &IpvsMessage) -> Result<Self, DecodeError> {
        expect_command(message, IpvsCommand::SetInfo)?;
        let attributes: Vec<&InfoAttribute> = message.attributes.iter().filter_map(as_info).collect();
        let [_, major, minor, patch] = needed!(attributes, InfoAttribute::Version, "version")?.to_be_bytes();
        let size = needed!(
            attributes,
            InfoAttribute::ConnectionTableSize,
            "size of the connection table"
        )?;
        Ok(Self {
            version: Version { major, minor, patch },
            connection_table_size: *size,
        })
    }
}

fn as_info(attribute: &IpvsAttribute) -> Option<&InfoAttribute> {
    match attribute {
        IpvsAttribute::Info(info) => Some(info),
        _ => None,
    }
}
