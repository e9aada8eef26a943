//! The blocks of a configuration as an [`Outline`].

use super::Field;
use crate::{
    BfdInstance, Block, Command, Config, Daemon, Family, GarpGroup, GlobalDefs, InitialState, Outline,
    Spanned, Ssl, SyncGroup, TrackFile, TrackGroup, TrackProcess, VrrpInstance, VrrpScript, VrrpVersion,
};

impl Config {
    /// Adds everything to the outermost level.
    pub(crate) fn outline(&self, root: &mut Outline) {
        if let (Some(seed), Some(keyword)) = (&self.random_seed, Block::Root.keyword("random_seed")) {
            root.statement(keyword, seed);
        }
        root.settings(&self.daemon, &Daemon::default());
        root.block("global_defs", &[])
            .settings(&self.global, &GlobalDefs::default());
        self.outline_static(root);
        self.outline_trackers(root);
        for group in &self.sync_groups {
            let mut inherited = SyncGroup::new(group.name.clone());
            inherited.inherit(&self.global);
            root.block("vrrp_sync_group", &[&group.name])
                .settings(group, &inherited);
        }
        for instance in &self.instances {
            instance.outline(&self.global, root);
        }
        if let Some(ssl) = &self.ssl {
            root.said("SSL", &[]).settings(&ssl.value, &Ssl::default());
        }
        for group in &self.virtual_server_groups {
            group.outline(root);
        }
        for server in &self.virtual_servers {
            server.outline(&self.global, root);
        }
    }
}

impl Config {
    fn outline_static(&self, root: &mut Outline) {
        let lists: [(&str, &dyn Field); 4] = [
            ("static_ipaddress", &self.static_ipaddress),
            ("static_routes", &self.static_routes),
            ("static_rules", &self.static_rules),
            ("interface_up_down_delays", &self.interface_up_down_delays),
        ];
        for (name, list) in lists {
            if let Some(keyword) = Block::Root.keyword(name) {
                root.field(keyword, list);
            }
        }
        for group in &self.track_groups {
            let without = TrackGroup::new(group.name.clone());
            root.block("track_group", &[&group.name])
                .settings(group, &without);
        }
        for group in &self.garp_groups {
            root.block("garp_group", &[])
                .settings(group, &GarpGroup::default());
        }
    }

    fn outline_trackers(&self, root: &mut Outline) {
        for script in &self.scripts {
            let mut without = VrrpScript::new(script.name.clone(), Command::new(Vec::new()).into());
            without.timeout = script.interval;
            root.block("vrrp_script", &[&script.name])
                .settings(script, &without);
        }
        for file in &self.track_files {
            let without = TrackFile::new(file.name.clone(), Spanned::default());
            root.block("track_file", &[&file.name]).settings(file, &without);
        }
        for process in &self.track_processes {
            let without = TrackProcess::new(process.name.clone(), Spanned::default());
            root.block("vrrp_track_process", &[&process.name])
                .settings(process, &without);
        }
        for bfd in &self.bfd_instances {
            let mut without = BfdInstance::begin(bfd.name.clone());
            if bfd.neighbor_ip.is_ipv6() {
                without.ttl = 64.into();
            }
            root.block("bfd_instance", &[&bfd.name]).settings(bfd, &without);
        }
    }
}

impl VrrpInstance {
    fn outline(&self, global: &GlobalDefs, root: &mut Outline) {
        let block = root.block("vrrp_instance", &[&self.name]);
        block.settings(self, &self.without_statements(global));
        if let Some(keyword) = Block::VrrpInstance.keyword("no_accept")
            && !self.accept.value
        {
            block.statement(keyword, &Spanned::new(true, self.accept.span));
        }
    }

    /// What it would be without a statement in its block, so far as that can be said without its addresses.
    fn without_statements(&self, global: &GlobalDefs) -> Self {
        let mut without = VrrpInstance::new(self.name.clone(), 0.into());
        without.family = self.family;
        if self.family == Family::Ipv6 {
            without.version = VrrpVersion::V3.into();
        }
        without.inherit(global);
        if self.strict_mode.value {
            without.accept = (self.priority.value == VrrpInstance::OWNER).into();
        }
        // Each of the two decides what the other is by default.
        match (self.state.value, self.priority.value) {
            (InitialState::Master, _) => without.priority = VrrpInstance::OWNER.into(),
            (InitialState::Backup, VrrpInstance::OWNER) => without.state = InitialState::Master.into(),
            (InitialState::Backup, _) => {}
        }
        without
    }
}
