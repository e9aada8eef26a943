//! The pipes that events are written to.

use std::path::PathBuf;

use kaconf::{Command, Config, NotifyFifo, ScriptUser, Umask};

use crate::script::Policy;

/// What the file says of pipes for events of instances and groups.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fifos {
    /// `notify_fifo`, then `vrrp_notify_fifo`.
    pub fifos: Vec<Fifo>,
    /// As whom their readers run, unless they say.
    pub policy: Policy,
    /// `fifo_write_vrrp_states_on_reload`.
    pub states_on_reload: bool,
}

/// One pipe.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fifo {
    /// Its path.
    pub path: PathBuf,
    /// Whom it is given to; `None` is whom scripts run as.
    pub user: Option<ScriptUser>,
    /// Its mode.
    pub mode: u32,
    /// What reads it.
    pub reader: Option<Command>,
}

pub(super) fn fifos(config: &Config) -> Fifos {
    let (files, processes) = (&config.global.files, &config.global.processes);
    let umask = processes.umask.as_ref().map_or(USUAL_UMASK, |umask| umask.value);
    let mode = MODE & !u32::from(umask.0);
    let mut fifos: Vec<Fifo> = Vec::new();
    let found = [&files.notify_fifo, &files.vrrp_notify_fifo];
    for fifo in found.into_iter().filter_map(|from| fifo(from, mode)) {
        // One pipe under both names: each line once.
        match fifos.iter_mut().find(|known| known.path == fifo.path) {
            Some(known) => known.reader = known.reader.take().or(fifo.reader),
            None => fifos.push(fifo),
        }
    }
    Fifos {
        fifos,
        policy: Policy::from_config(processes),
        states_on_reload: *files.fifo_write_vrrp_states_on_reload,
    }
}

fn fifo(from: &NotifyFifo, mode: u32) -> Option<Fifo> {
    let fifo = &from.fifo.as_ref()?.value;
    Some(Fifo {
        path: fifo.path.clone().into(),
        user: fifo.user.clone(),
        mode,
        reader: from.script.as_ref().map(|script| script.value.clone()),
    })
}

/// What keepalived makes pipes with, before `umask`.
const MODE: u32 = 0o644;
/// Without a word of the file, files that keepalived makes are for their owner alone.
const USUAL_UMASK: Umask = Umask(0o177);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    fn plan(global: &str) -> Fifos {
        let text = format!("global_defs {{\n {global}\n}}\n");
        let loader = kaconf::MemoryLoader::with("k.conf", text);
        let parsed = kaconf::parse(&loader, "k.conf".as_ref(), &kaconf::Options::default());
        assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
        Plan::from_config(&parsed.config).unwrap().fifos
    }

    #[test]
    fn pipes_and_their_readers_are_those_of_the_file() {
        let fifos = plan(
            "notify_fifo /run/all\n vrrp_notify_fifo /run/vrrp root\n vrrp_notify_fifo_script \"/bin/reader x\"\n \
             lvs_notify_fifo /run/lvs",
        );
        let [all, vrrp] = &fifos.fifos[..] else {
            panic!("{fifos:?}")
        };
        assert_eq!((all.path.to_str().unwrap(), all.mode), ("/run/all", 0o600));
        assert!(all.user.is_none() && all.reader.is_none());
        assert_eq!(vrrp.user.as_ref().unwrap().user, "root");
        assert_eq!(vrrp.reader.as_ref().unwrap().argv, ["/bin/reader", "x"]);
    }

    #[test]
    fn umask_takes_from_the_mode() {
        assert_eq!(plan("umask 0\n notify_fifo /run/all").fifos[0].mode, 0o644);
        assert_eq!(plan("umask 022\n notify_fifo /run/all").fifos[0].mode, 0o644);
        assert_eq!(plan("umask 037\n notify_fifo /run/all").fifos[0].mode, 0o640);
    }

    #[test]
    fn one_path_is_one_pipe() {
        let fifos =
            plan("notify_fifo /run/x\n vrrp_notify_fifo /run/x\n vrrp_notify_fifo_script /bin/reader");
        assert_eq!(fifos.fifos.len(), 1);
        assert!(fifos.fifos[0].reader.is_some());
    }
}
