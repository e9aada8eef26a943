//! The values of attributes as octets: what all attributes have in common.

use netlink_packet_core::{
    DecodeError, DefaultNla, Emitable, NLA_F_NESTED, NLA_F_NET_BYTEORDER, Nla, NlaBuffer, NlasIterator,
};

/// The value of an attribute that is to be emitted.
pub(super) enum Value<'a> {
    U8(u8),
    U16(u16),
    /// In network byte order: ports of services, destinations and tunnels.
    PortU16(u16),
    U32(u32),
    U64(u64),
    /// One after the other.
    Pair(u32, u32),
    Octets(&'a [u8]),
    /// With a NUL after it.
    Name(&'a str),
    Empty,
    Nested(&'a dyn Attributes),
    Other(&'a DefaultNla),
}

impl Value<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::U8(_) => 1,
            Self::U16(_) | Self::PortU16(_) => 2,
            Self::U32(_) => 4,
            Self::U64(_) | Self::Pair(..) => 8,
            Self::Octets(octets) => octets.len(),
            Self::Name(name) => name.len().saturating_add(1),
            Self::Empty => 0,
            Self::Nested(attributes) => attributes.emitted_len(),
            Self::Other(other) => other.value_len(),
        }
    }

    pub(super) fn emit(&self, buffer: &mut [u8]) {
        match self {
            Self::U8(number) => put(buffer, &number.to_ne_bytes()),
            Self::U16(number) => put(buffer, &number.to_ne_bytes()),
            Self::PortU16(number) => put(buffer, &number.to_be_bytes()),
            Self::U32(number) => put(buffer, &number.to_ne_bytes()),
            Self::U64(number) => put(buffer, &number.to_ne_bytes()),
            Self::Pair(first, second) => {
                let octets = first.to_ne_bytes().into_iter().chain(second.to_ne_bytes());
                put_each(buffer, octets);
            }
            Self::Octets(octets) => put(buffer, octets),
            Self::Name(name) => {
                buffer.fill(0);
                put(buffer, name.as_bytes());
            }
            Self::Empty => {}
            Self::Nested(attributes) => attributes.emit_all(buffer),
            Self::Other(other) => other.emit_value(buffer),
        }
    }
}

fn put(buffer: &mut [u8], octets: &[u8]) {
    put_each(buffer, octets.iter().copied());
}

fn put_each(buffer: &mut [u8], octets: impl Iterator<Item = u8>) {
    for (place, octet) in buffer.iter_mut().zip(octets) {
        *place = octet;
    }
}

/// A row of attributes of one kind, whichever that is.
pub(super) trait Attributes {
    fn emitted_len(&self) -> usize;
    fn emit_all(&self, buffer: &mut [u8]);
}

impl<A: Nla> Attributes for Vec<A> {
    fn emitted_len(&self) -> usize {
        self.as_slice().buffer_len()
    }

    fn emit_all(&self, buffer: &mut [u8]) {
        self.as_slice().emit(buffer);
    }
}

/// An attribute that is parsed by its number and its value.
pub(super) trait Attribute: Nla + Sized {
    /// `None` is what has no name here, or not the size that goes with its name.
    fn known(kind: u16, value: &[u8]) -> Result<Option<Self>, DecodeError>;

    fn other(other: DefaultNla) -> Self;
}

/// One attribute. The buffer is checked here, since one that is too short makes its own methods panic.
pub(super) fn parse<A: Attribute, T: AsRef<[u8]> + ?Sized>(buffer: &NlaBuffer<&T>) -> Result<A, DecodeError> {
    buffer.check_buffer_length()?;
    let known = A::known(buffer.kind(), buffer.value())?;
    Ok(known.unwrap_or_else(|| A::other(raw(buffer))))
}

/// With at most one of the two flags, which exclude each other (linux/netlink.h); the core crate emits no more than one.
fn raw<T: AsRef<[u8]> + ?Sized>(buffer: &NlaBuffer<&T>) -> DefaultNla {
    let flag = match (buffer.nested_flag(), buffer.network_byte_order_flag()) {
        (true, _) => NLA_F_NESTED,
        (false, true) => NLA_F_NET_BYTEORDER,
        (false, false) => 0,
    };
    DefaultNla::new(buffer.kind() | flag, buffer.value().to_vec())
}

/// All attributes of a message, or of a nested one.
pub(super) fn parse_all<A: Attribute>(octets: &[u8]) -> Result<Vec<A>, DecodeError> {
    NlasIterator::new(octets)
        .map(|buffer| buffer.and_then(|buffer| parse(&buffer)))
        .collect()
}

/// The attributes within a nested one. `None` are those that would no longer fit into it when they are emitted, each with
/// the padding that the last of them may come without.
pub(super) fn nested<A: Attribute>(octets: &[u8]) -> Result<Option<Vec<A>>, DecodeError> {
    let attributes = parse_all(octets)?;
    Ok(Some(attributes).filter(|attributes| attributes.emitted_len() <= LENGTH_LIMIT))
}

/// What an attribute's 16 bits of length can say, without its header.
const LENGTH_LIMIT: usize = 0xffff - 4;

pub(super) fn u8(value: &[u8]) -> Option<u8> {
    Some(u8::from_ne_bytes(exactly(value)?))
}

pub(super) fn u16(value: &[u8]) -> Option<u16> {
    Some(u16::from_ne_bytes(exactly(value)?))
}

pub(super) fn port_u16(value: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes(exactly(value)?))
}

pub(super) fn u32(value: &[u8]) -> Option<u32> {
    Some(u32::from_ne_bytes(exactly(value)?))
}

pub(super) fn u64(value: &[u8]) -> Option<u64> {
    Some(u64::from_ne_bytes(exactly(value)?))
}

/// Octets of one size and no other.
pub(super) fn exactly<const N: usize>(value: &[u8]) -> Option<[u8; N]> {
    value.try_into().ok()
}

/// A name with the NUL that ends it, and no other one.
pub(super) fn name(value: &[u8]) -> Option<String> {
    let (end, name) = value.split_last()?;
    if *end != 0 || name.contains(&0) {
        return None;
    }
    String::from_utf8(name.to_vec()).ok()
}
