//! Netlink attributes (struct nlattr in linux/netlink.h).

/// Attributes, one after the other, each padded to a multiple of four.
#[derive(Clone, Default, Debug)]
pub(super) struct Attributes(Vec<u8>);

impl Attributes {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// nf_tables wants numbers in network order.
    pub(super) fn u32(self, kind: u16, value: u32) -> Self {
        self.bytes(kind, &value.to_be_bytes())
    }

    /// Text ends with a NUL.
    pub(super) fn text(self, kind: u16, value: &str) -> Self {
        let mut bytes = value.as_bytes().to_vec();
        bytes.push(0);
        self.bytes(kind, &bytes)
    }

    pub(super) fn nest(self, kind: u16, inner: &Attributes) -> Self {
        self.bytes(kind | NLA_F_NESTED, &inner.0)
    }

    /// Any value; at most 65,531 bytes.
    pub(super) fn bytes(mut self, kind: u16, value: &[u8]) -> Self {
        let len = u16::try_from(HEADER + value.len()).expect("what is long is sent in several messages");
        self.0.extend(len.to_ne_bytes());
        self.0.extend(kind.to_ne_bytes());
        self.0.extend(value);
        self.0.resize(self.0.len().next_multiple_of(ALIGNMENT), 0);
        self
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

const HEADER: usize = 4;
const ALIGNMENT: usize = 4;
/// linux/netlink.h.
const NLA_F_NESTED: u16 = 1 << 15;
