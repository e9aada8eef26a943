//! Running other people's programs, with the real helper.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test ends there"
)]

#[path = "support/skip.rs"]
mod skip;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use kad_cli::clock;
use kad_cli::script::{Credentials, Finished, Job, JobId, Outcome, Runner};
use skip::skip;
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
    assert_eq!(reason, "it does not exist");
    let directory = Job {
        argv: vec!["/".to_owned()],
        ..bench.job("")
    };
    let Outcome::NotStarted(reason) = bench.outcome(&directory) else {
        panic!("it cannot have been started")
    };
    assert!(reason.contains("may not execute it"), "{reason}");
    let orphan = bench.dir.path().join("orphan");
    fs::write(&orphan, "#!/no/such/interpreter\n").unwrap();
    fs::set_permissions(&orphan, PermissionsExt::from_mode(0o755)).unwrap();
    for (program, wanted) in [
        ("no-such-program-anywhere", "no directory of PATH has it"),
        (
            orphan.to_str().unwrap(),
            "the interpreter that its first line names does not exist",
        ),
    ] {
        let argv = vec![program.to_owned(), "--help".to_owned()];
        let job = Job {
            argv,
            ..bench.job("")
        };
        assert_eq!(bench.outcome(&job), Outcome::NotStarted(wanted.to_owned()));
    }
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
        return skip("changing the user needs root");
    }
    let mut bench = Bench::new();
    fs::set_permissions(bench.dir.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let mut job = bench.job(
        "(id -u; id -g; id -G; ps -o pgid= -p $$ | tr -d ' ' | grep -cx $$; \
         grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status | grep -c 0000000000000000) > $OUT",
    );
    job.user = Credentials {
        uid: 65534,
        gid: 65534,
        groups: vec![65534, 100],
    };
    assert_eq!(bench.outcome(&job), Outcome::Exited(0));
    assert_eq!(
        bench.written(),
        "65534\n65534\n65534 100\n1\n4\n",
        "and in a process group of its own, without capabilities"
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
        // But for standard error, which is read.
        "-not",
        "-name",
        "2",
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

#[test]
fn signals_are_as_a_program_expects_them() {
    let mut bench = Bench::new();
    let job = bench.job("grep -E '^Sig(Blk|Ign)' /proc/self/status > $OUT");
    assert_eq!(bench.outcome(&job), Outcome::Exited(0));
    for line in bench.written().lines() {
        let set = line.split_whitespace().last().unwrap();
        let pipe = u64::from_str_radix(set, 16).unwrap() & (1 << 12);
        assert_eq!(pipe, 0, "SIGPIPE is what ends pipelines: {line}");
    }
    assert_eq!(bench.written().lines().count(), 2);
}

#[test]
fn who_complains_without_end_is_not_held_up_and_holds_up_nobody() {
    let mut bench = Bench::new();
    let job = bench.job("head -c 3000000 /dev/zero | tr '\\0' 'x' >&2; exit 3");
    let loud = bench.start(&job);
    let job = bench.job("exit 0");
    let quiet = bench.start(&job);
    let ends = [bench.next(), bench.next()];
    let of = |id| &ends.iter().find(|end| end.job == id).unwrap().outcome;
    assert_eq!((of(loud), of(quiet)), (&Outcome::Exited(3), &Outcome::Exited(0)));
}

#[test]
fn what_it_leaves_behind_holds_nothing_up_and_lives_on() {
    let mut bench = Bench::new();
    let job = bench.job("(sleep 1; echo complaint >&2; echo alive > $OUT) & exit 0");
    assert_eq!(bench.outcome(&job), Outcome::Exited(0));
    let limit = Instant::now() + Duration::from_secs(20);
    while bench.written() != "alive\n" {
        assert!(Instant::now() < limit);
        bench.runner.handle_ready(clock::now());
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn so_many_run_at_a_time_and_the_others_wait_for_their_turn() {
    let mut bench = Bench::new();
    let dir = bench.dir.path().join("running");
    fs::create_dir(&dir).unwrap();
    let job = bench.job(&format!(
        "cd {}; touch $$; ls | wc -l >> $OUT; sleep 0.5; rm $$",
        dir.display()
    ));
    let jobs = 150;
    for _ in 0..jobs {
        bench.start(&job);
    }
    for _ in 0..jobs {
        assert_eq!(bench.next().outcome, Outcome::Exited(0));
    }
    let counts = bench.written();
    let counts: Vec<u32> = counts.lines().map(|line| line.trim().parse().unwrap()).collect();
    let most = counts.iter().max().copied().unwrap();
    assert!((2..=64).contains(&most), "{most}");
    assert_eq!(counts.len(), jobs);
}

#[test]
fn what_waits_for_its_turn_can_be_stopped() {
    let mut bench = Bench::new();
    let job = bench.job("exec sleep 300");
    let mut ids: Vec<JobId> = (0..80).map(|_| bench.start(&job)).collect();
    bench.runner.stop_all(clock::now());
    while !ids.is_empty() {
        let finished = bench.next();
        assert!(
            matches!(finished.outcome, Outcome::TimedOut | Outcome::NotStarted(_)),
            "{finished:?}"
        );
        ids.retain(|id| *id != finished.job);
    }
    assert!(!bench.runner.is_busy());
}

#[test]
fn what_others_can_change_by_then_is_not_run_as_root() {
    if !nix::unistd::geteuid().is_root() {
        return skip("running as root needs root");
    }
    let mut bench = Bench::new();
    fs::set_permissions(bench.dir.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let script = bench.dir.path().join("script");
    fs::write(&script, "#!/bin/sh\nexit 0\n").unwrap();
    fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let mut job = Job {
        argv: vec![script.to_str().unwrap().to_owned()],
        ..bench.job("")
    };
    assert_eq!(bench.outcome(&job), Outcome::Exited(0));
    bench.runner.set_security(true);
    match bench.outcome(&job) {
        Outcome::NotStarted(reason) => assert!(reason.contains("can be changed by anybody"), "{reason}"),
        other => panic!("{other:?}"),
    }
    let (uid, gid, groups) = (65534, 65534, vec![65534]);
    job.user = Credentials { uid, gid, groups };
    assert_eq!(bench.outcome(&job), Outcome::Exited(0));
}
