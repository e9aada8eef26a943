//! Messages of the nf_tables subsystem, and batches of them.

use netlink_packet_core::{NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE, NLM_F_REQUEST};
use vrrp_proto::Family;

use super::attributes::Attributes;

/// What a message asks for (enum nf_tables_msg_types).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    NewTable,
    GetTable,
    DeleteTable,
    NewChain,
    GetChain,
    NewRule,
    NewSet,
    NewElement,
    DeleteElement,
}

/// Changes that the kernel makes together, or not at all (NFNL_MSG_BATCH_BEGIN in linux/netfilter/nfnetlink.h).
#[derive(Clone, Default, Debug)]
pub(super) struct Batch {
    bytes: Vec<u8>,
    count: u32,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn push(&mut self, kind: Kind, family: Family, attributes: &Attributes) {
        if self.is_empty() {
            append(&mut self.bytes, BATCH_BEGIN, NLM_F_REQUEST, 0, &BATCH_HEADER);
        }
        self.count += 1;
        let body = body(family, attributes);
        append(&mut self.bytes, kind.number(), kind.flags(), self.count, &body);
    }

    /// The datagram. The numbers of the messages begin at one.
    pub(super) fn finish(mut self) -> Vec<u8> {
        append(
            &mut self.bytes,
            BATCH_END,
            NLM_F_REQUEST,
            self.count + 1,
            &BATCH_HEADER,
        );
        self.bytes
    }
}

/// A question, which is not for a batch: the kernel answers with what was asked for, or refuses.
pub(super) fn question(kind: Kind, family: Family, attributes: &Attributes) -> Vec<u8> {
    let mut bytes = Vec::new();
    append(
        &mut bytes,
        kind.number(),
        NLM_F_REQUEST | NLM_F_ACK,
        1,
        &body(family, attributes),
    );
    bytes
}

impl Kind {
    fn number(self) -> u16 {
        let message = match self {
            Self::NewTable => 0,
            Self::GetTable => 1,
            Self::DeleteTable => 2,
            Self::NewChain => 3,
            Self::GetChain => 4,
            Self::NewRule => 6,
            Self::NewSet => 9,
            Self::NewElement => 12,
            Self::DeleteElement => 14,
        };
        NFNL_SUBSYS_NFTABLES << 8 | message
    }

    /// A table is made without asking for it, if it is not there.
    fn flags(self) -> u16 {
        NLM_F_REQUEST
            | match self {
                Self::NewChain | Self::NewSet | Self::NewElement => NLM_F_CREATE,
                Self::NewRule => NLM_F_CREATE | NLM_F_APPEND,
                Self::NewTable
                | Self::GetTable
                | Self::DeleteTable
                | Self::GetChain
                | Self::DeleteElement => 0,
            }
    }
}

/// struct nfgenmsg (family, version, resource), then the attributes.
fn body(family: Family, attributes: &Attributes) -> Vec<u8> {
    let family = match family {
        Family::Ipv4 => NFPROTO_IPV4,
        Family::Ipv6 => NFPROTO_IPV6,
    };
    let mut body = vec![family, NFNETLINK_V0, 0, 0];
    body.extend(attributes.as_bytes());
    body
}

fn append(bytes: &mut Vec<u8>, kind: u16, flags: u16, sequence: u32, body: &[u8]) {
    let len = u32::try_from(HEADER + body.len()).expect("a message is no longer than its lists may be");
    bytes.extend(len.to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend(sequence.to_ne_bytes());
    bytes.extend(0_u32.to_ne_bytes());
    bytes.extend(body);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
}

/// struct nlmsghdr.
const HEADER: usize = 16;
/// linux/netfilter/nfnetlink.h.
const NFNL_SUBSYS_NFTABLES: u16 = 10;
const NFNETLINK_V0: u8 = 0;
const BATCH_BEGIN: u16 = 16;
const BATCH_END: u16 = 17;
/// A batch names its subsystem where other messages have a resource, in network order.
const BATCH_HEADER: [u8; 4] = [0, NFNETLINK_V0, 0, 10];
/// linux/netfilter.h.
const NFPROTO_IPV4: u8 = 2;
const NFPROTO_IPV6: u8 = 10;
