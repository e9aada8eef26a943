//! The packets a router sends, encoded once.

use std::net::IpAddr;

use bytes::Bytes;
use vrrp_proto::{Context, Priority};

use crate::{RouterConfig, Transmit};

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
    let advert = config
        .advertisement(priority)
        .expect("the engine lets no configuration in that makes none");
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
    config
        .destinations()
        .iter()
        .filter(|destination| **destination != source)
        .map(packet)
        .collect()
}
