//! Any text: it is a table or it is refused, and a table that is written is read as the same one.

#![no_main]

use ipvs_netlink::ipvsadm;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(table) = ipvsadm::parse(text) {
        assert_eq!(ipvsadm::parse(&ipvsadm::write(&table)), Ok(table));
    }
});
