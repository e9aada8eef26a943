use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::{
    AuthHmac, Garp, GlobalDefs, Ipvlan, Notify, Password, Route, Rule, Shared, Spanned, Tracking,
    VirtualAddress, Vmac,
};

/// One `vrrp_instance`: a virtual router, with every default filled in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VrrpInstance {
    /// Its name, unique in the file.
    pub name: Spanned<String>,
    /// `state`: what it would like to be at the start. Default BACKUP; MASTER if the priority is 255.
    pub state: Spanned<InitialState>,
    /// `interface`: where adverts are sent and heard. `None` only if there are unicast peers.
    pub interface: Option<Spanned<String>>,
    /// `virtual_router_id`: 1..=255, unique on the interface in its family.
    pub virtual_router_id: Spanned<u8>,
    /// `priority`: 1..=255. Default 100, or 255 (the owner of the addresses) when `state` is MASTER.
    pub priority: Spanned<u8>,
    /// `version`: default `vrrp_version`; always 3 over IPv6.
    pub version: Spanned<VrrpVersion>,
    /// What the adverts travel over: `native_ipv6`, or else what the first virtual address is.
    pub family: Family,
    /// `native_ipv6`: IPv6 adverts even if the first virtual address is IPv4.
    pub native_ipv6: Spanned<bool>,
    /// `advert_int`: whole seconds, 1 to 255, in version 2; 10 ms to 40.95 s in version 3. Default 1 s.
    pub advert_int: Spanned<Duration>,
    /// `down_timer_adverts`: how many adverts may be missed before a backup takes over, 1..=100.
    pub down_timer_adverts: Spanned<u8>,
    /// `nopreempt`: never take over from a living master of lower priority.
    pub nopreempt: Spanned<bool>,
    /// `preempt_delay`: how long a lower master is left alone before it is preempted.
    pub preempt_delay: Spanned<Duration>,
    /// `timer_expired_backup`: become a backup after a stall long enough for a peer to have taken over. The number is
    /// how many intervals that is; 0 is the instance's own `down_timer_adverts`.
    pub timer_expired_backup: Option<Spanned<u32>>,
    /// `strict_mode`: default `vrrp_strict`.
    pub strict_mode: Spanned<bool>,
    /// `accept`, or `no_accept`: whether packets to the virtual addresses are delivered. Default on, and off under
    /// `strict_mode` unless it is the owner.
    pub accept: Spanned<bool>,
    /// `skip_check_adv_addr`: do not compare again the addresses in adverts of an unchanged master.
    pub skip_check_adv_addr: Spanned<bool>,
    /// `lower_prio_no_advert`: as a master, do not answer adverts of lower priority.
    pub lower_prio_no_advert: Spanned<bool>,
    /// `higher_prio_send_advert`: as a master, send one advert more before yielding.
    pub higher_prio_send_advert: Spanned<bool>,
    /// `owner_ignore_adverts`: as the owner, ignore all adverts.
    pub owner_ignore_adverts: Spanned<bool>,
    /// `debug`: 0..=4.
    pub debug: Spanned<u8>,
    /// `kernel_rx_buf_size`: bytes of the receiving socket's buffer.
    pub kernel_rx_buf_size: Option<Spanned<u32>>,
    /// `virtual_ipaddress`: what the adverts carry, the first one first. All of one family.
    pub virtual_ipaddress: Vec<VirtualAddress>,
    /// `virtual_ipaddress_excluded`: what comes and goes with them and is not in the adverts. Of either family.
    pub virtual_ipaddress_excluded: Vec<VirtualAddress>,
    /// `no_virtual_ipaddress`: there need not be any virtual address.
    pub no_virtual_ipaddress: Spanned<bool>,
    /// `promote_secondaries`: the kernel keeps secondary addresses when the primary one goes.
    pub promote_secondaries: Spanned<bool>,
    /// `virtual_routes`: routes that the master has.
    pub virtual_routes: Vec<Route>,
    /// `virtual_rules`: routing rules that the master has.
    pub virtual_rules: Vec<Rule>,
    /// `authentication`, version 2 only.
    pub authentication: Option<Spanned<Authentication>>,
    /// `auth_hmac`, version 3 only.
    pub auth_hmac: Option<Box<Spanned<AuthHmac>>>,
    /// `mcast_src_ip` or `unicast_src_ip`: what adverts are sent from; `None` is the interface's own address.
    pub source: Option<Spanned<IpAddr>>,
    /// `track_src_ip`: without that address it is in FAULT.
    pub track_src_ip: Spanned<bool>,
    /// `mcast_dst_ip`, or the global group of the instance's family: where adverts go without unicast peers.
    pub mcast_dst_ip: Spanned<IpAddr>,
    /// `unicast_peer`: where adverts go instead of to the group. Empty means multicast.
    pub unicast_peer: Vec<UnicastPeer>,
    /// `unicast_ttl`: the TTL of unicast adverts. Default 255.
    pub unicast_ttl: Spanned<u8>,
    /// `unicast_fault_no_peer`: without a peer it is in FAULT, rather than multicast.
    pub unicast_fault_no_peer: Spanned<bool>,
    /// `check_unicast_src`: drop unicast adverts that no peer sent.
    pub check_unicast_src: Spanned<bool>,
    /// `old_unicast_checksum`: version 3's checksum over IPv4 as keepalived before 1.3.7 made it.
    pub old_unicast_checksum: Option<Spanned<OldUnicastChecksum>>,
    /// `v3_checksum_as_v2`: leave the pseudo-header out of version 3's checksum over IPv4.
    pub v3_checksum_as_v2: Spanned<bool>,
    /// `vrf`: the VRF that the instance's interfaces belong to.
    pub vrf: Option<Spanned<String>>,
    /// `use_vmac`.
    pub use_vmac: Option<Box<Spanned<Vmac>>>,
    /// `use_vmac_addr`: virtual addresses on other interfaces get virtual MAC addresses too.
    pub use_vmac_addr: Spanned<bool>,
    /// `vmac_xmit_base`: adverts leave by the interface under the VMAC's.
    pub vmac_xmit_base: Spanned<bool>,
    /// `use_ipvlan`.
    pub use_ipvlan: Option<Box<Spanned<Ipvlan>>>,
    /// `garp_*`: how the addresses are announced.
    pub garp: Garp,
    /// `garp_extra_if`: announcements on other interfaces too.
    pub garp_extra_if: Option<Spanned<GarpExtraIf>>,
    /// `dont_track_primary`: the instance's own interface may be down.
    pub dont_track_primary: Spanned<bool>,
    /// `track_*`.
    pub tracking: Tracking,
    /// `notify*`.
    pub notify: Shared<Notify>,
    /// `notify_priority_changes`. Default `vrrp_notify_priority_changes`.
    pub notify_priority_changes: Spanned<bool>,
    /// `smtp_alert`. Default `smtp_alert_vrrp`, or else `smtp_alert`, or else off.
    pub smtp_alert: Spanned<bool>,
    /// `lvs_sync_daemon_interface`: run IPVS's connection synchronisation with this instance's state.
    pub lvs_sync_daemon_interface: Option<Spanned<String>>,
}

impl VrrpInstance {
    /// The priority of a router whose own the addresses are (RFC 9568 section 5.2.4); nothing changes it.
    pub const OWNER: u8 = 255;

    /// An instance of which nothing is said but its name and its virtual router id.
    pub fn new(name: Spanned<String>, virtual_router_id: Spanned<u8>) -> Self {
        VrrpInstance {
            name,
            state: InitialState::Backup.into(),
            interface: None,
            virtual_router_id,
            priority: 100.into(),
            version: VrrpVersion::V2.into(),
            family: Family::Ipv4,
            native_ipv6: false.into(),
            advert_int: Duration::from_secs(1).into(),
            down_timer_adverts: 3.into(),
            nopreempt: false.into(),
            preempt_delay: Duration::ZERO.into(),
            timer_expired_backup: None,
            strict_mode: false.into(),
            accept: true.into(),
            skip_check_adv_addr: false.into(),
            lower_prio_no_advert: false.into(),
            higher_prio_send_advert: false.into(),
            owner_ignore_adverts: false.into(),
            debug: 0.into(),
            kernel_rx_buf_size: None,
            virtual_ipaddress: Vec::new(),
            virtual_ipaddress_excluded: Vec::new(),
            no_virtual_ipaddress: false.into(),
            promote_secondaries: false.into(),
            virtual_routes: Vec::new(),
            virtual_rules: Vec::new(),
            authentication: None,
            auth_hmac: None,
            source: None,
            track_src_ip: false.into(),
            mcast_dst_ip: IpAddr::V4(Ipv4Addr::new(224, 0, 0, 18)).into(),
            unicast_peer: Vec::new(),
            unicast_ttl: 255.into(),
            unicast_fault_no_peer: false.into(),
            check_unicast_src: false.into(),
            old_unicast_checksum: None,
            v3_checksum_as_v2: false.into(),
            vrf: None,
            use_vmac: None,
            use_vmac_addr: false.into(),
            vmac_xmit_base: false.into(),
            use_ipvlan: None,
            garp: Garp::default(),
            garp_extra_if: None,
            dont_track_primary: false.into(),
            tracking: Tracking::default(),
            notify: Shared::default(),
            notify_priority_changes: false.into(),
            smtp_alert: false.into(),
            lvs_sync_daemon_interface: None,
        }
    }

    /// Takes from `global_defs` what the instance does not say itself.
    pub(crate) fn inherit(&mut self, global: &GlobalDefs) {
        if self.family == Family::Ipv4 {
            self.version.inherit(&global.vrrp_version);
        }
        self.down_timer_adverts.inherit(&global.down_timer_adverts);
        self.skip_check_adv_addr.inherit(&global.skip_check_adv_addr);
        self.v3_checksum_as_v2.inherit(&global.v3_checksum_as_v2);
        self.garp.inherit(&global.garp);
        self.strict_mode.inherit(&global.strict);
        self.check_unicast_src.inherit(&global.check_unicast_src);
        self.owner_ignore_adverts.inherit(&global.owner_ignore_adverts);
        self.lower_prio_no_advert.inherit(&global.lower_prio_no_advert);
        self.higher_prio_send_advert
            .inherit(&global.higher_prio_send_advert);
        self.notify_priority_changes
            .inherit(&global.notify_priority_changes);
        self.smtp_alert.inherit(&global.mail.alert_vrrp());
        self.garp_extra_if = self.garp_extra_if.or(global.garp_extra_if);
        match self.family {
            Family::Ipv4 => self
                .mcast_dst_ip
                .inherit(&global.vrrp_mcast_group4.map(IpAddr::V4)),
            Family::Ipv6 => self
                .mcast_dst_ip
                .inherit(&global.vrrp_mcast_group6.map(IpAddr::V6)),
        }
    }
}

/// `state`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum InitialState {
    /// `state BACKUP`.
    #[default]
    Backup,
    /// `state MASTER`.
    Master,
}

/// `version` and `vrrp_version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum VrrpVersion {
    /// VRRPv2, RFC 3768.
    #[default]
    V2,
    /// VRRPv3, RFC 9568.
    V3,
}

/// IPv4 or IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Family {
    /// IPv4.
    #[default]
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl Family {
    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() {
            Family::Ipv4
        } else {
            Family::Ipv6
        }
    }

    /// The length of a prefix that is one address: 32 or 128.
    pub fn max_prefix_len(self) -> u8 {
        match self {
            Family::Ipv4 => 32,
            Family::Ipv6 => 128,
        }
    }
}

/// `authentication`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Authentication {
    /// `auth_type`.
    pub kind: AuthKind,
    /// `auth_pass`.
    pub password: Password,
}

impl Authentication {
    /// Authentication of a kind by a password.
    pub fn new(kind: AuthKind, password: Password) -> Self {
        Authentication { kind, password }
    }
}

/// `auth_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthKind {
    /// `PASS`: the password in clear text in each advert (RFC 2338 section 5.3.6).
    Pass,
    /// `AH`: an IPsec authentication header, HMAC-MD5-96 (RFC 2338 section 5.3.6).
    Ah,
}

/// `old_unicast_checksum`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldUnicastChecksum {
    /// The old one is sent.
    Always,
    /// `never`: a peer that sends the old one does not change ours.
    Never,
}

/// `garp_extra_if`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GarpExtraIf {
    /// `all`: on the interfaces of all addresses, not only under a VMAC.
    pub all: bool,
    /// How often, 1 s to a day.
    pub interval: Duration,
}

impl GarpExtraIf {
    /// Announcements every `interval`.
    pub fn new(all: bool, interval: Duration) -> Self {
        GarpExtraIf { all, interval }
    }
}

/// One line of `unicast_peer`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnicastPeer {
    /// The peer's address.
    pub address: Spanned<IpAddr>,
    /// `min_ttl`: adverts from it with a lower TTL are dropped.
    pub min_ttl: Option<u8>,
    /// `max_ttl`: adverts from it with a higher TTL are dropped.
    pub max_ttl: Option<u8>,
}

impl UnicastPeer {
    /// A peer whose TTL is not checked.
    pub fn new(address: Spanned<IpAddr>) -> Self {
        UnicastPeer {
            address,
            min_ttl: None,
            max_ttl: None,
        }
    }
}
