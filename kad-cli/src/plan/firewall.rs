//! What is to be dropped on its way to or from a virtual address.

use kaconf::Config;
use vrrp_proto::Family;

use super::{Plan, VirtualInterface};
use crate::nft;
use crate::rtnl::StackedKind;

impl Plan {
    /// The tables that the instances need: those that do not accept. They are there already.
    pub(super) fn firewall(&self, config: &Config) -> nft::Setup {
        let nftables = &config.global.nftables;
        let is_needed = |family: &Family| {
            let closed = self.instances.iter().filter(|instance| !instance.accept);
            let mut entries = closed.flat_map(|instance| instance.addresses.iter().chain(&instance.excluded));
            entries.any(|entry| Family::of(entry.address) == *family)
        };
        nft::Setup {
            table: nftables.table.value.clone(),
            families: [Family::Ipv4, Family::Ipv6]
                .into_iter()
                .filter(is_needed)
                .collect(),
            priority: *nftables.priority,
            by_index: *nftables.ifindex,
            counters: *nftables.counters,
        }
    }

    /// The interfaces that have a virtual MAC address. An ipvlan has that of the interface under it.
    pub(crate) fn virtual_macs(&self) -> impl Iterator<Item = &VirtualInterface> {
        let made = self.virtual_interfaces.iter();
        made.filter(|made| matches!(made.kind, StackedKind::Macvlan { .. }))
    }
}

impl VirtualInterface {
    /// Families of the addresses that are put on it.
    pub(crate) fn families(&self) -> impl Iterator<Item = Family> {
        let families = [(self.ipv4, Family::Ipv4), (self.ipv6, Family::Ipv6)];
        families
            .into_iter()
            .filter(|(has, _)| *has)
            .map(|(_, family)| family)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(global: &str, instances: &[(&str, &str)]) -> Plan {
        let mut text = format!("global_defs {{\n{global}\n}}\n");
        for (vrid, (line, address)) in (1..).zip(instances) {
            text += &format!(
                "vrrp_instance V{vrid} {{\n version 3\n interface eth0\n virtual_router_id {vrid}\n {line}\n \
                 virtual_ipaddress {{\n {address}\n }}\n}}\n"
            );
        }
        let loader = kaconf::MemoryLoader::with("k.conf", text);
        let parsed = kaconf::parse(&loader, "k.conf".as_ref(), &kaconf::Options::default());
        assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
        Plan::from_config(&parsed.config).unwrap()
    }

    #[test]
    fn nothing_is_filtered_unless_asked_for() {
        let plan = plan("", &[("", "10.0.0.9"), ("accept", "fe80::9")]);
        assert!(plan.firewall.is_empty());
        assert!(plan.instances.iter().all(|instance| instance.accept));
    }

    #[test]
    fn each_family_has_a_table_if_it_needs_one() {
        let plan = plan("", &[("", "10.0.0.9"), ("no_accept", "fe80::9")]);
        assert_eq!(plan.firewall.families, [Family::Ipv6]);
        assert_eq!(
            plan.firewall,
            nft::Setup {
                families: vec![Family::Ipv6],
                ..nft::Setup::default()
            }
        );
    }

    #[test]
    fn strict_mode_does_not_accept() {
        let plan = plan("vrrp_strict", &[("", "10.0.0.9"), ("accept", "10.0.0.10")]);
        assert_eq!(plan.firewall.families, [Family::Ipv4]);
        let accept: Vec<bool> = plan.instances.iter().map(|instance| instance.accept).collect();
        assert_eq!(accept, [false, true]);
    }

    #[test]
    fn tables_are_as_the_file_says() {
        let global = "nftables mine\nnftables_priority -300\nnftables_ifindex\nnftables_counters";
        let setup = plan(global, &[("no_accept", "10.0.0.9")]).firewall;
        let expected = nft::Setup {
            table: "mine".to_owned(),
            families: vec![Family::Ipv4],
            priority: -300,
            by_index: true,
            counters: true,
        };
        assert_eq!(setup, expected);
    }
}
