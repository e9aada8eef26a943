use super::Takes::*;
use super::{Block, Keyword, later, parsed, works};

#[rustfmt::skip]
pub(super) const ROOT: &[Keyword] = &[
    works("global_defs", Nothing, "", "what holds for the whole daemon, and what instances inherit").with(Block::GlobalDefs).repeats(),
    works("vrrp_instance", Words("NAME"), "", "a virtual router").with(Block::VrrpInstance).repeats(),
    parsed("vrrp_sync_group", Words("NAME"), "", "instances that are master together or not at all").with(Block::VrrpSyncGroup).repeats(),
    parsed("vrrp_script", Words("NAME"), "", "a command whose exit status is tracked").with(Block::VrrpScript).repeats(),
    parsed("vrrp_track_process", Words("NAME"), "", "a program whose processes are tracked").with(Block::TrackProcess).repeats(),
    parsed("track_file", Words("NAME"), "", "a file whose number is tracked").or(&["vrrp_track_file"]).with(Block::TrackFile).repeats(),
    parsed("bfd_instance", Words("NAME"), "", "a BFD session that is tracked").with(Block::BfdInstance).repeats(),
    parsed("virtual_server", Words("IP|fwmark|group [PORT|MARK|NAME]"), "", "a service of IPVS and the real servers behind it").with(Block::VirtualServer).repeats(),
    parsed("virtual_server_group", Words("NAME"), "", "several services with one pool of real servers").with(Block::VirtualServerGroup).repeats(),
    parsed("SSL", Nothing, "", "what SSL_GET shows to servers").with(Block::Ssl),
    later("static_ipaddress", Nothing, "", "").with(Block::List).repeats(),
    later("static_routes", Nothing, "", "").with(Block::List).repeats(),
    later("static_rules", Nothing, "", "").with(Block::List).repeats(),
    later("track_group", Words("NAME"), "", "").with(Block::TrackGroup).repeats(),
    later("garp_group", Nothing, "", "").with(Block::GarpGroup).repeats(),
    later("interface_up_down_delays", Nothing, "", "").with(Block::List).repeats(),
    later("linkbeat_use_polling", Nothing, "", ""),
    later("linkbeat_interfaces", Nothing, "", "").with(Block::List).repeats(),
    later("net_namespace", Words("NAME"), "", ""),
    later("net_namespace_ipvs", Words("[NAME]"), "", ""),
    later("namespace_with_ipsets", Nothing, "", ""),
    later("use_pid_dir", Nothing, "", ""),
    later("instance", Words("NAME"), "", ""),
    later("child_wait_time", Words("SECONDS"), "", ""),
    works("random_seed", Number(0, 4_294_967_295), "random", "what ${_RANDOM} starts from"),
    later("use_symlink_paths", Switch, "", ""),
];

#[rustfmt::skip]
pub(super) const TRACK_GROUP: &[Keyword] = &[later("group", Nothing, "", "").with(Block::List).repeats()];

#[rustfmt::skip]
pub(super) const GARP_GROUP: &[Keyword] = &[
    later("garp_interval", Words("SECONDS"), "", ""),
    later("gna_interval", Words("SECONDS"), "", ""),
    later("interface", Words("IF"), "", ""),
    later("interfaces", Nothing, "", "").with(Block::List).repeats(),
];
