use super::{Command, Fifo, Spanned};

/// What `global_defs` says about reloads and about files that are written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Files {
    /// `reload_check_config`: where what is wrong before a reload is logged to.
    pub reload_check_config: Option<Spanned<ReloadCheck>>,
    /// `reload_time_file`: a file with the time of the next reload.
    pub reload_time_file: Option<Spanned<String>>,
    /// `reload_repeat`: reload at that time each day.
    pub reload_repeat: Spanned<bool>,
    /// `reload_file`: a file that is there while a reload goes on.
    pub reload_file: Option<Spanned<ReloadFile>>,
    /// `notify_fifo` and its script: all events.
    pub notify_fifo: NotifyFifo,
    /// `vrrp_notify_fifo` and its script: events of instances and groups.
    pub vrrp_notify_fifo: NotifyFifo,
    /// `lvs_notify_fifo` and its script: events of virtual and real servers.
    pub lvs_notify_fifo: NotifyFifo,
    /// `fifo_write_vrrp_states_on_reload`: write the states of all instances to the pipes after a reload.
    pub fifo_write_vrrp_states_on_reload: Spanned<bool>,
    /// `config_save_dir`: where a copy of the effective configuration is kept.
    pub config_save_dir: Option<Spanned<String>>,
    /// `data_use_instance`: the instance's name is in the names of dump files.
    pub data_use_instance: Spanned<bool>,
    /// `state_dump_file`. Default `/tmp/keepalived.data`.
    pub state_dump_file: Spanned<String>,
    /// `stats_dump_file`. Default `/tmp/keepalived.stats`.
    pub stats_dump_file: Spanned<String>,
    /// `json_dump_file`. Default `/tmp/keepalived.json`.
    pub json_dump_file: Spanned<String>,
    /// `json_version`: the layout of that JSON.
    pub json_version: Spanned<JsonVersion>,
    /// `iproute_usr_dir`: where the names of routing tables and the like are.
    pub iproute_usr_dir: Option<Spanned<String>>,
    /// `iproute_etc_dir`: where the administrator's names of them are.
    pub iproute_etc_dir: Option<Spanned<String>>,
}

/// A pipe that events are written to, and who reads it.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct NotifyFifo {
    /// The pipe.
    pub fifo: Option<Spanned<Fifo>>,
    /// The program that reads it, and gets its path as last argument.
    pub script: Option<Spanned<Command>>,
}

/// `reload_check_config [PATH]`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ReloadCheck {
    /// Where to log to; `None` is where everything is logged to.
    pub log: Option<String>,
}

/// `reload_file [PATH]`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ReloadFile {
    /// Which file; `None` is one beside the pid file.
    pub path: Option<String>,
}

/// `json_version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum JsonVersion {
    /// An array of instances.
    #[default]
    V1,
    /// An object of instances and tracked processes.
    V2,
}

impl Default for Files {
    fn default() -> Self {
        Files {
            reload_check_config: None,
            reload_time_file: None,
            reload_repeat: false.into(),
            reload_file: None,
            notify_fifo: NotifyFifo::default(),
            vrrp_notify_fifo: NotifyFifo::default(),
            lvs_notify_fifo: NotifyFifo::default(),
            fifo_write_vrrp_states_on_reload: false.into(),
            config_save_dir: None,
            data_use_instance: false.into(),
            state_dump_file: "/tmp/keepalived.data".to_owned().into(),
            stats_dump_file: "/tmp/keepalived.stats".to_owned().into(),
            json_dump_file: "/tmp/keepalived.json".to_owned().into(),
            json_version: JsonVersion::V1.into(),
            iproute_usr_dir: None,
            iproute_etc_dir: None,
        }
    }
}
