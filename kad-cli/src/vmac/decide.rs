//! What is to be done about one interface; pure.

use crate::rtnl::{StackedKind, StackedLink};

/// What is wanted of an interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    /// The number of the interface under it, if that is there.
    pub(super) base: Option<u32>,
    pub(super) kind: StackedKind,
}

/// What is to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// There is no interface to put it on.
    Wait,
    Make,
    /// It is there.
    Use(Found),
    /// It is there and was made by kad, but for another configuration.
    MakeAnew {
        index: u32,
    },
    /// Somebody else's interface has the name; how it is different.
    Refuse(String),
}

/// An interface that can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found {
    pub(super) index: u32,
    /// It was made by kad, and so is to be removed at the end.
    pub(super) ours: bool,
    /// Its mode has to be changed.
    pub(super) hides: bool,
}

pub(super) fn decide(wanted: Wanted<'_>, links: &[StackedLink]) -> Step {
    let Some(base) = wanted.base else {
        return Step::Wait;
    };
    let Some(link) = links.iter().find(|link| link.name == wanted.name) else {
        return Step::Make;
    };
    let ours = is_ours(link);
    if link.base == under(base, links) && link.kind == Some(wanted.kind) {
        return Step::Use(Found {
            index: link.index,
            ours,
            hides: link.hides,
        });
    }
    if ours {
        return Step::MakeAnew { index: link.index };
    }
    Step::Refuse(difference(link, wanted, base, links))
}

/// The interface that the kernel puts one on top of that is wanted on top of `base`: a macvlan is never on another one,
/// but beside it. `None` if that is in another namespace.
fn under(base: u32, links: &[StackedLink]) -> Option<u32> {
    let link = links.iter().find(|link| link.index == base);
    match link {
        Some(link) if matches!(link.kind, Some(StackedKind::Macvlan { .. })) => link.base,
        _ => Some(base),
    }
}

/// What is written on the interfaces that kad makes.
pub(super) fn mark(instance: &str) -> String {
    let mark = format!("{MARK}{instance}");
    mark.chars().take(MARK_LIMIT).collect()
}

fn is_ours(link: &StackedLink) -> bool {
    link.alias.as_ref().is_some_and(|alias| alias.starts_with(MARK))
}

/// The first thing that is not as it should be.
fn difference(link: &StackedLink, wanted: Wanted<'_>, base: u32, links: &[StackedLink]) -> String {
    let name = |index| {
        let known = links.iter().find(|link| link.index == index);
        known.map_or("another", |link| link.name.as_str())
    };
    match (link.kind, wanted.kind) {
        (Some(StackedKind::Macvlan { mac }), StackedKind::Macvlan { mac: wanted }) if mac != wanted => {
            format!("its MAC address is {mac}, and {wanted} is wanted")
        }
        (Some(kind), wanted) if kind == wanted => {
            let on = link.base.map_or("another", name);
            format!("it is on top of {on}, and {} is wanted", name(base))
        }
        (_, StackedKind::Macvlan { .. }) => "it is not a macvlan of the wanted kind".to_owned(),
        (_, StackedKind::Ipvlan { .. }) => "it is not an ipvlan of the wanted kind".to_owned(),
    }
}

const MARK: &str = "kad: made for vrrp_instance ";
/// IFALIASZ (linux/if.h) is 256 octets, and a letter may have four.
const MARK_LIMIT: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;
    use vrrp_proto::MacAddr;

    const KIND: StackedKind = StackedKind::Macvlan {
        mac: MacAddr([0, 0, 0x5e, 0, 1, 51]),
    };

    fn wanted(base: Option<u32>) -> Wanted<'static> {
        Wanted {
            name: "vrrp.51",
            base,
            kind: KIND,
        }
    }

    fn link(index: u32, name: &str) -> StackedLink {
        StackedLink {
            index,
            name: name.to_owned(),
            base: None,
            kind: None,
            hides: false,
            controller: None,
            alias: None,
        }
    }

    fn vmac() -> StackedLink {
        StackedLink {
            base: Some(2),
            kind: Some(KIND),
            ..link(7, "vrrp.51")
        }
    }

    fn refusal(link: StackedLink) -> String {
        let links = [super::tests::link(2, "eth0"), super::tests::link(3, "eth1"), link];
        match decide(wanted(Some(2)), &links) {
            Step::Refuse(reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn waits_for_the_interface_under_it_and_is_made_then() {
        assert_eq!(decide(wanted(None), &[]), Step::Wait);
        assert_eq!(decide(wanted(Some(2)), &[link(2, "eth0")]), Step::Make);
    }

    #[test]
    fn what_is_there_is_used_whoever_made_it() {
        let found = |ours, hides| {
            Step::Use(Found {
                index: 7,
                ours,
                hides,
            })
        };
        let marked = StackedLink {
            alias: Some(mark("A")),
            ..vmac()
        };
        let private = StackedLink {
            hides: true,
            ..vmac()
        };
        assert_eq!(decide(wanted(Some(2)), &[marked]), found(true, false));
        assert_eq!(decide(wanted(Some(2)), &[vmac()]), found(false, false));
        assert_eq!(decide(wanted(Some(2)), &[private]), found(false, true));
    }

    #[test]
    fn macvlan_on_a_macvlan_is_beside_it() {
        for base in [Some(2), None] {
            let container = StackedLink {
                base,
                kind: Some(StackedKind::Macvlan { mac: MacAddr([2; 6]) }),
                ..link(3, "eth0")
            };
            let made = StackedLink { base, ..vmac() };
            assert!(matches!(
                decide(wanted(Some(3)), &[container, made]),
                Step::Use(_)
            ));
        }
    }

    #[test]
    fn what_was_made_for_another_configuration_is_made_anew() {
        let other = StackedLink {
            base: Some(3),
            alias: Some(mark("A")),
            ..vmac()
        };
        assert_eq!(decide(wanted(Some(2)), &[other]), Step::MakeAnew { index: 7 });
    }

    #[test]
    fn somebody_elses_interface_is_told_by_what_is_different() {
        assert_eq!(
            refusal(link(7, "vrrp.51")),
            "it is not a macvlan of the wanted kind"
        );
        let mac = StackedKind::Macvlan {
            mac: MacAddr([2, 0, 0, 0, 0, 1]),
        };
        let other = StackedLink {
            kind: Some(mac),
            ..vmac()
        };
        assert_eq!(
            refusal(other),
            "its MAC address is 02:00:00:00:00:01, and 00:00:5e:00:01:33 is wanted"
        );
        let elsewhere = StackedLink {
            base: Some(3),
            ..vmac()
        };
        assert_eq!(refusal(elsewhere), "it is on top of eth1, and eth0 is wanted");
    }

    #[test]
    fn mark_fits_whatever_the_name() {
        assert!(mark(&"ü".repeat(500)).len() < 256);
        assert!(mark("A").starts_with(MARK));
    }
}
