use ipnet::IpNet;

use super::{Family, Name, Spanned};

/// One line of `virtual_rules` or `static_rules`: which packets, and which routing table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// What becomes of the packets, and where that is written.
    pub action: Spanned<RuleAction>,
    /// `not`: of all other packets.
    pub invert: bool,
    /// `from`; `None` is any source.
    pub from: Option<IpNet>,
    /// `to`; `None` is any destination.
    pub to: Option<IpNet>,
    /// `iif` or `dev`: the interface that they come in by.
    pub iif: Option<Spanned<String>>,
    /// `oif`: the interface that they go out by.
    pub oif: Option<Spanned<String>>,
    /// `fwmark MARK[/MASK]`.
    pub fwmark: Option<(u32, Option<u32>)>,
    /// `tos` or `dsfield`.
    pub tos: Option<u8>,
    /// `preference`, `order` or `priority`; `None` is one of the kernel's choice.
    pub priority: Option<u32>,
    /// `realms`, as it is written.
    pub realms: Option<String>,
    /// `suppress_prefixlength`: routes of prefixes so short do not count.
    pub suppress_prefixlength: Option<u8>,
    /// `suppress_ifgroup`: routes by interfaces of that group do not count.
    pub suppress_ifgroup: Option<u32>,
    /// `uidrange`: packets of these users.
    pub uidrange: Option<(u32, u32)>,
    /// `tunnel-id`.
    pub tunnel_id: Option<u64>,
    /// `l3mdev`: the table of the interface's VRF.
    pub l3mdev: bool,
    /// `ipproto`: a protocol's number or name.
    pub ipproto: Option<Name>,
    /// `sport`.
    pub sport: Option<(u16, u16)>,
    /// `dport`.
    pub dport: Option<(u16, u16)>,
    /// `protocol`: who made the rule; `None` is keepalived's own (18).
    pub protocol: Option<Name>,
    /// `inet` or `inet6`; `None` is what the addresses are, or IPv4.
    pub family: Option<Family>,
    /// `disabled`.
    pub disabled: bool,
    /// `no_track`: its removal by another program is nobody's business.
    pub no_track: bool,
    /// `track_group`: static rules only; whose instances it matters to.
    pub track_group: Option<Spanned<String>>,
}

impl Rule {
    /// A rule for all packets.
    pub fn new(action: Spanned<RuleAction>) -> Self {
        Rule {
            action,
            invert: false,
            from: None,
            to: None,
            iif: None,
            oif: None,
            fwmark: None,
            tos: None,
            priority: None,
            realms: None,
            suppress_prefixlength: None,
            suppress_ifgroup: None,
            uidrange: None,
            tunnel_id: None,
            l3mdev: false,
            ipproto: None,
            sport: None,
            dport: None,
            protocol: None,
            family: None,
            disabled: false,
            no_track: false,
            track_group: None,
        }
    }
}

/// What a rule does (include/uapi/linux/fib_rules.h, `FR_ACT_*`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleAction {
    /// `table` or `lookup`.
    Table(Name),
    /// `goto`: on with the rule of that priority.
    Goto(u32),
    /// `nop`: nothing.
    Nop,
    /// `blackhole`.
    Blackhole,
    /// `unreachable`.
    Unreachable,
    /// `prohibit`.
    Prohibit,
    /// `l3mdev` alone: the table of the interface's VRF.
    L3mdev,
}
