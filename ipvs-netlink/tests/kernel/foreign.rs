//! What ipvsadm sets is read.

use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use ipvs_guest::Test;
use ipvs_netlink::{
    Checksum, Client, Destination, Family, Forward, Granularity, Persistence, PersistenceEngine, Pool,
    Scheduler, SchedulerFlags, Scope, Service, ServiceId, Table, Thresholds, Tunnel, Weight, ipvsadm,
};

use crate::lab::{self, endpoint};

pub(crate) const TESTS: &[Test] = &[
    ("foreign::services", services),
    ("foreign::destinations", destinations),
    (
        "foreign::destinations_of_both_families",
        destinations_of_both_families,
    ),
    (
        "foreign::foreign_services_stay_unless_all_is_asked_for",
        foreign_services_stay_unless_all_is_asked_for,
    ),
];

/// What `ipvsadm -R` makes of this is the table.
fn is_read(client: &mut Client, text: &str, table: &Table) {
    client.flush().unwrap();
    lab::restore(text);
    assert_eq!(&client.table().unwrap(), table, "{text}");
    assert_eq!(client.passed_over(), []);
    assert_eq!(&ipvsadm::parse(text).unwrap(), table, "{text}");
}

fn of_service(service: Service) -> Table {
    Table::from_iter([Pool::new(service)])
}

fn web() -> ServiceId {
    ServiceId::tcp(endpoint("10.0.0.1:80"))
}

fn services() {
    let persistent = |service: Service, seconds, granularity: Option<Granularity>| {
        let family = service.id().family();
        let persistence = Persistence::new(family, Duration::from_secs(seconds)).unwrap();
        let granularity = granularity.unwrap_or(Granularity::single(family));
        let persistence = persistence.with_granularity(granularity).unwrap();
        service.with_persistence(Some(persistence)).unwrap()
    };
    let mark = NonZeroU32::new(7).expect("not 0");
    let udp = ServiceId::udp(endpoint("10.0.0.1:53"));
    let fwmark6 = Service::new(ServiceId::fwmark6(mark), Scheduler::MH);
    let mh = SchedulerFlags::MH_FALLBACK | SchedulerFlags::MH_PORT;
    let sip = Service::new(udp, Scheduler::RR).with_persistence_engine(Some(PersistenceEngine::SIP));
    let cases = [
        ("-A -t 10.0.0.1:80", Service::new(web(), Scheduler::WLC)),
        ("-A -u 10.0.0.1:53 -s sh -b sh-port", {
            Service::new(udp, Scheduler::SH).with_scheduler_flags(SchedulerFlags::SH_PORT)
        }),
        ("-A --sctp-service [fd00::1]:9 -s fo", {
            Service::new(ServiceId::sctp(endpoint("[fd00::1]:9")), Scheduler::FO)
        }),
        (
            "-A -f 7 -s dh",
            Service::new(ServiceId::fwmark(mark), Scheduler::DH),
        ),
        ("-A -f 7 -6 -s mh -b mh-port,mh-fallback -p 90 -M 64", {
            let granularity = Granularity::prefix_length(64).ok();
            persistent(fwmark6.with_scheduler_flags(mh), 90, granularity)
        }),
        (
            "-A -t 10.0.0.1:80 -s rr -p",
            persistent(Service::new(web(), Scheduler::RR), 360, None),
        ),
        ("-A -t 10.0.0.1:0 -s rr -p 1 -M 255.255.0.0", {
            let service = Service::new(ServiceId::tcp(endpoint("10.0.0.1:0")), Scheduler::RR);
            persistent(service, 1, Some(Granularity::mask([255, 255, 0, 0].into())))
        }),
        (
            "-A -u 10.0.0.1:53 -s rr -p 60 --pe sip",
            persistent(sip, 60, None),
        ),
        (
            "-A -u 10.0.0.1:53 -s rr -o",
            Service::new(udp, Scheduler::RR).with_one_packet(true),
        ),
        ("-A -u 10.0.0.1:53 -s rr -b flag-1,flag-2,flag-3", {
            let flags = SchedulerFlags::FLAG_1 | SchedulerFlags::FLAG_2 | SchedulerFlags::FLAG_3;
            Service::new(udp, Scheduler::RR).with_scheduler_flags(flags)
        }),
    ];
    lab::enter(|client| {
        for (text, service) in cases {
            is_read(client, &format!("{text}\n"), &of_service(service));
        }
    });
}

fn destinations() {
    let port = NonZeroU16::new(6080).expect("not 0");
    let tunnel = |tunnel| Destination::new(endpoint("10.0.1.1:80"), Forward::Tunnel(tunnel));
    let gue = |checksum| tunnel(Tunnel::Gue { port, checksum });
    let routed = Destination::new(endpoint("10.0.1.1:80"), Forward::DirectRoute);
    let cases = [
        ("", routed),
        ("-g -w 0", routed.with_weight(Weight::ZERO)),
        ("-g -w 65535 -x 100 -y 10", {
            let thresholds = Thresholds::new(100, 10).unwrap();
            routed.with_weight(65535.into()).with_thresholds(thresholds)
        }),
        (
            "-g -x 100",
            routed.with_thresholds(Thresholds::new(100, 0).unwrap()),
        ),
        (
            "-m",
            Destination {
                forward: Forward::Masquerade,
                ..routed
            },
        ),
        ("-i", tunnel(Tunnel::Ipip)),
        ("-i --tun-type ipip", tunnel(Tunnel::Ipip)),
        (
            "-i --tun-type gue --tun-port 6080 --tun-nocsum",
            gue(Checksum::None),
        ),
        (
            "-i --tun-type gue --tun-port 6080 --tun-csum",
            gue(Checksum::Full),
        ),
        (
            "-i --tun-type gue --tun-port 6080 --tun-remcsum",
            gue(Checksum::Remote),
        ),
        (
            "-i --tun-type gre --tun-nocsum",
            tunnel(Tunnel::Gre {
                checksum: Checksum::None,
            }),
        ),
        (
            "-i --tun-type gre --tun-csum",
            tunnel(Tunnel::Gre {
                checksum: Checksum::Full,
            }),
        ),
    ];
    lab::enter(|client| {
        for (options, destination) in cases {
            let mut pool = Pool::new(Service::new(web(), Scheduler::RR));
            pool.insert(destination);
            let text = format!("-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.1.1:80 {options}\n");
            is_read(client, &text, &Table::from_iter([pool]));
        }
    });
}

fn destinations_of_both_families() {
    let text = "-A -t [fd00::1]:80 -s rr\n-a -t [fd00::1]:80 -r 10.0.1.1:80 -i\n-a -t [fd00::1]:80 -r [fd00::2]:8080 -m\n";
    let mut pool = Pool::new(Service::new(
        ServiceId::tcp(endpoint("[fd00::1]:80")),
        Scheduler::RR,
    ));
    assert_eq!(pool.service().id().family(), Family::Ipv6);
    let tunnel = Forward::Tunnel(Tunnel::Ipip);
    pool.insert(Destination::new(endpoint("10.0.1.1:80"), tunnel));
    pool.insert(Destination::new(endpoint("[fd00::2]:8080"), Forward::Masquerade));
    lab::enter(|client| is_read(client, text, &Table::from_iter([pool])));
}

fn foreign_services_stay_unless_all_is_asked_for() {
    let text = "-A -t 10.0.0.9:80 -s rr\n-a -t 10.0.0.9:80 -r 10.0.1.9:80 -m -w 5\n";
    lab::enter(|client| {
        lab::restore(text);
        let wanted = of_service(Service::new(web(), Scheduler::RR));
        let foreign = ipvsadm::parse(text).unwrap();
        let both: Table = wanted.iter().chain(foreign.iter()).cloned().collect();
        client.reconcile(&wanted, &Scope::Wanted).unwrap();
        assert_eq!(client.table().unwrap(), both);
        let done = client.reconcile(&wanted, &Scope::All).unwrap();
        assert_eq!(done.len(), 1);
        assert_eq!(client.table().unwrap(), wanted);
    });
}
