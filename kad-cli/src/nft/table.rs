//! One family's table: its sets, chains and rules, as messages.

use vrrp_proto::Family;

use super::attributes::Attributes;
use super::element::Element;
use super::message::{Batch, Kind, question};
use super::rule::{Expressions, FIRST, Field, LIST_ELEM, Meta, SECOND, SetName, Verdict};
use super::setup::Setup;

/// A table, as far as it is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Table {
    pub(super) family: Family,
    pub(super) name: String,
}

/// A hook of the network stack (enum nf_inet_hooks), and the fields that matter there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hook {
    /// What is for this machine: its destination, and where it came in.
    Input,
    /// What this machine sends: its source, and where it goes out.
    Output,
}

impl Table {
    /// Whether there is one.
    pub(super) fn ask(&self) -> Vec<u8> {
        let attributes = Attributes::new().text(TABLE_NAME, &self.name);
        question(Kind::GetTable, self.family, &attributes)
    }

    /// Whether it was made by this program: whether our mark is in it.
    pub(super) fn ask_for_mark(&self) -> Vec<u8> {
        let attributes = Attributes::new()
            .text(CHAIN_TABLE, &self.name)
            .text(CHAIN_NAME, MARK);
        question(Kind::GetChain, self.family, &attributes)
    }

    pub(super) fn remove(&self, batch: &mut Batch) {
        let attributes = Attributes::new().text(TABLE_NAME, &self.name);
        batch.push(Kind::DeleteTable, self.family, &attributes);
    }

    /// All but the elements. With an `owner`, nobody else can touch it, and it ends with the socket (kernel 5.12).
    pub(super) fn make(&self, setup: &Setup, owner: bool, batch: &mut Batch) {
        let flags = if owner { TABLE_F_OWNER } else { 0 };
        let table = Attributes::new()
            .text(TABLE_NAME, &self.name)
            .u32(TABLE_FLAGS, flags);
        batch.push(Kind::NewTable, self.family, &table);
        let mark = Attributes::new()
            .text(CHAIN_TABLE, &self.name)
            .text(CHAIN_NAME, MARK);
        batch.push(Kind::NewChain, self.family, &mark);
        for hook in HOOKS {
            self.make_chain(hook, setup.priority, batch);
        }
        for set in self.sets(setup) {
            self.make_set(set, batch);
        }
        for hook in HOOKS {
            for rule in self.rules(hook, setup) {
                let attributes = Attributes::new()
                    .text(RULE_TABLE, &self.name)
                    .text(RULE_CHAIN, hook.chain())
                    .nest(RULE_EXPRESSIONS, rule.as_attributes());
                batch.push(Kind::NewRule, self.family, &attributes);
            }
        }
    }

    pub(super) fn add<'a>(&self, elements: impl IntoIterator<Item = &'a Element>, batch: &mut Batch) {
        self.elements(Kind::NewElement, elements, batch);
    }

    pub(super) fn delete<'a>(&self, elements: impl IntoIterator<Item = &'a Element>, batch: &mut Batch) {
        self.elements(Kind::DeleteElement, elements, batch);
    }

    /// Those of this family, by set, and not more in a message than its list has room for.
    fn elements<'a>(&self, kind: Kind, elements: impl IntoIterator<Item = &'a Element>, batch: &mut Batch) {
        let mut of_set = [VIPS, VIPS_LINK_LOCAL, QUIET].map(|set| (set, Vec::new()));
        for element in elements {
            let wanted = set_of(element);
            let place = of_set.iter_mut().find(|(set, _)| *set == wanted);
            if let Some((_, keys)) = place.filter(|_| element.family() == self.family) {
                keys.push(element.key());
            }
        }
        for (set, keys) in of_set {
            for keys in keys.chunks(LIST_LIMIT) {
                let attributes = Attributes::new()
                    .text(ELEM_LIST_TABLE, &self.name)
                    .text(ELEM_LIST_SET, set.name);
                let attributes = match kind {
                    Kind::NewElement => attributes.u32(ELEM_LIST_SET_ID, set.id),
                    _ => attributes,
                };
                let attributes = attributes.nest(ELEM_LIST_ELEMENTS, &list(keys));
                batch.push(kind, self.family, &attributes);
            }
        }
    }

    fn sets(&self, setup: &Setup) -> Vec<SetKind> {
        let set = |set, key_type, key_len| SetKind {
            set,
            key_type,
            key_len,
        };
        let quiet = set(QUIET, TYPE_IFNAME, IFNAME_LEN);
        match self.family {
            Family::Ipv4 => vec![set(VIPS, TYPE_IPV4, 4), quiet],
            Family::Ipv6 => {
                let (kind, len) = if setup.by_index {
                    (TYPE_IFINDEX, 4)
                } else {
                    (TYPE_IFNAME, IFNAME_LEN)
                };
                let link_local = set(VIPS_LINK_LOCAL, TYPE_IPV6 << TYPE_BITS | kind, 16 + len);
                vec![set(VIPS, TYPE_IPV6, 16), quiet, link_local]
            }
        }
    }

    fn make_set(&self, kind: SetKind, batch: &mut Batch) {
        let attributes = Attributes::new()
            .text(SET_TABLE, &self.name)
            .text(SET_NAME, kind.set.name)
            .u32(SET_FLAGS, 0)
            .u32(SET_KEY_TYPE, kind.key_type)
            .u32(SET_KEY_LEN, kind.key_len)
            .u32(SET_ID, kind.set.id);
        batch.push(Kind::NewSet, self.family, &attributes);
    }

    fn make_chain(&self, hook: Hook, priority: i32, batch: &mut Batch) {
        let place = Attributes::new()
            .u32(HOOK_NUM, hook.number())
            .u32(HOOK_PRIORITY, priority.cast_unsigned());
        let attributes = Attributes::new()
            .text(CHAIN_TABLE, &self.name)
            .text(CHAIN_NAME, hook.chain())
            .text(CHAIN_TYPE, "filter")
            .u32(CHAIN_POLICY, Verdict::Accept as u32)
            .nest(CHAIN_HOOK, &place);
        batch.push(Kind::NewChain, self.family, &attributes);
    }

    fn rules(&self, hook: Hook, setup: &Setup) -> Vec<Expressions> {
        let drop = |rule: Expressions| {
            let rule = if setup.counters { rule.count() } else { rule };
            rule.verdict(Verdict::Drop)
        };
        let mut rules = Vec::new();
        if hook == Hook::Output {
            rules.extend(quiet_rules(self.family).into_iter().map(drop));
        }
        match self.family {
            Family::Ipv4 => {}
            // Without these an address could not be found, or be kept apart from others (RFC 4861, RFC 4862).
            Family::Ipv6 => {
                let neighbors = [NEIGHBOR_SOLICITATION, NEIGHBOR_ADVERTISEMENT];
                rules.extend(neighbors.map(|kind| icmpv6(kind).verdict(Verdict::Accept)));
                let interface = hook.interface(setup.by_index);
                let link_local = Expressions::new()
                    .load(hook.address(self.family), FIRST)
                    .load_meta(interface, SECOND);
                rules.push(drop(link_local.look_up(VIPS_LINK_LOCAL)));
            }
        }
        let address = Expressions::new().load(hook.address(self.family), FIRST);
        rules.push(drop(address.look_up(VIPS)));
        rules
    }
}

/// As the `nft` program does, elements are numbered from one; the kernel does not look at that.
fn list(keys: &[Vec<u8>]) -> Attributes {
    let numbered = (LIST_ELEM..).zip(keys);
    numbered.fold(Attributes::new(), |list, (number, key)| {
        let value = Attributes::new().bytes(DATA_VALUE, key);
        let element = Attributes::new().nest(SET_ELEM_KEY, &value);
        list.nest(number, &element)
    })
}

/// A set, and what its elements are like.
#[derive(Clone, Copy, Debug)]
struct SetKind {
    set: SetName,
    key_type: u32,
    key_len: u32,
}

/// What the kernel says by itself on an interface that is to be quiet.
fn quiet_rules(family: Family) -> Vec<Expressions> {
    let messages = match family {
        Family::Ipv4 => vec![
            Expressions::new()
                .load(IPV4_PROTOCOL, FIRST)
                .compare(IPPROTO_IGMP),
        ],
        Family::Ipv6 => QUIET_ICMPV6.map(icmpv6).to_vec(),
    };
    let on_quiet = |rule: Expressions| rule.load_meta(Meta::OutputName, FIRST).look_up(QUIET);
    messages.into_iter().map(on_quiet).collect()
}

fn icmpv6(kind: u8) -> Expressions {
    Expressions::new()
        .load_meta(Meta::Protocol, FIRST)
        .compare(IPPROTO_ICMPV6)
        .load(ICMPV6_TYPE, FIRST)
        .compare(kind)
}

fn set_of(element: &Element) -> SetName {
    match element {
        Element::V4(_) | Element::V6(_) => VIPS,
        Element::LinkLocal(..) => VIPS_LINK_LOCAL,
        Element::Quiet(..) => QUIET,
    }
}

impl Hook {
    fn number(self) -> u32 {
        match self {
            Self::Input => 1,
            Self::Output => 3,
        }
    }

    fn chain(self) -> &'static str {
        match self {
            Self::Input => "in",
            Self::Output => "out",
        }
    }

    /// The destination of what comes in, the source of what goes out (RFC 791, RFC 8200).
    fn address(self, family: Family) -> Field {
        let (offset, len) = match (self, family) {
            (Self::Output, Family::Ipv4) => (12, 4),
            (Self::Input, Family::Ipv4) => (16, 4),
            (Self::Output, Family::Ipv6) => (8, 16),
            (Self::Input, Family::Ipv6) => (24, 16),
        };
        Field {
            base: NETWORK_HEADER,
            offset,
            len,
        }
    }

    fn interface(self, by_index: bool) -> Meta {
        match (self, by_index) {
            (Self::Input, false) => Meta::InputName,
            (Self::Input, true) => Meta::InputIndex,
            (Self::Output, false) => Meta::OutputName,
            (Self::Output, true) => Meta::OutputIndex,
        }
    }
}

const HOOKS: [Hook; 2] = [Hook::Input, Hook::Output];
const VIPS: SetName = SetName { name: "vips", id: 1 };
const VIPS_LINK_LOCAL: SetName = SetName {
    name: "vips_link_local",
    id: 3,
};
const QUIET: SetName = SetName { name: "quiet", id: 2 };
/// A chain that nothing jumps to, so that a table that is left over is known as ours.
const MARK: &str = "made_by_kad";
/// An element is 52 bytes at most, and a list 65,531.
const LIST_LIMIT: usize = 1024;

/// enum nft_payload_bases.
const NETWORK_HEADER: u32 = 1;
const TRANSPORT_HEADER: u32 = 2;
const IPV4_PROTOCOL: Field = Field {
    base: NETWORK_HEADER,
    offset: 9,
    len: 1,
};
const ICMPV6_TYPE: Field = Field {
    base: TRANSPORT_HEADER,
    offset: 0,
    len: 1,
};
const IPPROTO_IGMP: u8 = 2;
const IPPROTO_ICMPV6: u8 = 58;
const NEIGHBOR_SOLICITATION: u8 = 135;
const NEIGHBOR_ADVERTISEMENT: u8 = 136;
/// Listener reports of either version and their end (RFC 2710, RFC 3810), and router solicitations (RFC 4861).
const QUIET_ICMPV6: [u8; 4] = [131, 132, 143, 133];

/// The numbers that the `nft` program gives to types of keys; the kernel only keeps them for it.
const TYPE_IPV4: u32 = 7;
const TYPE_IPV6: u32 = 8;
const TYPE_IFINDEX: u32 = 20;
const TYPE_IFNAME: u32 = 41;
const TYPE_BITS: u32 = 6;
/// IFNAMSIZ in linux/if.h.
const IFNAME_LEN: u32 = 16;

/// Attributes (linux/netfilter/nf_tables.h).
const TABLE_NAME: u16 = 1;
const TABLE_FLAGS: u16 = 2;
const TABLE_F_OWNER: u32 = 2;
const CHAIN_TABLE: u16 = 1;
const CHAIN_NAME: u16 = 3;
const CHAIN_HOOK: u16 = 4;
const CHAIN_POLICY: u16 = 5;
const CHAIN_TYPE: u16 = 7;
const HOOK_NUM: u16 = 1;
const HOOK_PRIORITY: u16 = 2;
const RULE_TABLE: u16 = 1;
const RULE_CHAIN: u16 = 2;
const RULE_EXPRESSIONS: u16 = 4;
const SET_TABLE: u16 = 1;
const SET_NAME: u16 = 2;
const SET_FLAGS: u16 = 3;
const SET_KEY_TYPE: u16 = 4;
const SET_KEY_LEN: u16 = 5;
const SET_ID: u16 = 10;
const ELEM_LIST_TABLE: u16 = 1;
const ELEM_LIST_SET: u16 = 2;
const ELEM_LIST_ELEMENTS: u16 = 3;
const ELEM_LIST_SET_ID: u16 = 4;
const SET_ELEM_KEY: u16 = 1;
const DATA_VALUE: u16 = 1;
