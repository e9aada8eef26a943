//! Interfaces on top of others: macvlan and ipvlan.

use netlink_packet_core::{parse_u16, parse_u32};
use netlink_packet_route::link::{
    AfSpecInet6, AfSpecUnspec, In6AddrGenMode, InfoData, InfoIpVlan, InfoKind, InfoMacVlan, IpVlanFlags,
    IpVlanMode, LinkAttribute, LinkInfo, LinkMessage, MacVlanMode,
};
use vrrp_proto::MacAddr;

use super::decode::{Attributes, LINK_HEADER, link, text};
use super::encode::cut;
use super::frame::{Malformed, Message};

/// An interface to be made on top of another. It is switched off at first.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct StackedSpec {
    /// Its name.
    pub name: String,
    /// The number of the interface under it.
    pub base: u32,
    /// What it is.
    pub kind: StackedKind,
    /// Its interface group (`ip link set group`); 0 unless one is given.
    pub group: Option<u32>,
    /// The interface it is a part of, as a VRF.
    pub controller: Option<u32>,
}

/// What an interface on top of another is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum StackedKind {
    /// An Ethernet address of its own; it reaches nothing on this machine (macvlan, mode vepa). What comes from another
    /// machine that has the same address is seen on the interface under it, too, where mode private would hide it.
    Macvlan {
        /// The address.
        mac: MacAddr,
    },
    /// The other's Ethernet address, and IP addresses of its own (ipvlan, mode l2).
    Ipvlan {
        /// How it reaches its siblings.
        siblings: Siblings,
    },
}

/// How ipvlan interfaces of one base reach each other (`IPVLAN_F_*` in linux/if_link.h).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Siblings {
    /// Directly.
    Bridge,
    /// Not at all.
    Private,
    /// By way of an outer switch.
    Vepa,
}

impl StackedSpec {
    /// An interface of which nothing else is said.
    pub fn new(name: &str, base: u32, kind: StackedKind) -> Self {
        Self {
            name: name.to_owned(),
            base,
            kind,
            group: None,
            controller: None,
        }
    }
}

/// What there is of an interface that may be one on top of another.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct StackedLink {
    /// Its number.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// The number of the interface under it, if there is one in this namespace.
    pub base: Option<u32>,
    /// What it is, if it is one that could be made here.
    pub kind: Option<StackedKind>,
    /// Whether it is a macvlan of mode private, which hides from the interface under it what comes from another machine
    /// that has the same address.
    pub hides: bool,
    /// The number of the interface it is a part of: a VRF, a bridge, a bond.
    pub controller: Option<u32>,
    /// What somebody wrote on it (IFLA_IFALIAS).
    pub alias: Option<String>,
}

/// The message that makes it. Whatever else an interface has can be set only when it is there.
pub(super) fn encode(spec: &StackedSpec) -> LinkMessage {
    let mut message = LinkMessage::default();
    let (kind, data) = match spec.kind {
        StackedKind::Macvlan { .. } => (
            InfoKind::MacVlan,
            InfoData::MacVlan(vec![InfoMacVlan::Mode(MacVlanMode::Vepa)]),
        ),
        StackedKind::Ipvlan { siblings } => (InfoKind::IpVlan, InfoData::IpVlan(ipvlan(siblings))),
    };
    message.attributes.push(LinkAttribute::IfName(cut(&spec.name)));
    message.attributes.push(LinkAttribute::Link(spec.base));
    if let StackedKind::Macvlan { mac } = spec.kind {
        message.attributes.push(LinkAttribute::Address(mac.0.to_vec()));
    }
    message.attributes.extend(spec.group.map(LinkAttribute::Group));
    message
        .attributes
        .extend(spec.controller.map(LinkAttribute::Controller));
    message.attributes.push(LinkAttribute::LinkInfo(vec![
        LinkInfo::Kind(kind),
        LinkInfo::Data(data),
    ]));
    message
}

fn ipvlan(siblings: Siblings) -> Vec<InfoIpVlan> {
    let flags = match siblings {
        Siblings::Bridge => IpVlanFlags::empty(),
        Siblings::Private => IpVlanFlags::Private,
        Siblings::Vepa => IpVlanFlags::Vepa,
    };
    vec![InfoIpVlan::Mode(IpVlanMode::L2), InfoIpVlan::Flags(flags)]
}

/// The attribute that keeps an interface from making itself IPv6 addresses.
pub(super) fn no_generated_addresses() -> LinkAttribute {
    let inet6 = vec![AfSpecInet6::AddrGenMode(In6AddrGenMode::None)];
    LinkAttribute::AfSpecUnspec(vec![AfSpecUnspec::Inet6(inet6)])
}

/// What a message tells of an interface; `None` if it is of another kind.
pub(super) fn decode(message: &Message<'_>) -> Result<Option<StackedLink>, Malformed> {
    if message.kind != RTM_NEWLINK {
        return Ok(None);
    }
    let Some(link) = link(message.payload)? else {
        return Ok(None);
    };
    let attributes = Attributes::behind(LINK_HEADER, message.payload)?;
    let elsewhere = attributes.find(IFLA_LINK_NETNSID).is_some();
    let base = attributes.get(IFLA_LINK, parse_u32)?;
    let (kind, hides) = match attributes.find(IFLA_LINKINFO) {
        Some(info) => kind(info, link.mac)?,
        None => (None, false),
    };
    Ok(Some(StackedLink {
        index: link.index,
        base: base.filter(|base| !elsewhere && *base != 0),
        kind,
        hides,
        controller: attributes.get(IFLA_MASTER, parse_u32)?,
        alias: attributes.get(IFLA_IFALIAS, text)?,
        name: link.name,
    }))
}

/// What an interface is, and whether it is a private macvlan.
fn kind(info: &[u8], mac: Option<MacAddr>) -> Result<(Option<StackedKind>, bool), Malformed> {
    let info = Attributes::read(info)?;
    let Some(data) = info.find(IFLA_INFO_DATA) else {
        return Ok((None, false));
    };
    let data = Attributes::read(data)?;
    Ok(match info.get(IFLA_INFO_KIND, text)?.as_deref() {
        Some("macvlan") => {
            let mode = data.get(IFLA_MACVLAN_MODE, parse_u32)?;
            let usual = matches!(
                mode,
                Some(MACVLAN_MODE_PRIVATE | MACVLAN_MODE_VEPA | MACVLAN_MODE_BRIDGE)
            );
            let kind = mac.filter(|_| usual).map(|mac| StackedKind::Macvlan { mac });
            (kind, mode == Some(MACVLAN_MODE_PRIVATE))
        }
        Some("ipvlan") => {
            let l2 = data.get(IFLA_IPVLAN_MODE, parse_u16)? == Some(IPVLAN_MODE_L2);
            let flags = data.get(IFLA_IPVLAN_FLAGS, parse_u16)?.unwrap_or_default();
            let siblings = siblings(flags).filter(|_| l2);
            (siblings.map(|siblings| StackedKind::Ipvlan { siblings }), false)
        }
        _ => (None, false),
    })
}

fn siblings(flags: u16) -> Option<Siblings> {
    match flags {
        0 => Some(Siblings::Bridge),
        1 => Some(Siblings::Private),
        2 => Some(Siblings::Vepa),
        _ => None,
    }
}

/// linux/rtnetlink.h
const RTM_NEWLINK: u16 = 16;

// linux/if_link.h
const IFLA_LINK: u16 = 5;
const IFLA_MASTER: u16 = 10;
const IFLA_LINKINFO: u16 = 18;
const IFLA_IFALIAS: u16 = 20;
const IFLA_LINK_NETNSID: u16 = 37;
const IFLA_INFO_KIND: u16 = 1;
const IFLA_INFO_DATA: u16 = 2;
const IFLA_MACVLAN_MODE: u16 = 1;
const MACVLAN_MODE_PRIVATE: u32 = 1;
const MACVLAN_MODE_VEPA: u32 = 2;
const MACVLAN_MODE_BRIDGE: u32 = 4;
const IFLA_IPVLAN_MODE: u16 = 1;
const IFLA_IPVLAN_FLAGS: u16 = 2;
const IPVLAN_MODE_L2: u16 = 0;

#[cfg(test)]
mod tests {
    use super::*;
    use netlink_packet_core::Emitable;

    fn encoded(kind: StackedKind) -> Vec<u8> {
        let spec = StackedSpec {
            group: Some(7),
            ..StackedSpec::new("vrrp.51", 3, kind)
        };
        let message = encode(&spec);
        let mut octets = vec![0xa5; message.buffer_len()];
        message.emit(&mut octets);
        // The header's link type is the kernel's to say; ARPHRD_ETHER is 1.
        octets[2..4].copy_from_slice(&1_u16.to_ne_bytes());
        octets
    }

    fn decoded(octets: &[u8]) -> StackedLink {
        let message = Message {
            kind: 16,
            payload: octets,
        };
        decode(&message).unwrap().unwrap()
    }

    /// An attribute: length and kind, both 16 bits wide, and the value, padded to a multiple of four.
    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let len = u16::try_from(value.len() + 4).unwrap();
        let mut octets = [len.to_ne_bytes(), kind.to_ne_bytes()].concat();
        octets.extend(value);
        octets.resize(octets.len().next_multiple_of(4), 0);
        octets
    }

    #[test]
    fn macvlan_as_the_kernel_wants_it() {
        let mac = MacAddr([0, 0, 0x5e, 0, 1, 51]);
        let octets = encoded(StackedKind::Macvlan { mac });
        let info = [
            attribute(1, b"macvlan\0"),
            attribute(2, &attribute(1, &2_u32.to_ne_bytes())),
        ]
        .concat();
        let expected = [
            attribute(3, b"vrrp.51\0"),
            attribute(5, &3_u32.to_ne_bytes()),
            attribute(1, &mac.0),
            attribute(27, &7_u32.to_ne_bytes()),
            attribute(18, &info),
        ]
        .concat();
        assert_eq!(octets[LINK_HEADER..], expected);
        let link = decoded(&octets);
        assert_eq!((link.name.as_str(), link.base), ("vrrp.51", Some(3)));
        assert_eq!(link.kind, Some(StackedKind::Macvlan { mac }));
    }

    #[test]
    fn ipvlan_as_the_kernel_wants_it() {
        for (siblings, flags) in [
            (Siblings::Bridge, 0_u16),
            (Siblings::Private, 1),
            (Siblings::Vepa, 2),
        ] {
            let octets = encoded(StackedKind::Ipvlan { siblings });
            let data = [
                attribute(1, &0_u16.to_ne_bytes()),
                attribute(2, &flags.to_ne_bytes()),
            ]
            .concat();
            let info = [attribute(1, b"ipvlan\0"), attribute(2, &data)].concat();
            let expected = [
                attribute(3, b"vrrp.51\0"),
                attribute(5, &3_u32.to_ne_bytes()),
                attribute(27, &7_u32.to_ne_bytes()),
                attribute(18, &info),
            ]
            .concat();
            assert_eq!(octets[LINK_HEADER..], expected);
            assert_eq!(decoded(&octets).kind, Some(StackedKind::Ipvlan { siblings }));
        }
    }

    #[test]
    fn base_in_another_namespace_is_none_of_ours() {
        let mut octets = encoded(StackedKind::Macvlan { mac: MacAddr([2; 6]) });
        octets.extend(attribute(IFLA_LINK_NETNSID, &1_i32.to_ne_bytes()));
        octets.extend(attribute(IFLA_IFALIAS, b"mine\0"));
        octets.extend(attribute(IFLA_MASTER, &9_u32.to_ne_bytes()));
        let link = decoded(&octets);
        assert_eq!((link.base, link.alias.as_deref()), (None, Some("mine")));
        assert_eq!(link.controller, Some(9));
    }

    #[test]
    fn mode_of_a_macvlan_is_told() {
        let mac = MacAddr([2; 6]);
        let mut octets = encoded(StackedKind::Macvlan { mac });
        let last = octets.len() - 4;
        let expected = [
            (1_u32, true, true),
            (2, true, false),
            (4, true, false),
            (8, false, false),
        ];
        for (mode, known, hides) in expected {
            octets[last..].copy_from_slice(&mode.to_ne_bytes());
            let link = decoded(&octets);
            let kind = known.then_some(StackedKind::Macvlan { mac });
            assert_eq!((link.kind, link.hides), (kind, hides), "mode {mode}");
        }
    }
}
