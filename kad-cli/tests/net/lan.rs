//! Two network namespaces and the cable between them.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::net::if_::{InterfaceFlags, if_nametoindex};
use nix::sched::{CloneFlags, setns, unshare};

/// Two machines, each with an interface of the machine's name, that share a link.
///
/// | | near | far |
/// |---|---|---|
/// | IPv4 | 192.0.2.1/24, 192.0.2.11/24 | 192.0.2.2/24 |
/// | IPv6 | fe80::1/64, fe80::11/64 | fe80::2/64 |
/// | MAC | 02:00:00:00:00:01 | 02:00:00:00:00:02 |
///
/// They are gone when the value and all sockets in them are.
pub(crate) struct Lan {
    near: File,
    far: File,
}

impl Lan {
    /// Runs a test in a thread of its own, which is the only one that sees the machines. Skips it, loudly, where that
    /// cannot be; but not in CI.
    pub(crate) fn test(test: impl FnOnce(&Lan) + Send + 'static) {
        let outcome = thread::spawn(|| Lan::new().map(|lan| test(&lan))).join();
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(reason)) => skip(&reason),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    fn new() -> Result<Self, String> {
        let (far, near) = (Self::machine()?, Self::machine()?);
        let lan = Self { near, far };
        let far_path = format!("/proc/{}/fd/{}", std::process::id(), lan.far.as_raw_fd());
        // The kernel takes its time (a second) over the carrier of a cable whose ends have the same index.
        lan.near(|| {
            ip(&format!(
                "link add near index 101 type veth peer name far index 102 netns {far_path}"
            ))
        })?;
        lan.near(|| ip("link set near address 02:00:00:00:00:01 up"))?;
        lan.far(|| ip("link set far address 02:00:00:00:00:02 up"))?;
        lan.await_link();
        lan.near(|| {
            ip("address add 192.0.2.1/24 dev near
                address add 192.0.2.11/24 dev near
                address add fe80::1/64 dev near nodad
                address add fe80::11/64 dev near nodad")
        })?;
        lan.far(|| {
            ip("address add 192.0.2.2/24 dev far
                address add fe80::2/64 dev far nodad")
        })?;
        Ok(lan)
    }

    /// Makes a namespace and enters it.
    fn machine() -> Result<File, String> {
        match unshare(CloneFlags::CLONE_NEWNET) {
            Ok(()) => {}
            Err(Errno::EPERM) => return Err("network namespaces need root".to_owned()),
            Err(errno) => panic!("unshare: {errno}"),
        }
        // No address of the kernel's own making, nor the packets that go with it.
        for setting in [
            "default/accept_dad",
            "default/router_solicitations",
            "default/addr_gen_mode",
        ] {
            let value = if setting.ends_with("mode") { "1" } else { "0" };
            std::fs::write(format!("/proc/sys/net/ipv6/conf/{setting}"), value).unwrap();
        }
        Ok(File::open("/proc/thread-self/ns/net").unwrap())
    }

    /// The kernel notices in its own time that both ends of a cable are up, and drops what is sent before.
    pub(crate) fn await_link(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !(self.near(|| is_running("near")) && self.far(|| is_running("far"))) {
            assert!(Instant::now() < deadline, "the link does not come up");
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Does something on the near machine. Sockets stay there, whoever uses them.
    pub(crate) fn near<T>(&self, action: impl FnOnce() -> T) -> T {
        setns(&self.near, CloneFlags::CLONE_NEWNET).unwrap();
        action()
    }

    /// Does something on the far machine.
    pub(crate) fn far<T>(&self, action: impl FnOnce() -> T) -> T {
        setns(&self.far, CloneFlags::CLONE_NEWNET).unwrap();
        action()
    }
}

fn is_running(interface: &str) -> bool {
    let entry = getifaddrs()
        .unwrap()
        .find(|entry| entry.interface_name == interface);
    entry.unwrap().flags.contains(InterfaceFlags::IFF_RUNNING)
}

/// Index of an interface on the machine where this is called.
pub(crate) fn index(name: &str) -> u32 {
    if_nametoindex(name).unwrap()
}

/// Has ip(8) do what the lines say.
pub(crate) fn ip(lines: &str) -> Result<(), String> {
    let spawned = Command::new("ip")
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err("there is no `ip` program".to_owned());
        }
        Err(error) => panic!("ip: {error}"),
    };
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success(), "ip: {lines}");
    Ok(())
}

/// Says that a test could not run.
pub(crate) fn skip(reason: &str) {
    assert_ne!(
        std::env::var("CI").as_deref(),
        Ok("true"),
        "in CI nothing may be skipped: {reason}"
    );
    // Not by a macro, whose output the test harness would keep to itself.
    std::io::stderr()
        .write_all(format!("SKIPPED: {reason}\n").as_bytes())
        .unwrap();
}
