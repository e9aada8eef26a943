use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::{Buffers, Files, Garp, GarpExtraIf, Lvs, Mail, Nftables, Processes, Spanned, VrrpVersion};

/// The settings of `global_defs`. What instances inherit from here is already resolved in each instance.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct GlobalDefs {
    /// `router_id`: this machine's name in mails and logs; `None` stands for its host name.
    pub router_id: Option<Spanned<String>>,
    /// `vrrp_version`: what instances speak that do not say. Default 2.
    pub vrrp_version: Spanned<VrrpVersion>,
    /// `vrrp_mcast_group4`: where IPv4 adverts go. Default 224.0.0.18.
    pub vrrp_mcast_group4: Spanned<Ipv4Addr>,
    /// `vrrp_mcast_group6`: where IPv6 adverts go. Default ff02::12.
    pub vrrp_mcast_group6: Spanned<Ipv6Addr>,
    /// `vrrp_garp_*`: what instances do that do not say.
    pub garp: Garp,
    /// `vrrp_garp_interval`: the least time between two gratuitous ARPs on one interface; zero (the default) is none.
    pub garp_interval: Spanned<Duration>,
    /// `vrrp_gna_interval`: the least time between two unsolicited NAs on one interface; zero (the default) is none.
    pub gna_interval: Spanned<Duration>,
    /// `vrrp_down_timer_adverts`: how many adverts may be missed before a backup takes over. Default 3.
    pub down_timer_adverts: Spanned<u8>,
    /// `vrrp_skip_check_adv_addr`: do not compare again the addresses in adverts of an unchanged master.
    pub skip_check_adv_addr: Spanned<bool>,
    /// `v3_checksum_as_v2`: leave the pseudo-header out of version 3's checksum over IPv4.
    pub v3_checksum_as_v2: Spanned<bool>,
    /// `vrrp_strict`: hold to the RFC and refuse what goes beyond it.
    pub strict: Spanned<bool>,
    /// `vrrp_check_unicast_src`: drop unicast adverts that no peer sent.
    pub check_unicast_src: Spanned<bool>,
    /// `vrrp_owner_ignore_adverts`: owners of addresses ignore all adverts.
    pub owner_ignore_adverts: Spanned<bool>,
    /// `vrrp_min_garp`: one gratuitous ARP for each address, and no second burst.
    pub min_garp: Spanned<bool>,
    /// `vrrp_garp_extra_if`: announcements on other interfaces too.
    pub garp_extra_if: Option<Spanned<GarpExtraIf>>,
    /// `vrrp_lower_prio_no_advert`: do not answer adverts of lower priority.
    pub lower_prio_no_advert: Spanned<bool>,
    /// `vrrp_higher_prio_send_advert`: send one advert more before yielding.
    pub higher_prio_send_advert: Spanned<bool>,
    /// `vrrp_notify_priority_changes`: tell of changes of the priority too.
    pub notify_priority_changes: Spanned<bool>,
    /// `vrrp_startup_delay`: how long after the start nothing is done.
    pub startup_delay: Spanned<Duration>,
    /// `vrrp_delay_after_boot`: how long after the machine's start nothing is done.
    pub delay_after_boot: Spanned<Duration>,
    /// `log_unknown_vrids`: log adverts of virtual routers that are not configured.
    pub log_unknown_vrids: Spanned<bool>,
    /// `vmac_prefix`: how the names of VMAC interfaces begin. Default `vrrp`.
    pub vmac_prefix: Spanned<String>,
    /// `vmac_addr_prefix`: how the names of interfaces of `use_vmac_addr` begin. Default `vrrp`.
    pub vmac_addr_prefix: Spanned<String>,
    /// `default_interface`: where static addresses go that name no interface. Default `eth0`.
    pub default_interface: Spanned<String>,
    /// `disable_local_igmp`: no IGMP reports for groups of 224.0.0.0/24 while there are VMACs.
    pub disable_local_igmp: Spanned<bool>,
    /// `notification_email`, `smtp_*` and so on.
    pub mail: Mail,
    /// `vrrp_priority`, `enable_script_security` and so on.
    pub processes: Processes,
    /// `nftables*`.
    pub nftables: Nftables,
    /// `*_rcv_bufs` and so on.
    pub buffers: Buffers,
    /// `lvs_*` and so on.
    pub lvs: Lvs,
    /// `reload_*`, `*_dump_file` and so on.
    pub files: Files,
}

impl Default for GlobalDefs {
    fn default() -> Self {
        GlobalDefs {
            router_id: None,
            vrrp_version: VrrpVersion::V2.into(),
            vrrp_mcast_group4: Ipv4Addr::new(224, 0, 0, 18).into(),
            vrrp_mcast_group6: Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x12).into(),
            garp: Garp::default(),
            garp_interval: Duration::ZERO.into(),
            gna_interval: Duration::ZERO.into(),
            down_timer_adverts: 3.into(),
            skip_check_adv_addr: false.into(),
            v3_checksum_as_v2: false.into(),
            strict: false.into(),
            check_unicast_src: false.into(),
            owner_ignore_adverts: false.into(),
            min_garp: false.into(),
            garp_extra_if: None,
            lower_prio_no_advert: false.into(),
            higher_prio_send_advert: false.into(),
            notify_priority_changes: false.into(),
            startup_delay: Duration::ZERO.into(),
            delay_after_boot: Duration::ZERO.into(),
            log_unknown_vrids: false.into(),
            vmac_prefix: "vrrp".to_owned().into(),
            vmac_addr_prefix: "vrrp".to_owned().into(),
            default_interface: "eth0".to_owned().into(),
            disable_local_igmp: false.into(),
            mail: Mail::default(),
            processes: Processes::default(),
            nftables: Nftables::default(),
            buffers: Buffers::default(),
            lvs: Lvs::default(),
            files: Files::default(),
        }
    }
}
