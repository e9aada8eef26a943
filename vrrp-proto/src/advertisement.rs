//! An advertisement that makes sense: parsed from a packet, or built to be sent.

use crate::{
    Addresses, AdvertInterval, Authentication, Context, Family, InvalidAdvertisement, Packet, ParseError,
    Priority, Version, Vrid,
};

/// An advertisement. Every value of this type can be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Advertisement<'a> {
    version: Version,
    vrid: Vrid,
    priority: Priority,
    interval: AdvertInterval,
    authentication: Authentication,
    addresses: Addresses<'a>,
}

impl<'a> Advertisement<'a> {
    /// An advertisement to send.
    pub fn new(
        version: Version,
        vrid: Vrid,
        priority: Priority,
        interval: AdvertInterval,
        authentication: Authentication,
        addresses: Addresses<'a>,
    ) -> Result<Self, InvalidAdvertisement> {
        if !interval.fits(version) {
            return Err(InvalidAdvertisement::Interval { version, interval });
        }
        match (version, authentication) {
            (Version::V2, _) if addresses.family() == Family::Ipv6 => {
                return Err(InvalidAdvertisement::Ipv6InVersion2);
            }
            (
                Version::V2,
                Authentication::Other {
                    kind: kind @ 0..=1, ..
                },
            ) => {
                return Err(InvalidAdvertisement::AuthenticationKind(kind));
            }
            (Version::V2, _) | (Version::V3, Authentication::None) => {}
            (Version::V3, _) => return Err(InvalidAdvertisement::AuthenticationInVersion3),
        }
        if addresses.len() > MAX_ADDRESSES {
            return Err(InvalidAdvertisement::TooManyAddresses(addresses.len()));
        }
        Ok(Self {
            version,
            vrid,
            priority,
            interval,
            authentication,
            addresses,
        })
    }

    /// Reads the VRRP message `pdu` (what follows the IP header, Ethernet padding allowed) and verifies its checksum.
    ///
    /// Version 3's reserved bits are ignored (RFC 9568 section 5.2.6), and so is the authentication data of type 0
    /// (RFC 3768 section 5.3.10). A message without addresses is accepted: the RFCs want one at least, but keepalived
    /// sends such messages for an instance without `virtual_ipaddress`.
    pub fn parse(pdu: &'a [u8], context: &Context) -> Result<Self, ParseError> {
        Self::parse_covered(pdu, None, context)
    }

    /// Reads a message that an [`HmacTrailer`](crate::HmacTrailer) follows, which is not looked at. Over IPv6 it counts
    /// in the checksum, as it does for a kernel that makes or verifies it; over IPv4 it does not.
    #[cfg(feature = "authentication")]
    pub fn parse_signed(pdu: &'a [u8], context: &Context) -> Result<Self, ParseError> {
        let len = pdu.len().saturating_sub(crate::HmacTrailer::LEN);
        let covered = (context.family() == Some(Family::Ipv6)).then_some(pdu);
        Self::parse_covered(pdu.get(..len).unwrap_or_default(), covered, context)
    }

    /// The checksum is over `covered`, or else over the message.
    fn parse_covered(pdu: &'a [u8], covered: Option<&[u8]>, context: &Context) -> Result<Self, ParseError> {
        let family = context.family().ok_or(ParseError::MixedFamilies)?;
        let packet = Packet::new_checked(pdu)?;
        let version = version_of(&packet, family)?;
        let message = message_of(pdu, &packet, family)?;
        if !context.accepts(version, covered.unwrap_or(message)) {
            return Err(ParseError::Checksum {
                found: packet.checksum(),
            });
        }
        Ok(Self {
            version,
            vrid: Vrid::new(packet.vrid()).map_err(|_| ParseError::VridZero)?,
            priority: Priority::new(packet.priority()),
            interval: interval_of(&packet, version)?,
            authentication: authentication_of(&packet, version),
            addresses: packet.borrowed_addresses(family),
        })
    }

    /// Octets that [`Advertisement::emit`] writes.
    pub const fn buffer_len(&self) -> usize {
        let authentication = match self.version {
            Version::V2 => AUTH_DATA_LEN,
            Version::V3 => 0,
        };
        HEADER_LEN + self.addresses.as_bytes().len() + authentication
    }

    /// Writes the message, checksum included, to the first [`Advertisement::buffer_len`] octets of `buffer`.
    ///
    /// # Panics
    ///
    /// If the buffer is shorter, or if `context` is not of the addresses' family.
    pub fn emit(&self, context: &Context, buffer: &mut [u8]) {
        assert_eq!(
            context.family(),
            Some(self.addresses.family()),
            "the context is of the addresses' family"
        );
        let message = buffer
            .get_mut(..self.buffer_len())
            .expect("the buffer holds buffer_len() octets");
        let mut packet = Packet::new_unchecked(&mut *message);
        packet.set_version_and_kind(self.version.number(), ADVERTISEMENT);
        packet.set_vrid(self.vrid.get());
        packet.set_priority(self.priority.get());
        packet.set_address_count(
            self.addresses
                .len()
                .try_into()
                .expect("the constructor allows 255 at most"),
        );
        match self.version {
            Version::V2 => {
                let secs = self
                    .interval
                    .as_whole_secs()
                    .expect("the constructor allows whole seconds only");
                packet.set_auth_type_and_interval(self.authentication.kind(), secs);
                packet.set_body(self.addresses.as_bytes(), &self.authentication.data());
            }
            Version::V3 => {
                packet.set_reserved_and_interval(0, self.interval.as_centis());
                packet.set_body(self.addresses.as_bytes(), &[]);
            }
        }
        packet.set_checksum(0);
        let checksum = context.checksum_of(self.version, message);
        Packet::new_unchecked(message).set_checksum(checksum);
    }

    /// The version it is sent in.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The virtual router it speaks for.
    pub const fn vrid(&self) -> Vrid {
        self.vrid
    }

    /// The sender's priority.
    pub const fn priority(&self) -> Priority {
        self.priority
    }

    /// The sender's advertisement interval.
    pub const fn interval(&self) -> AdvertInterval {
        self.interval
    }

    /// Version 2's authentication; none in version 3.
    pub const fn authentication(&self) -> Authentication {
        self.authentication
    }

    /// The virtual addresses.
    pub const fn addresses(&self) -> Addresses<'a> {
        self.addresses
    }
}

/// The version of a packet that is an advertisement.
fn version_of(packet: &Packet<&[u8]>, family: Family) -> Result<Version, ParseError> {
    let version = match (packet.version(), family) {
        (2, Family::Ipv4) => Version::V2,
        (2, Family::Ipv6) => return Err(ParseError::Ipv6InVersion2),
        (3, _) => Version::V3,
        (other, _) => return Err(ParseError::Version(other)),
    };
    match packet.kind() {
        ADVERTISEMENT => Ok(version),
        other => Err(ParseError::Type(other)),
    }
}

/// The announced octets of `pdu`, without the padding behind them.
fn message_of<'a>(pdu: &'a [u8], packet: &Packet<&[u8]>, family: Family) -> Result<&'a [u8], ParseError> {
    let (len, announced) = (pdu.len(), packet.announced_len(family));
    let message = pdu.get(..announced).ok_or(ParseError::Truncated {
        len,
        needed: announced,
    })?;
    if len > announced && len > max_padded_len(family) {
        return Err(ParseError::TrailingData {
            len,
            expected: announced,
        });
    }
    Ok(message)
}

fn interval_of(packet: &Packet<&[u8]>, version: Version) -> Result<AdvertInterval, ParseError> {
    match version {
        Version::V2 => AdvertInterval::from_secs(packet.interval_secs()),
        Version::V3 => AdvertInterval::from_centis(packet.interval_centis()),
    }
    .map_err(|_| ParseError::ZeroInterval)
}

fn authentication_of(packet: &Packet<&[u8]>, version: Version) -> Authentication {
    match version {
        Version::V2 => Authentication::from_wire(packet.auth_type(), packet.auth_data().unwrap_or_default()),
        Version::V3 => Authentication::None,
    }
}

/// Octets up to which Ethernet may have padded a message: its payload is never shorter than 46 octets (IEEE 802.3
/// clause 4.2.3.3), of which the IP header takes 20 or 40.
const fn max_padded_len(family: Family) -> usize {
    match family {
        Family::Ipv4 => 46 - 20,
        Family::Ipv6 => 46 - 40,
    }
}

/// The packet type of an advertisement, the only one there is (RFC 9568 section 5.2.2).
const ADVERTISEMENT: u8 = 1;
const MAX_ADDRESSES: usize = 255;
const HEADER_LEN: usize = Packet::<&[u8]>::HEADER_LEN;
const AUTH_DATA_LEN: usize = 8;
