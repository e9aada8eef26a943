//! That there is a kernel with IPVS at all, and that each test has one for itself.

use ipvs_guest::{Node, Test, output};

pub(crate) const TESTS: &[Test] = &[
    ("there::kernel_has_ipvs", kernel_has_ipvs),
    (
        "there::each_namespace_has_a_table_of_its_own",
        each_namespace_has_a_table_of_its_own,
    ),
    (
        "there::each_namespace_has_a_table_of_its_own_again",
        each_namespace_has_a_table_of_its_own,
    ),
    (
        "there::schedulers_are_loaded_when_they_are_named",
        schedulers_are_loaded_when_they_are_named,
    ),
];

fn kernel_has_ipvs() {
    let text = std::fs::read_to_string("/proc/net/ip_vs").unwrap();
    assert!(text.starts_with("IP Virtual Server version 1.2.1"), "{text}");
}

fn each_namespace_has_a_table_of_its_own() {
    assert_eq!(output("ipvsadm -Sn"), "");
    output("ipvsadm -A -t 192.0.2.1:80 -s wrr");
    assert_eq!(Node::new().output("ipvsadm -Sn"), "");
    assert_eq!(output("ipvsadm -Sn"), "-A -t 192.0.2.1:80 -s wrr\n");
}

fn schedulers_are_loaded_when_they_are_named() {
    for (port, scheduler) in (1..).zip(SCHEDULERS) {
        output(&format!("ipvsadm -A -u [2001:db8::1]:{port} -s {scheduler}"));
    }
    assert_eq!(output("ipvsadm -Sn").lines().count(), SCHEDULERS.len());
}

const SCHEDULERS: [&str; 13] = [
    "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh",
];
