//! Two network namespaces and the cable between them.

use std::fs::File;
use std::net::IpAddr;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use kad_cli::rtnl::{AddressSpec, Commands, LinkChange, Request, VethSpec};
use nix::errno::Errno;
use nix::net::if_::if_nametoindex;
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::gettid;
use vrrp_proto::MacAddr;

use crate::skip::skip;
use crate::wire::{Capture, inject, probe};

/// Two machines, each with an interface of the machine's name, that share a link.
///
/// | | near | far |
/// |---|---|---|
/// | IPv4 | 192.0.2.1/24, 192.0.2.11/24 | 192.0.2.2/24 |
/// | IPv6 | fe80::1/64, fe80::11/64 | fe80::2/64 |
/// | MAC | [`NEAR_MAC`] | [`FAR_MAC`] |
///
/// They are gone when the value and all sockets in them are.
pub(crate) struct Lan {
    near: File,
    far: File,
    /// A thread on the far machine waits for this to go.
    _far_thread: Sender<()>,
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
        let near = machine()?;
        let (far, far_thread, stop) = far_machine();
        let lan = Self {
            near,
            far,
            _far_thread: stop,
        };
        let mut cable = VethSpec::new("near", "far");
        cable.peer_mac = Some(FAR_MAC);
        cable.peer_process = Some(far_thread);
        lan.near(|| {
            // The kernel takes its time (a second) over the carrier of a cable whose ends have the same index.
            execute(Request::AddBridge {
                name: "unused".to_owned(),
            });
            execute(Request::AddVeth(cable));
            let mut change = LinkChange::new(index("near"));
            (change.mac, change.up) = (Some(NEAR_MAC), Some(true));
            execute(Request::ChangeLink(change));
        });
        lan.far(|| switch("far", true));
        lan.await_link();
        lan.near(|| {
            add_addresses("near", &["192.0.2.1/24", "192.0.2.11/24"]);
            add_addresses("near", &["fe80::1/64", "fe80::11/64"]);
        });
        lan.far(|| add_addresses("far", &["192.0.2.2/24", "fe80::2/64"]));
        Ok(lan)
    }

    /// The kernel notices in its own time that both ends of a cable are up, says so too early, and drops what is sent
    /// meanwhile.
    pub(crate) fn await_link(&self) {
        let (mut near, mut far) = (self.near(Capture::start), self.far(Capture::start));
        probe(|frame| self.near(|| inject("near", frame)), &mut far);
        probe(|frame| self.far(|| inject("far", frame)), &mut near);
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

/// Index of an interface on the machine where this is called.
pub(crate) fn index(name: &str) -> u32 {
    if_nametoindex(name).unwrap()
}

/// Switches an interface on or off.
pub(crate) fn switch(interface: &str, up: bool) {
    let mut change = LinkChange::new(index(interface));
    change.up = Some(up);
    execute(Request::ChangeLink(change));
}

/// Puts addresses, each with the length of its prefix, on an interface.
pub(crate) fn add_addresses(interface: &str, addresses: &[&str]) {
    for text in addresses {
        let (address, prefix_len) = text.split_once('/').unwrap();
        let address: IpAddr = address.parse().unwrap();
        execute(Request::AddAddress(AddressSpec::new(
            index(interface),
            address,
            prefix_len.parse().unwrap(),
        )));
    }
}

/// Has the kernel change something on the machine where this is called.
pub(crate) fn execute(request: Request) {
    Commands::open().unwrap().execute(request).unwrap();
}

/// Makes a namespace and enters it.
fn machine() -> Result<File, String> {
    match unshare(CloneFlags::CLONE_NEWNET) {
        Ok(()) => {}
        Err(Errno::EPERM) => return Err("network namespaces need root".to_owned()),
        Err(errno) => panic!("unshare: {errno}"),
    }
    // No address of the kernel's own making, nor the packets that go with it.
    for (setting, value) in [
        ("accept_dad", "0"),
        ("router_solicitations", "0"),
        ("addr_gen_mode", "1"),
    ] {
        std::fs::write(format!("/proc/sys/net/ipv6/conf/default/{setting}"), value).unwrap();
    }
    Ok(File::open("/proc/thread-self/ns/net").unwrap())
}

/// Makes a namespace with a thread in it, by whose number it can be told.
fn far_machine() -> (File, u32, Sender<()>) {
    let (report, reported) = mpsc::channel();
    let (stop, stopped): (Sender<()>, Receiver<()>) = mpsc::channel();
    thread::spawn(move || {
        let number = u32::try_from(gettid().as_raw()).unwrap();
        report.send((machine().unwrap(), number)).unwrap();
        // Nothing is ever sent; the other end goes.
        stopped.recv().unwrap_err();
    });
    let (file, number) = reported.recv().unwrap();
    (file, number, stop)
}

pub(crate) const NEAR_MAC: MacAddr = MacAddr([2, 0, 0, 0, 0, 1]);
pub(crate) const FAR_MAC: MacAddr = MacAddr([2, 0, 0, 0, 0, 2]);
