use super::{
    BfdInstance, Daemon, GarpGroup, GlobalDefs, InterfaceDelays, Route, Rule, Spanned, Ssl, SyncGroup,
    TrackFile, TrackGroup, TrackProcess, VirtualAddress, VirtualServer, VirtualServerGroup, VrrpInstance,
    VrrpScript,
};

/// A whole configuration, all of its files together.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// `random_seed`: what `${_RANDOM}` starts from after it; the parse has already heeded it.
    pub random_seed: Option<Spanned<u32>>,
    /// `net_namespace` and so on.
    pub daemon: Daemon,
    /// `global_defs`, all of them.
    pub global: GlobalDefs,
    /// `static_ipaddress`: addresses that are there as long as kad runs.
    pub static_ipaddress: Vec<VirtualAddress>,
    /// `static_routes`: routes that are there as long as kad runs.
    pub static_routes: Vec<Route>,
    /// `static_rules`: routing rules that are there as long as kad runs.
    pub static_rules: Vec<Rule>,
    /// Each `track_group`. Names are unique.
    pub track_groups: Vec<TrackGroup>,
    /// Each `garp_group`.
    pub garp_groups: Vec<GarpGroup>,
    /// `interface_up_down_delays`, one for each interface.
    pub interface_up_down_delays: Vec<InterfaceDelays>,
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
