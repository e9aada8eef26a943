//! What the client says on the kernel that runs the tests, which often has no IPVS.

#![cfg(feature = "client")]

use std::path::Path;

use ipvs_netlink::{Client, Error};

#[test]
fn kernel_without_ipvs_is_said() {
    let client = Client::connect();
    // Asking has loaded the module, if there is one.
    let is_there = Path::new("/proc/net/ip_vs").exists();
    match client {
        Ok(_) => assert!(is_there),
        Err(error @ Error::NoIpvs) => {
            assert!(!is_there);
            assert_eq!(
                error.to_string(),
                "IPVS is not in this kernel (no generic netlink family \"IPVS\"): is the module ip_vs there?"
            );
        }
        Err(error) => panic!("{error}"),
    }
}
