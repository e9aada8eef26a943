use super::setting::set;
use super::{Settings, Value, settings, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{Block, Daemon, IpvsNamespace, Keyword};

settings!(Daemon, Block::Root, {
    "net_namespace" => net_namespace,
    "net_namespace_ipvs" => net_namespace_ipvs,
    "instance" => instance,
    "use_pid_dir" => use_pid_dir,
    "child_wait_time" => child_wait_time,
    "use_symlink_paths" => use_symlink_paths,
});

/// Takes in a statement outside all blocks; false if it is none of these.
pub(super) fn lower(daemon: &mut Daemon, statement: Statement<'_>, session: &mut Session<'_>) -> bool {
    let Some(field) = daemon.field(statement.name()) else {
        return false;
    };
    if !statement.is_broken() {
        set(field, statement, session);
    }
    true
}

/// `net_namespace_ipvs [NAME]`.
impl Value for IpvsNamespace {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let Some(arg) = statement.args().next() else {
            return Some(IpvsNamespace::default());
        };
        let name = Some(value::name(statement.name(), arg, session)?.value);
        Some(IpvsNamespace { name })
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            self.name.iter().for_each(|name| out.quoted(name));
        });
    }
}
