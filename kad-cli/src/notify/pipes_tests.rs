//! Pipes with readers of every kind.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::libc;
use nix::sys::stat::Mode;
use nix::unistd::{Uid, chown, geteuid, mkfifo};

use super::{Event, FifoError, FifoSettings, Kind, Object, PipeSettings, Pipes};
use crate::clock;

struct Place {
    dir: tempfile::TempDir,
    pipes: Pipes,
}

impl Place {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
            pipes: Pipes::new().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("fifo")
    }

    fn settings(&self) -> PipeSettings {
        PipeSettings {
            fifo: FifoSettings {
                path: self.path(),
                owner: None,
                mode: 0o640,
            },
            reader: None,
        }
    }

    fn open(&mut self) -> Vec<FifoError> {
        self.pipes.configure(clock::now(), vec![self.settings()])
    }

    fn tell(&mut self, number: usize) {
        let event = Event::new(Object::Instance, &format!("V{number}"), Kind::Master);
        self.pipes.tell(clock::now(), &event);
    }

    /// What the event loop does.
    fn turn(&mut self) {
        let now = clock::now();
        self.pipes.handle_ready(now);
        if self.pipes.poll_timeout().is_some_and(|due| due <= now) {
            self.pipes.handle_timeout(now);
        }
    }

    /// Reads lines until there are so many, a little at a time.
    fn read(&mut self, reader: &mut File, lines: usize, bite: usize) -> String {
        let (mut text, mut buffer) = (Vec::new(), vec![0; bite]);
        let end = Instant::now() + Duration::from_secs(30);
        while text.iter().filter(|byte| **byte == b'\n').count() < lines {
            match reader.read(&mut buffer) {
                Ok(count) => text.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    thread::sleep(Duration::from_millis(1));
                }
                Err(error) => panic!("{error}"),
            }
            self.turn();
            assert!(Instant::now() < end, "{} bytes so far", text.len());
        }
        String::from_utf8(text).unwrap()
    }
}

fn reader(path: &Path) -> File {
    let mut options = OpenOptions::new();
    options
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)
        .unwrap()
}

fn lines(numbers: std::ops::Range<usize>) -> String {
    numbers
        .map(|number| format!("INSTANCE \"V{number}\" MASTER 0\n"))
        .collect()
}

#[test]
fn pipe_is_made_as_wanted_and_removed_at_the_end() {
    let mut place = Place::new();
    assert!(place.open().is_empty());
    let found = fs::symlink_metadata(place.path()).unwrap();
    assert!(found.file_type().is_fifo());
    assert_eq!(found.permissions().mode() & 0o777, 0o640);
    let path = place.path();
    place.pipes.finish(Duration::from_millis(10));
    assert!(!path.exists());
}

#[test]
fn pipe_belongs_to_its_user() {
    if !geteuid().is_root() {
        return crate::skip::skip("only root can give files away");
    }
    let mut place = Place::new();
    let mut settings = place.settings();
    settings.fifo.owner = Some((1234, 4321));
    assert!(place.pipes.configure(clock::now(), vec![settings]).is_empty());
    let found = fs::symlink_metadata(place.path()).unwrap();
    assert_eq!((found.uid(), found.gid()), (1234, 4321));
}

#[test]
fn pipe_that_was_there_is_used_and_stays() {
    let mut place = Place::new();
    mkfifo(&place.path(), Mode::from_bits_truncate(0o600)).unwrap();
    assert!(place.open().is_empty());
    let mut reader = reader(&place.path());
    place.tell(1);
    assert_eq!(place.read(&mut reader, 1, 100), lines(1..2));
    let path = place.path();
    assert_eq!(
        fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    place.pipes.finish(Duration::from_millis(10));
    assert!(path.exists());
}

#[test]
fn what_was_put_in_its_place_stays() {
    let mut place = Place::new();
    assert!(place.open().is_empty());
    fs::remove_file(place.path()).unwrap();
    fs::write(place.path(), "precious").unwrap();
    let path = place.path();
    place.pipes.finish(Duration::from_millis(10));
    assert_eq!(fs::read_to_string(path).unwrap(), "precious");
}

#[test]
fn other_things_are_refused_and_left_alone() {
    let mut place = Place::new();
    fs::write(place.path(), "precious").unwrap();
    assert!(matches!(place.open()[..], [FifoError::NotAFifo { .. }]));
    assert_eq!(fs::read_to_string(place.path()).unwrap(), "precious");

    let mut place = Place::new();
    let target = place.dir.path().join("target");
    mkfifo(&target, Mode::from_bits_truncate(0o600)).unwrap();
    symlink(&target, place.path()).unwrap();
    assert!(matches!(place.open()[..], [FifoError::NotAFifo { .. }]));

    let mut place = Place::new();
    let mut settings = place.settings();
    settings.fifo.path = place.dir.path().join("no/such/folder");
    let errors = place.pipes.configure(clock::now(), vec![settings]);
    assert!(
        errors[0].to_string().contains("cannot be made: No such file"),
        "{}",
        errors[0]
    );
}

#[test]
fn somebody_elses_pipe_is_refused() {
    if !geteuid().is_root() {
        return crate::skip::skip("only root can give files away");
    }
    let mut place = Place::new();
    mkfifo(&place.path(), Mode::from_bits_truncate(0o600)).unwrap();
    chown(&place.path(), Some(Uid::from_raw(1234)), None).unwrap();
    assert!(matches!(
        place.open()[..],
        [FifoError::NotOurs { owner: 1234, .. }]
    ));
    let mut settings = place.settings();
    settings.fifo.owner = Some((1234, 0));
    assert!(place.pipes.configure(clock::now(), vec![settings]).is_empty());
}

#[test]
fn slow_reader_loses_nothing() {
    let mut place = Place::new();
    assert!(place.open().is_empty());
    let mut reader = reader(&place.path());
    // Three times what the kernel's pipe holds.
    (0..8000).for_each(|number| place.tell(number));
    assert_eq!(place.read(&mut reader, 8000, 37), lines(0..8000));
}

#[test]
fn late_reader_gets_what_happened_before() {
    let mut place = Place::new();
    assert!(place.open().is_empty());
    (0..10).for_each(|number| place.tell(number));
    let mut reader = reader(&place.path());
    assert_eq!(place.read(&mut reader, 10, 100), lines(0..10));
}

#[test]
fn next_reader_goes_on_where_the_last_one_stopped() {
    let mut place = Place::new();
    assert!(place.open().is_empty());
    let mut first = reader(&place.path());
    (0..6000).for_each(|number| place.tell(number));
    let bite = lines(0..1).len();
    let mut text = place.read(&mut first, 1, bite);
    drop(first);
    place.turn();
    (6000..6100).for_each(|number| place.tell(number));
    let mut second = reader(&place.path());
    text.push_str(&place.read(&mut second, 6099, 4096));
    assert_eq!(text, lines(0..6100));
}

#[test]
fn without_a_reader_the_newest_states_are_kept() {
    let mut place = Place::new();
    assert!(place.open().is_empty());
    for number in 0..50_000 {
        place.tell(number % 100);
    }
    let mut reader = reader(&place.path());
    place.tell(100);
    let mut text = String::new();
    while !text.ends_with("V100\" MASTER 0\n") {
        text.push_str(&place.read(&mut reader, 1, 4096));
    }
    assert!(text.lines().count() <= 10_000, "{}", text.lines().count());
    assert!(
        text.ends_with(&lines(0..101)),
        "the last hundred are the states that hold"
    );
}

#[test]
fn without_a_reader_nothing_is_due_more_often_than_each_second() {
    let mut place = Place::new();
    assert!(place.open().is_empty());
    assert_eq!(place.pipes.poll_timeout(), None);
    place.tell(1);
    let mut now = clock::now();
    for _ in 0..20 {
        now = place.pipes.poll_timeout().unwrap().max(now);
        place.pipes.handle_timeout(now);
    }
    let wait = place.pipes.poll_timeout().unwrap() - now;
    assert_eq!(wait, Duration::from_secs(1));
}

#[test]
fn pipe_that_stays_is_not_touched() {
    let mut place = Place::new();
    assert!(place.open().is_empty());
    let mut reader = reader(&place.path());
    place.tell(0);
    assert!(place.open().is_empty());
    place.tell(1);
    assert_eq!(place.read(&mut reader, 2, 100), lines(0..2));
    let mut settings = place.settings();
    settings.fifo.path = place.dir.path().join("other");
    assert!(place.pipes.configure(clock::now(), vec![settings]).is_empty());
    assert!(!place.path().exists());
    // The end of the pipe, not of the wait.
    assert_eq!(reader.read(&mut [0; 10]).unwrap(), 0);
}
