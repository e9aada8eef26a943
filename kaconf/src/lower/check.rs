//! What contradicts what, within an instance and between instances.

use std::collections::HashMap;
use std::net::IpAddr;

use super::draft::InstanceDraft;
use super::resolve::OWNER;
use crate::session::Session;
use crate::{Code, Diagnostic, Family, InitialState, Spanned, VrrpInstance, VrrpVersion};

impl InstanceDraft {
    /// Takes out addresses that are not of the instance's family.
    pub(super) fn drop_other_family(&mut self, family: Family, session: &mut Session<'_>) {
        let name = &self.name;
        let why = match (&self.native_ipv6, self.virtual_ipaddress.first()) {
            (Some(native), _) if native.value => Some((native.span, "this makes it IPv6")),
            (_, Some(first)) => Some((first.address.span, "the first address decides")),
            _ => None,
        };
        let mut is_ours = |address: &Spanned<IpAddr>, what: &str, help: &str| {
            let ours = Family::of(address.value) == family;
            if !ours {
                let (is, not) = names(family);
                let message = format!("the {what} {address} is {not}, and `{name}` is {is}");
                let mut diagnostic = Diagnostic::error(Code::WrongFamily, message).at(address.span);
                if let Some((span, text)) = why.filter(|&(span, _)| span != address.span) {
                    diagnostic = diagnostic.label(span, text);
                }
                session.report(if help.is_empty() {
                    diagnostic
                } else {
                    diagnostic.help(help)
                });
            }
            ours
        };
        let help =
            "addresses of the other family go into `virtual_ipaddress_excluded` or an instance of their own";
        self.virtual_ipaddress
            .retain(|vip| is_ours(&vip.address, "virtual address", help));
        self.unicast_peer
            .retain(|peer| is_ours(&peer.address, "unicast peer", ""));
        self.source = self
            .source
            .take()
            .filter(|source| is_ours(source, "source address", ""));
        self.mcast_dst_ip = self
            .mcast_dst_ip
            .take()
            .filter(|group| is_ours(group, "multicast group", ""));
    }

    /// An address may be there twice, in adverts too; but it can be on an interface only once.
    pub(super) fn check_repeated_addresses(&self, session: &mut Session<'_>) {
        let mut seen = HashMap::new();
        for vip in &self.virtual_ipaddress {
            let first = *seen.entry(vip.address.value).or_insert(vip.address.span);
            if first != vip.address.span {
                let message = format!("{} is there already", vip.address);
                session.report(
                    Diagnostic::warning(Code::DuplicateAddress, message)
                        .label(vip.address.span, "a second time")
                        .label(first, "the first time"),
                );
            }
        }
    }

    /// Reports what an instance must have and this one has not, unless a fault in it was reported.
    pub(super) fn check_complete(&self, session: &mut Session<'_>) {
        let mut missing = |code, keyword: &'static str, what: &str| {
            if !self.faulty.contains(&keyword) {
                let message = format!("`vrrp_instance {}` has no `{keyword}`", self.name);
                session.report(Diagnostic::error(code, message).label(self.name.span, what));
            }
        };
        if self.virtual_router_id.is_none() {
            missing(
                Code::NoVirtualRouterId,
                "virtual_router_id",
                "needs a number from 1 to 255",
            );
        }
        if self.interface.is_none() && self.unicast_peer.is_empty() {
            missing(
                Code::NoInterface,
                "interface",
                "needs an interface, or unicast peers",
            );
        }
        if self.virtual_ipaddress.is_empty() {
            missing(
                Code::NoVirtualAddress,
                "virtual_ipaddress",
                "needs an address to take care of",
            );
        }
    }

    pub(super) fn check_unicast(&self, session: &mut Session<'_>) {
        if let Some(span) = self.wants_unicast.filter(|_| self.unicast_peer.is_empty())
            && !self.faulty.contains(&"unicast_peer")
        {
            session.report(
                Diagnostic::warning(
                    Code::UnicastWithoutPeers,
                    "there is no unicast peer: adverts are multicast",
                )
                .at(span)
                .help("list the other routers in `unicast_peer { ... }`, one on each line"),
            );
        }
        let own = self.source.map(|source| source.value);
        for peer in self
            .unicast_peer
            .iter()
            .filter(|peer| Some(peer.address.value) == own)
        {
            let message = format!("{} is this router's own address, and no peer of it", peer.address);
            session.report(Diagnostic::warning(Code::OwnAddressAsPeer, message).at(peer.address.span));
        }
    }

    pub(super) fn check_authentication(&mut self, version: VrrpVersion, session: &mut Session<'_>) {
        if version == VrrpVersion::V3
            && let Some(authentication) = self.authentication.take()
        {
            session.report(
                Diagnostic::warning(
                    Code::AuthenticationIgnored,
                    "version 3 has no authentication; this is ignored",
                )
                .at(authentication.span)
                .help("RFC 5798 took it out: it protected against nothing that TTL 255 does not"),
            );
        }
    }

    /// Takes out what cannot work together, as keepalived does.
    pub(super) fn check_preemption(&mut self, state: InitialState, priority: u8, session: &mut Session<'_>) {
        let mut ignored = |span, message: &str| {
            session.report(Diagnostic::warning(Code::PreemptionIgnored, message).label(span, "ignored"));
        };
        if let Some(span) = self.nopreempt {
            let clash = match (priority, state) {
                (OWNER, _) => Some("`nopreempt` is not for the owner of the addresses (priority 255)"),
                (_, InitialState::Master) => Some("`nopreempt` needs `state BACKUP`"),
                _ => None,
            };
            if let Some(message) = clash {
                ignored(span, message);
                self.nopreempt = None;
            }
        }
        if let Some(delay) = self.preempt_delay.filter(|delay| !delay.is_zero()) {
            let clash = match (self.nopreempt, state) {
                (Some(_), _) => Some("`preempt_delay` has no effect with `nopreempt`"),
                (None, InitialState::Master) => Some("`preempt_delay` needs `state BACKUP`"),
                _ => None,
            };
            if let Some(message) = clash {
                ignored(delay.span, message);
                self.preempt_delay = None;
            }
        }
    }
}

/// Two instances must not hear each other's adverts as their own.
pub(super) fn report_duplicate_ids(instances: &[VrrpInstance], session: &mut Session<'_>) {
    let mut seen: HashMap<_, &VrrpInstance> = HashMap::new();
    for instance in instances {
        let group = instance.unicast_peer.is_empty().then_some(instance.mcast_dst_ip);
        let interface = instance.interface.as_ref().map(|interface| interface.as_str());
        let key = (
            interface,
            instance.virtual_router_id.value,
            instance.family,
            group,
        );
        let first = *seen.entry(key).or_insert(instance);
        if !std::ptr::eq(first, instance) {
            let (family, _) = names(instance.family);
            let id = instance.virtual_router_id.value;
            let on = interface.map(|name| format!(" on `{name}`")).unwrap_or_default();
            let message = format!(
                "`{}` and `{}` are both virtual router {id} of {family}{on}",
                first.name, instance.name
            );
            session.report(
                Diagnostic::error(Code::DuplicateVirtualRouterId, message)
                    .label(instance.virtual_router_id.span, "the same id")
                    .label(first.virtual_router_id.span, "the first one"),
            );
        }
    }
}

/// A family's name, and the other's.
fn names(family: Family) -> (&'static str, &'static str) {
    match family {
        Family::Ipv4 => ("IPv4", "IPv6"),
        Family::Ipv6 => ("IPv6", "IPv4"),
    }
}
