//! The packets a router sends, encoded once.

use std::collections::BTreeSet;
use std::net::IpAddr;

use bytes::Bytes;
use vrrp_proto::{Context, Family, Priority, multicast_group};

use crate::config::HOP_LIMIT;
use crate::{OldChecksum, RouterConfig, Transmit};

/// The packets of one priority and one source; sending one again costs a reference count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packets {
    /// The peers whose checksums are an old keepalived's.
    old_peers: BTreeSet<IpAddr>,
    made_for: Option<(IpAddr, Priority)>,
    list: Vec<Transmit>,
}

impl Packets {
    /// One packet for each destination.
    pub(crate) fn get(&mut self, config: &RouterConfig, source: IpAddr, priority: Priority) -> &[Transmit] {
        if self.made_for != Some((source, priority)) {
            self.list = self.make(config, source, priority);
            self.made_for = Some((source, priority));
        }
        &self.list
    }

    /// The packets, without keeping them.
    pub(crate) fn make(&self, config: &RouterConfig, source: IpAddr, priority: Priority) -> Vec<Transmit> {
        let is_old = |peer| match config.old_checksum {
            OldChecksum::Always => true,
            OldChecksum::Learn => self.old_peers.contains(&peer),
            OldChecksum::Never => false,
        };
        let is_old = |peer| config.knows_old_checksum() && is_old(peer);
        make(config, source, priority, is_old)
    }

    /// Nothing that was made holds any more.
    pub(crate) fn forget(&mut self) {
        self.made_for = None;
    }

    /// What a peer makes of the checksum, as its last advert shows. Answers whether that is news.
    pub(crate) fn learn_checksum(&mut self, peer: IpAddr, old: bool) -> bool {
        let news = if old {
            self.old_peers.insert(peer)
        } else {
            self.old_peers.remove(&peer)
        };
        if news {
            self.forget();
        }
        news
    }

    /// What its behaviour from now on depends on.
    pub(crate) fn essence(&self) -> &BTreeSet<IpAddr> {
        &self.old_peers
    }
}

fn make(
    config: &RouterConfig,
    source: IpAddr,
    priority: Priority,
    is_old: impl Fn(IpAddr) -> bool,
) -> Vec<Transmit> {
    let advert = config
        .advertisement(priority)
        .expect("the engine lets no configuration in that makes none");
    let hop_limit = if config.is_multicast() {
        HOP_LIMIT
    } else {
        config.unicast_ttl
    };
    let packet = |destination| {
        let context = Context {
            source,
            destination: match is_old(destination) {
                true => multicast_group(Family::Ipv4),
                false => destination,
            },
            checksum: config.checksum,
        };
        let mut buffer = vec![0; advert.buffer_len()];
        advert.emit(&context, &mut buffer);
        Transmit {
            source,
            destination,
            hop_limit,
            header: None,
            pdu: Bytes::from(buffer),
        }
    };
    // A peer of our own address is one file for all machines; we need not hear ourselves.
    config
        .destinations()
        .filter(|destination| *destination != source)
        .map(packet)
        .collect()
}
