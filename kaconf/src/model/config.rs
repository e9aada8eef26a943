use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::{Garp, Spanned, SyncGroup, VrrpInstance, VrrpVersion};

/// A whole configuration, all of its files together.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// `random_seed`: what `${_RANDOM}` starts from after it; the parse has already heeded it.
    pub random_seed: Option<Spanned<u32>>,
    /// `global_defs`, all of them.
    pub global: GlobalDefs,
    /// Each `vrrp_sync_group`, in the order of the file. Names are unique.
    pub sync_groups: Vec<SyncGroup>,
    /// Each `vrrp_instance`, in the order of the file. Names are unique.
    pub instances: Vec<VrrpInstance>,
}

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
        }
    }
}
