//! How adverts and announcements travel.

use std::collections::BTreeMap;
use std::num::NonZeroU8;
use std::time::Duration;

use kaconf::{Config, Garp, OldUnicastChecksum, Spanned, VrrpInstance};
use vrrp_engine::{Announcements, Conduct, Delivery, InterfaceId, OldChecksum, Peer};

use super::{Plan, Source};

/// The name of no interface: that of an instance whose unicast adverts leave and come in wherever the machine's routes
/// have them.
pub const ANYWHERE: &str = "";

/// How long nothing is done after a start: until all of this is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StartupDelay {
    /// Since the program was started: `vrrp_startup_delay`.
    pub after_start: Duration,
    /// Since the machine was: `vrrp_delay_after_boot`.
    pub after_boot: Duration,
}

/// Announcements that are repeated on interfaces that no adverts leave by, so that switches do not forget where they
/// are: `garp_extra_if`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExtraAnnouncements {
    /// The time between two of them.
    pub interval: Duration,
    /// On every interface that has an address of the instance, not on those with a virtual MAC address alone.
    pub all: bool,
}

/// The least time between two announcements: `vrrp_garp_interval`, `vrrp_gna_interval` and `garp_group`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pacing {
    /// On each interface that is in no group.
    pub alone: Pace,
    /// On all interfaces of a group together.
    pub groups: Vec<Pace>,
    /// The group of an interface, a place in `groups`.
    pub group_of: BTreeMap<InterfaceId, usize>,
}

/// The least time between two frames; zero for none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pace {
    /// Between gratuitous ARPs.
    pub arp: Duration,
    /// Between unsolicited neighbour advertisements.
    pub na: Duration,
}

/// The pacing on the interfaces that `plan` has numbered.
pub(super) fn pacing(config: &Config, plan: &Plan) -> Pacing {
    let group_of = config.garp_groups.iter().enumerate().flat_map(|(place, group)| {
        let names = group.interfaces.iter();
        names.filter_map(move |name| Some((plan.known_interface(name)?, place)))
    });
    let groups = config.garp_groups.iter().map(|group| Pace {
        arp: group.garp_interval.map(|it| it.value).unwrap_or_default(),
        na: group.gna_interval.map(|it| it.value).unwrap_or_default(),
    });
    Pacing {
        alone: Pace {
            arp: *config.global.garp_interval,
            na: *config.global.gna_interval,
        },
        groups: groups.collect(),
        group_of: group_of.collect(),
    }
}

pub(super) fn startup(config: &Config) -> StartupDelay {
    StartupDelay {
        after_start: *config.global.startup_delay,
        after_boot: *config.global.delay_after_boot,
    }
}

pub(super) fn extra_announcements(from: &VrrpInstance) -> Option<ExtraAnnouncements> {
    let extra = from.garp_extra_if?;
    Some(ExtraAnnouncements {
        interval: extra.interval,
        all: extra.all,
    })
}

/// Without an interface there is no address of its own; what the kernel would take towards a peer is as good.
pub(super) fn source(from: &VrrpInstance) -> Source {
    match (&from.source, &from.interface, from.unicast_peer.first()) {
        (Some(source), ..) if *from.track_src_ip => Source::Present(source.value),
        (Some(source), ..) => Source::Fixed(source.value),
        (None, None, Some(peer)) => Source::Towards(peer.address.value),
        (None, ..) => Source::Primary,
    }
}

/// With `unicast_fault_no_peer` our own address is as good as no peer.
pub(super) fn delivery(from: &VrrpInstance) -> Delivery {
    let fault = *from.unicast_fault_no_peer;
    let own = from.source.map(|source| source.value);
    let lonely = from
        .unicast_peer
        .iter()
        .all(|peer| Some(peer.address.value) == own);
    if from.unicast_peer.is_empty() && !fault {
        return Delivery::Multicast(from.mcast_dst_ip.value);
    }
    if lonely && fault {
        return Delivery::Unicast(Vec::new());
    }
    let peer = |peer: &kaconf::UnicastPeer| {
        let anywhere = Peer::from(peer.address.value);
        Peer {
            min_ttl: peer.min_ttl.unwrap_or(anywhere.min_ttl),
            max_ttl: peer.max_ttl.unwrap_or(anywhere.max_ttl),
            ..anywhere
        }
    };
    Delivery::Unicast(from.unicast_peer.iter().map(peer).collect())
}

pub(super) fn old_checksum(from: &VrrpInstance) -> OldChecksum {
    match from.old_unicast_checksum.as_ref().map(|it| it.value) {
        None => OldChecksum::Learn,
        Some(OldUnicastChecksum::Always) => OldChecksum::Always,
        Some(OldUnicastChecksum::Never) => OldChecksum::Never,
    }
}

pub(super) fn conduct(from: &VrrpInstance) -> Conduct {
    let stall = |adverts: &Spanned<u32>| match adverts.value {
        0 => NonZeroU8::new(*from.down_timer_adverts),
        adverts => NonZeroU8::new(u8::try_from(adverts).unwrap_or(u8::MAX)),
    };
    Conduct {
        answer_lower_priority: !*from.lower_prio_no_advert,
        advertise_before_yielding: *from.higher_prio_send_advert,
        owner_ignores_adverts: *from.owner_ignore_adverts,
        only_from_peers: *from.check_unicast_src,
        trust_known_master: *from.skip_check_adv_addr,
        yield_after_stall: from.timer_expired_backup.as_ref().and_then(stall),
    }
}

/// With `vrrp_min_garp` what no file says is one frame and no second burst.
pub(super) fn announcements(from: &Garp, min: bool) -> Announcements {
    let count = |frames: &Spanned<u32>| {
        let most = if min && !frames.is_written() { 1 } else { u8::MAX };
        u8::try_from(frames.value).unwrap_or(u8::MAX).min(most)
    };
    let delay = |delay: &Spanned<Duration>| {
        if min && !delay.is_written() {
            Duration::ZERO
        } else {
            delay.value
        }
    };
    Announcements {
        repeat: count(&from.master_repeat),
        delay: delay(&from.master_delay),
        refresh: *from.master_refresh,
        refresh_repeat: count(&from.master_refresh_repeat),
        lower_priority_repeat: count(&from.lower_prio_repeat),
        lower_priority_delay: delay(&from.lower_prio_delay),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        let loader = kaconf::MemoryLoader::with("k.conf", text);
        let parsed = kaconf::parse(&loader, "k.conf".as_ref(), &kaconf::Options::default());
        assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
        parsed.config
    }

    fn instance(lines: &str) -> VrrpInstance {
        let text = format!(
            "vrrp_instance A {{\n interface eth0\n virtual_router_id 1\n {lines}\n virtual_ipaddress {{\n 10.0.0.9\n }}\n}}\n"
        );
        config(&text).instances.remove(0)
    }

    fn ip(text: &str) -> std::net::IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn peers_have_bounds_where_the_file_says_so() {
        let from = instance("unicast_peer {\n 10.0.0.2 min_ttl 250\n 10.0.0.3 max_ttl 9\n 10.0.0.4\n }");
        let peer = |address, min_ttl, max_ttl| Peer {
            address: ip(address),
            min_ttl,
            max_ttl,
        };
        let peers = vec![
            peer("10.0.0.2", 250, 255),
            peer("10.0.0.3", 0, 9),
            peer("10.0.0.4", 0, 255),
        ];
        assert_eq!(delivery(&from), Delivery::Unicast(peers));
    }

    #[test]
    fn no_peer_is_multicast_or_a_fault() {
        let group = Delivery::Multicast(ip("224.0.0.18"));
        assert_eq!(delivery(&instance("")), group);
        let nobody = Delivery::Unicast(Vec::new());
        assert_eq!(delivery(&instance("unicast_fault_no_peer")), nobody);
        let own = "unicast_src_ip 10.0.0.1\n unicast_peer {\n 10.0.0.1\n }\n unicast_fault_no_peer";
        assert_eq!(delivery(&instance(own)), nobody);
    }

    #[test]
    fn fewest_announcements_are_for_what_no_file_says() {
        let schedule = |lines| announcements(&instance(lines).garp, true);
        let few = schedule("");
        assert_eq!((few.repeat, few.delay), (1, Duration::ZERO));
        assert_eq!(
            (few.lower_priority_repeat, few.lower_priority_delay),
            (1, Duration::ZERO)
        );
        let more = schedule("garp_master_repeat 3\n garp_master_delay 7");
        assert_eq!((more.repeat, more.delay), (3, Duration::from_secs(7)));
    }

    #[test]
    fn conduct_is_what_the_file_says() {
        assert_eq!(conduct(&instance("")), Conduct::default());
        let lines = "higher_prio_send_advert\n lower_prio_no_advert\n owner_ignore_adverts\n check_unicast_src\n \
                     skip_check_adv_addr\n down_timer_adverts 5\n nopreempt\n timer_expired_backup";
        let said = Conduct {
            answer_lower_priority: false,
            advertise_before_yielding: true,
            owner_ignores_adverts: true,
            only_from_peers: true,
            trust_known_master: true,
            yield_after_stall: NonZeroU8::new(5),
        };
        assert_eq!(conduct(&instance(lines)), said);
    }

    #[test]
    fn pace_of_a_group_is_for_its_interfaces() {
        let config = config(
            "global_defs {\n vrrp_garp_interval 0.1\n vrrp_gna_interval 0.2\n}\n\
             garp_group {\n garp_interval 0.5\n interfaces {\n eth1\n }\n}\n",
        );
        let plan = Plan {
            interfaces: vec!["eth0".to_owned(), "eth1".to_owned()],
            ..Plan::default()
        };
        let pacing = pacing(&config, &plan);
        let pace = |arp, na| Pace {
            arp: Duration::from_millis(arp),
            na: Duration::from_millis(na),
        };
        assert_eq!(
            (pacing.alone, &pacing.groups[..]),
            (pace(100, 200), &[pace(500, 0)][..])
        );
        assert_eq!(pacing.group_of, [(InterfaceId(1), 0)].into());
    }
}
