//! What contradicts what, within an instance and between instances.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use super::draft::InstanceDraft;
use crate::session::Session;
use crate::{Code, Diagnostic, Family, InitialState, Spanned, VrrpInstance, VrrpVersion};

impl InstanceDraft {
    /// Reports what an instance must have and this one has not, unless a fault in it was reported.
    pub(super) fn check_complete(&self, instance: &VrrpInstance, session: &mut Session<'_>) {
        let mut missing = |code, keyword: &'static str, what: &str| {
            if !self.faulty.contains(keyword) {
                let message = format!("`vrrp_instance {}` has no `{keyword}`", instance.name);
                session.report(Diagnostic::error(code, message).label(instance.name.span, what));
            }
        };
        if !instance.virtual_router_id.is_written() {
            missing(
                Code::NoVirtualRouterId,
                "virtual_router_id",
                "needs a number from 1 to 255",
            );
        }
        if instance.interface.is_none() && instance.unicast_peer.is_empty() {
            missing(
                Code::NoInterface,
                "interface",
                "needs an interface, or unicast peers",
            );
        }
        if instance.virtual_ipaddress.is_empty() && !instance.no_virtual_ipaddress.value {
            missing(
                Code::NoVirtualAddress,
                "virtual_ipaddress",
                "needs an address to take care of",
            );
        }
    }

    pub(super) fn check_unicast(&self, instance: &VrrpInstance, session: &mut Session<'_>) {
        if let Some(span) = self.wants_unicast.filter(|_| instance.unicast_peer.is_empty())
            && !instance.unicast_fault_no_peer.value
            && !self.faulty.contains("unicast_peer")
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
        let own = instance.source.map(|source| source.value);
        for peer in instance
            .unicast_peer
            .iter()
            .filter(|peer| Some(peer.address.value) == own)
        {
            let message = format!("{} is this router's own address, and no peer of it", peer.address);
            session.report(Diagnostic::warning(Code::OwnAddressAsPeer, message).at(peer.address.span));
        }
    }
}

/// Takes out addresses that are not of the instance's family.
pub(super) fn drop_other_family(instance: &mut VrrpInstance, session: &mut Session<'_>) {
    let (family, name) = (instance.family, &instance.name);
    let why = match instance.virtual_ipaddress.first() {
        _ if instance.native_ipv6.value => Some((instance.native_ipv6.span, "this makes it IPv6")),
        Some(first) => Some((first.address.span, "the first address decides")),
        None => None,
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
    instance
        .virtual_ipaddress
        .retain(|vip| is_ours(&vip.address, "virtual address", help));
    instance
        .unicast_peer
        .retain(|peer| is_ours(&peer.address, "unicast peer", ""));
    instance.source = instance
        .source
        .take()
        .filter(|source| is_ours(source, "source address", ""));
    if instance.mcast_dst_ip.is_written() && !is_ours(&instance.mcast_dst_ip, "multicast group", "") {
        instance.mcast_dst_ip.span = crate::Span::NOWHERE;
    }
}

/// An address may be there twice, in adverts too; but it can be on an interface only once.
pub(super) fn check_repeated_addresses(instance: &VrrpInstance, session: &mut Session<'_>) {
    let mut seen = HashMap::new();
    let excluded = &instance.virtual_ipaddress_excluded;
    for vip in instance.virtual_ipaddress.iter().chain(excluded) {
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

pub(super) fn check_authentication(instance: &mut VrrpInstance, session: &mut Session<'_>) {
    if *instance.version == VrrpVersion::V3
        && let Some(authentication) = instance.authentication.take()
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
pub(super) fn check_preemption(instance: &mut VrrpInstance, session: &mut Session<'_>) {
    let mut ignored = |span, message: &str| {
        session.report(Diagnostic::warning(Code::PreemptionIgnored, message).label(span, "ignored"));
    };
    let (priority, state) = (*instance.priority, *instance.state);
    if instance.nopreempt.value {
        let clash = match (priority, state) {
            (VrrpInstance::OWNER, _) => {
                Some("`nopreempt` is not for the owner of the addresses (priority 255)")
            }
            (_, InitialState::Master) => Some("`nopreempt` needs `state BACKUP`"),
            _ => None,
        };
        if let Some(message) = clash {
            ignored(instance.nopreempt.span, message);
            instance.nopreempt = Spanned::default();
        }
    }
    if !instance.preempt_delay.is_zero() {
        let clash = match (instance.nopreempt.value, state) {
            (true, _) => Some("`preempt_delay` has no effect with `nopreempt`"),
            (false, InitialState::Master) => Some("`preempt_delay` needs `state BACKUP`"),
            _ => None,
        };
        if let Some(message) = clash {
            ignored(instance.preempt_delay.span, message);
            instance.preempt_delay = Duration::ZERO.into();
        }
    }
}

/// Two instances must not hear each other's adverts as their own.
pub(super) fn report_duplicate_ids(instances: &[VrrpInstance], session: &mut Session<'_>) {
    let mut seen: HashMap<_, &VrrpInstance> = HashMap::new();
    for instance in instances {
        let group = instance
            .unicast_peer
            .is_empty()
            .then_some(instance.mcast_dst_ip.value);
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
