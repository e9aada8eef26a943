//! The plan that a configuration amounts to.

use std::net::IpAddr;
use std::num::NonZeroU8;
use std::time::Duration;

use kaconf::{Config, InitialState, Span, Spanned, VrrpInstance, VrrpVersion};
use thiserror::Error;
use vrrp_engine::{AddressList, InterfaceId, MixedFamilies, Preempt, RouterConfig, Start};
use vrrp_proto::{AdvertInterval, Family, InvalidKey, Priority, V3Checksum, Version, Vrid};

use super::items::{ItemError, ItemMaker, address};
use super::vmac::MadeNames;
use super::{
    ANYWHERE, Instance, Names, Notifications, Plan, SyncGroup, authentication, fifo, mail, transport,
};

impl Plan {
    /// The plan for `config`, or everything in it that cannot be done.
    pub fn from_config(config: &Config) -> Result<Self, Vec<PlanError>> {
        Self::after(&Names::default(), config)
    }

    /// The same for a configuration that follows another: what has a number keeps it.
    pub fn after(names: &Names, config: &Config) -> Result<Self, Vec<PlanError>> {
        let mut plan = Self {
            interfaces: names.interfaces.clone(),
            tracker_names: names.trackers.clone(),
            ..Self::default()
        };
        let mut made = MadeNames::new(config);
        let mut errors = Vec::new();
        let mut maker = ItemMaker::new(config);
        errors.extend(plan.make_statics(config, &mut maker));
        for instance in &config.instances {
            match plan.instance(instance, *config.global.min_garp, &mut made, &mut maker) {
                Ok(instance) => plan.instances.push(instance),
                Err(reason) => errors.push(PlanError {
                    subject: format!("vrrp_instance {}", instance.name.value),
                    span: instance.name.span,
                    reason,
                }),
            }
        }
        plan.notify = Notifications::from_config(config);
        plan.groups = config.sync_groups.iter().map(|group| plan.group(group)).collect();
        plan.disable_local_igmp = *config.global.disable_local_igmp;
        plan.track(config);
        plan.track_virtual_interfaces();
        plan.track_statics(config);
        plan.firewall = plan.firewall(config);
        plan.pacing = transport::pacing(config, &plan);
        plan.startup = transport::startup(config);
        plan.log_unknown_vrids = *config.global.log_unknown_vrids;
        plan.mail = mail::mail(config);
        plan.fifos = fifo::fifos(config);
        if errors.is_empty() { Ok(plan) } else { Err(errors) }
    }

    /// The configuration crate has looked the members up.
    fn group(&self, from: &kaconf::SyncGroup) -> SyncGroup {
        let place = |name: &Spanned<String>| self.instances.iter().position(|it| it.name == name.value);
        SyncGroup {
            name: from.name.value.clone(),
            members: from.group.iter().filter_map(place).collect(),
        }
    }

    fn instance(
        &mut self,
        from: &VrrpInstance,
        min_garp: bool,
        made: &mut MadeNames,
        maker: &mut ItemMaker,
    ) -> Result<Instance, PlanErrorReason> {
        let seat = self.seat(from, made)?;
        let mut put = |entries: &[kaconf::VirtualAddress]| {
            let addresses = entries.iter().map(|entry| {
                let home = self.home(from, entry, seat, made)?;
                if self.known_interface(ANYWHERE) == Some(home) {
                    return Err(PlanErrorReason::NoDev(entry.address.value));
                }
                Ok(address(entry, home))
            });
            addresses.collect::<Result<Vec<_>, _>>()
        };
        let addresses = put(&from.virtual_ipaddress)?;
        let excluded = put(&from.virtual_ipaddress_excluded)?;
        Ok(Instance {
            name: from.name.value.clone(),
            router: router(from, seat.interface, min_garp)?,
            transmit: seat.transmit,
            source: transport::source(from),
            accept: *from.accept,
            extra_announcements: transport::extra_announcements(from),
            addresses,
            excluded,
            routes: from
                .virtual_routes
                .iter()
                .map(|route| maker.route(self, route))
                .collect::<Result<_, _>>()?,
            rules: from
                .virtual_rules
                .iter()
                .filter_map(|rule| maker.rule(rule).transpose())
                .collect::<Result<_, _>>()?,
            promote_secondaries: *from.promote_secondaries,
        })
    }
}

fn router(
    from: &VrrpInstance,
    interface: InterfaceId,
    min_garp: bool,
) -> Result<RouterConfig, PlanErrorReason> {
    let family = family(from.family);
    let addresses = from.virtual_ipaddress.iter().map(|entry| entry.address.value);
    let vrid = Vrid::new(from.virtual_router_id.value).map_err(|_| PlanErrorReason::Vrid)?;
    Ok(RouterConfig {
        version: version(from.version.value),
        priority: Priority::new(from.priority.value),
        interval: interval(from.advert_int.value)?,
        start: match *from.state {
            InitialState::Master => Start::Master,
            InitialState::Backup => Start::Backup,
        },
        preempt: preempt(from),
        down_timer_adverts: NonZeroU8::new(from.down_timer_adverts.value)
            .ok_or(PlanErrorReason::DownTimerAdverts)?,
        authentication: authentication::authentication(from),
        protection: authentication::protection(from)?,
        checksum: if *from.v3_checksum_as_v2 {
            V3Checksum::Plain
        } else {
            V3Checksum::PseudoHeader
        },
        old_checksum: transport::old_checksum(from),
        delivery: transport::delivery(from),
        unicast_ttl: *from.unicast_ttl,
        conduct: transport::conduct(from),
        announcements: transport::announcements(&from.garp, min_garp),
        track_link: !*from.dont_track_primary,
        ..RouterConfig::new(interface, vrid, AddressList::new(family, addresses)?)
    })
}

fn family(from: kaconf::Family) -> Family {
    match from {
        kaconf::Family::Ipv4 => Family::Ipv4,
        kaconf::Family::Ipv6 => Family::Ipv6,
    }
}

fn version(from: VrrpVersion) -> Version {
    match from {
        VrrpVersion::V2 => Version::V2,
        VrrpVersion::V3 => Version::V3,
    }
}

fn interval(from: Duration) -> Result<AdvertInterval, PlanErrorReason> {
    let centis = u16::try_from(from.as_millis() / 10).map_err(|_| PlanErrorReason::Interval)?;
    AdvertInterval::from_centis(centis).map_err(|_| PlanErrorReason::Interval)
}

fn preempt(from: &VrrpInstance) -> Preempt {
    if *from.nopreempt {
        Preempt::Never
    } else if from.preempt_delay.is_zero() {
        Preempt::Immediately
    } else {
        Preempt::After(from.preempt_delay.value)
    }
}

/// Something that cannot be done, and where it stands.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{subject}: {reason}")]
pub struct PlanError {
    /// What it is of, as the file names it: `vrrp_instance VI_1`.
    pub subject: String,
    /// Where it stands.
    pub span: Span,
    /// What is wrong.
    pub reason: PlanErrorReason,
}

/// What is wrong.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum PlanErrorReason {
    /// An address that has no interface to go on.
    #[error("the virtual address {0} needs a `dev`, since the instance has no interface")]
    NoDev(IpAddr),
    /// `authentication` and `auth_hmac`.
    #[error("there can be `authentication` or `auth_hmac`, not both")]
    TwoAuthentications,
    /// `auth_hmac` without a key.
    #[error("`auth_hmac` has no key")]
    NoKey,
    /// A key of `auth_hmac` that is too short or too long.
    #[error("key {id} of `auth_hmac`: {reason}")]
    Key {
        /// Its number.
        id: u8,
        /// What is wrong with it.
        reason: InvalidKey,
    },
    /// Strict mode, and adverts need not be signed.
    #[error("strict mode wants `mode enforce` in `auth_hmac`")]
    StrictMode,
    /// The configuration crate let an identifier pass that the protocol does not have.
    #[error("virtual_router_id is not 1 to 255")]
    Vrid,
    /// The same for an interval.
    #[error("advert_int is not 0.01 to 255 seconds")]
    Interval,
    /// The same for the count of missed adverts.
    #[error("down_timer_adverts is not 1 to 100")]
    DownTimerAdverts,
    /// The name of an interface that is made is longer than the kernel allows.
    #[error("its interface would be named {0}, and the kernel takes 15 letters at most")]
    InterfaceName(String),
    /// Two interfaces of one name.
    #[error("its interface would be named {0}, which is another interface's name in this file")]
    InterfaceTaken(String),
    /// An interface on top of none.
    #[error("use_vmac and use_ipvlan need an interface to put another on")]
    NoInterface,
    /// Addresses of both families.
    #[error(transparent)]
    Family(#[from] MixedFamilies),
    /// A route or a rule that cannot be.
    #[error(transparent)]
    Item(#[from] ItemError),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str) -> Result<Plan, Vec<PlanError>> {
        let loader = kaconf::MemoryLoader::with("k.conf", text);
        let parsed = kaconf::parse(&loader, "k.conf".as_ref(), &kaconf::Options::default());
        assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
        Plan::from_config(&parsed.config)
    }

    #[test]
    fn instances_share_interfaces_by_name() {
        let plan = plan(
            "vrrp_instance A {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n 10.0.0.9/24 brd + dev eth1\n }\n}\n\
             vrrp_instance B {\n interface eth1\n virtual_router_id 1\n virtual_ipaddress {\n 10.0.1.9/24 brd -\n }\n}\n",
        )
        .unwrap();
        assert_eq!(plan.interfaces, ["eth0", "eth1"]);
        let [a, b] = &plan.instances[..] else {
            panic!("{plan:?}")
        };
        assert_eq!(a.addresses[0].interface, b.router.interface);
        assert_eq!(a.addresses[0].broadcast, Some("10.0.0.255".parse().unwrap()));
        assert_eq!(b.addresses[0].broadcast, Some("10.0.1.0".parse().unwrap()));
    }
}
