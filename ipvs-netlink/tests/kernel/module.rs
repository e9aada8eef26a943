//! What becomes of a client when the module is unloaded. It stands last, since it takes the tables of all namespaces away.

use std::io::Write;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use ipvs_guest::Test;
use ipvs_netlink::{Error, Scheduler, Service, ServiceId};

use crate::lab::{self, endpoint};

pub(crate) const TESTS: &[Test] = &[(
    "module::one_that_is_loaded_anew_is_found_again",
    one_that_is_loaded_anew_is_found_again,
)];

/// Whether this kernel is ours alone.
fn is_guest() -> bool {
    std::fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains("User Mode Linux"))
}

/// The namespaces of the tests before may last a little longer than these.
fn unload() {
    let deadline = Instant::now() + Duration::from_secs(30);
    while std::path::Path::new("/proc/net/ip_vs").exists() {
        assert!(Instant::now() < deadline, "the module ip_vs is in use");
        let modules = std::fs::read_to_string("/proc/modules").unwrap();
        let names = modules.lines().filter_map(|line| line.split(' ').next());
        for name in names.filter(|name| name.starts_with("ip_vs")) {
            let _ = Command::new("modprobe").args(["-r", name]).output();
        }
        thread::sleep(Duration::from_millis(20));
    }
}

fn set_loader(path: &str) {
    std::fs::write("/proc/sys/kernel/modprobe", path).unwrap();
}

fn one_that_is_loaded_anew_is_found_again() {
    if !is_guest() {
        let _ = std::io::stderr().write_all(b"SKIPPED: this kernel's modules are not for tests to unload\n");
        return;
    }
    lab::enter(|client| {
        let loader = std::fs::read_to_string("/proc/sys/kernel/modprobe").unwrap();
        let service = Service::new(ServiceId::tcp(endpoint("10.0.0.1:80")), Scheduler::RR);

        // Asking for its number loads it, and it has another one.
        unload();
        assert_eq!(client.services().unwrap(), []);
        unload();
        client.add_service(&service).unwrap();
        assert_eq!(client.services().unwrap()[0].service, service);
        client.flush().unwrap();

        set_loader("/none");
        unload();
        let read = client.services();
        let written = client.add_service(&service);
        set_loader(loader.trim());
        assert!(matches!(read, Err(Error::NoIpvs)), "{read:?}");
        assert!(matches!(written, Err(Error::NoIpvs)), "{written:?}");
        client.add_service(&service).unwrap();
    });
}
