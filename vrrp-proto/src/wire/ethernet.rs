//! The Ethernet II header.

use super::cursor::{Reader, Writer};
use crate::MacAddr;

/// Destination, source and type, without a VLAN tag.
pub(super) struct Ethernet {
    pub(super) destination: MacAddr,
    pub(super) source: MacAddr,
    pub(super) ethertype: u16,
}

impl Ethernet {
    pub(super) const LEN: usize = 14;

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            destination: MacAddr(reader.take()?),
            source: MacAddr(reader.take()?),
            ethertype: reader.take_u16()?,
        })
    }

    pub(super) fn write<'a>(&self, writer: Writer<'a>) -> Writer<'a> {
        writer
            .put(&self.destination.0)
            .put(&self.source.0)
            .put_u16(self.ethertype)
    }
}
