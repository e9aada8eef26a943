#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

mod addresses;
mod advertisement;
mod authentication;
mod checksum;
mod context;
mod error;
mod packet;
#[cfg(feature = "authentication")]
mod protection;
mod types;
mod wire;

pub use addresses::{Addresses, AddressesIter};
pub use advertisement::Advertisement;
pub use authentication::Authentication;
pub use context::{Context, PROTOCOL, V3Checksum};
pub use error::{InvalidAdvertisement, ParseError};
pub use packet::Packet;
#[cfg(feature = "authentication")]
pub use protection::{
    AhError, AhKey, AhPacket, AhTtl, HmacKey, HmacTrailer, InvalidKey, Stamp, TrailerError,
};
pub use types::{
    AdvertInterval, Family, InvalidInterval, InvalidVrid, MacAddr, Priority, Version, Vrid, multicast_group,
    virtual_mac,
};
pub use wire::{ArpError, GratuitousArp, Ipv4Error, Ipv4Header, Ipv4Packet, NaError, UnsolicitedNa};
