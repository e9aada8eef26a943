//! Adverts of somebody who is no router.

use std::net::IpAddr;

use kad_cli::lab::Node;
use kad_cli::net::Transmitter;
use vrrp_engine::{AddressList, InterfaceId, RouterConfig};
use vrrp_proto::{AdvertInterval, Advertisement, Context, Family, Priority, Vrid};

/// A version 3 advert for 10.0.0.100 of virtual router 51, every 0.25 s.
#[derive(Clone, Copy)]
pub(crate) struct Forged {
    pub(crate) from: IpAddr,
    pub(crate) to: IpAddr,
    pub(crate) priority: u8,
    pub(crate) centis: u16,
}

impl Forged {
    /// Sends it from a machine's eth0.
    pub(crate) fn send(self, machine: &Node) {
        machine.run(move || {
            let links = kad_cli::rtnl::snapshot().unwrap().links;
            let index = links.iter().find(|link| link.name == "eth0").unwrap().index;
            let mut transmitter = Transmitter::open("eth0", index, Family::Ipv4).unwrap();
            transmitter.queue(self.from, self.to, self.message());
            assert_eq!(transmitter.flush().sent, 1);
        });
    }

    fn message(self) -> Vec<u8> {
        let addresses = AddressList::new(Family::Ipv4, [super::VIP]).unwrap();
        let config = RouterConfig {
            priority: Priority::new(self.priority),
            interval: AdvertInterval::from_centis(self.centis).unwrap(),
            ..RouterConfig::new(InterfaceId(0), Vrid::new(51).unwrap(), addresses)
        };
        let advert = Advertisement::new(
            config.version,
            config.vrid,
            config.priority,
            config.interval,
            config.authentication,
            config.addresses.as_addresses(),
        )
        .unwrap();
        let context = Context {
            source: self.from,
            destination: self.to,
            checksum: config.checksum,
        };
        let mut message = vec![0; advert.buffer_len()];
        advert.emit(&context, &mut message);
        message
    }
}
