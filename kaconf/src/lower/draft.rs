use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use crate::{Authentication, InitialState, Span, Spanned, UnicastPeer, VirtualAddress, VrrpVersion};

/// What the files say, before anything is inherited or filled in.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(super) random_seed: Option<u32>,
    pub(super) global: GlobalDraft,
    pub(super) instances: Vec<InstanceDraft>,
    /// The names of the instances, and where each stands.
    pub(super) instance_names: HashMap<String, Span>,
}

/// What `global_defs` says.
#[derive(Debug, Default)]
pub(super) struct GlobalDraft {
    pub(super) router_id: Option<Spanned<String>>,
    pub(super) version: Option<Spanned<VrrpVersion>>,
    pub(super) mcast_group4: Option<Ipv4Addr>,
    pub(super) mcast_group6: Option<Ipv6Addr>,
    pub(super) garp: GarpDraft,
    pub(super) garp_interval: Option<Duration>,
    pub(super) gna_interval: Option<Duration>,
    pub(super) down_timer_adverts: Option<u8>,
    pub(super) skip_check_adv_addr: Option<bool>,
    pub(super) v3_checksum_as_v2: Option<bool>,
}

/// What is said about announcements; a delay or period of zero is still zero here.
#[derive(Debug, Default)]
pub(super) struct GarpDraft {
    pub(super) master_delay: Option<Duration>,
    pub(super) master_repeat: Option<u32>,
    pub(super) master_refresh: Option<Duration>,
    pub(super) master_refresh_repeat: Option<u32>,
    pub(super) lower_prio_delay: Option<Duration>,
    pub(super) lower_prio_repeat: Option<u32>,
}

/// What a `vrrp_instance` says.
#[derive(Debug)]
pub(super) struct InstanceDraft {
    pub(super) name: Spanned<String>,
    pub(super) state: Option<Spanned<InitialState>>,
    pub(super) interface: Option<Spanned<String>>,
    pub(super) virtual_router_id: Option<Spanned<u8>>,
    pub(super) priority: Option<Spanned<u8>>,
    pub(super) version: Option<Spanned<VrrpVersion>>,
    pub(super) native_ipv6: Option<Spanned<bool>>,
    pub(super) advert_int: Option<Spanned<Duration>>,
    pub(super) down_timer_adverts: Option<u8>,
    pub(super) nopreempt: Option<Span>,
    pub(super) preempt_delay: Option<Spanned<Duration>>,
    pub(super) virtual_ipaddress: Vec<VirtualAddress>,
    pub(super) authentication: Option<Spanned<Authentication>>,
    pub(super) source: Option<Spanned<IpAddr>>,
    /// The `unicast_src_ip` or `unicast_peer` that asks for unicast.
    pub(super) wants_unicast: Option<Span>,
    pub(super) mcast_dst_ip: Option<Spanned<IpAddr>>,
    pub(super) unicast_peer: Vec<UnicastPeer>,
    pub(super) v3_checksum_as_v2: Option<bool>,
    pub(super) skip_check_adv_addr: Option<bool>,
    pub(super) garp: GarpDraft,
    pub(super) debug: Option<u8>,
    /// Keywords that were there with a fault that is reported, so that they are not missed as well.
    pub(super) faulty: Vec<&'static str>,
}

impl InstanceDraft {
    pub(super) fn new(name: Spanned<String>) -> Self {
        InstanceDraft {
            name,
            state: None,
            interface: None,
            virtual_router_id: None,
            priority: None,
            version: None,
            native_ipv6: None,
            advert_int: None,
            down_timer_adverts: None,
            nopreempt: None,
            preempt_delay: None,
            virtual_ipaddress: Vec::new(),
            authentication: None,
            source: None,
            wants_unicast: None,
            mcast_dst_ip: None,
            unicast_peer: Vec::new(),
            v3_checksum_as_v2: None,
            skip_check_adv_addr: None,
            garp: GarpDraft::default(),
            debug: None,
            faulty: Vec::new(),
        }
    }
}
