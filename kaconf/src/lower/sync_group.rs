use super::setting::{lower as lower_settings, nothing_special};
use super::{Line, settings, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{Block, Span, Spanned, SyncGroup};

settings!(SyncGroup, Block::VrrpSyncGroup, {
    "group" => group,
    "track_interface" => tracking.interfaces,
    "track_script" => tracking.scripts,
    "track_process" => tracking.processes,
    "track_file" => tracking.files,
    "track_bfd" => tracking.bfd,
    "sync_group_tracking_weight" => sync_group_tracking_weight,
    "notify_master" => notify.master,
    "notify_backup" => notify.backup,
    "notify_fault" => notify.fault,
    "notify_stop" => notify.stop,
    "notify" => notify.any,
    "notify_priority_changes" => notify_priority_changes,
    "smtp_alert" => smtp_alert,
});

/// Takes in a `vrrp_sync_group`.
pub(super) fn lower(name: Spanned<String>, block: Statement<'_>, session: &mut Session<'_>) -> SyncGroup {
    let mut group = SyncGroup::new(name);
    lower_settings(&mut group, block, session, nothing_special);
    group
}

/// A name, as in `group`. Several may share a line, as with keepalived.
impl Line for Spanned<String> {
    fn read(line: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        value::name("group", line.words().next()?, session)
    }

    fn read_into(names: &mut Vec<Self>, line: Statement<'_>, session: &mut Session<'_>) -> bool {
        let mut sound = true;
        for word in line.words() {
            let name = value::name("group", word, session);
            sound &= name.is_some();
            names.extend(name);
        }
        sound
    }

    fn write(&self, out: &mut Writer) {
        out.quoted(&self.value);
    }

    fn span(&self) -> Span {
        self.span
    }
}
