//! Mail, received by a real server: the same as keepalived's, and never a reason to wait.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

mod support;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use kad_cli::clock;
use kad_cli::lab::{Process, Program, What};
use kad_cli::mail::{Address, Mailer, Message, Server, Settings};
use nix::sys::signal::Signal;
use support::{Daemon, Lab, can_run, skip};
use tempfile::TempDir;

const VIP: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 100));
const LIMIT: Duration = Duration::from_secs(60);
const AIOSMTPD: &str = "/usr/bin/aiosmtpd";

/// What a mail says, without what differs from one to the next.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Mail {
    subject: String,
    body: String,
    from: String,
    to: String,
    envelope_from: String,
    envelope_to: String,
}

/// A mail server on a router, and the folder that it puts mail in.
struct Post {
    folder: TempDir,
    process: Process,
}

impl Post {
    fn start(lab: &Lab) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = Program::new(AIOSMTPD).arg("-n").arg("-l").arg("127.0.0.1:2525");
        let program = program
            .arg("-c")
            .arg("aiosmtpd.handlers.Mailbox")
            .arg(folder.path().join("box"));
        let process = lab.router(1).node.spawn(&program).unwrap();
        Self { folder, process }
    }

    /// Until it answers, as seen from the router.
    fn wait(&self, lab: &Lab) {
        let end = Instant::now() + LIMIT;
        let connect = || TcpStream::connect("127.0.0.1:2525").is_ok();
        while !lab.router(1).node.run(connect) {
            assert!(Instant::now() < end, "the mail server does not start");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder.path().join("box/new"));
        let entries = entries.into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    }

    fn mails(&self) -> Vec<Mail> {
        let mut mails: Vec<Mail> = self.files().iter().map(|path| read(path)).collect();
        mails.sort();
        mails
    }

    fn has(&self, subject: &str) -> bool {
        self.mails().iter().any(|mail| mail.subject == subject)
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.process.kill_all();
    }
}

fn headers(text: &str) -> (BTreeMap<String, String>, String) {
    let (headers, body) = text.split_once("\n\n").unwrap();
    let unfolded = headers.replace("\n ", " ").replace("\n\t", " ");
    let headers = unfolded.lines().map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_lowercase(), value.to_owned())
    });
    (headers.collect(), body.trim_end().to_owned())
}

fn read(path: &Path) -> Mail {
    let (headers, body) = headers(&std::fs::read_to_string(path).unwrap().replace("\r\n", "\n"));
    let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
    Mail {
        subject: header("subject"),
        body,
        from: header("from"),
        to: header("to"),
        envelope_from: header("x-mailfrom"),
        envelope_to: header("x-rcptto"),
    }
}

fn can_receive(needs: &[Daemon]) -> bool {
    if !Path::new(AIOSMTPD).exists() {
        skip("Debian's package python3-aiosmtpd is not installed");
        return false;
    }
    can_run(needs)
}

fn config(global: &str, instance: &str) -> String {
    let one = |name: &str, vrid: u8, address: u8| {
        format!(
            "vrrp_instance {name} {{\n interface eth0\n virtual_router_id {vrid}\n version 3\n advert_int 0.5\n \
             priority 100\n {instance}\n virtual_ipaddress {{\n 10.0.0.{address}/24\n }}\n}}\n"
        )
    };
    format!(
        "global_defs {{\n router_id R1\n notification_email {{\n a@example.org\n b@example.org\n }}\n \
         notification_email_from kad@example.org\n smtp_helo_name r1.example.org\n smtp_server 127.0.0.1 2525\n {global}\n}}\n\
         vrrp_sync_group VG_1 {{\n group {{\n VI_1\n VI_2\n }}\n}}\n{}{}",
        one("VI_1", 51, 100),
        one("VI_2", 52, 101)
    )
}

/// Master, then without its link, then master again.
fn story(daemon: Daemon, config: &str, expected: usize) -> (Lab, Post) {
    let mut lab = Lab::new(&[daemon]);
    let post = Post::start(&lab);
    post.wait(&lab);
    lab.start(1, config);
    lab.wait_for_master(1, VIP, LIMIT);
    let node = lab.router(1).node.clone();
    node.set_link("eth0", false).unwrap();
    lab.wait_until("it is at fault", |_| {
        post.has("[R1] VRRP Instance VI_1 - Entering BACKUP state") && post.files().len() >= expected / 2
    });
    lab.watch(Duration::from_secs(1));
    node.set_link("eth0", true).unwrap();
    lab.wait_for_master(1, VIP, LIMIT);
    let end = Instant::now() + LIMIT;
    while post.files().len() < expected {
        assert!(Instant::now() < end, "{:#?}\n{}", post.mails(), lab.story());
        lab.watch(Duration::from_millis(50));
    }
    lab.watch(Duration::from_secs(1));
    (lab, post)
}

#[test]
fn mail_is_keepaliveds_but_for_the_last() {
    if !can_receive(&[Daemon::Keepalived]) {
        return;
    }
    let config = config("smtp_alert", "");
    // Of each of three: BACKUP, MASTER, FAULT, BACKUP, MASTER.
    let (_lab, post) = story(Daemon::Keepalived, &config, 15);
    let theirs = post.mails();
    let (mut lab, post) = story(Daemon::Kad, &config, 15);
    let ours = post.mails();
    assert_eq!(ours, theirs);
    assert_eq!(ours.len(), 15, "{ours:#?}");
    assert!(
        ours.iter()
            .all(|mail| mail.envelope_to == "a@example.org, b@example.org"),
        "{ours:#?}"
    );
    // keepalived is gone before it has said this.
    lab.signal(1, Signal::SIGTERM);
    for (object, body) in [
        ("Instance VI_1", "=> VRRP Instance stopping <="),
        ("Group VG_1", "=> All VRRP group instances are now stopping <="),
    ] {
        let subject = format!("[R1] VRRP {object} - Stopping");
        lab.wait_until(&subject, |_| post.has(&subject));
        let mails = post.mails();
        let mail = mails.iter().find(|mail| mail.subject == subject).unwrap();
        assert_eq!(mail.body, body);
    }
}

#[test]
fn headers_are_complete() {
    if !can_receive(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    let post = Post::start(&lab);
    post.wait(&lab);
    lab.start(1, &config("", "smtp_alert"));
    lab.wait_until("four mails", |_| post.files().len() >= 4);
    let mut ids = std::collections::BTreeSet::new();
    for path in post.files() {
        let (headers, _) = headers(&std::fs::read_to_string(path).unwrap().replace("\r\n", "\n"));
        assert!(headers["x-mailer"].starts_with("kad "), "{headers:?}");
        assert!(headers["date"].ends_with(" +0000"), "{headers:?}");
        ids.insert(headers["message-id"].clone());
    }
    assert_eq!(ids.len(), 4, "{ids:?}");
}

#[test]
fn no_email_faults_leaves_them_out() {
    if !can_receive(&[]) {
        return;
    }
    let (_lab, post) = story(Daemon::Kad, &config("smtp_alert\n no_email_faults", ""), 12);
    let mails = post.mails();
    assert_eq!(mails.len(), 12, "{mails:#?}");
    assert!(
        !mails.iter().any(|mail| mail.subject.contains("FAULT")),
        "{mails:#?}"
    );
}

#[test]
fn server_that_is_down_delays_nothing_and_gets_its_mail_later() {
    if !can_receive(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    lab.start(1, &config("smtp_alert", ""));
    lab.wait_for_line(1, "the mail server 127.0.0.1 port 2525 does not take mail");
    lab.wait_for_master(1, VIP, LIMIT);
    let post = Post::start(&lab);
    lab.wait_for_line(1, "takes mail again");
    lab.wait_until("six mails", |_| post.files().len() >= 6);
}

#[test]
fn server_that_says_nothing_delays_nothing_and_the_end_only_a_moment() {
    if !can_run(&[]) {
        return;
    }
    let mut lab = Lab::new(&[Daemon::Kad]);
    // Connections are made, since the kernel takes them, and nobody ever speaks.
    let node = lab.router(1).node.clone();
    let listener = node.run(|| TcpListener::bind("127.0.0.1:2525").unwrap());
    lab.start(1, &config("smtp_alert\n smtp_connect_timeout 3", ""));
    lab.wait_for_master(1, VIP, LIMIT);
    lab.wait_for_line(1, "no answer while waiting for the server's greeting");
    lab.signal(1, Signal::SIGTERM);
    let told = clock::now();
    let ended = lab.watch_until(
        "it exits",
        LIMIT,
        |event| matches!(&event.what, What::Exit { status, .. } if status.success()),
    );
    assert!(ended - told < Duration::from_secs(20), "{:?}", ended - told);
    assert_eq!(lab.holders(VIP), [0_usize; 0]);
    drop(listener);
}

/// The client alone, on this machine's loopback.
mod client {
    use super::*;

    fn settings(host: &str, port: u16) -> Settings {
        Settings {
            server: Server {
                host: host.to_owned(),
                port,
            },
            timeout: Duration::from_secs(2),
            helo: "r1.example.org".to_owned(),
            router_id: "R1".to_owned(),
            from: Address::new("kad@example.org").unwrap(),
            to: vec![
                Address::new("a@example.org").unwrap(),
                Address::new("b@example.org").unwrap(),
            ],
        }
    }

    /// Does what an event loop does, until there is an answer.
    fn drive<T>(mailer: &mut Mailer, answer: &Receiver<T>) -> T {
        let end = Instant::now() + LIMIT;
        loop {
            if let Ok(answer) = answer.try_recv() {
                return answer;
            }
            let now = clock::now();
            mailer.handle_ready(now);
            if mailer.poll_timeout().is_some_and(|due| due <= now) {
                mailer.handle_timeout(now);
            }
            assert!(Instant::now() < end, "no answer");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Answers each line, until the letter is there; answers with all that was said.
    fn serve(stream: TcpStream, answer: impl Fn(&str) -> &'static str) -> Vec<String> {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut stream, mut said, mut text) = (stream, Vec::new(), false);
        stream.write_all(b"220-hello\r\n220 there\r\n").unwrap();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return said;
            }
            let line = line.trim_end().to_owned();
            text = (text || line == "DATA") && line != ".";
            let reply = match (&*line, text) {
                ("DATA", _) => "354 go",
                (_, true) => "",
                (line, false) => answer(line),
            };
            said.push(line.clone());
            if !reply.is_empty() && stream.write_all(format!("{reply}\r\n").as_bytes()).is_err()
                || line == "QUIT"
            {
                return said;
            }
        }
    }

    #[test]
    fn server_is_found_by_its_name() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || sender.send(serve(listener.accept().unwrap().0, |_| "250 ok")));
        // It may have an IPv6 address too, where nobody listens.
        let mut mailer = Mailer::new(settings("localhost", port)).unwrap();
        mailer.send(clock::now(), &Message::new("subject", "body"));
        let said = drive(&mut mailer, &receiver);
        assert!(said.contains(&"Subject: [R1] subject".to_owned()), "{said:?}");
    }

    #[test]
    fn name_that_is_not_known_is_no_reason_to_wait() {
        let mut mailer = Mailer::new(settings("no-such-host.invalid", 25)).unwrap();
        let begun = Instant::now();
        mailer.send(clock::now(), &Message::new("subject", "body"));
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        assert_eq!(mailer.waiting(), 1);
    }

    #[test]
    fn refused_recipient_costs_the_other_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, receiver) = mpsc::channel();
        let answer = |line: &str| {
            if line == "RCPT TO:<a@example.org>" {
                "550 no"
            } else {
                "250 ok"
            }
        };
        thread::spawn(move || sender.send(serve(listener.accept().unwrap().0, answer)));
        let mut mailer = Mailer::new(settings("127.0.0.1", port)).unwrap();
        mailer.send(clock::now(), &Message::new("subject", "body"));
        let said = drive(&mut mailer, &receiver);
        assert_eq!(said.last().unwrap(), "QUIT");
        assert_eq!(said[said.len() - 3..][..2], ["body", "."], "{said:?}");
    }

    #[test]
    fn server_that_misbehaves_is_left_and_tried_again() {
        for nonsense in [
            Some("220 half a line"),
            Some("SSH-2.0-OpenSSH_9.2\r\n"),
            Some("220-endless\r\n"),
            Some("421 busy\r\n"),
            Some("220 a\r\n250 b\r\n250 c\r\n250 d\r\n354 e\r\n250 f\r\n"),
            None,
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = listener.local_addr().unwrap().port();
            let (sender, receiver) = mpsc::channel();
            thread::spawn(move || {
                let (mut first, _) = listener.accept().unwrap();
                let times = if nonsense.is_some_and(|text| text.contains("endless")) {
                    5000
                } else {
                    1
                };
                for _ in 0..times {
                    if first.write_all(nonsense.unwrap_or_default().as_bytes()).is_err() {
                        break;
                    }
                }
                if nonsense.is_none() {
                    drop(first);
                }
                // The first connection stays open meanwhile, unless closing it was the point.
                sender.send(serve(listener.accept().unwrap().0, |_| "250 ok"))
            });
            let mut mailer = Mailer::new(settings("127.0.0.1", port)).unwrap();
            mailer.send(clock::now(), &Message::new("subject", "body"));
            let said = drive(&mut mailer, &receiver);
            assert!(said.contains(&"body".to_owned()), "{nonsense:?}: {said:?}");
        }
    }

    #[test]
    fn thousand_letters_leave_in_order() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let said = (0..1000).flat_map(|_| serve(listener.accept().unwrap().0, |_| "250 ok"));
            let subjects = said.filter(|line| line.starts_with("Subject"));
            sender.send(subjects.collect::<Vec<_>>())
        });
        let mut mailer = Mailer::new(settings("127.0.0.1", port)).unwrap();
        for number in 0..1000 {
            mailer.send(clock::now(), &Message::new(format!("{number}"), "body"));
        }
        let subjects = drive(&mut mailer, &receiver);
        let expected: Vec<String> = (0..1000)
            .map(|number| format!("Subject: [R1] {number}"))
            .collect();
        assert_eq!(subjects, expected);
    }
}
