//! Every reason that the kernel can be brought to refuse something for.

use std::net::{IpAddr, UdpSocket};

use ipvs_guest::{Test, output};
use ipvs_netlink::{
    Client, Command, Daemon, Destination, DestinationId, Error, Family, Forward, MulticastGroup, Persistence,
    PersistenceEngine, Reason, Scheduler, Service, ServiceId, SyncRole, Tunnel,
};

use rustix::thread::{CapabilitySet, CapabilitySets};

use crate::lab::{self, endpoint, reason};

pub(crate) const TESTS: &[Test] = &[
    ("reasons::process_that_may_not", process_that_may_not),
    (
        "reasons::scheduler_or_engine_that_is_not_there",
        scheduler_or_engine_that_is_not_there,
    ),
    (
        "reasons::what_is_there_and_what_is_not",
        what_is_there_and_what_is_not,
    ),
    (
        "reasons::destination_of_another_family_without_a_tunnel",
        destination_of_another_family_without_a_tunnel,
    ),
    (
        "reasons::destination_that_is_no_single_machine",
        destination_that_is_no_single_machine,
    ),
    (
        "reasons::sync_daemon_and_mixed_families",
        sync_daemon_and_mixed_families,
    ),
    (
        "reasons::sync_daemon_that_is_there_or_is_not",
        sync_daemon_that_is_there_or_is_not,
    ),
    (
        "reasons::sync_daemon_whose_interface_does_not_do",
        sync_daemon_whose_interface_does_not_do,
    ),
    (
        "reasons::sync_daemon_whose_port_is_taken",
        sync_daemon_whose_port_is_taken,
    ),
];

fn web() -> ServiceId {
    ServiceId::tcp(endpoint("10.0.0.1:80"))
}

fn service() -> Service {
    Service::new(web(), Scheduler::RR)
}

fn server(text: &str) -> Destination {
    Destination::new(endpoint(text), Forward::Masquerade)
}

fn tunnelled(text: &str) -> Destination {
    Destination::new(endpoint(text), Forward::Tunnel(Tunnel::Ipip))
}

/// A namespace with the service in it.
fn with_service(test: impl FnOnce(&mut Client)) {
    lab::enter(|client| {
        client.add_service(&service()).unwrap();
        test(client);
    });
}

/// What is refused, for this reason, and changes nothing.
fn is_refused(client: &mut Client, command: &Command, expected: &Reason, text: &str) {
    let before = client.table().unwrap();
    let Err(Error::Refused(refusal)) = client.apply(command) else {
        panic!("{command}")
    };
    assert_eq!(&refusal.reason, expected, "{command}");
    assert_eq!(refusal.to_string(), text);
    assert_eq!(client.table().unwrap(), before);
}

fn scheduler_or_engine_that_is_not_there() {
    with_service(|client| {
        let scheduler = Scheduler::new("none-such").unwrap();
        let engine = PersistenceEngine::new("pe-none").unwrap();
        let text = "no such scheduler \"none-such\": is the module ip_vs_none-such there?";
        let other = Service::new(ServiceId::tcp(endpoint("10.0.0.2:80")), scheduler.clone());
        let changed = Service::new(web(), scheduler.clone());
        let expected = Reason::NoScheduler(scheduler);
        is_refused(client, &Command::AddService(other), &expected, text);
        is_refused(client, &Command::SetService(changed), &expected, text);

        let persistence = Persistence::new(Family::Ipv4, std::time::Duration::from_secs(60)).unwrap();
        let persistent = service().with_persistence(Some(persistence)).unwrap();
        let with_engine = persistent.with_persistence_engine(Some(engine.clone()));
        let text = "no such scheduler \"rr\", or no such persistence engine \"pe-none\": \
                    are the modules ip_vs_rr and ip_vs_pe_pe-none there?";
        let expected = Reason::NoSchedulerOrEngine(Scheduler::RR, engine);
        is_refused(client, &Command::SetService(with_engine), &expected, text);
    });
}

fn what_is_there_and_what_is_not() {
    with_service(|client| {
        client.add_destination(&web(), &server("10.0.1.1:80")).unwrap();
        let (there, other) = (server("10.0.1.1:80"), server("10.0.1.2:80"));
        let absent = ServiceId::udp(endpoint("[fd00::1]:53"));
        let cases = [
            (
                Command::AddService(service()),
                Reason::ServiceExists(web()),
                "there is a service TCP 10.0.0.1:80 already",
            ),
            (
                Command::AddDestination(web(), there),
                Reason::DestinationExists(web(), there.id),
                "TCP 10.0.0.1:80 has the destination 10.0.1.1:80 already",
            ),
            (
                Command::SetDestination(web(), other),
                Reason::NoDestination(web(), other.id),
                "TCP 10.0.0.1:80 has no destination 10.0.1.2:80",
            ),
            (
                Command::DeleteDestination(web(), other.id),
                Reason::NoDestination(web(), other.id),
                "TCP 10.0.0.1:80 has no destination 10.0.1.2:80",
            ),
        ];
        for (command, expected, text) in cases {
            is_refused(client, &command, &expected, text);
        }
        let server6 = server("[fd00::2]:53");
        let commands = [
            Command::SetService(Service::new(absent, Scheduler::RR)),
            Command::DeleteService(absent),
            Command::Zero(Some(absent)),
            Command::AddDestination(absent, server6),
            Command::SetDestination(absent, server6),
            Command::DeleteDestination(absent, server6.id),
        ];
        for command in commands {
            let text = "there is no service UDP [fd00::1]:53";
            is_refused(client, &command, &Reason::NoService(absent), text);
        }
        assert_eq!(client.service(&absent).unwrap(), None);
        assert_eq!(
            client.service(&web()).unwrap().map(|entry| entry.service),
            Some(service())
        );
        assert_eq!(client.destinations(&absent).unwrap(), []);
    });
}

fn destination_of_another_family_without_a_tunnel() {
    with_service(|client| {
        let server = server("[fd00::2]:80");
        let text = "[fd00::2]:80 is not of IPv4, as TCP 10.0.0.1:80 is: such a destination can be reached by tunnel only";
        let expected = Reason::TunnelNeeded(web(), server.id);
        is_refused(client, &Command::AddDestination(web(), server), &expected, text);
    });
}

fn destination_that_is_no_single_machine() {
    with_service(|client| {
        output("ip address add 10.9.0.1/24 broadcast 10.9.0.255 dev lo");
        for address in ["224.0.0.1", "255.255.255.255", "0.0.0.0", "10.9.0.255"] {
            let text = format!(
                "{address} is not the address of one machine, but a broadcast, multicast, link-local or unspecified one"
            );
            let expected = Reason::NotUnicast(address.parse().unwrap());
            let command = Command::AddDestination(web(), server(&format!("{address}:80")));
            is_refused(client, &command, &expected, &text);
        }
        let web6 = ServiceId::tcp(endpoint("[fd00::1]:80"));
        client.add_service(&Service::new(web6, Scheduler::RR)).unwrap();
        for address in ["fe80::1", "ff02::1", "::", "::ffff:10.0.0.1"] {
            let address: IpAddr = address.parse().unwrap();
            let id = DestinationId { address, port: 80 };
            for (service, forward) in [
                (web6, Forward::Masquerade),
                (web(), Forward::Tunnel(Tunnel::Ipip)),
            ] {
                let refused = client.add_destination(&service, &Destination::new(id, forward));
                assert_eq!(reason(refused), Some(Reason::NotUnicast(address)), "{address}");
            }
        }
    });
}

fn sync_daemon_and_mixed_families() {
    with_service(|client| {
        let daemon = Daemon::new(SyncRole::Backup, "lo", 1).unwrap();
        client.start_daemon(&daemon).unwrap();
        let mixed = tunnelled("[fd00::2]:80");
        let text = "[fd00::2]:80 is not of IPv4, as TCP 10.0.0.1:80 is, and a sync daemon runs: \
                    it cannot send such connections, stop it first";
        let expected = Reason::SyncDaemonRuns(web(), mixed.id);
        is_refused(client, &Command::AddDestination(web(), mixed), &expected, text);

        client.stop_daemon(SyncRole::Backup).unwrap();
        client.add_destination(&web(), &mixed).unwrap();
        let text = "a sync daemon cannot send connections to destinations of another family than their service: \
                    there are such, delete them first";
        is_refused(
            client,
            &Command::StartDaemon(daemon),
            &Reason::MixedFamilies,
            text,
        );
    });
}

fn sync_daemon_that_is_there_or_is_not() {
    lab::enter(|client| {
        for role in [SyncRole::Master, SyncRole::Backup] {
            let text = format!("no sync daemon that is {role} runs");
            is_refused(client, &Command::StopDaemon(role), &Reason::NoDaemon(role), &text);
            let daemon = Daemon::new(role, "lo", 1).unwrap();
            client.start_daemon(&daemon).unwrap();
            let text = format!("a sync daemon that is {role} runs already");
            is_refused(
                client,
                &Command::StartDaemon(daemon),
                &Reason::DaemonExists(role),
                &text,
            );
        }
    });
}

fn sync_daemon_whose_interface_does_not_do() {
    lab::enter(|client| {
        let daemon = Daemon::new(SyncRole::Master, "none0", 1).unwrap();
        let expected = Reason::NoInterface("none0".to_owned());
        let text = "there is no interface \"none0\"";
        is_refused(client, &Command::StartDaemon(daemon), &expected, text);

        output("ip link add down0 type dummy");
        let mut daemon = Daemon::new(SyncRole::Master, "down0", 1).unwrap();
        let expected = Reason::Unreachable("down0".to_owned());
        let text = "the sync daemon's group cannot be reached from the interface \"down0\": is it up?";
        is_refused(client, &Command::StartDaemon(daemon.clone()), &expected, text);
        daemon.group = Some(MulticastGroup::DEFAULT_IPV6);
        is_refused(client, &Command::StartDaemon(daemon), &expected, text);
    });
}

fn sync_daemon_whose_port_is_taken() {
    lab::enter(|client| {
        let _taken = UdpSocket::bind(("0.0.0.0", Daemon::DEFAULT_PORT)).unwrap();
        let daemon = Daemon::new(SyncRole::Backup, "lo", 1).unwrap();
        let text = "another program has UDP port 8848, which the sync daemon needs";
        let expected = Reason::PortInUse(8848);
        is_refused(client, &Command::StartDaemon(daemon), &expected, text);
    });
}

fn process_that_may_not() {
    lab::enter(|client| {
        let before = rustix::thread::capabilities(None).unwrap();
        let effective = before.effective - CapabilitySet::NET_ADMIN;
        rustix::thread::set_capabilities(None, CapabilitySets { effective, ..before }).unwrap();
        let error = client.services().unwrap_err();
        let refused = client.flush();
        rustix::thread::set_capabilities(None, before).unwrap();
        let text =
            "not permitted: IPVS is for root, or a process with CAP_NET_ADMIN outside of user namespaces";
        assert_eq!(error.to_string(), text);
        assert_eq!(reason(refused), Some(Reason::NotPermitted));
        assert_eq!(client.services().unwrap(), []);
    });
}
