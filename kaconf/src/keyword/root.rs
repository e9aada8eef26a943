use super::Takes::*;
use super::{Block, Keyword, idle, parsed, works};

#[rustfmt::skip]
pub(super) const ROOT: &[Keyword] = &[
    works("global_defs", Nothing, "", "what holds for the whole daemon, and what instances inherit").with(Block::GlobalDefs).repeats(),
    works("vrrp_instance", Words("NAME"), "", "a virtual router").with(Block::VrrpInstance).repeats(),
    works("vrrp_sync_group", Words("NAME"), "", "instances that are master together or not at all").with(Block::VrrpSyncGroup).repeats(),
    works("vrrp_script", Words("NAME"), "", "a command whose exit status is tracked").with(Block::VrrpScript).repeats(),
    works("vrrp_track_process", Words("NAME"), "", "a program whose processes are tracked").with(Block::TrackProcess).repeats(),
    works("track_file", Words("NAME"), "", "a file whose number is tracked").or(&["vrrp_track_file"]).with(Block::TrackFile).repeats(),
    parsed("bfd_instance", Words("NAME"), "", "a BFD session that is tracked; kad speaks no BFD yet").with(Block::BfdInstance).repeats(),
    parsed("virtual_server", Words("IP|fwmark|group [PORT|MARK|NAME]"), "", "a service of IPVS and the real servers behind it").with(Block::VirtualServer).repeats(),
    parsed("virtual_server_group", Words("NAME"), "", "several services with one pool of real servers").with(Block::VirtualServerGroup).repeats(),
    parsed("SSL", Nothing, "", "what SSL_GET shows to servers").with(Block::Ssl),
    works("static_ipaddress", Nothing, "", "addresses that are there as long as kad runs").with(Block::VirtualIpaddress).repeats(),
    works("static_routes", Nothing, "", "routes that are there as long as kad runs").with(Block::Routes).repeats(),
    works("static_rules", Nothing, "", "routing rules that are there as long as kad runs").with(Block::Rules).repeats(),
    works("track_group", Words("NAME"), "", "instances that static items matter to").with(Block::TrackGroup).repeats(),
    works("garp_group", Nothing, "", "interfaces that share the limits of announcements").with(Block::GarpGroup).repeats(),
    works("interface_up_down_delays", Nothing, "", "how long a change of an interface must last to count: IF DOWN [UP], each 0 to 255 s").with(Block::InterfaceDelays).repeats(),
    idle("linkbeat_use_polling", Nothing, "kad learns of carriers from the kernel, at once"),
    idle("linkbeat_interfaces", Nothing, "kad learns of carriers from the kernel, at once").with(Block::List).repeats(),
    parsed("net_namespace", Words("NAME"), "the one it is started in", "the network namespace that it runs in"),
    parsed("net_namespace_ipvs", Words("[NAME]"), "net_namespace", "the network namespace whose IPVS it uses; no name is the machine's own"),
    idle("namespace_with_ipsets", Nothing, "kad uses no ipsets"),
    parsed("use_pid_dir", Nothing, "", "pid files are in a directory of their own"),
    parsed("instance", Words("NAME"), "", "a name that tells several daemons of one machine apart"),
    parsed("child_wait_time", WholeSeconds(0, u32::MAX), "5", "how long the parent waits for its children at the end"),
    works("random_seed", Number(0, 4_294_967_295), "random", "what ${_RANDOM} starts from"),
    parsed("use_symlink_paths", Switch, "off", "paths of scripts keep their symbolic links"),
];

#[rustfmt::skip]
pub(super) const TRACK_GROUP: &[Keyword] = &[
    works("group", Nothing, "", "the instances, one on each line").with(Block::Members).repeats(),
];

#[rustfmt::skip]
pub(super) const GARP_GROUP: &[Keyword] = &[
    works("garp_interval", Seconds(1, 4_294_967_295), "", "the least time between two gratuitous ARPs"),
    works("gna_interval", Seconds(1, 4_294_967_295), "", "the least time between two unsolicited neighbour advertisements"),
    works("interface", Words("IF"), "", "an interface of the group").repeats(),
    works("interfaces", Nothing, "", "interfaces of the group, one on each line").with(Block::Members).repeats(),
];
