//! Routing rules: what they say, and how the kernel is told.

use ipnet::IpNet;
use netlink_packet_core::DefaultNla;
use netlink_packet_route::rule::{RuleAttribute, RuleFlags, RuleHeader, RuleMessage};
use vrrp_proto::Family;

use super::route::{RTPROT_KEEPALIVED, address, address_family, number, small_table};

/// A rule: which packets, and what becomes of them.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct RuleSpec {
    /// IPv4 or IPv6.
    pub family: Family,
    /// What becomes of the packets.
    pub action: RuleTarget,
    /// Of all other packets.
    pub invert: bool,
    /// Where they come from.
    pub from: Option<IpNet>,
    /// Where they go.
    pub to: Option<IpNet>,
    /// The interface they come in by; it need not exist.
    pub iif: Option<String>,
    /// The interface they go out by; it need not exist.
    pub oif: Option<String>,
    /// Their mark, and the bits of it that count; all if none are given.
    pub fwmark: Option<(u32, Option<u32>)>,
    /// Their type of service.
    pub tos: u8,
    /// When the rule is looked at, the lowest first.
    pub priority: Option<u32>,
    /// The realms: source in the upper half, destination in the lower.
    pub realms: Option<u32>,
    /// Routes of prefixes so short do not count.
    pub suppress_prefixlength: Option<u8>,
    /// Routes by interfaces of that group do not count.
    pub suppress_ifgroup: Option<u32>,
    /// The users they are of, from and to.
    pub uidrange: Option<(u32, u32)>,
    /// The tunnel they came by.
    pub tunnel_id: Option<u64>,
    /// The protocol above IP.
    pub ipproto: Option<u8>,
    /// The source ports, from and to.
    pub sport: Option<(u16, u16)>,
    /// The destination ports, from and to.
    pub dport: Option<(u16, u16)>,
    /// Who made the rule (`RTPROT_*` in linux/rtnetlink.h).
    pub protocol: u8,
}

/// What a rule does (`FR_ACT_*` in linux/fib_rules.h).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum RuleTarget {
    /// Looks into a routing table.
    Table(u32),
    /// Looks into the table of the VRF that the packet's interface is in.
    L3mdev,
    /// Goes on with the rule of that priority.
    Goto(u32),
    /// Nothing.
    Nop,
    /// Drops the packets.
    Blackhole,
    /// The same, and tells the sender.
    Unreachable,
    /// The same, and tells the sender that it is forbidden.
    Prohibit,
}

/// What tells a rule from most others, as an event has it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub struct RuleTrace {
    /// IPv4 or IPv6.
    pub family: Family,
    /// When it was looked at.
    pub priority: u32,
    /// `FR_ACT_*`.
    pub action: u8,
    /// The length of the source's prefix.
    pub from_len: u8,
    /// The length of the destination's prefix.
    pub to_len: u8,
}

impl RuleSpec {
    /// A rule for all packets, made by keepalived.
    pub fn new(family: Family, action: RuleTarget) -> Self {
        Self {
            family,
            action,
            invert: false,
            from: None,
            to: None,
            iif: None,
            oif: None,
            fwmark: None,
            tos: 0,
            priority: None,
            realms: None,
            suppress_prefixlength: None,
            suppress_ifgroup: None,
            uidrange: None,
            tunnel_id: None,
            ipproto: None,
            sport: None,
            dport: None,
            protocol: RTPROT_KEEPALIVED,
        }
    }

    /// Whether the rule that went may be this one.
    pub fn may_be(&self, gone: &RuleTrace) -> bool {
        let len = |net: Option<IpNet>| net.map_or(0, |net| net.prefix_len());
        self.family == gone.family
            && self.priority.is_none_or(|priority| priority == gone.priority)
            && self.action.number() == gone.action
            && (len(self.from), len(self.to)) == (gone.from_len, gone.to_len)
    }
}

impl RuleTarget {
    fn number(self) -> u8 {
        match self {
            Self::Table(_) | Self::L3mdev => FR_ACT_TO_TBL,
            Self::Goto(_) => 2,
            Self::Nop => 3,
            Self::Blackhole => 6,
            Self::Unreachable => 7,
            Self::Prohibit => 8,
        }
    }
}

/// The message that adds or removes it.
pub(super) fn encode(spec: &RuleSpec) -> RuleMessage {
    let mut message = RuleMessage::default();
    let table = match spec.action {
        RuleTarget::Table(table) => table,
        _ => 0,
    };
    let len = |net: Option<IpNet>| net.map_or(0, |net| net.prefix_len());
    message.header = RuleHeader {
        family: address_family(spec.family),
        dst_len: len(spec.to),
        src_len: len(spec.from),
        tos: spec.tos,
        table: small_table(table),
        action: spec.action.number().into(),
        flags: if spec.invert {
            RuleFlags::Invert
        } else {
            RuleFlags::empty()
        },
    };
    let mut attributes = vec![DefaultNla::new(FRA_PROTOCOL, vec![spec.protocol])];
    match spec.action {
        RuleTarget::Table(table) => attributes.push(number(FRA_TABLE, table)),
        RuleTarget::L3mdev => attributes.push(DefaultNla::new(FRA_L3MDEV, vec![1])),
        RuleTarget::Goto(priority) => attributes.push(number(FRA_GOTO, priority)),
        _ => {}
    }
    attributes.extend(selectors(spec));
    message.attributes = attributes.into_iter().map(RuleAttribute::Other).collect();
    message
}

fn selectors(spec: &RuleSpec) -> Vec<DefaultNla> {
    let net = |net: Option<IpNet>| net.filter(|net| net.prefix_len() > 0).map(|net| net.addr());
    let port = |(first, last): (u16, u16)| [first.to_ne_bytes(), last.to_ne_bytes()].concat();
    let users = |(first, last): (u32, u32)| [first.to_ne_bytes(), last.to_ne_bytes()].concat();
    let realms = spec.realms.map(|realms| number(FRA_FLOW, realms));
    let tunnel = spec.tunnel_id.map(|id| id.to_be_bytes().to_vec());
    let prefix = spec
        .suppress_prefixlength
        .map(|len| number(FRA_SUPPRESS_PREFIXLEN, len.into()));
    [
        net(spec.from).map(|from| address(FRA_SRC, from)),
        net(spec.to).map(|to| address(FRA_DST, to)),
        spec.iif.as_deref().map(|name| text(FRA_IIFNAME, name)),
        spec.oif.as_deref().map(|name| text(FRA_OIFNAME, name)),
        spec.fwmark.map(|(mark, _)| number(FRA_FWMARK, mark)),
        spec.fwmark
            .and_then(|(_, mask)| mask)
            .map(|mask| number(FRA_FWMASK, mask)),
        spec.priority.map(|priority| number(FRA_PRIORITY, priority)),
        realms,
        prefix,
        spec.suppress_ifgroup
            .map(|group| number(FRA_SUPPRESS_IFGROUP, group)),
        spec.uidrange
            .map(|range| DefaultNla::new(FRA_UID_RANGE, users(range))),
        tunnel.map(|id| DefaultNla::new(FRA_TUN_ID, id)),
        spec.ipproto
            .map(|protocol| DefaultNla::new(FRA_IP_PROTO, vec![protocol])),
        spec.sport
            .map(|range| DefaultNla::new(FRA_SPORT_RANGE, port(range))),
        spec.dport
            .map(|range| DefaultNla::new(FRA_DPORT_RANGE, port(range))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn text(kind: u16, text: &str) -> DefaultNla {
    let mut bytes = super::encode::cut(text).into_bytes();
    bytes.push(0);
    DefaultNla::new(kind, bytes)
}

// linux/fib_rules.h
const FR_ACT_TO_TBL: u8 = 1;
const FRA_DST: u16 = 1;
const FRA_SRC: u16 = 2;
const FRA_IIFNAME: u16 = 3;
const FRA_GOTO: u16 = 4;
pub(super) const FRA_PRIORITY: u16 = 6;
const FRA_FWMARK: u16 = 10;
const FRA_FLOW: u16 = 11;
const FRA_TUN_ID: u16 = 12;
const FRA_SUPPRESS_IFGROUP: u16 = 13;
const FRA_SUPPRESS_PREFIXLEN: u16 = 14;
const FRA_TABLE: u16 = 15;
const FRA_FWMASK: u16 = 16;
const FRA_OIFNAME: u16 = 17;
const FRA_L3MDEV: u16 = 19;
const FRA_UID_RANGE: u16 = 20;
const FRA_PROTOCOL: u16 = 21;
const FRA_IP_PROTO: u16 = 22;
const FRA_SPORT_RANGE: u16 = 23;
const FRA_DPORT_RANGE: u16 = 24;
