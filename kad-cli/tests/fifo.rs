//! Pipes with names: keepalived's lines, in its order, for readers that come late, read slowly or die.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::net::IpAddr;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::libc;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::{Daemon, Lab, can_run};
use tempfile::TempDir;

const VIP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 100));
const LIMIT: Duration = Duration::from_secs(60);

/// A folder with a pipe in it, and what was read from that.
struct Pipe {
    folder: TempDir,
    reader: Option<File>,
    text: String,
}

impl Pipe {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Scripts of another user have to get there.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        Self {
            folder,
            reader: None,
            text: String::new(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("fifo")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn open(&mut self) {
        let end = Instant::now() + LIMIT;
        let mut options = OpenOptions::new();
        options.read(true).custom_flags(libc::O_NONBLOCK);
        self.reader = loop {
            match options.open(self.path()) {
                Ok(file) => break Some(file),
                Err(error) => assert!(Instant::now() < end, "{error}"),
            }
            std::thread::sleep(Duration::from_millis(10));
        };
    }

    /// Reads what is there.
    fn read(&mut self) -> &str {
        let mut buffer = [0; 4096];
        let reader = self.reader.as_mut().unwrap();
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => self.text.push_str(std::str::from_utf8(&buffer[..count]).unwrap()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
        &self.text
    }

    /// Reads until there are so many lines that say this.
    fn read_until(&mut self, lab: &mut Lab, part: &str, times: usize) {
        let end = Instant::now() + LIMIT;
        while self.read().matches(part).count() < times {
            assert!(
                Instant::now() < end,
                "{times} x {part:?}: {}\n{}",
                self.text,
                lab.story()
            );
            lab.watch(Duration::from_millis(20));
        }
    }

    fn lines(&self) -> Vec<&str> {
        self.text.lines().collect()
    }

    /// The lines of each object.
    fn by_object(&self) -> BTreeMap<String, Vec<String>> {
        let mut objects: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in self.lines() {
            let (object, state) = line.rsplit_once("\" ").unwrap();
            objects
                .entry(object.to_owned())
                .or_default()
                .push(state.to_owned());
        }
        objects
    }
}

fn wait_for_exit(lab: &mut Lab) {
    lab.wait_until("it exits", |lab| {
        lab.router(1)
            .process
            .as_ref()
            .is_some_and(|process| !process.is_running())
    });
}

fn config(global: &str, group: bool) -> String {
    let one = |name: &str, vrid: u8, address: u8| {
        format!(
            "vrrp_instance {name} {{\n interface eth0\n virtual_router_id {vrid}\n version 3\n advert_int 0.5\n \
             priority 100\n virtual_ipaddress {{\n 10.0.0.{address}/24\n }}\n}}\n"
        )
    };
    let group = if group {
        "vrrp_sync_group VG_1 {\n group {\n VI_1\n VI_2\n }\n}\n"
    } else {
        ""
    };
    format!(
        "global_defs {{\n script_user root\n {global}\n}}\n{group}{}{}",
        one("VI_1", 51, 100),
        one("VI_2", 52, 101)
    )
}

/// Master, without a link, backup, master, stop.
fn story(daemon: Daemon, group: bool) -> Pipe {
    let mut pipe = Pipe::new();
    let mut lab = Lab::new(&[daemon]);
    lab.start(
        1,
        &config(&format!("vrrp_notify_fifo {}", pipe.path().display()), group),
    );
    pipe.open();
    pipe.read_until(&mut lab, " MASTER ", if group { 3 } else { 2 });
    let node = lab.router(1).node.clone();
    node.set_link("eth0", false).unwrap();
    pipe.read_until(&mut lab, " FAULT ", if group { 3 } else { 2 });
    node.set_link("eth0", true).unwrap();
    pipe.read_until(&mut lab, " MASTER ", if group { 6 } else { 4 });
    lab.signal(1, Signal::SIGTERM);
    pipe.read_until(&mut lab, " STOP ", if group { 3 } else { 2 });
    wait_for_exit(&mut lab);
    pipe.read();
    assert!(!pipe.path().exists(), "the pipe is removed");
    pipe
}

#[test]
fn lines_are_keepaliveds() {
    if !can_run(&[Daemon::Keepalived]) {
        return;
    }
    let theirs = story(Daemon::Keepalived, false);
    let ours = story(Daemon::Kad, false);
    assert_eq!(ours.by_object(), theirs.by_object());
    let expected = [
        "BACKUP 100",
        "MASTER 100",
        "FAULT 100",
        "BACKUP 100",
        "MASTER 100",
        "STOP 100",
    ];
    assert_eq!(ours.by_object()["INSTANCE \"VI_1"], expected);
}

#[test]
fn lines_of_a_group_are_keepaliveds_and_follow_its_members() {
    if !can_run(&[Daemon::Keepalived]) {
        return;
    }
    let theirs = story(Daemon::Keepalived, true);
    let ours = story(Daemon::Kad, true);
    assert_eq!(ours.by_object(), theirs.by_object());
    for state in ["MASTER", "FAULT", "STOP"] {
        for pipe in [&ours, &theirs] {
            let mut lines = pipe.lines().into_iter().filter(|line| line.contains(state));
            let first: Vec<&str> = lines.by_ref().take(3).collect();
            assert!(first[2].starts_with("GROUP"), "{first:?}");
        }
    }
}

#[test]
fn pipe_is_keepaliveds() {
    if !can_run(&[Daemon::Keepalived]) {
        return;
    }
    for (global, mode) in [("", 0o600), ("umask 022\n", 0o644)] {
        let found = [Daemon::Kad, Daemon::Keepalived].map(|daemon| {
            let mut pipe = Pipe::new();
            let mut lab = Lab::new(&[daemon]);
            let text = format!("{global} notify_fifo {} nobody nogroup", pipe.path().display());
            lab.start(1, &config(&text, false));
            pipe.open();
            pipe.read_until(&mut lab, " MASTER ", 2);
            let found = std::fs::symlink_metadata(pipe.path()).unwrap();
            assert!(found.file_type().is_fifo());
            (found.mode() & 0o777, found.uid(), found.gid())
        });
        assert_eq!(found[0], found[1], "{global}");
        assert_eq!(found[0].0, mode);
    }
}

/// A reload gives the pipe to somebody else, with other rights: it is there for its readers afterwards.
#[test]
fn pipe_that_is_given_to_another_is_still_there() {
    if !can_run(&[]) {
        return;
    }
    let mut pipe = Pipe::new();
    let mut lab = Lab::new(&[Daemon::Kad]);
    let fifo = format!("notify_fifo {}", pipe.path().display());
    lab.start(1, &config(&fifo, false));
    pipe.open();
    pipe.read_until(&mut lab, " MASTER ", 1);
    lab.reload(1, &config(&format!("umask 022\n {fifo} nobody nogroup"), false));
    lab.wait_until("it is nobody's", |_| {
        let found = std::fs::symlink_metadata(pipe.path());
        found.is_ok_and(|found| (found.mode() & 0o777, found.uid()) == (0o644, 65_534))
    });
    pipe.open();
    lab.router(1).node.set_link("eth0", false).unwrap();
    pipe.read_until(&mut lab, " FAULT ", 1);
}

#[test]
fn late_reader_reads_the_whole_story() {
    if !can_run(&[]) {
        return;
    }
    let mut pipe = Pipe::new();
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(
        1,
        &config(&format!("notify_fifo {}", pipe.path().display()), false),
    );
    lab.wait_for_master(1, VIP, LIMIT);
    pipe.open();
    pipe.read_until(&mut lab, " MASTER ", 2);
    assert_eq!(pipe.by_object()["INSTANCE \"VI_1"], ["BACKUP 100", "MASTER 100"]);
}

#[test]
fn what_is_no_pipe_is_said_and_left_alone_and_the_election_goes_on() {
    if !can_run(&[]) {
        return;
    }
    let pipe = Pipe::new();
    std::fs::write(pipe.path(), "precious").unwrap();
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(
        1,
        &config(&format!("notify_fifo {}", pipe.path().display()), false),
    );
    lab.wait_for_line(1, "is there already, and is not a FIFO");
    lab.wait_for_master(1, VIP, LIMIT);
    lab.signal(1, Signal::SIGTERM);
    wait_for_exit(&mut lab);
    assert_eq!(std::fs::read_to_string(pipe.path()).unwrap(), "precious");
}

fn script(path: &Path, text: &str) {
    std::fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn reader_is_started_and_started_again_and_loses_nothing() {
    if !can_run(&[]) {
        return;
    }
    let pipe = Pipe::new();
    let (reader, log) = (pipe.file("reader.sh"), pipe.file("log"));
    script(
        &reader,
        &format!(
            "echo \"start $# $1 $$\" >>{0}\nexec cat \"$2\" >>{0}",
            log.display()
        ),
    );
    let read = || std::fs::read_to_string(&log).unwrap_or_default();
    let mut lab = Lab::new(&[Daemon::Kad]);
    let global = format!(
        "vrrp_notify_fifo {}\n vrrp_notify_fifo_script \"{} word\"",
        pipe.path().display(),
        reader.display()
    );
    lab.start(1, &config(&global, false));
    let end = |lab: &mut Lab, part: &str, times: usize| {
        let end = Instant::now() + LIMIT;
        while read().matches(part).count() < times {
            assert!(
                Instant::now() < end,
                "{times} x {part:?}: {}\n{}",
                read(),
                lab.story()
            );
            lab.watch(Duration::from_millis(20));
        }
    };
    end(&mut lab, " MASTER ", 2);
    let text = read();
    let pid = text
        .lines()
        .next()
        .unwrap()
        .strip_prefix("start 2 word ")
        .unwrap()
        .to_owned();
    kill(Pid::from_raw(pid.parse().unwrap()), Signal::SIGKILL).unwrap();
    lab.wait_for_line(1, "was ended by signal 9; started again in 1 s");
    let node = lab.router(1).node.clone();
    node.set_link("eth0", false).unwrap();
    end(&mut lab, " FAULT ", 2);
    node.set_link("eth0", true).unwrap();
    end(&mut lab, " MASTER ", 4);
    lab.signal(1, Signal::SIGTERM);
    end(&mut lab, " STOP ", 2);
    wait_for_exit(&mut lab);
    let text = read();
    assert_eq!(text.matches("start").count(), 2, "{text}");
    let story: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("INSTANCE \"VI_1\" "))
        .collect();
    assert_eq!(
        story,
        [
            "BACKUP 100",
            "MASTER 100",
            "FAULT 100",
            "BACKUP 100",
            "MASTER 100",
            "STOP 100"
        ]
    );
    assert!(!pipe.path().exists());
}

#[test]
fn reload_leaves_the_reader_alone_and_tells_the_states_if_wanted() {
    if !can_run(&[]) {
        return;
    }
    let mut pipe = Pipe::new();
    let mut lab = Lab::new(&[Daemon::Kad]);
    let global = format!("notify_fifo {}", pipe.path().display());
    lab.start(1, &config(&global, true));
    pipe.open();
    pipe.read_until(&mut lab, " MASTER ", 3);
    let other = config(&format!("{global}\n fifo_write_vrrp_states_on_reload"), true);
    lab.reload(1, &other);
    pipe.read_until(&mut lab, " MASTER ", 6);
    let lines = pipe.lines();
    assert_eq!(
        lines[lines.len() - 3..],
        [
            "INSTANCE \"VI_1\" MASTER 100",
            "INSTANCE \"VI_2\" MASTER 100",
            "GROUP \"VG_1\" MASTER 0"
        ]
    );
}
