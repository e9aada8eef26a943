//! The blocks of a configuration as an [`Outline`].

use super::resolve::OWNER;
use crate::{
    Block, Config, Family, GlobalDefs, InitialState, Outline, Spanned, SyncGroup, VrrpInstance, VrrpVersion,
};

impl Config {
    /// Adds everything to the outermost level.
    pub(crate) fn outline(&self, root: &mut Outline) {
        if let (Some(seed), Some(keyword)) = (&self.random_seed, Block::Root.keyword("random_seed")) {
            root.statement(keyword, seed);
        }
        root.block("global_defs", &[])
            .settings(&self.global, &GlobalDefs::default());
        for group in &self.sync_groups {
            let mut inherited = SyncGroup::new(group.name.clone());
            inherited.inherit(&self.global);
            root.block("vrrp_sync_group", &[&group.name])
                .settings(group, &inherited);
        }
        for instance in &self.instances {
            instance.outline(&self.global, root);
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
            without.accept = (self.priority.value == OWNER).into();
        }
        // Each of the two decides what the other is by default.
        match (self.state.value, self.priority.value) {
            (InitialState::Master, _) => without.priority = OWNER.into(),
            (InitialState::Backup, OWNER) => without.state = InitialState::Master.into(),
            (InitialState::Backup, _) => {}
        }
        without
    }
}
