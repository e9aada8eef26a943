use std::num::NonZeroU32;

use super::{ParseReason, parse, write};
use crate::{
    Destination, DestinationId, Forward, Pool, Protocol, Scheduler, SchedulerFlags, Service, ServiceId,
    Table, Tunnel, UnknownTunnel,
};

/// What `ipvsadm -R` was given, and what `ipvsadm -S -n` printed then (ipvsadm 1.31, Linux 6.1).
const BY_IPVSADM: &[(&str, &str)] = &[
    (
        "-A -t 10.0.0.1:80 -s wrr\n-a -t 10.0.0.1:80 -r 10.0.1.1:8080 -m -w 3\n-a -t 10.0.0.1:80 -r 10.0.1.2:8080 -i\n-a -t 10.0.0.1:80 -r 10.0.1.3:8080 -g\n-a -t 10.0.0.1:80 -r 10.0.1.4",
        "-A -t 10.0.0.1:80 -s wrr\n-a -t 10.0.0.1:80 -r 10.0.1.1:8080 -m -w 3\n-a -t 10.0.0.1:80 -r 10.0.1.2:80 -i -w 1 --tun-type ipip\n-a -t 10.0.0.1:80 -r 10.0.1.3:80 -g -w 1\n-a -t 10.0.0.1:80 -r 10.0.1.4:80 -g -w 1\n",
    ),
    (
        "-A -t 10.0.0.1:80 -s sh -b sh-port,sh-fallback\n-A -t 10.0.0.1:81 -s rr -b flag-1,flag-2,flag-3\n-A -u 10.0.0.1:80 -b mh-port, -s mh\n-A --sctp-service 10.0.0.1:80 -s mh -b mh-fallback,flag-2 -p",
        "-A -t 10.0.0.1:80 -s sh -b sh-fallback,sh-port\n-A -t 10.0.0.1:81 -s rr -b flag-1,flag-2,flag-3\n-A -u 10.0.0.1:80 -s mh -b mh-port\n-A --sctp-service 10.0.0.1:80 -s mh -p 360 -b mh-fallback,mh-port\n",
    ),
    (
        "-A -f 7 -s rr -p 10 -M 255.255.0.0\n-A -f 7 -6 -s rr -p 10 -M 64\n-a -f 7 -r 10.0.1.1:80 -m\n-a -f 7 -r 10.0.1.2 -i\n-a -f 7 -r 10.0.1.7:81 -g\n-a -f 7 -6 -r [fd00::1]:3\n-A -f 0008",
        "-A -f 7 -s rr -p 10 -M 255.255.0.0\n-a -f 7 -r 10.0.1.1:80 -m -w 1\n-a -f 7 -r 10.0.1.2:0 -i -w 1 --tun-type ipip\n-a -f 7 -r 10.0.1.7:81 -g -w 1\n-A -f 8 -s wlc\n-A -f 7 -6 -s rr -p 10 -M 64\n-a -f 7 -6 -r [fd00::1]:3 -g -w 1\n",
    ),
    (
        "-A -u [fd00::1]:53 -o -s rr -p 60 -M 128 --pe sip",
        "-A -u [fd00::1]:53 -s rr -p 60 --pe sip -o\n",
    ),
    (
        "-A -t 10.0.0.1 -p\n-a -t 10.0.0.1:0 -r 10.0.0.7:80 -m\n-a -t 10.0.0.1:0 -r 10.0.0.8:80 -g",
        "-A -t 10.0.0.1:0 -s wlc -p 360\n-a -t 10.0.0.1:0 -r 10.0.0.7:80 -m -w 1\n-a -t 10.0.0.1:0 -r 10.0.0.8:0 -g -w 1\n",
    ),
    (
        "-A -t 10.0.0.1:80 -M 255.255.255.0\n-A -t 10.0.0.1:81 -M 255.0.255.0 -p +7\n-A -t 10.0.0.1:082 -p2678400 -srr\n-A -t fd00::1 -p 7",
        "-A -t 10.0.0.1:80 -s wlc\n-A -t 10.0.0.1:81 -s wlc -p 7 -M 255.0.255.0\n-A -t 10.0.0.1:82 -s rr -p 2678400\n-A -t [fd00::1]:0 -s wlc -p 7\n",
    ),
    (
        "-A -f 7\n-a -f 7 -r 10.0.0.1 -i --tun-type gue --tun-port 6080\n-a -f 7 -r 10.0.0.2 -i --tun-csum --tun-type gue --tun-port 6080\n-a -f 7 -r 10.0.0.3 -i --tun-type gue --tun-port 6080 --tun-remcsum\n-a -f 7 -r 10.0.0.4 -i --tun-type gre\n-a -f 7 -r 10.0.0.5 -i --tun-type=gre --tun-csum\n-a -f 7 -r 10.0.0.6 -i --tun-type ipip",
        "-A -f 7 -s wlc\n-a -f 7 -r 10.0.0.1:0 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum\n-a -f 7 -r 10.0.0.2:0 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum\n-a -f 7 -r 10.0.0.3:0 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum\n-a -f 7 -r 10.0.0.4:0 -i -w 1 --tun-type gre --tun-nocsum\n-a -f 7 -r 10.0.0.5:0 -i -w 1 --tun-type gre --tun-csum\n-a -f 7 -r 10.0.0.6:0 -i -w 1 --tun-type ipip\n",
    ),
    (
        "--add-service --fwmark-service 7 --ipv6 --netmask 64 --persistent --sched-flags flag-1 --pe sip\n--add-server --fwmark-service 7 --ipv6 --real-server [fd00::1]:3 --gatewaying --weight=7",
        "-A -f 7 -6 -s wlc -p 360 -M 64 --pe sip -b flag-1\n-a -f 7 -6 -r [fd00::1]:3 -g -w 7\n",
    ),
    (
        "\n   \n\t-At\t10.0.0.1:80\t\n  ipvsadm   -A -t10.0.0.1:81\n-A --tcp-service=10.0.0.1:82 --scheduler none\n",
        "-A -t 10.0.0.1:80 -s wlc\n-A -t 10.0.0.1:81 -s wlc\n-A -t 10.0.0.1:82 -s none\n",
    ),
    (
        "-A -t [::ffff:10.0.0.1]:80\n-A -t [::10.0.0.1]:80\n-A -t [::]:80\n-A -t [1:0:0:2:3:0:0:4]:80\n-A -t [1:0:2:3:4:5:6:7]:80\n-A -t [::1:2]:80\n-A -t [64:ff9b::1.2.3.4]:80",
        "-A -t [::]:80 -s wlc\n-A -t [::0.1.0.2]:80 -s wlc\n-A -t [::10.0.0.1]:80 -s wlc\n-A -t [::ffff:10.0.0.1]:80 -s wlc\n-A -t [1::2:3:0:0:4]:80 -s wlc\n-A -t [1:0:2:3:4:5:6:7]:80 -s wlc\n-A -t [64:ff9b::102:304]:80 -s wlc\n",
    ),
];

#[test]
fn what_ipvsadm_reads_is_what_it_prints() {
    for (given, printed) in BY_IPVSADM {
        let table = parse(given).unwrap_or_else(|error| panic!("{error} in {given}"));
        assert_eq!(write(&table), *printed);
        assert_eq!(parse(printed), Ok(table));
    }
}

/// A line that is refused, and why. The first three lines are always there.
const REFUSED: &[(&str, &str)] = &[
    (
        "-E -t 10.0.0.1:80 -s rr",
        "found `-E` at the beginning, expected `-A` for a service or `-a` for a destination",
    ),
    (
        "-t 10.0.0.1:82 -A",
        "found `-t` at the beginning, expected `-A` for a service or `-a` for a destination",
    ),
    (
        "/sbin/ipvsadm -A -t 10.0.0.1:82",
        "found `/sbin/ipvsadm` at the beginning, expected `-A` for a service or `-a` for a destination",
    ),
    (
        "-A -t 10.0.0.1:82 extra",
        "found `extra`, expected an option of `-A`: -t, -u, --sctp-service, -f, -6, -s, -p, -M, --pe, -o, -b",
    ),
    (
        "-A -t 10.0.0.1:82 -w 5",
        "found `-w`, expected an option of `-A`: -t, -u, --sctp-service, -f, -6, -s, -p, -M, --pe, -o, -b",
    ),
    (
        "-A -t 10.0.0.1:82 # x",
        "found `#`, expected an option of `-A`: -t, -u, --sctp-service, -f, -6, -s, -p, -M, --pe, -o, -b",
    ),
    (
        "-A -t 10.0.0.1:82 --sched rr",
        "found `--sched`, expected an option of `-A`: -t, -u, --sctp-service, -f, -6, -s, -p, -M, --pe, -o, -b",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -s rr",
        "found `-s`, expected an option of `-a`: -t, -u, --sctp-service, -f, -6, -r, -m, -i, -g, -w, -x, -y, --tun-type, --tun-port, --tun-nocsum, --tun-csum, --tun-remcsum",
    ),
    (
        "-A -t 10.0.0.1:82 -s",
        "found nothing after `-s`, expected a name of 1 to 15 letters, digits, `_` and `-`",
    ),
    (
        "-A -t 10.0.0.1:82 -s a/b",
        "found `-s a/b`, expected a name of 1 to 15 letters, digits, `_` and `-`",
    ),
    (
        "-A -t 10.0.0.1:82 --ops=1",
        "found a value after `-o`, expected none",
    ),
    (
        "-A -t 10.0.0.1:82 -s rr -s wrr",
        "found `-s` beside `-s`, expected one of them",
    ),
    (
        "-A -t 10.0.0.1:82 -u 10.0.0.1:82",
        "found `-u` beside `-t`, expected one of them",
    ),
    (
        "-A -s rr",
        "found no service, expected one of -t, -u, --sctp-service and -f",
    ),
    (
        "-A -t localhost:80",
        "found `-t localhost:80`, expected an address and a port in numbers, like 10.0.0.1:80 or [fd00::1]:80",
    ),
    (
        "-A -t 10.0.0.1:http",
        "found `-t 10.0.0.1:http`, expected an address and a port in numbers, like 10.0.0.1:80 or [fd00::1]:80",
    ),
    (
        "-A -t 10.0.0.1:65536",
        "found `-t 10.0.0.1:65536`, expected an address and a port in numbers, like 10.0.0.1:80 or [fd00::1]:80",
    ),
    (
        "-A -t 10.1:80",
        "found `-t 10.1:80`, expected an address and a port in numbers, like 10.0.0.1:80 or [fd00::1]:80",
    ),
    ("-A -f 0", "found `-f 0`, expected a mark, 1 to 4294967295"),
    ("-A -6 -f 9", "found `-6`, expected it after `-f`"),
    ("-A -t 10.0.0.1:82 -6", "found `-6`, expected it after `-f`"),
    (
        "-A -f 9 -p 0",
        "found `-p 0`, expected seconds, 1 to 2678400 (31 days), or nothing for 360",
    ),
    (
        "-A -f 9 -p 2678401",
        "found `-p 2678401`, expected seconds, 1 to 2678400 (31 days), or nothing for 360",
    ),
    (
        "-A -f 9 -p 5 -M 24",
        "found `-M 24`, expected a mask like 255.255.255.0, or with IPv6 a prefix length, 1 to 128",
    ),
    (
        "-A -f 9 -6 -p 5 -M 129",
        "found `-M 129`, expected a mask like 255.255.255.0, or with IPv6 a prefix length, 1 to 128",
    ),
    (
        "-A -f 9 -s rr -b sh-port",
        "found the flag `sh-port`, expected one of the scheduler rr, or flag-1, flag-2 or flag-3",
    ),
    (
        "-A -f 9 -s sh -b bogus",
        "found `-b bogus`, expected flags with commas between them, like sh-port,sh-fallback",
    ),
    (
        "-a -t 10.0.0.1:80",
        "found no destination, expected -r with its address",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -i -m",
        "found `-m` beside `-i`, expected one of them",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -w -1",
        "found `-w -1`, expected a weight, 0 to 2147483647",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -w 2147483648",
        "found `-w 2147483648`, expected a weight, 0 to 2147483647",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -x 5 -y 6",
        "the lower threshold 6 is above the upper one, 5",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -m --tun-type gre",
        "found `--tun-type`, expected it with `-i`",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 --tun-csum",
        "found `--tun-csum`, expected it with `-i`",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -i --tun-type ip",
        "found `--tun-type ip`, expected ipip, gue or gre",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -i --tun-csum",
        "found `--tun-csum`, expected it with `--tun-type gue` or `--tun-type gre`",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -i --tun-type gre --tun-remcsum",
        "found `--tun-remcsum`, expected it with `--tun-type gue`",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -i --tun-type gre --tun-port 5",
        "found `--tun-port`, expected it with `--tun-type gue`",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -i --tun-type gue",
        "found no port of the tunnel, expected `--tun-port` with `--tun-type gue`",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -i --tun-type gue --tun-port 0",
        "found `--tun-port 0`, expected a port, 1 to 65535",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.9 -i --tun-type gue --tun-port 1 --tun-nocsum --tun-csum",
        "found `--tun-csum` beside `--tun-nocsum`, expected one of them",
    ),
    (
        "-a -t 10.0.0.1:82 -r 10.0.1.9",
        "found a destination of TCP 10.0.0.1:82, expected the service (`-A`) before it",
    ),
    (
        "-a -f 7 -6 -r [fd00::1]",
        "found a destination of FWM 7 IPv6, expected the service (`-A`) before it",
    ),
    (
        "-a -t 10.0.0.1:80 -r [fd00::1]:80 -m",
        "[fd00::1]:80 is of another family than TCP 10.0.0.1:80, expected it behind a tunnel (`-i`)",
    ),
    (
        "-a -t 10.0.0.1:80 -r 224.0.0.1",
        "found the destination 224.0.0.1:80, expected the address of one machine",
    ),
    (
        "-a -t 10.0.0.1:80 -r [::]:80 -i",
        "found the destination [::]:80, expected the address of one machine",
    ),
    (
        "-A -t 10.0.0.1:80 -s rr",
        "found TCP 10.0.0.1:80 a second time, expected each service once",
    ),
    (
        "-a -t 10.0.0.1:80 -r 10.0.1.1:81",
        "found 10.0.1.1:80 a second time, expected each destination of TCP 10.0.0.1:80 once",
    ),
];

#[test]
fn what_is_refused_is_told_with_its_line() {
    let before = "# a comment\n-A -t 10.0.0.1:80\n-a -t 10.0.0.1:80 -r 10.0.1.1\n";
    assert!(parse(before).is_ok());
    for (line, reason) in REFUSED {
        let error = parse(&format!("{before}{line}\n-A -f 99\n")).expect_err(line);
        assert_eq!(error.to_string(), format!("line 4: {reason}"), "{line}");
        assert_eq!(error.line, 4);
    }
    let error = parse("-A -t 10.0.0.1:80\r\n-A -t 10.0.0.1:80\r\n").unwrap_err();
    assert!(matches!(error.reason, ParseReason::ServiceTwice(_)));
}

#[test]
fn thresholds_and_the_third_flag_are_not_lost() {
    let text = "-A -f 7 -s sh -b sh-port,flag-3\n-a -f 7 -r 10.0.0.1:1 -i -w 1 --tun-type ipip -x 70000 -y 4\n\
                -a -f 7 -r 10.0.0.2:1 -g -w 1 -x 4\n";
    let table = parse(text).unwrap();
    let pool = table.iter().next().unwrap();
    let flags = SchedulerFlags::SH_PORT | SchedulerFlags::FLAG_3;
    assert_eq!(pool.service().scheduler_flags(), flags);
    let thresholds: Vec<_> = pool.destinations().map(|found| found.thresholds).collect();
    assert_eq!(
        thresholds.iter().map(|found| found.upper()).collect::<Vec<_>>(),
        [70000, 4]
    );
    assert_eq!(
        thresholds.iter().map(|found| found.lower()).collect::<Vec<_>>(),
        [4, 0]
    );
    assert_eq!(write(&table), text);
}

#[test]
fn marks_that_ipvsadm_prints_as_negative_are_read() {
    let table = parse("-A -f -1 -s rr\n-A -f -2147483648 -s rr -6").unwrap();
    assert_eq!(
        write(&table),
        "-A -f 4294967295 -s rr\n-A -f 2147483648 -6 -s rr\n"
    );
    assert_eq!(parse(&write(&table)), Ok(table));
}

#[test]
fn what_only_the_kernel_takes_is_read_and_written() {
    let text = "-A -t 10.0.0.1:0 -s rr -o\n-a -t 10.0.0.1:0 -r 10.0.0.2:5 -m -w 0\n";
    assert_eq!(write(&parse(text).unwrap()), text);
}

#[test]
fn what_has_no_words_is_written_and_not_read() {
    let id = ServiceId::Endpoint {
        protocol: Protocol::new(47),
        address: [10, 0, 0, 1].into(),
        port: 5,
    };
    let to = DestinationId {
        address: [10, 0, 0, 2].into(),
        port: 5,
    };
    let mut table = Table::new();
    table
        .insert(Service::new(id, Scheduler::RR))
        .insert(Destination::new(to, Forward::Bypass));
    let text = "-A --xxx-service 10.0.0.1:5 -s rr\n-a --xxx-service 10.0.0.1:5 -r 10.0.0.2:5 --bypass -w 1\n";
    assert_eq!(write(&table), text);
    assert_eq!(parse(text).unwrap_err().line, 1);
    let unknown = UnknownTunnel {
        kind: 9,
        port: 7,
        flags: 0,
    };
    let mut pool = Pool::new(Service::new(ServiceId::fwmark(NonZeroU32::MIN), Scheduler::RR));
    pool.insert(Destination::new(to, Forward::Tunnel(Tunnel::Other(unknown))));
    let text = "-A -f 1 -s rr\n-a -f 1 -r 10.0.0.2:5 -i -w 1 --tun-type 9 --tun-port 7\n";
    assert_eq!(write(&Table::from_iter([pool])), text);
    assert_eq!(parse(text).unwrap_err().line, 2);
}
