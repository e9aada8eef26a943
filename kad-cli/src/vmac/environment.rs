//! Makes the settings that interfaces of virtual routers need, and puts back those of other interfaces.

use std::collections::{BTreeMap, BTreeSet};

use super::settings::{RP_FILTER, Setting, no_local_igmp, of_base, of_virtual, rp_filter};
use crate::plan::VirtualInterface;
use crate::sysctl::{SysctlError, Sysctls};

/// The settings around the interfaces that are kept.
#[derive(Debug, Default)]
pub(super) struct Environment {
    sysctls: Sysctls,
    /// Interfaces under others whose settings are made, by name, with their numbers.
    bases: BTreeMap<String, u32>,
    /// What was said of settings; each is said once.
    complaints: BTreeSet<String>,
    moved_filter: bool,
}

impl Environment {
    /// Whether the settings of the interface of that name and number, which is under one of ours, are made.
    pub(super) fn is_prepared(&self, name: &str, index: u32) -> bool {
        self.bases.get(name) == Some(&index)
    }

    /// Makes the settings of one of ours.
    pub(super) fn apply(&mut self, name: &str, made: &VirtualInterface) {
        self.forget(name);
        for setting in of_virtual(name, made.ipv4, made.ipv6) {
            self.set(&setting);
        }
    }

    pub(super) fn silence_igmp(&mut self) {
        self.set(&no_local_igmp());
    }

    /// Puts everything back that is not gone.
    pub(super) fn restore(&mut self) {
        for error in self.sysctls.restore() {
            tracing::warn!("{error}; it stays as it is");
        }
        self.bases.clear();
        self.moved_filter = false;
    }

    /// Makes the settings of the interface under one of ours.
    pub(super) fn prepare_base(&mut self, name: &str, index: u32, ipv4: bool) {
        if ipv4 && !self.moved_filter {
            self.moved_filter = true;
            self.move_filter();
        }
        let known = self.bases.insert(name.to_owned(), index);
        if known.is_some_and(|known| known != index) {
            self.forget(name);
        }
        if ipv4 {
            of_base(name).iter().for_each(|setting| self.set(setting));
        }
    }

    /// The filter of all interfaces holds for ours too, however theirs is set: it becomes each other interface's own.
    fn move_filter(&mut self) {
        let all = match self.sysctls.get(ALL_FILTER) {
            Ok(all) if all != "0" => all,
            Ok(_) => return,
            Err(error) => return self.complain(&error, RP_FILTER),
        };
        let interfaces = match self.sysctls.list("net/ipv4/conf") {
            Ok(interfaces) => interfaces,
            Err(error) => return self.complain(&error, RP_FILTER),
        };
        for interface in interfaces.iter().filter(|name| *name != "all") {
            let own = self.sysctls.get(&format!("net/ipv4/conf/{interface}/rp_filter"));
            if let Some(setting) = own.ok().and_then(|own| rp_filter(interface, &own, &all)) {
                self.set(&setting);
            }
        }
        tracing::info!(
            "net.ipv4.conf.all.rp_filter, which is {all}, is each interface's own now, except for those made here"
        );
        self.set(&Setting {
            name: ALL_FILTER.to_owned(),
            value: "0".to_owned(),
            without: RP_FILTER,
        });
    }

    fn set(&mut self, setting: &Setting) {
        if let Err(error) = self.sysctls.set(&setting.name, &setting.value) {
            self.complain(&error, setting.without);
        }
    }

    /// What a kernel does not have needs no setting.
    fn complain(&mut self, error: &SysctlError, without: &str) {
        if !error.is_missing() && self.complaints.insert(error.to_string()) {
            tracing::warn!("{error}; {without}");
        }
    }

    /// The interface is gone, or about to be.
    pub(super) fn forget(&mut self, interface: &str) {
        for family in ["ipv4", "ipv6"] {
            self.sysctls.forget(&format!("net/{family}/conf/{interface}"));
        }
    }
}

const ALL_FILTER: &str = "net/ipv4/conf/all/rp_filter";
