use super::{
    BfdInstance, GlobalDefs, Spanned, Ssl, SyncGroup, TrackFile, TrackProcess, VirtualServer,
    VirtualServerGroup, VrrpInstance, VrrpScript,
};

/// A whole configuration, all of its files together.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// `random_seed`: what `${_RANDOM}` starts from after it; the parse has already heeded it.
    pub random_seed: Option<Spanned<u32>>,
    /// `global_defs`, all of them.
    pub global: GlobalDefs,
    /// Each `vrrp_script`, in the order of the file. Names are unique.
    pub scripts: Vec<VrrpScript>,
    /// Each `track_file`. Names are unique.
    pub track_files: Vec<TrackFile>,
    /// Each `vrrp_track_process`. Names are unique.
    pub track_processes: Vec<TrackProcess>,
    /// Each `bfd_instance`. Names are unique.
    pub bfd_instances: Vec<BfdInstance>,
    /// Each `vrrp_sync_group`, in the order of the file. Names are unique.
    pub sync_groups: Vec<SyncGroup>,
    /// Each `vrrp_instance`, in the order of the file. Names are unique.
    pub instances: Vec<VrrpInstance>,
    /// `SSL`.
    pub ssl: Option<Spanned<Ssl>>,
    /// Each `virtual_server_group`, in the order of the file. Names are unique.
    pub virtual_server_groups: Vec<VirtualServerGroup>,
    /// Each `virtual_server`, in the order of the file. Services are unique.
    pub virtual_servers: Vec<VirtualServer>,
}
