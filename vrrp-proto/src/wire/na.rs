//! Unsolicited neighbour advertisement: gratuitous ARP's counterpart in IPv6.

use core::net::{IpAddr, Ipv6Addr};

use thiserror::Error;

use super::cursor::{Reader, Writer};
use super::ethernet::Ethernet;
use crate::MacAddr;
use crate::checksum::Sum;

/// An Ethernet frame with an unsolicited neighbour advertisement to all nodes (RFC 9568 section 6.4.2, RFC 4861
/// sections 4.4 and 7.2.6): the override flag set, the solicited flag clear, the target link-layer address given, and
/// the address itself as source.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct UnsolicitedNa {
    /// Where the address is now: source of the frame and target link-layer address.
    pub sender: MacAddr,
    /// The address.
    pub address: Ipv6Addr,
    /// Whether the sender is a router, which neighbours that use it as one must not lose sight of.
    pub router: bool,
}

impl UnsolicitedNa {
    /// Octets of the frame.
    pub const LEN: usize = ICMP_AT + MESSAGE_LEN + OPTION_LEN;

    /// Reads a frame that any program may have sent, and validates it as RFC 4861 section 7.1.2 asks.
    ///
    /// Options other than the target link-layer address are skipped. The sources of the frame and of the packet are
    /// not looked at.
    pub fn parse(frame: &[u8]) -> Result<Self, NaError> {
        let truncated = NaError::Truncated {
            len: frame.len(),
            needed: Self::LEN,
        };
        let mut reader = Reader::new(frame);
        let ethernet = Ethernet::read(&mut reader).ok_or(truncated)?;
        if ethernet.ethertype != ETHERTYPE_IPV6 {
            return Err(NaError::EtherType(ethernet.ethertype));
        }
        let ip = Ipv6::read(&mut reader).ok_or(truncated)?;
        ip.validate()?;
        let needed = ICMP_AT + usize::from(ip.payload_len);
        let message = reader
            .take_slice(ip.payload_len.into())
            .ok_or(NaError::Truncated {
                len: frame.len(),
                needed,
            })?;
        Self::parse_message(&ip, message)
    }

    /// Octets that [`UnsolicitedNa::emit`] writes: [`UnsolicitedNa::LEN`].
    pub const fn buffer_len(&self) -> usize {
        Self::LEN
    }

    /// Writes the frame, checksum included, to the first [`UnsolicitedNa::LEN`] octets of `buffer`.
    ///
    /// # Panics
    ///
    /// If the buffer is shorter.
    pub fn emit(&self, buffer: &mut [u8]) {
        let frame = buffer.get_mut(..Self::LEN).expect("the buffer holds LEN octets");
        let message = self.message();
        let ethernet = Ethernet {
            destination: ALL_NODES_MAC,
            source: self.sender,
            ethertype: ETHERTYPE_IPV6,
        };
        ethernet
            .write(Writer::new(frame))
            .put(&[0x60, 0, 0, 0, 0])
            .put(&[MESSAGE_LEN_OCTET, ICMPV6, HOP_LIMIT])
            .put(&self.address.octets())
            .put(&ALL_NODES.octets())
            .put(&message);
    }

    fn parse_message(ip: &Ipv6, message: &[u8]) -> Result<Self, NaError> {
        let truncated = NaError::Truncated {
            len: ICMP_AT + message.len(),
            needed: Self::LEN,
        };
        let mut reader = Reader::new(message);
        let [kind, code] = reader.take().ok_or(truncated)?;
        let found = reader.take_u16().ok_or(truncated)?;
        if !checksum(ip.source, ip.destination, message).holds() {
            return Err(NaError::Checksum { found });
        }
        match (kind, code) {
            (NEIGHBOR_ADVERTISEMENT, 0) => {}
            (NEIGHBOR_ADVERTISEMENT, code) => return Err(NaError::Code(code)),
            (kind, _) => return Err(NaError::Type(kind)),
        }
        let [flags, ..] = reader.take::<4>().ok_or(truncated)?;
        let address = Ipv6Addr::from(reader.take::<16>().ok_or(truncated)?);
        if address.is_multicast() {
            return Err(NaError::MulticastTarget(address));
        }
        if flags & SOLICITED != 0 {
            return Err(NaError::Solicited);
        }
        if flags & OVERRIDE == 0 {
            return Err(NaError::NotOverriding);
        }
        let sender = target_link_layer_address(reader)?;
        Ok(Self {
            sender,
            address,
            router: flags & ROUTER != 0,
        })
    }

    fn message(&self) -> [u8; MESSAGE_LEN + OPTION_LEN] {
        let mut message = [0; MESSAGE_LEN + OPTION_LEN];
        self.write_message(&mut message, 0);
        let checksum = checksum(self.address, ALL_NODES, &message).checksum();
        self.write_message(&mut message, checksum);
        message
    }

    fn write_message(&self, message: &mut [u8], checksum: u16) {
        let flags = OVERRIDE | if self.router { ROUTER } else { 0 };
        Writer::new(message)
            .put(&[NEIGHBOR_ADVERTISEMENT, 0])
            .put_u16(checksum)
            .put(&[flags, 0, 0, 0])
            .put(&self.address.octets())
            .put(&[TARGET_LINK_LAYER_ADDRESS, 1])
            .put(&self.sender.0);
    }
}

/// Why a frame is no unsolicited neighbour advertisement that gives an address a new place. In the order in which
/// they are found.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Error)]
#[non_exhaustive]
pub enum NaError {
    /// Too short.
    #[error("{len} octets where at least {needed} are needed")]
    Truncated {
        /// Octets there are.
        len: usize,
        /// Octets that are needed.
        needed: usize,
    },
    /// Not the Ethernet type of IPv6.
    #[error("ethernet type {0:#06x} is not IPv6 (0x86dd)")]
    EtherType(u16),
    /// An IP version other than 6.
    #[error("IP version {0} is not 6")]
    IpVersion(u8),
    /// Not ICMPv6, or behind extension headers, which no implementation sends here.
    #[error("next header {0} is not ICMPv6 (58)")]
    NextHeader(u8),
    /// The packet may come from beyond a router.
    #[error("hop limit {0} is not 255")]
    HopLimit(u8),
    /// Not sent to all nodes.
    #[error("sent to {0}, not to all nodes")]
    NotAllNodes(Ipv6Addr),
    /// The checksum does not hold.
    #[error("wrong checksum {found:#06x}")]
    Checksum {
        /// The checksum as received.
        found: u16,
    },
    /// Another ICMPv6 message.
    #[error("ICMPv6 type {0} is not a neighbour advertisement (136)")]
    Type(u8),
    /// A code other than 0.
    #[error("ICMPv6 code {0} is not 0")]
    Code(u8),
    /// A group has no place.
    #[error("the target {0} is a multicast address")]
    MulticastTarget(Ipv6Addr),
    /// An answer.
    #[error("the advertisement was solicited")]
    Solicited,
    /// It leaves what neighbours have in their caches.
    #[error("the advertisement does not override")]
    NotOverriding,
    /// An option of length zero, or beyond the end.
    #[error("malformed option of type {0}")]
    Option(u8),
    /// No target link-layer address of six octets.
    #[error("no target link-layer address")]
    NoLinkLayerAddress,
}

/// The fields of the IPv6 header (RFC 8200 section 3) that matter here.
struct Ipv6 {
    version: u8,
    payload_len: u16,
    next_header: u8,
    hop_limit: u8,
    source: Ipv6Addr,
    destination: Ipv6Addr,
}

impl Ipv6 {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let [first, ..] = reader.take::<4>()?;
        let payload_len = reader.take_u16()?;
        let [next_header, hop_limit] = reader.take()?;
        let source = Ipv6Addr::from(reader.take::<16>()?);
        let destination = Ipv6Addr::from(reader.take::<16>()?);
        Some(Self {
            version: first >> 4,
            payload_len,
            next_header,
            hop_limit,
            source,
            destination,
        })
    }

    fn validate(&self) -> Result<(), NaError> {
        match self {
            Self { version, .. } if *version != 6 => Err(NaError::IpVersion(*version)),
            Self { next_header, .. } if *next_header != ICMPV6 => Err(NaError::NextHeader(*next_header)),
            Self { hop_limit, .. } if *hop_limit != HOP_LIMIT => Err(NaError::HopLimit(*hop_limit)),
            Self { destination, .. } if *destination != ALL_NODES => Err(NaError::NotAllNodes(*destination)),
            _ => Ok(()),
        }
    }
}

/// Looks through the options (RFC 4861 section 4.6), whose lengths count units of eight octets.
fn target_link_layer_address(mut options: Reader<'_>) -> Result<MacAddr, NaError> {
    let mut found = None;
    while let Some([kind]) = options.take() {
        let [units] = options.take().ok_or(NaError::Option(kind))?;
        let len = usize::from(units) * OPTION_LEN;
        let data = len
            .checked_sub(2)
            .and_then(|len| options.take_slice(len))
            .ok_or(NaError::Option(kind))?;
        if let (TARGET_LINK_LAYER_ADDRESS, None, Ok(address)) = (kind, found, data.try_into()) {
            found = Some(MacAddr(address));
        }
    }
    found.ok_or(NaError::NoLinkLayerAddress)
}

fn checksum(source: Ipv6Addr, destination: Ipv6Addr, message: &[u8]) -> Sum {
    let len = u32::try_from(message.len()).expect("the length field has 16 bits");
    Sum::new()
        .add(message)
        .add_pseudo_header(IpAddr::V6(source), IpAddr::V6(destination), ICMPV6, len)
}

/// `ETH_P_IPV6` of linux/if_ether.h.
const ETHERTYPE_IPV6: u16 = 0x86dd;
const ICMPV6: u8 = 58;
const HOP_LIMIT: u8 = 255;
const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
/// Where Ethernet delivers [`ALL_NODES`] (RFC 2464 section 7).
const ALL_NODES_MAC: MacAddr = MacAddr([0x33, 0x33, 0, 0, 0, 1]);
const NEIGHBOR_ADVERTISEMENT: u8 = 136;
const ROUTER: u8 = 0x80;
const SOLICITED: u8 = 0x40;
const OVERRIDE: u8 = 0x20;
const TARGET_LINK_LAYER_ADDRESS: u8 = 2;
const ICMP_AT: usize = Ethernet::LEN + 40;
const MESSAGE_LEN: usize = 24;
const OPTION_LEN: usize = 8;
/// The payload length of the frames written here: message and option.
const MESSAGE_LEN_OCTET: u8 = 32;
