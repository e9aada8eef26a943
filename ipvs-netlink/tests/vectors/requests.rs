use std::net::SocketAddr;
use std::time::Duration;

use ipvs_netlink::packet::controller::ControllerMessage;
use ipvs_netlink::packet::{
    DaemonAttribute, DestinationAttribute, FAMILY_NAME, IpvsAttribute, IpvsCommand, IpvsMessage,
    ServiceAttribute, ServiceFlags,
};
use ipvs_netlink::*;
use netlink_packet_core::Emitable;
use netlink_packet_generic::GenlMessage;

use super::octets::{emit, names, parse, read};

const FOLDER: &str = "requests";

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn web() -> ServiceId {
    ServiceId::tcp(address("10.0.0.1:80"))
}

fn mark() -> ServiceId {
    ServiceId::fwmark(7.try_into().unwrap())
}

fn persistence(id: ServiceId, seconds: u64, granularity: Granularity) -> Option<Persistence> {
    let persistence = Persistence::new(id.family(), Duration::from_secs(seconds)).unwrap();
    Some(persistence.with_granularity(granularity).unwrap())
}

fn service(name: &str) -> Service {
    let persistent = |id, scheduler, seconds, granularity| {
        let service = Service::new(id, scheduler);
        service
            .with_persistence(persistence(id, seconds, granularity))
            .unwrap()
    };
    match name {
        "plain" => Service::new(web(), Scheduler::WRR),
        "ipv6-sh" => Service::new(ServiceId::tcp(address("[fd00::1]:443")), Scheduler::SH)
            .with_scheduler_flags(SchedulerFlags::SH_FALLBACK | SchedulerFlags::SH_PORT),
        "fwmark" => Service::new(mark(), Scheduler::RR),
        "fwmark-ipv6-persistent" => persistent(
            ServiceId::fwmark6(8.try_into().unwrap()),
            Scheduler::LC,
            360,
            Granularity::prefix_length(64).unwrap(),
        ),
        "one-packet" => {
            Service::new(ServiceId::udp(address("10.0.0.2:53")), Scheduler::RR).with_one_packet(true)
        }
        "sip" => persistent(
            ServiceId::udp(address("10.0.0.2:5060")),
            Scheduler::WLC,
            300,
            Granularity::mask([255, 255, 255, 0].into()),
        )
        .with_persistence_engine(Some(PersistenceEngine::SIP)),
        "edited" => persistent(web(), Scheduler::WLC, 60, Granularity::single(Family::Ipv4)),
        other => panic!("{other}"),
    }
}

fn gue(port: u16, checksum: Checksum) -> Forward {
    Forward::Tunnel(Tunnel::Gue {
        port: port.try_into().unwrap(),
        checksum,
    })
}

fn destination(name: &str) -> Command {
    let ipip = Forward::Tunnel(Tunnel::Ipip);
    let gre = Forward::Tunnel(Tunnel::Gre {
        checksum: Checksum::None,
    });
    let server = |endpoint, forward| Destination::new(address(endpoint), forward);
    let add = |id, endpoint, forward| Command::AddDestination(id, server(endpoint, forward));
    match name {
        "nat" => Command::AddDestination(
            web(),
            server("10.0.1.1:8080", Forward::Masquerade)
                .with_weight(3.into())
                .with_thresholds(Thresholds::new(100, 50).unwrap()),
        ),
        "edited" => Command::SetDestination(
            web(),
            server("10.0.1.1:8080", Forward::Masquerade).with_weight(5.into()),
        ),
        "dr" => add(web(), "10.0.1.2:80", Forward::DirectRoute),
        "ipip" => add(web(), "10.0.1.3:80", ipip),
        "gue" => Command::AddDestination(
            web(),
            server("10.0.1.4:80", gue(6080, Checksum::Full)).with_weight(Weight::ZERO),
        ),
        "gre" => add(web(), "10.0.1.5:80", gre),
        "gue-remote" => add(web(), "10.0.1.6:80", gue(6081, Checksum::Remote)),
        "ipv6" => {
            let id = ServiceId::tcp(address("[fd00::1]:443"));
            add(id, "[fd00:1::1]:443", Forward::Masquerade)
        }
        "other-family" => add(web(), "[fd00:1::2]:80", ipip),
        "fwmark" => add(mark(), "10.0.1.1:0", Forward::DirectRoute),
        other => panic!("{other}"),
    }
}

fn daemon(name: &str) -> Command {
    let role = if name == "start" {
        SyncRole::Master
    } else {
        SyncRole::Backup
    };
    let mut daemon = Daemon::new(role, "d0", if name == "start" { 5 } else { 0 }).unwrap();
    let group = |address: &str| Some(MulticastGroup::new(address.parse().unwrap()).unwrap());
    match name {
        "start" => {
            daemon.max_length = 1400.try_into().ok();
            daemon.group = group("224.0.0.82");
            daemon.port = 8850.try_into().ok();
            daemon.ttl = 3.try_into().ok();
        }
        "start-ipv6" => daemon.group = group("ff02::51"),
        "start-defaults" => {}
        other => panic!("{other}"),
    }
    Command::StartDaemon(daemon)
}

fn timeouts() -> Command {
    Command::SetTimeouts(Timeouts {
        tcp: Some(Duration::from_secs(900)),
        tcp_fin: Some(Duration::from_secs(120)),
        udp: Some(Duration::from_secs(300)),
    })
}

/// What we say to the same end.
fn ours() -> Vec<(&'static str, IpvsMessage)> {
    let add = |name| Command::AddService(service(name)).message();
    let put = |name| destination(name).message();
    vec![
        ("add-service", add("plain")),
        ("add-service-ipv6-sh", add("ipv6-sh")),
        ("add-service-fwmark", add("fwmark")),
        (
            "add-service-fwmark-ipv6-persistent",
            add("fwmark-ipv6-persistent"),
        ),
        ("add-service-one-packet", add("one-packet")),
        ("add-service-sip", add("sip")),
        ("edit-service", Command::SetService(service("edited")).message()),
        ("delete-service", Command::DeleteService(mark()).message()),
        ("add-destination-nat", put("nat")),
        ("add-destination-dr", put("dr")),
        ("add-destination-ipip", put("ipip")),
        ("add-destination-gue", put("gue")),
        ("add-destination-gre", put("gre")),
        ("add-destination-gue-remote", put("gue-remote")),
        ("add-destination-ipv6", put("ipv6")),
        ("add-destination-other-family", put("other-family")),
        ("add-destination-fwmark", put("fwmark")),
        ("edit-destination", put("edited")),
        (
            "delete-destination",
            Command::DeleteDestination(web(), address("10.0.1.1:8080").into()).message(),
        ),
        ("zero", Command::Zero(None).message()),
        ("zero-service", Command::Zero(Some(web())).message()),
        ("flush", Command::Flush.message()),
        ("set-timeouts", timeouts().message()),
        ("start-daemon", daemon("start").message()),
        ("start-daemon-ipv6", daemon("start-ipv6").message()),
        ("start-daemon-defaults", daemon("start-defaults").message()),
        ("stop-daemon", Command::StopDaemon(SyncRole::Master).message()),
        ("list-services", Query::Services.message()),
        ("get-service", Query::Service(web()).message()),
        ("list-destinations", Query::Destinations(web()).message()),
        ("list-destinations-fwmark", Query::Destinations(mark()).message()),
        ("list-daemons", Query::Daemons.message()),
        ("get-timeouts", Query::Timeouts.message()),
        ("get-info", Query::Info.message()),
    ]
}

/// Without what the kernel does not look at, which ipvsadm sends and we do not: what a service is like where only a service is
/// named; the tunnel of a destination that has none or IP in IP; what a destination is like where it is deleted; and of a
/// daemon that is stopped all but whether it is the master or the backup.
fn lean(message: &IpvsMessage) -> IpvsMessage {
    let command = message.command;
    let lean = |attribute: &IpvsAttribute| match attribute {
        IpvsAttribute::Service(attributes) => IpvsAttribute::Service(lean_service(command, attributes)),
        IpvsAttribute::Destination(attributes) => {
            IpvsAttribute::Destination(lean_destination(command, attributes))
        }
        IpvsAttribute::Daemon(attributes) if command == IpvsCommand::DelDaemon => {
            let states = attributes
                .iter()
                .filter(|a| matches!(a, DaemonAttribute::State(_)));
            IpvsAttribute::Daemon(states.cloned().collect())
        }
        other => other.clone(),
    };
    IpvsMessage {
        command,
        attributes: message.attributes.iter().map(lean).collect(),
    }
}

fn lean_service(command: IpvsCommand, attributes: &[ServiceAttribute]) -> Vec<ServiceAttribute> {
    let whole = matches!(command, IpvsCommand::NewService | IpvsCommand::SetService);
    let keeps = |attribute: &&ServiceAttribute| {
        whole
            || !matches!(
                attribute,
                ServiceAttribute::SchedulerName(_)
                    | ServiceAttribute::Flags(_)
                    | ServiceAttribute::Timeout(_)
                    | ServiceAttribute::Netmask(_)
            )
    };
    attributes.iter().filter(keeps).cloned().collect()
}

fn lean_destination(command: IpvsCommand, attributes: &[DestinationAttribute]) -> Vec<DestinationAttribute> {
    let tunnel = attributes
        .iter()
        .any(|attribute| matches!(attribute, DestinationAttribute::TunnelType(1..)));
    let keeps = |attribute: &&DestinationAttribute| match attribute {
        DestinationAttribute::AddressFamily(_)
        | DestinationAttribute::Address(_)
        | DestinationAttribute::Port(_) => true,
        _ if command == IpvsCommand::DelDest => false,
        DestinationAttribute::TunnelType(_)
        | DestinationAttribute::TunnelPort(_)
        | DestinationAttribute::TunnelFlags(_) => tunnel,
        _ => true,
    };
    attributes.iter().filter(keeps).cloned().collect()
}

#[test]
fn we_say_what_ipvsadm_says() {
    for (name, message) in ours() {
        let octets = read(FOLDER, name);
        let theirs = parse(&octets);
        assert_eq!(emit(theirs.clone()), octets, "{name}");
        assert_eq!(lean(&theirs), message, "{name}");
        assert_eq!(parse(&emit(message.clone())), message, "{name}");
    }
}

/// To the last octet, where nothing is left out.
#[test]
fn we_write_as_ipvsadm_writes() {
    let leaner = |name: &str| {
        let is_tunnel = name.contains("gue") || name.contains("gre");
        let deletes = name.starts_with("delete") || name == "stop-daemon";
        let names_one = name.contains("destination") && !name.starts_with("list");
        deletes || names_one || is_tunnel || name == "zero-service" || name == "get-service"
    };
    let exact: Vec<_> = ours().into_iter().filter(|(name, _)| !leaner(name)).collect();
    assert_eq!(exact.len(), 19);
    for (name, message) in exact {
        assert_eq!(emit(message), read(FOLDER, name), "{name}");
    }
}

#[test]
fn all_that_was_captured_is_here() {
    let mut here: Vec<&str> = ours().into_iter().map(|(name, _)| name).collect();
    here.push("get-family");
    here.sort_unstable();
    assert_eq!(here, names(FOLDER));
}

#[test]
fn a_service_attribute_by_attribute() {
    let expected = IpvsMessage {
        command: IpvsCommand::NewService,
        attributes: vec![IpvsAttribute::Service(vec![
            ServiceAttribute::AddressFamily(2),
            ServiceAttribute::Protocol(17),
            ServiceAttribute::Address([10, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            ServiceAttribute::Port(5060),
            ServiceAttribute::SchedulerName("wlc".to_owned()),
            ServiceAttribute::EngineName("sip".to_owned()),
            ServiceAttribute::Flags(ServiceFlags {
                flags: 1,
                mask: u32::MAX,
            }),
            ServiceAttribute::Timeout(300),
            ServiceAttribute::Netmask(0x00ff_ffff),
        ])],
    };
    assert_eq!(parse(&read(FOLDER, "add-service-sip")), expected);
}

#[test]
fn the_family_is_asked_for_as_ipvsadm_does() {
    let request = GenlMessage::from_payload(ControllerMessage::get_family(FAMILY_NAME));
    let mut octets = vec![0xaa; request.buffer_len()];
    request.emit(&mut octets);
    assert_eq!(octets, read(FOLDER, "get-family"));
}
