//! The packets a router sends, encoded once.

use std::net::IpAddr;

use bytes::Bytes;
use vrrp_proto::{Advertisement, Context, InvalidAdvertisement, Priority};

use crate::{Delivery, RouterConfig, Transmit};

/// The packets of one priority and one source; sending one again costs a reference count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packets {
    made_for: Option<(IpAddr, Priority)>,
    list: Vec<Transmit>,
}

impl Packets {
    /// One packet for each destination.
    pub(crate) fn get(&mut self, config: &RouterConfig, source: IpAddr, priority: Priority) -> &[Transmit] {
        if self.made_for != Some((source, priority)) {
            self.list = make(config, source, priority);
            self.made_for = Some((source, priority));
        }
        &self.list
    }
}

/// The packets, without keeping them.
pub(crate) fn make(config: &RouterConfig, source: IpAddr, priority: Priority) -> Vec<Transmit> {
    let Ok(advert) = advertisement(config, priority) else {
        return Vec::new();
    };
    let packet = |destination: &IpAddr| {
        let context = Context {
            source,
            destination: *destination,
            checksum: config.checksum,
        };
        let mut buffer = vec![0; advert.buffer_len()];
        advert.emit(&context, &mut buffer);
        Transmit {
            source,
            destination: *destination,
            pdu: Bytes::from(buffer),
        }
    };
    // A peer of our own address is one file for all machines; we need not hear ourselves.
    destinations(config)
        .iter()
        .filter(|destination| **destination != source)
        .map(packet)
        .collect()
}

/// The advertisement a configuration amounts to. [`crate::Engine::add_router`] lets none in that has none.
pub(crate) fn advertisement(
    config: &RouterConfig,
    priority: Priority,
) -> Result<Advertisement<'_>, InvalidAdvertisement> {
    let addresses = config.addresses.as_addresses();
    Advertisement::new(
        config.version,
        config.vrid,
        priority,
        config.interval,
        config.authentication,
        addresses,
    )
}

/// Where adverts go.
pub(crate) fn destinations(config: &RouterConfig) -> &[IpAddr] {
    match &config.delivery {
        Delivery::Multicast(group) => std::slice::from_ref(group),
        Delivery::Unicast(peers) => peers,
    }
}
