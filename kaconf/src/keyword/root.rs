use super::{Block, Keyword, later, typed};

pub(super) const ROOT: &[Keyword] = &[
    typed("global_defs", "").with(Block::GlobalDefs),
    typed("vrrp_instance", "NAME").with(Block::VrrpInstance),
    later("vrrp_sync_group", "NAME").with(Block::VrrpSyncGroup),
    later("vrrp_script", "NAME").with(Block::VrrpScript),
    later("vrrp_track_process", "NAME").with(Block::TrackProcess),
    later("track_file", "NAME")
        .or(&["vrrp_track_file"])
        .with(Block::TrackFile),
    later("virtual_server", "IP|fwmark|group [PORT|MARK|NAME]").with(Block::VirtualServer),
    later("virtual_server_group", "NAME").with(Block::VirtualServerGroup),
    later("SSL", "").with(Block::Ssl),
    later("bfd_instance", "NAME").with(Block::BfdInstance),
    later("static_ipaddress", "").with(Block::List),
    later("static_routes", "").with(Block::List),
    later("static_rules", "").with(Block::List),
    later("track_group", "NAME").with(Block::TrackGroup),
    later("garp_group", "").with(Block::GarpGroup),
    later("interface_up_down_delays", "").with(Block::List),
    later("linkbeat_use_polling", ""),
    later("linkbeat_interfaces", "").with(Block::List),
    later("net_namespace", "NAME"),
    later("net_namespace_ipvs", "[NAME]"),
    later("namespace_with_ipsets", ""),
    later("use_pid_dir", ""),
    later("instance", "NAME"),
    later("child_wait_time", "SECONDS"),
    typed("random_seed", "N"),
    later("use_symlink_paths", "[BOOL]"),
];

pub(super) const TRACK_GROUP: &[Keyword] = &[later("group", "").with(Block::List)];

pub(super) const GARP_GROUP: &[Keyword] = &[
    later("garp_interval", "SECONDS"),
    later("gna_interval", "SECONDS"),
    later("interface", "IF"),
    later("interfaces", "").with(Block::List),
];
