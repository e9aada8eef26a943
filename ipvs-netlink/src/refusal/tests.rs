use super::*;

fn web() -> ServiceId {
    ServiceId::tcp(([10, 0, 0, 1], 80))
}

fn server(text: &str, forward: Forward) -> Destination {
    Destination::new(text.parse::<std::net::SocketAddr>().unwrap(), forward)
}

fn failure(errno: i32) -> Failure {
    Failure {
        errno,
        ..Failure::default()
    }
}

fn reason(command: &Command, errno: i32) -> Reason {
    Refusal::of_command(command, failure(errno)).reason
}

/// A command of each kind.
fn commands() -> Vec<Command> {
    let service = Service::new(web(), Scheduler::RR);
    let server = server("10.0.1.1:80", Forward::Masquerade);
    vec![
        Command::AddService(service.clone()),
        Command::SetService(service),
        Command::DeleteService(web()),
        Command::AddDestination(web(), server),
        Command::SetDestination(web(), server),
        Command::DeleteDestination(web(), server.id),
        Command::Flush,
        Command::Zero(None),
        Command::Zero(Some(web())),
        Command::StartDaemon(Daemon::new(SyncRole::Master, "eth0", 1).unwrap()),
        Command::StopDaemon(SyncRole::Master),
        Command::SetTimeouts(crate::Timeouts::default()),
    ]
}

#[test]
fn what_means_the_same_for_every_command() {
    for command in commands() {
        for (errno, expected) in [
            (EPERM, Reason::NotPermitted),
            (EACCES, Reason::NotPermitted),
            (ENOMEM, Reason::OutOfMemory),
            (EBUSY, Reason::Other),
        ] {
            assert_eq!(reason(&command, errno), expected, "{command}");
        }
    }
    assert_eq!(
        Refusal::of_read(None, failure(EPERM)).reason,
        Reason::NotPermitted
    );
}

#[test]
fn family_that_the_kernel_was_built_without() {
    let web6 = ServiceId::tcp(([0xfd00, 0, 0, 0, 0, 0, 0, 1], 80));
    let tunnel = Forward::Tunnel(crate::Tunnel::Ipip);
    let daemon = Daemon::new(SyncRole::Backup, "eth0", 1).unwrap();
    for command in [
        Command::AddService(Service::new(web6, Scheduler::RR)),
        Command::DeleteService(web6),
        Command::AddDestination(web(), server("[fd00::2]:80", tunnel)),
        Command::StartDaemon(daemon),
    ] {
        let refusal = Refusal::of_command(&command, failure(EAFNOSUPPORT));
        assert_eq!(refusal.reason, Reason::NoFamily(Family::Ipv6));
        assert_eq!(refusal.to_string(), "IPVS has no IPv6 in this kernel");
    }
    let read = Refusal::of_read(Some(web6), failure(EAFNOSUPPORT));
    assert_eq!(read.reason, Reason::NoFamily(Family::Ipv6));
}

#[test]
fn invalid_destination_is_told_by_its_shape() {
    let tunnel = Forward::Tunnel(crate::Tunnel::Ipip);
    let add = |destination| reason(&Command::AddDestination(web(), destination), EINVAL);
    let mixed = server("[fd00::2]:80", Forward::DirectRoute);
    assert_eq!(add(mixed), Reason::TunnelNeeded(web(), mixed.id));
    let tunnelled = server("[fd00::2]:80", tunnel);
    assert_eq!(add(tunnelled), Reason::SyncDaemonRuns(web(), tunnelled.id));
    for text in ["[fe80::2]:80", "[ff02::2]:80", "[::]:80"] {
        let special = server(text, tunnel);
        assert_eq!(add(special), Reason::NotUnicast(special.id.address));
    }
    // A broadcast address of one of the kernel's networks looks like any other.
    let plain = server("10.0.1.255:80", Forward::Masquerade);
    assert_eq!(add(plain), Reason::NotUnicast(plain.id.address));
}

#[test]
fn number_that_no_reason_fits_has_its_usual_meaning() {
    for command in commands() {
        let refusal = Refusal::of_command(&command, failure(EBUSY));
        assert!(
            refusal.to_string().starts_with("Device or resource busy"),
            "{refusal}"
        );
    }
    assert_eq!(reason(&Command::Flush, ESRCH), Reason::Other);
    assert_eq!(reason(&Command::Zero(None), ENOENT), Reason::Other);
}

#[test]
fn kernel_words_are_shown() {
    let words = Failure {
        message: Some("Attribute failed policy validation".to_owned()),
        offset: Some(24),
        ..failure(EINVAL)
    };
    let refusal = Refusal::of_command(&Command::Flush, words.clone());
    assert_eq!((refusal.errno, refusal.offset), (EINVAL, Some(24)));
    assert_eq!(
        refusal.to_string(),
        "Invalid argument (os error 22) (the kernel: Attribute failed policy validation)"
    );
    let without = Refusal::of_command(
        &Command::Flush,
        Failure {
            message: None,
            ..words
        },
    );
    assert_eq!(
        without.to_string(),
        "Invalid argument (os error 22) (at octet 24 of the request)"
    );
}

#[test]
fn what_is_to_be_done_is_said() {
    let refusal = Refusal::of_command(&Command::Flush, failure(EPERM));
    let text = "not permitted: IPVS is for root, or a process with CAP_NET_ADMIN outside of user namespaces";
    assert_eq!(refusal.to_string(), text);
    assert_eq!(
        Reason::NoFamily(Family::Ipv6).to_string(),
        "IPVS has no IPv6 in this kernel"
    );
    assert_eq!(Reason::OutOfMemory.to_string(), "the kernel has no memory for it");
}

/// Has no reason of its own.
const EBUSY: i32 = 16;
