//! The kernel settings that an interface of a virtual router needs; pure.

/// A setting, and what goes wrong without it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Setting {
    /// As in [`Sysctls`](crate::sysctl::Sysctls).
    pub(super) name: String,
    pub(super) value: String,
    pub(super) without: &'static str,
}

/// Those of an interface that is made.
pub(super) fn of_virtual(interface: &str, ipv4: bool, ipv6: bool) -> Vec<Setting> {
    let mut settings = Vec::new();
    if ipv4 {
        let conf = |setting, value, without| setting_of("ipv4", interface, setting, value, without);
        settings.extend([
            conf("arp_ignore", "1", ARP),
            conf(
                "accept_local",
                "1",
                "what this machine itself sends to a virtual address may be dropped",
            ),
            conf("rp_filter", "0", RP_FILTER),
            conf(
                "promote_secondaries",
                "1",
                "removing one virtual address may take others of its subnet along",
            ),
        ]);
    }
    let conf = |setting, value, without| setting_of("ipv6", interface, setting, value, without);
    if ipv6 {
        let without = "a router advertisement may give it addresses of its own";
        settings.extend([conf("accept_ra", "0", without), conf("autoconf", "0", without)]);
        settings.push(conf("disable_ipv6", "0", "it cannot have IPv6 addresses"));
    } else {
        settings.push(conf(
            "disable_ipv6",
            "1",
            "it takes part in IPv6, and shows its MAC address to the network",
        ));
    }
    settings
}

/// Those of the interface under one that has IPv4 addresses.
pub(super) fn of_base(interface: &str) -> Vec<Setting> {
    let conf = |setting, value, without| setting_of("ipv4", interface, setting, value, without);
    vec![
        conf("arp_ignore", "1", ARP),
        conf("arp_filter", "1", ARP),
        // An answer to a neighbour may leave by this interface, which then asks for the neighbour's MAC address: not in the
        // virtual address's name, or the neighbour would take its own for the virtual address's.
        conf("arp_announce", "2", ARP),
    ]
}

/// That of the machine that keeps it from telling switches of the groups of 224.0.0.0/24 that it hears.
pub(super) fn no_local_igmp() -> Setting {
    Setting {
        name: "net/ipv4/igmp_link_local_mcast_reports".to_owned(),
        value: "0".to_owned(),
        without: "IGMP reports for VRRP's group are sent",
    }
}

/// The setting of `interface` that has the stricter of its own and the machine's `rp_filter`: the kernel goes by the
/// higher of the two.
pub(super) fn rp_filter(interface: &str, own: &str, all: &str) -> Option<Setting> {
    let number = |text: &str| text.parse::<i32>().unwrap_or_default();
    (number(own) < number(all)).then(|| setting_of("ipv4", interface, "rp_filter", all, RP_FILTER))
}

fn setting_of(family: &str, interface: &str, setting: &str, value: &str, without: &'static str) -> Setting {
    Setting {
        name: format!("net/{family}/conf/{interface}/{setting}"),
        value: value.to_owned(),
        without,
    }
}

const ARP: &str = "neighbours may learn another MAC address for a virtual address";
pub(super) const RP_FILTER: &str =
    "packets to a virtual address may be dropped as if their sender were false";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_of_all_interfaces_is_moved_down_where_it_is_stricter() {
        let moved = |own| rp_filter("eth0", own, "1").map(|setting| setting.value);
        assert_eq!(moved("0"), Some("1".to_owned()));
        assert_eq!(moved("1"), None);
        assert_eq!(moved("2"), None);
    }

    #[test]
    fn interface_takes_part_in_ipv6_only_if_it_has_such_addresses() {
        let names = |ipv4, ipv6| -> Vec<String> {
            let settings = of_virtual("vrrp.51", ipv4, ipv6).into_iter();
            settings
                .map(|setting| format!("{}={}", setting.name, setting.value))
                .collect()
        };
        assert!(names(true, false).contains(&"net/ipv6/conf/vrrp.51/disable_ipv6=1".to_owned()));
        assert!(names(true, false).contains(&"net/ipv4/conf/vrrp.51/rp_filter=0".to_owned()));
        let ipv6 = names(false, true);
        assert_eq!(
            ipv6,
            [
                "net/ipv6/conf/vrrp.51/accept_ra=0",
                "net/ipv6/conf/vrrp.51/autoconf=0",
                "net/ipv6/conf/vrrp.51/disable_ipv6=0"
            ]
        );
    }
}
