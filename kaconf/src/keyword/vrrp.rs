use super::Takes::*;
use super::{Block, Keyword, idle, parsed, works};
use crate::{AntiReplay, AuthKind, HmacMode, InitialState, VrrpVersion};

#[rustfmt::skip]
pub(super) const SYNC_GROUP: &[Keyword] = &[
    works("group", Nothing, "", "the instances that are master together or not at all, one on each line").with(Block::Members).repeats(),
    works("notify_master", Words("COMMAND [USER [GROUP]]"), "", "run on becoming master"),
    works("notify_backup", Words("COMMAND [USER [GROUP]]"), "", "run on becoming a backup"),
    works("notify_fault", Words("COMMAND [USER [GROUP]]"), "", "run on a fault"),
    works("notify_stop", Words("COMMAND [USER [GROUP]]"), "", "run at the end"),
    works("notify", Words("COMMAND [USER [GROUP]]"), "", "run on each of these, with what happened as further arguments"),
    works("notify_priority_changes", Switch, "vrrp_notify_priority_changes", "tell of changes of the priority too"),
    works("smtp_alert", Switch, "smtp_alert_vrrp, or else smtp_alert, or else off", "send a mail at each change of state"),
    works("track_interface", Nothing, "", "interfaces that all members need").with(Block::Tracked).repeats(),
    works("track_script", Nothing, "", "scripts that all members need").with(Block::Tracked).repeats(),
    works("track_process", Nothing, "", "processes that all members need").with(Block::Tracked).repeats(),
    works("track_file", Nothing, "", "files whose values count for all members").with(Block::Tracked).repeats(),
    parsed("track_bfd", Nothing, "", "BFD sessions that all members need; kad speaks no BFD yet, and goes on without").with(Block::Tracked).repeats(),
    works("sync_group_tracking_weight", Nothing, "", "trackers of the members may have weights"),
    idle("global_tracking", Nothing, "every tracker of a group already counts for all of its members"),
];

#[rustfmt::skip]
pub(super) const INSTANCE: &[Keyword] = &[
    // The election.
    works("state", OneOf(InitialState::WORDS), "BACKUP, or MASTER with priority 255", "what it would like to be at the start"),
    works("interface", Words("IF"), "", "where adverts are sent and heard"),
    works("virtual_router_id", Number(1, 255), "", "the virtual router's number, one on an interface in its family"),
    works("priority", Number(1, 255), "100, or 255 with state MASTER", "who is master: the highest; 255 owns the addresses"),
    works("advert_int", Seconds(10_000, 255_000_000), "1", "how often a master says that it is there"),
    works("version", OneOf(VrrpVersion::WORDS), "vrrp_version; 3 over IPv6", "the version of VRRP that it speaks"),
    works("native_ipv6", Switch, "off", "adverts over IPv6 even if the first address is IPv4"),
    works("nopreempt", Nothing, "", "never take over from a living master of lower priority"),
    works("preempt", Nothing, "", "take over from a living master of lower priority"),
    works("preempt_delay", Seconds(0, 1_000_000_000), "0", "how long a lower master is left alone before it is preempted"),
    works("down_timer_adverts", Number(1, 100), "vrrp_down_timer_adverts", "how many adverts may be missed before a backup takes over"),
    works("timer_expired_backup", OptionalNumber(0, 100), "", "become a backup after a stall in which a peer must have taken over").or(&["thread_timer_expired"]),
    works("strict_mode", Switch, "vrrp_strict", "hold to the RFC and refuse what goes beyond it"),
    works("accept", Nothing, "accept, or no_accept under strict_mode", "packets to the virtual addresses are delivered"),
    works("no_accept", Nothing, "", "packets to the virtual addresses are dropped"),
    works("skip_check_adv_addr", Switch, "vrrp_skip_check_adv_addr", "do not compare again the addresses in adverts of an unchanged master"),
    works("lower_prio_no_advert", Switch, "vrrp_lower_prio_no_advert", "do not answer adverts of lower priority"),
    works("higher_prio_send_advert", Switch, "vrrp_higher_prio_send_advert", "send one advert more before yielding to a higher priority"),
    works("owner_ignore_adverts", Switch, "vrrp_owner_ignore_adverts", "the owner of the addresses ignores all adverts"),
    works("debug", Number(0, 4), "0", "nothing: it is accepted, as in keepalived"),
    idle("kernel_rx_buf_size", Words("BYTES"), ONE_BUFFER),
    // Addresses and routes.
    works("virtual_ipaddress", Nothing, "", "the addresses that the master has and its adverts carry, one on each line").with(Block::VirtualIpaddress).repeats(),
    works("virtual_ipaddress_excluded", Nothing, "", "addresses that the master has and its adverts do not carry").with(Block::VirtualIpaddress).repeats(),
    parsed("no_virtual_ipaddress", Nothing, "", "there need not be any address"),
    works("promote_secondaries", Nothing, "", "the kernel keeps secondary addresses when the primary one goes"),
    works("virtual_routes", Nothing, "", "routes that the master has").with(Block::Routes).repeats(),
    works("virtual_rules", Nothing, "", "routing rules that the master has").with(Block::Rules).repeats(),
    // Transport.
    works("mcast_src_ip", Words("IP"), "the interface's address", "what adverts are sent from"),
    works("unicast_src_ip", Words("IP"), "the interface's address", "the same, where adverts go to unicast peers"),
    works("track_src_ip", Nothing, "", "without that address it is in FAULT"),
    works("mcast_dst_ip", Words("IP"), "vrrp_mcast_group4 or vrrp_mcast_group6", "the group that adverts are sent to"),
    works("unicast_peer", Nothing, "", "the routers that adverts are sent to instead, one on each line").with(Block::UnicastPeer).repeats(),
    works("unicast_ttl", Number(0, 255), "255", "the TTL of unicast adverts"),
    works("unicast_fault_no_peer", Nothing, "", "without a unicast peer it is in FAULT rather than multicast"),
    works("check_unicast_src", Switch, "vrrp_check_unicast_src", "drop unicast adverts that no peer sent"),
    works("old_unicast_checksum", Words("[never]"), "", "version 3's checksum over IPv4 as keepalived before 1.3.7 made it"),
    works("v3_checksum_as_v2", Switch, "global v3_checksum_as_v2", "leave the pseudo-header out of version 3's checksum over IPv4"),
    works("vrf", Words("NAME"), "", "the VRF that the instance's interfaces belong to"),
    // Authentication.
    works("authentication", Nothing, "", "a password in each advert, in version 2 only").with(Block::Authentication),
    works("auth_hmac", Nothing, "", "a signature on each advert").with(Block::AuthHmac),
    // Virtual MAC addresses.
    works("use_vmac", Words("[NAME] [IF] [MAC] [netlink_notify_msg] [group N]"), "", "an interface of its own with the virtual router MAC address"),
    works("use_vmac_addr", Nothing, "", "virtual MAC addresses for virtual addresses on other interfaces too"),
    works("vmac_xmit_base", Nothing, "", "adverts leave by the interface under the VMAC's"),
    works("use_ipvlan", Words("[NAME] [IF] [IP] [bridge|private|vepa] [group N]"), "", "an ipvlan interface of its own"),
    // Announcements.
    works("garp_master_delay", WholeSeconds(0, LONGEST_DELAY), "vrrp_garp_master_delay", "from becoming master to the second burst of gratuitous ARPs; 0 is no second burst"),
    works("garp_master_repeat", Number(0, 4_294_967_295), "vrrp_garp_master_repeat", "gratuitous ARPs for each address in a burst"),
    works("garp_master_refresh", WholeSeconds(0, u32::MAX), "vrrp_garp_master_refresh", "how often a master announces its addresses again; 0 is never"),
    works("garp_master_refresh_repeat", Number(0, 4_294_967_295), "vrrp_garp_master_refresh_repeat", "gratuitous ARPs for each address in such a refresh"),
    works("garp_lower_prio_delay", WholeSeconds(0, LONGEST_DELAY), "vrrp_garp_lower_prio_delay", "from hearing a lower priority to the second burst"),
    works("garp_lower_prio_repeat", Number(0, 4_294_967_295), "vrrp_garp_lower_prio_repeat", "gratuitous ARPs for each address after a lower priority was heard"),
    works("garp_extra_if", Words("[all] SECONDS"), "vrrp_garp_extra_if", "how often addresses are announced on other interfaces too").or(&["vmac_garp_intvl"]),
    // Tracking.
    works("dont_track_primary", Nothing, "", "the instance's own interface may be down"),
    works("track_interface", Nothing, "", "interfaces that it needs, or that change its priority").with(Block::Tracked).repeats(),
    works("track_script", Nothing, "", "scripts that it needs, or that change its priority").with(Block::Tracked).repeats(),
    works("track_process", Nothing, "", "processes that it needs, or that change its priority").with(Block::Tracked).repeats(),
    works("track_file", Nothing, "", "files whose values change its priority").with(Block::Tracked).repeats(),
    parsed("track_bfd", Nothing, "", "BFD sessions that it needs, or that change its priority; kad speaks no BFD yet, and goes on without").with(Block::Tracked).repeats(),
    // Who is told.
    works("notify_master", Words("COMMAND [USER [GROUP]]"), "", "run on becoming master"),
    works("notify_backup", Words("COMMAND [USER [GROUP]]"), "", "run on becoming a backup"),
    works("notify_fault", Words("COMMAND [USER [GROUP]]"), "", "run on a fault"),
    works("notify_stop", Words("COMMAND [USER [GROUP]]"), "", "run at the end"),
    works("notify", Words("COMMAND [USER [GROUP]]"), "", "run on each of these, with what happened as further arguments"),
    works("notify_deleted", Words("[COMMAND [USER [GROUP]]]"), "", "run when a reload takes the instance away"),
    works("notify_master_rx_lower_pri", Words("COMMAND [USER [GROUP]]"), "", "run when a master hears a lower priority"),
    works("notify_priority_changes", Switch, "vrrp_notify_priority_changes", "tell of changes of the priority too"),
    works("smtp_alert", Switch, "smtp_alert_vrrp, or else smtp_alert, or else off", "send a mail at each change of state"),
    // IPVS.
    parsed("lvs_sync_daemon_interface", Words("IF"), "", "run IPVS's connection synchronisation with this instance's state"),
];

#[rustfmt::skip]
pub(super) const AUTHENTICATION: &[Keyword] = &[
    works("auth_type", OneOf(AuthKind::WORDS), "", "PASS: the password itself; AH: an IPsec authentication header"),
    works("auth_pass", Words("PASSWORD"), "", "the password, of which 8 bytes count"),
];

#[rustfmt::skip]
pub(super) const AUTH_HMAC: &[Keyword] = &[
    works("key", Words("ID KEY"), "", "a key of 32 to 64 bytes: text, hex:DIGITS or file:PATH").repeats(),
    works("active_key", Number(0, 255), "the first key", "the key that signs our adverts"),
    works("anti_replay", OneOf(AntiReplay::WORDS), "time", "how an advert that is sent again is known"),
    works("time_window", WholeSeconds(1, 300), "three intervals, at least 5", "how far clocks may be apart"),
    works("mode", OneOf(HmacMode::WORDS), "enforce", "whether adverts without a good signature are dropped"),
];

/// Why receiving buffers are no choice.
pub(super) const ONE_BUFFER: &str = "one receiving buffer of 4 MiB serves all instances of an interface";

/// Microseconds in 32 bits: what keepalived's timers can hold.
pub(super) const LONGEST_DELAY: u32 = 4294;
