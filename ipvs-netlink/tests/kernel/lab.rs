//! What the tests share.

use std::io::Write;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use ipvs_guest::output;
use ipvs_netlink::{Client, Error, Reason, Table, ipvsadm};

/// Runs a part of a test with a client, over a table that is empty.
pub(crate) fn enter(test: impl FnOnce(&mut Client)) {
    let mut client = Client::connect().unwrap();
    client.flush().unwrap();
    test(&mut client);
}

/// Has ipvsadm read commands.
pub(crate) fn restore(text: &str) {
    let mut child = Command::new("ipvsadm")
        .arg("-R")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(text.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success(), "{text}");
}

/// What ipvsadm says of the kernel's table, in the order of its lines as text.
pub(crate) fn saved() -> Vec<String> {
    sorted(&output("ipvsadm -S -n"))
}

/// What ipvsadm ought to say of a table. It leaves thresholds out.
pub(crate) fn as_saved(table: &Table) -> Vec<String> {
    let text = ipvsadm::write(table);
    let lines = text.lines().map(|line| line.split(" -x ").next().unwrap_or(line));
    sorted(&lines.collect::<Vec<_>>().join("\n"))
}

fn sorted(text: &str) -> Vec<String> {
    let mut lines: Vec<_> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.sort();
    lines
}

/// Why it was refused.
pub(crate) fn reason(result: Result<(), Error>) -> Option<Reason> {
    match result {
        Ok(()) => None,
        Err(Error::Refused(refusal)) => Some(refusal.reason),
        Err(error) => panic!("{error}"),
    }
}

/// An address and a port.
pub(crate) fn endpoint(text: &str) -> SocketAddr {
    text.parse().unwrap()
}
