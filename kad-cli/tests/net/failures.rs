//! What cannot be opened, and what cannot leave.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::{Duration, Instant};

use kad_cli::net::{Announcer, OpenError, Receiver, Transmitter};
use kad_cli::rtnl::Request;
use nix::errno::Errno;
use nix::unistd::geteuid;
use vrrp_proto::Family;

use crate::lan::{Lan, NEAR_MAC, add_addresses, execute, index, switch};
use crate::packets::{FAMILIES, V4_GROUP, V6_GROUP, far_receiver, ip, near_transmitter, pdus};
use crate::skip::skip;
use crate::wire::hear;

#[test]
fn a_missing_interface_is_named() {
    Lan::test(|lan| {
        lan.near(|| {
            for family in [Family::Ipv4, Family::Ipv6] {
                let receiver = Receiver::open("eth99", 99, family).unwrap_err();
                let transmitter = Transmitter::open("eth99", 99, family).unwrap_err();
                for error in [receiver, transmitter] {
                    assert!(matches!(error, OpenError::NoSuchInterface(_)), "{error:?}");
                    assert_eq!(error.to_string(), "there is no interface eth99");
                }
            }
        });
    });
}

#[test]
fn a_vanished_interface_cannot_be_joined() {
    Lan::test(|lan| {
        for (family, group, _) in FAMILIES {
            let receiver = lan.near(|| Receiver::open("near", 4711, family)).unwrap();
            let error = receiver.join(ip(group)).unwrap_err();
            assert!(matches!(error, OpenError::NoSuchInterface(_)), "{error:?}");
        }
    });
}

#[test]
fn joining_what_is_no_group_is_refused() {
    Lan::test(|lan| {
        for (family, group) in [(Family::Ipv4, "192.0.2.77"), (Family::Ipv6, "fe80::77")] {
            let error = far_receiver(lan, family, None).join(ip(group)).unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("cannot join {group} on far: ")),
                "{error}"
            );
        }
        for (family, group) in [(Family::Ipv4, V6_GROUP), (Family::Ipv6, V4_GROUP)] {
            let error = far_receiver(lan, family, None).join(ip(group)).unwrap_err();
            assert!(matches!(error, OpenError::Join { .. }), "{error:?}");
        }
    });
}

#[test]
fn a_missing_privilege_is_named() {
    if !geteuid().is_root() {
        return without_privilege();
    }
    if env::var_os(UNPRIVILEGED).is_some() {
        panic!("still root");
    }
    let mut command = Command::new("/proc/self/exe");
    command
        .args(["--exact", "failures::a_missing_privilege_is_named"])
        .env(UNPRIVILEGED, "1")
        .uid(NOBODY)
        .gid(NOBODY);
    match command.output() {
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && text.contains("1 passed"), "{text}");
        }
        Err(error) => skip(&format!("nobody cannot run this test: {error}")),
    }
}

fn without_privilege() {
    let errors = [
        Receiver::open("lo", 1, Family::Ipv4).err(),
        Receiver::open("lo", 1, Family::Ipv6).err(),
        Transmitter::open("lo", 1, Family::Ipv4).err(),
        Transmitter::open("lo", 1, Family::Ipv6).err(),
        Announcer::open().err(),
    ];
    for error in errors {
        let error = error.unwrap();
        assert!(matches!(error, OpenError::NoPermission), "{error:?}");
        assert!(error.to_string().contains("CAP_NET_RAW"), "{error}");
    }
}

#[test]
fn one_failure_keeps_nothing_else_from_leaving() {
    Lan::test(|lan| {
        for (family, group, source) in FAMILIES {
            let mut receiver = far_receiver(lan, family, Some(group));
            let mut transmitter = near_transmitter(lan, family);
            let (bad_source, bad_pdu, expected) = match family {
                // A packet with a header of our own is never sent in fragments.
                Family::Ipv4 => (source, vec![0; 1_481], Errno::EMSGSIZE),
                // A source that is not this machine's.
                Family::Ipv6 => ("fe80::77", vec![0; 8], Errno::EINVAL),
            };
            transmitter.queue(ip(source), ip(group), b"first");
            transmitter.queue(ip(bad_source), ip(group), bad_pdu);
            transmitter.queue(ip(source), ip(group), b"second");
            transmitter.queue(ip(source), ip(group), b"third");
            let flushed = transmitter.flush();
            assert_eq!((flushed.sent, flushed.failed), (3, 1));
            assert_eq!(errno(flushed.first_error), expected);
            let (heard, _) = hear(&mut receiver, 3);
            assert_eq!(pdus(&heard), [b"first".as_slice(), b"second", b"third"]);
            // Nothing is left behind.
            assert_eq!(transmitter.flush().sent, 0);
        }
    });
}

#[test]
fn addresses_of_the_wrong_family_and_giants_are_counted() {
    Lan::test(|lan| {
        let mut v4 = near_transmitter(lan, Family::Ipv4);
        v4.queue(ip("fe80::1"), ip(V6_GROUP), b"12345678");
        v4.queue(ip("192.0.2.1"), ip(V6_GROUP), b"12345678");
        v4.queue(ip("192.0.2.1"), ip(V4_GROUP), vec![0; 65_516]);
        v4.queue(ip("192.0.2.1"), ip(V4_GROUP), b"12345678");
        let flushed = v4.flush();
        assert_eq!((flushed.sent, flushed.failed), (1, 3));
        assert!(flushed.first_error.unwrap().to_string().contains("family"));
        let mut v6 = near_transmitter(lan, Family::Ipv6);
        v6.queue(ip("192.0.2.1"), ip(V4_GROUP), b"12345678");
        v6.queue(ip("fe80::1"), ip(V6_GROUP), vec![0; 65_536]);
        v6.queue(ip("fe80::1"), ip(V6_GROUP), b"12345678");
        let flushed = v6.flush();
        assert_eq!((flushed.sent, flushed.failed), (1, 2));
    });
}

#[test]
fn a_link_that_is_down_costs_its_messages_and_nothing_else() {
    Lan::test(|lan| {
        let mut transmitters = FAMILIES.map(|(family, ..)| near_transmitter(lan, family));
        let mut announcer = lan.near(Announcer::open).unwrap();
        let near = lan.near(|| index("near"));
        let mut say = |expected: (usize, usize)| {
            for ((_, group, source), transmitter) in FAMILIES.into_iter().zip(&mut transmitters) {
                for _ in 0..3 {
                    transmitter.queue(ip(source), ip(group), b"12345678");
                }
                let flushed = transmitter.flush();
                assert_eq!(
                    (flushed.sent, flushed.failed),
                    expected,
                    "{:?}",
                    flushed.first_error
                );
            }
            for address in ["192.0.2.1", "fe80::1", "192.0.2.11"] {
                announcer.queue(near, NEAR_MAC, ip(address), false);
            }
            let flushed = announcer.flush();
            assert_eq!(
                (flushed.sent, flushed.failed),
                expected,
                "{:?}",
                flushed.first_error
            );
        };
        say((3, 0));
        lan.near(|| switch("near", false));
        say((0, 3));
        lan.near(|| switch("near", true));
        lan.await_link();
        lan.near(|| add_addresses("near", &["fe80::1/64"]));
        say((3, 0));
        lan.near(|| execute(Request::RemoveLink { index: near }));
        say((0, 3));
    });
}

#[test]
fn a_full_buffer_costs_messages_and_no_time() {
    Lan::test(|lan| {
        // What waits for a neighbour's address to be found fills the socket's buffer.
        let path = "/proc/sys/net/ipv4/neigh/near/unres_qlen_bytes";
        lan.near(|| std::fs::write(path, "100000000")).unwrap();
        let mut transmitter = near_transmitter(lan, Family::Ipv4);
        for _ in 0..10_000 {
            transmitter.queue(ip("192.0.2.1"), ip("192.0.2.99"), b"12345678");
        }
        let begun = Instant::now();
        let flushed = transmitter.flush();
        assert!(
            begun.elapsed() < Duration::from_secs(1),
            "the neighbour is waited for three seconds"
        );
        assert_eq!(flushed.sent + flushed.failed, 10_000);
        assert!(flushed.sent >= 1_000 && flushed.failed > 0, "{flushed:?}");
        assert_eq!(errno(flushed.first_error), Errno::EAGAIN);
    });
}

#[test]
fn memberships_outlive_a_link_that_was_down() {
    Lan::test(|lan| {
        for (family, group, source) in FAMILIES {
            let mut receiver = far_receiver(lan, family, Some(group));
            lan.far(|| {
                switch("far", false);
                switch("far", true);
            });
            lan.await_link();
            let mut transmitter = near_transmitter(lan, family);
            transmitter.queue(ip(source), ip(group), b"12345678");
            assert_eq!(transmitter.flush().sent, 1);
            assert_eq!(hear(&mut receiver, 1).0.len(), 1);
        }
    });
}

#[test]
fn announcements_for_a_missing_interface_are_counted() {
    Lan::test(|lan| {
        let mut announcer = lan.near(Announcer::open).unwrap();
        let near = lan.near(|| index("near"));
        for index in [near, 4711, near, u32::MAX] {
            announcer.queue(index, NEAR_MAC, ip("192.0.2.1"), false);
        }
        let flushed = announcer.flush();
        assert_eq!((flushed.sent, flushed.failed), (2, 2));
    });
}

#[test]
fn packets_that_nobody_reads_are_counted() {
    Lan::test(|lan| {
        const COUNT: usize = 20_000;
        for (family, group, source) in FAMILIES {
            let mut receiver = far_receiver(lan, family, Some(group));
            let mut transmitter = near_transmitter(lan, family);
            for _ in 0..COUNT {
                transmitter.queue(ip(source), ip(group), b"12345678");
            }
            let flushed = transmitter.flush();
            assert_eq!(flushed.sent, COUNT, "{:?}", flushed.first_error);
            let (_, batch) = hear(&mut receiver, COUNT);
            assert!(batch.lost > 0, "a queue without end: {batch:?}");
            assert_eq!(batch.datagrams + usize::try_from(batch.lost).unwrap(), COUNT);
            // The count is of what was lost since it was last asked for.
            transmitter.queue(ip(source), ip(group), b"12345678");
            assert_eq!(transmitter.flush().sent, 1);
            assert_eq!(hear(&mut receiver, 1).1.lost, 0);
        }
    });
}

fn errno(error: Option<std::io::Error>) -> Errno {
    Errno::from_raw(error.unwrap().raw_os_error().unwrap())
}

const UNPRIVILEGED: &str = "KAD_TEST_UNPRIVILEGED";
const NOBODY: u32 = 65_534;
