//! Rules: expressions that load fields of a packet into registers, compare them, and end with a verdict.

use super::attributes::Attributes;

/// The expressions of a rule. One that does not match ends the rule.
#[derive(Clone, Default, Debug)]
pub(super) struct Expressions(Attributes);

/// Where a field of a packet is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Field {
    /// Of which header (enum nft_payload_bases).
    pub(super) base: u32,
    pub(super) offset: u32,
    pub(super) len: u32,
}

/// Something known about a packet that is not in it (enum nft_meta_keys).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Meta {
    InputIndex = 4,
    OutputIndex = 5,
    InputName = 6,
    OutputName = 7,
    Protocol = 16,
}

/// A set, and the number by which a batch may speak of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct SetName {
    pub(super) name: &'static str,
    pub(super) id: u32,
}

/// What becomes of the packet (linux/netfilter.h).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Drop = 0,
    Accept = 1,
}

impl Expressions {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn load(self, field: Field, register: u32) -> Self {
        let data = Attributes::new()
            .u32(PAYLOAD_DREG, register)
            .u32(PAYLOAD_BASE, field.base)
            .u32(PAYLOAD_OFFSET, field.offset)
            .u32(PAYLOAD_LEN, field.len);
        self.push("payload", &data)
    }

    pub(super) fn load_meta(self, key: Meta, register: u32) -> Self {
        let data = Attributes::new()
            .u32(META_KEY, key as u32)
            .u32(META_DREG, register);
        self.push("meta", &data)
    }

    /// Goes on if the first register holds this byte.
    pub(super) fn compare(self, byte: u8) -> Self {
        let value = Attributes::new().bytes(DATA_VALUE, &[byte]);
        let data = Attributes::new()
            .u32(CMP_SREG, FIRST)
            .u32(CMP_OP, CMP_EQ)
            .nest(CMP_DATA, &value);
        self.push("cmp", &data)
    }

    /// Goes on if what begins in the first register is an element of the set.
    pub(super) fn look_up(self, set: SetName) -> Self {
        let data = Attributes::new()
            .u32(LOOKUP_SREG, FIRST)
            .text(LOOKUP_SET, set.name)
            .u32(LOOKUP_SET_ID, set.id);
        self.push("lookup", &data)
    }

    pub(super) fn count(self) -> Self {
        self.push("counter", &Attributes::new())
    }

    pub(super) fn verdict(self, verdict: Verdict) -> Self {
        let code = Attributes::new().u32(VERDICT_CODE, verdict as u32);
        let value = Attributes::new().nest(DATA_VERDICT, &code);
        let data = Attributes::new()
            .u32(IMMEDIATE_DREG, VERDICT)
            .nest(IMMEDIATE_DATA, &value);
        self.push("immediate", &data)
    }

    pub(super) fn as_attributes(&self) -> &Attributes {
        &self.0
    }

    fn push(self, name: &str, data: &Attributes) -> Self {
        let expression = Attributes::new().text(EXPR_NAME, name).nest(EXPR_DATA, data);
        Self(self.0.nest(LIST_ELEM, &expression))
    }
}

/// Of enum nft_registers. An IPv6 address fills the first, and what is compared along with it goes into the second.
pub(super) const VERDICT: u32 = 0;
pub(super) const FIRST: u32 = 1;
pub(super) const SECOND: u32 = 2;

/// Attributes of lists and expressions (linux/netfilter/nf_tables.h).
pub(super) const LIST_ELEM: u16 = 1;
const EXPR_NAME: u16 = 1;
const EXPR_DATA: u16 = 2;
const PAYLOAD_DREG: u16 = 1;
const PAYLOAD_BASE: u16 = 2;
const PAYLOAD_OFFSET: u16 = 3;
const PAYLOAD_LEN: u16 = 4;
const META_DREG: u16 = 1;
const META_KEY: u16 = 2;
const CMP_SREG: u16 = 1;
const CMP_OP: u16 = 2;
const CMP_DATA: u16 = 3;
const CMP_EQ: u32 = 0;
const LOOKUP_SET: u16 = 1;
const LOOKUP_SREG: u16 = 2;
const LOOKUP_SET_ID: u16 = 4;
const IMMEDIATE_DREG: u16 = 1;
const IMMEDIATE_DATA: u16 = 2;
const DATA_VALUE: u16 = 1;
const DATA_VERDICT: u16 = 2;
const VERDICT_CODE: u16 = 1;
