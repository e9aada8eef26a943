use super::{GlobalDefs, Notify, Shared, Spanned, Tracking};

/// One `vrrp_sync_group`: instances that are master together or not at all.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SyncGroup {
    /// Its name, unique in the file.
    pub name: Spanned<String>,
    /// `group`: the names of its instances. Each exists, and is in no other group.
    pub group: Vec<Spanned<String>>,
    /// What is tracked for all of them.
    pub tracking: Tracking,
    /// `sync_group_tracking_weight`: trackers of the members may have weights.
    pub sync_group_tracking_weight: Spanned<bool>,
    /// `notify_*`.
    pub notify: Shared<Notify>,
    /// `notify_priority_changes`. Default `vrrp_notify_priority_changes`.
    pub notify_priority_changes: Spanned<bool>,
    /// `smtp_alert`. Default `smtp_alert_vrrp`, or else `smtp_alert`, or else off.
    pub smtp_alert: Spanned<bool>,
}

impl SyncGroup {
    /// A group of which nothing is said but its name.
    pub fn new(name: Spanned<String>) -> Self {
        SyncGroup {
            name,
            group: Vec::new(),
            tracking: Tracking::default(),
            sync_group_tracking_weight: false.into(),
            notify: Shared::default(),
            notify_priority_changes: false.into(),
            smtp_alert: false.into(),
        }
    }

    /// Takes from `global_defs` what the group does not say itself.
    pub(crate) fn inherit(&mut self, global: &GlobalDefs) {
        self.notify_priority_changes
            .inherit(&global.notify_priority_changes);
        self.smtp_alert.inherit(&global.mail.alert_vrrp());
    }
}
