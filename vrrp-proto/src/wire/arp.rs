//! Gratuitous ARP: "this address is now at this Ethernet address".

use core::net::Ipv4Addr;

use thiserror::Error;

use super::cursor::{Reader, Writer};
use super::ethernet::Ethernet;
use crate::MacAddr;

/// An Ethernet frame with a gratuitous ARP request, which every host on the link learns from (RFC 9568 section 6.4.2,
/// RFC 5227 section 3).
///
/// It is a request, not a reply, with the broadcast address as target hardware address: the form that keepalived sends.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GratuitousArp {
    /// Where the address is now: source of the frame and sender of the ARP packet.
    pub sender: MacAddr,
    /// The address.
    pub address: Ipv4Addr,
}

impl GratuitousArp {
    /// Octets of the frame, without the padding that the network card adds.
    pub const LEN: usize = Ethernet::LEN + 28;

    /// Reads a frame that any program may have sent.
    ///
    /// Padding is accepted. The frame's source and the target hardware address, in which implementations differ, are
    /// not looked at.
    pub fn parse(frame: &[u8]) -> Result<Self, ArpError> {
        let truncated = ArpError::Truncated {
            len: frame.len(),
            needed: Self::LEN,
        };
        let mut reader = Reader::new(frame);
        let ethernet = Ethernet::read(&mut reader).ok_or(truncated)?;
        if ethernet.ethertype != ETHERTYPE_ARP {
            return Err(ArpError::EtherType(ethernet.ethertype));
        }
        let packet = Arp::read(&mut reader).ok_or(truncated)?;
        if ethernet.destination != MacAddr::BROADCAST {
            return Err(ArpError::NotBroadcast(ethernet.destination));
        }
        packet.announced()
    }

    /// Octets that [`GratuitousArp::emit`] writes: [`GratuitousArp::LEN`].
    pub const fn buffer_len(&self) -> usize {
        Self::LEN
    }

    /// Writes the frame to the first [`GratuitousArp::LEN`] octets of `buffer`.
    ///
    /// # Panics
    ///
    /// If the buffer is shorter.
    pub fn emit(&self, buffer: &mut [u8]) {
        let frame = buffer.get_mut(..Self::LEN).expect("the buffer holds LEN octets");
        let ethernet = Ethernet {
            destination: MacAddr::BROADCAST,
            source: self.sender,
            ethertype: ETHERTYPE_ARP,
        };
        ethernet
            .write(Writer::new(frame))
            .put(&FORMAT)
            .put_u16(REQUEST)
            .put(&self.sender.0)
            .put(&self.address.octets())
            .put(&MacAddr::BROADCAST.0)
            .put(&self.address.octets());
    }
}

/// Why a frame is no gratuitous ARP request. In the order in which they are found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
#[non_exhaustive]
pub enum ArpError {
    /// Too short.
    #[error("{len} octets where at least {needed} are needed")]
    Truncated {
        /// Octets there are.
        len: usize,
        /// Octets that are needed.
        needed: usize,
    },
    /// Not the Ethernet type of ARP.
    #[error("ethernet type {0:#06x} is not ARP (0x0806)")]
    EtherType(u16),
    /// Not sent to everybody.
    #[error("sent to {0}, not to everybody")]
    NotBroadcast(MacAddr),
    /// Not about IPv4 over Ethernet.
    #[error("not ARP for IPv4 over Ethernet")]
    Format,
    /// Not a request.
    #[error("operation {0} is not a request (1)")]
    Operation(u16),
    /// An ordinary request: the sender asks for an address other than its own.
    #[error("{sender} asks for {target}")]
    NotGratuitous {
        /// The sender's address.
        sender: Ipv4Addr,
        /// The address it asks for.
        target: Ipv4Addr,
    },
}

/// The ARP packet of RFC 826, with addresses of the lengths that Ethernet and IPv4 have.
struct Arp {
    format: [u8; 6],
    operation: u16,
    sender: MacAddr,
    sender_address: Ipv4Addr,
    target_address: Ipv4Addr,
}

impl Arp {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let (format, operation) = (reader.take()?, reader.take_u16()?);
        let (sender, sender_address) = (MacAddr(reader.take()?), Ipv4Addr::from(reader.take::<4>()?));
        let _target_hardware = reader.take::<6>()?;
        let target_address = Ipv4Addr::from(reader.take::<4>()?);
        Some(Self {
            format,
            operation,
            sender,
            sender_address,
            target_address,
        })
    }

    fn announced(&self) -> Result<GratuitousArp, ArpError> {
        if self.format != FORMAT {
            return Err(ArpError::Format);
        }
        if self.operation != REQUEST {
            return Err(ArpError::Operation(self.operation));
        }
        let (sender, target) = (self.sender_address, self.target_address);
        if sender != target {
            return Err(ArpError::NotGratuitous { sender, target });
        }
        Ok(GratuitousArp {
            sender: self.sender,
            address: target,
        })
    }
}

/// `ETH_P_ARP` of linux/if_ether.h.
const ETHERTYPE_ARP: u16 = 0x0806;
/// Hardware type Ethernet (1), protocol type IPv4 (0x0800), and the lengths of their addresses.
const FORMAT: [u8; 6] = [0, 1, 8, 0, 6, 4];
const REQUEST: u16 = 1;
