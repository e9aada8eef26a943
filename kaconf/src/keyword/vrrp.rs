use super::{Block, Keyword, idle, later, typed};

pub(super) const SYNC_GROUP: &[Keyword] = &[
    later("group", "").with(Block::List),
    later("notify_master", "COMMAND [USER [GROUP]]"),
    later("notify_backup", "COMMAND [USER [GROUP]]"),
    later("notify_fault", "COMMAND [USER [GROUP]]"),
    later("notify_stop", "COMMAND [USER [GROUP]]"),
    later("notify", "COMMAND [USER [GROUP]]"),
    later("notify_priority_changes", "[BOOL]"),
    later("smtp_alert", "[BOOL]"),
    later("track_interface", "").with(Block::List),
    later("track_script", "").with(Block::List),
    later("track_process", "").with(Block::List),
    later("track_file", "").with(Block::List),
    later("track_bfd", "").with(Block::List),
    later("sync_group_tracking_weight", ""),
    idle(
        "global_tracking",
        "",
        "every tracker of a group already counts for all of its members",
    ),
];

pub(super) const INSTANCE: &[Keyword] = &[
    // The election.
    typed("state", "MASTER|BACKUP"),
    typed("interface", "IF"),
    typed("virtual_router_id", "N"),
    typed("priority", "N"),
    typed("advert_int", "SECONDS"),
    typed("version", "2|3"),
    typed("native_ipv6", "[BOOL]"),
    typed("nopreempt", ""),
    typed("preempt", ""),
    typed("preempt_delay", "SECONDS"),
    typed("down_timer_adverts", "N"),
    later("timer_expired_backup", "[N]").or(&["thread_timer_expired"]),
    later("strict_mode", "[BOOL]"),
    later("accept", ""),
    later("no_accept", ""),
    typed("skip_check_adv_addr", "[BOOL]"),
    later("lower_prio_no_advert", "[BOOL]"),
    later("higher_prio_send_advert", "[BOOL]"),
    later("owner_ignore_adverts", "[BOOL]"),
    typed("debug", "N"),
    later("kernel_rx_buf_size", "BYTES"),
    // Addresses and routes.
    typed("virtual_ipaddress", "").with(Block::VirtualIpaddress),
    later("virtual_ipaddress_excluded", "").with(Block::List),
    later("no_virtual_ipaddress", ""),
    later("promote_secondaries", ""),
    later("virtual_routes", "").with(Block::List),
    later("virtual_rules", "").with(Block::List),
    // Transport.
    typed("mcast_src_ip", "IP"),
    typed("unicast_src_ip", "IP"),
    later("track_src_ip", ""),
    typed("mcast_dst_ip", "IP"),
    typed("unicast_peer", "").with(Block::UnicastPeer),
    later("unicast_ttl", "N"),
    later("unicast_fault_no_peer", ""),
    later("check_unicast_src", "[BOOL]"),
    later("old_unicast_checksum", "[never]"),
    typed("v3_checksum_as_v2", "[BOOL]"),
    later("vrf", "NAME"),
    // Authentication.
    typed("authentication", "").with(Block::Authentication),
    later("auth_hmac", "").with(Block::AuthHmac),
    // Virtual MAC addresses.
    later("use_vmac", "[NAME] [IF] [MAC] [netlink_notify_msg] [group N]"),
    later("use_vmac_addr", ""),
    later("vmac_xmit_base", ""),
    later("use_ipvlan", "[NAME] [IF] [IP] [bridge|private|vepa] [group N]"),
    // Announcements.
    typed("garp_master_delay", "SECONDS"),
    typed("garp_master_repeat", "N"),
    typed("garp_master_refresh", "SECONDS"),
    typed("garp_master_refresh_repeat", "N"),
    typed("garp_lower_prio_delay", "SECONDS"),
    typed("garp_lower_prio_repeat", "N"),
    later("garp_extra_if", "[all] SECONDS").or(&["vmac_garp_intvl"]),
    // Tracking.
    later("dont_track_primary", ""),
    later("track_interface", "").with(Block::List),
    later("track_script", "").with(Block::List),
    later("track_process", "").with(Block::List),
    later("track_file", "").with(Block::List),
    later("track_bfd", "").with(Block::List),
    // Who is told.
    later("notify_master", "COMMAND [USER [GROUP]]"),
    later("notify_backup", "COMMAND [USER [GROUP]]"),
    later("notify_fault", "COMMAND [USER [GROUP]]"),
    later("notify_stop", "COMMAND [USER [GROUP]]"),
    later("notify", "COMMAND [USER [GROUP]]"),
    later("notify_deleted", "[COMMAND [USER [GROUP]]]"),
    later("notify_master_rx_lower_pri", "COMMAND [USER [GROUP]]"),
    later("notify_priority_changes", "[BOOL]"),
    later("smtp_alert", "[BOOL]"),
    // IPVS.
    later("lvs_sync_daemon_interface", "IF"),
];

pub(super) const AUTHENTICATION: &[Keyword] =
    &[typed("auth_type", "PASS|AH"), typed("auth_pass", "PASSWORD")];

pub(super) const AUTH_HMAC: &[Keyword] = &[
    later("key", "ID KEY"),
    later("active_key", "ID"),
    later("anti_replay", "time|monotonic"),
    later("time_window", "SECONDS"),
    later("mode", "enforce|permissive|receive-only"),
];
