//! Running other people's programs, with the real helper.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use kad_cli::clock;
use kad_cli::script::{Credentials, Finished, Job, JobId, Outcome, Runner};
use tempfile::TempDir;

struct Bench {
    runner: Runner,
    dir: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            runner: Runner::with_helper(env!("CARGO_BIN_EXE_kad").into()).unwrap(),
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn job(&self, script: &str) -> Job {
        Job {
            argv: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
            user: Credentials::current(),
            environment: vec![("OUT".to_owned(), self.out().display().to_string())],
            timeout: Some(Duration::from_secs(60)),
        }
    }

    /// Where scripts of [`job`](Self::job) may write.
    fn out(&self) -> std::path::PathBuf {
        self.dir.path().join("out")
    }

    fn written(&self) -> String {
        fs::read_to_string(self.out()).unwrap_or_default()
    }

    fn start(&mut self, job: &Job) -> JobId {
        self.runner.start(clock::now(), job)
    }

    /// The next that ends.
    fn next(&mut self) -> Finished {
        let limit = Instant::now() + Duration::from_secs(30);
        loop {
            let now = clock::now();
            self.runner.handle_ready(now);
            self.runner.handle_timeout(now);
            if let Some(finished) = self.runner.poll_finished() {
                return finished;
            }
            assert!(Instant::now() < limit, "nothing ends");
            sleep(Duration::from_millis(2));
        }
    }

    fn outcome(&mut self, job: &Job) -> Outcome {
        let id = self.start(job);
        let finished = self.next();
        assert_eq!(finished.job, id);
        finished.outcome
    }
}

#[test]
fn statuses_and_signals_are_told() {
    let mut bench = Bench::new();
    let job = bench.job("exit 0");
    assert_eq!(bench.outcome(&job), Outcome::Exited(0));
    let job = bench.job("exit 7");
    assert_eq!(bench.outcome(&job), Outcome::Exited(7));
    let job = bench.job("kill -9 $$");
    assert_eq!(bench.outcome(&job), Outcome::Signalled(9));
}

#[test]
fn what_cannot_be_run_says_why() {
    let mut bench = Bench::new();
    let not_there = Job {
        argv: vec!["/no/such/program".to_owned()],
        ..bench.job("")
    };
    let Outcome::NotStarted(reason) = bench.outcome(&not_there) else {
        panic!("it cannot have been started")
    };
    assert!(reason.contains("No such file"), "{reason}");
    let directory = Job {
        argv: vec!["/".to_owned()],
        ..bench.job("")
    };
    let Outcome::NotStarted(reason) = bench.outcome(&directory) else {
        panic!("it cannot have been started")
    };
    assert!(reason.contains("Permission denied"), "{reason}");
}

#[test]
fn environment_is_ours_without_what_is_dangerous() {
    let mut bench = Bench::new();
    let mut job =
        bench.job(r#"printf '%s|%s|%s' "$KAD_STATE" "$LD_PRELOAD" "$1" > $OUT; echo noise; echo noise >&2"#);
    job.argv.extend(["name".to_owned(), "an argument".to_owned()]);
    job.environment
        .push(("KAD_STATE".to_owned(), "MASTER".to_owned()));
    assert_eq!(bench.outcome(&job), Outcome::Exited(0));
    assert_eq!(bench.written(), "MASTER||an argument");
}

#[test]
fn it_runs_as_somebody_else_and_with_nothing_of_ours() {
    if !nix::unistd::geteuid().is_root() {
        assert!(std::env::var_os("CI").is_none(), "cannot run: needs root");
        return eprintln!("SKIPPED: changing the user needs root");
    }
    let mut bench = Bench::new();
    fs::set_permissions(bench.dir.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let mut job = bench.job("(id -u; id -g; id -G; ps -o pgid= -p $$ | tr -d ' ' | grep -cx $$) > $OUT");
    job.user = Credentials {
        uid: 65534,
        gid: 65534,
        groups: vec![65534, 100],
    };
    assert_eq!(bench.outcome(&job), Outcome::Exited(0));
    assert_eq!(
        bench.written(),
        "65534\n65534\n65534 100\n1\n",
        "and in a process group of its own"
    );
}

/// Whoever started the tests may have left something open for all to inherit, which is not ours.
#[test]
fn it_gets_no_descriptor_of_ours() {
    let mut bench = Bench::new();
    let out = bench.out().display().to_string();
    let find = [
        "/usr/bin/find",
        "/proc/self/fd",
        "-lname",
        "*:*",
        "-fprintf",
        &out,
        "%l ",
    ];
    let mut command = Command::new(find[0]);
    command
        .args(&find[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().unwrap();
    let inherited = bench.written();
    fs::remove_file(bench.out()).unwrap();
    let job = Job {
        argv: find.map(str::to_owned).to_vec(),
        ..bench.job("")
    };
    assert!(matches!(bench.outcome(&job), Outcome::Exited(_)));
    assert!(bench.out().exists());
    assert_eq!(bench.written(), inherited, "sockets, pipes and the like");
}

#[test]
fn what_takes_too_long_is_ended_with_all_that_it_started() {
    let mut bench = Bench::new();
    let mut job = bench.job("sleep 300 & echo $! > $OUT; wait");
    job.timeout = Some(Duration::from_millis(500));
    let started = Instant::now();
    assert_eq!(bench.outcome(&job), Outcome::TimedOut);
    assert!(started.elapsed() < Duration::from_secs(20));
    let sleeper = bench.written();
    let limit = Instant::now() + Duration::from_secs(10);
    while Path::new("/proc").join(sleeper.trim()).exists() {
        assert!(Instant::now() < limit, "{sleeper} still runs");
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_does_not_listen_is_made_to_end() {
    let mut bench = Bench::new();
    let mut job = bench.job("trap '' TERM; while :; do sleep 0.1; done");
    job.timeout = Some(Duration::from_millis(200));
    let id = bench.start(&job);
    let finished = bench.next();
    assert_eq!((finished.job, finished.outcome), (id, Outcome::TimedOut));
    assert!(
        finished.took >= Duration::from_secs(2),
        "it had its time to end: {:?}",
        finished.took
    );
}

#[test]
fn many_run_side_by_side_and_none_is_lost() {
    let mut bench = Bench::new();
    let job = bench.job("exit 3");
    let ids: Vec<JobId> = (0..100).map(|_| bench.start(&job)).collect();
    let mut ended: Vec<JobId> = (0..100)
        .map(|_| {
            let finished = bench.next();
            assert_eq!(finished.outcome, Outcome::Exited(3));
            finished.job
        })
        .collect();
    ended.sort_unstable();
    assert_eq!(ended, ids);
    assert!(!bench.runner.is_busy());
}

#[test]
fn nothing_is_left_when_the_runner_is_gone() {
    let mut bench = Bench::new();
    let job = bench.job("echo $$ > $OUT; sleep 300");
    bench.start(&job);
    let limit = Instant::now() + Duration::from_secs(10);
    while bench.written().is_empty() {
        assert!(Instant::now() < limit);
        sleep(Duration::from_millis(5));
    }
    let process = bench.written();
    bench.runner = Runner::new().unwrap();
    assert!(!Path::new("/proc").join(process.trim()).exists());
}
