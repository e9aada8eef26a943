//! Running the demo, and reading what it says.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tempfile::TempDir;

const KAD: &str = env!("CARGO_BIN_EXE_kad");
pub(crate) const KEEPALIVED: &str = "/usr/sbin/keepalived";

/// One instance with fast timers, so that a failover takes less than half a second.
pub(crate) fn config(priority: u8, more: &str) -> String {
    format!(
        "vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 7\n version 3\n advert_int 0.1\n priority {priority}\n \
         {more}\n virtual_ipaddress {{\n 192.0.2.9/24\n }}\n}}\n"
    )
}

/// A demo that is to be run. It makes its temporary files in a directory of the test's own.
pub(crate) struct Demo {
    dir: TempDir,
    files: Vec<PathBuf>,
    arguments: Vec<String>,
    /// What runs the program, with its arguments.
    wrapper: Vec<String>,
    program: PathBuf,
    path: Option<String>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// Files and processes that are there although the demo is over.
    pub(crate) left_behind: Vec<String>,
}

impl Demo {
    pub(crate) fn new(texts: &[String]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        open_to_all(dir.path(), 0o755);
        fs::create_dir(dir.path().join("tmp")).unwrap();
        open_to_all(&dir.path().join("tmp"), 0o777);
        let files = texts.iter().zip(1..).map(|(text, number)| {
            let path = dir.path().join(format!("{number}.conf"));
            fs::write(&path, text).unwrap();
            path
        });
        Self {
            files: files.collect(),
            dir,
            arguments: Vec::new(),
            wrapper: Vec::new(),
            program: KAD.into(),
            path: None,
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn args(&mut self, arguments: &[&str]) -> &mut Self {
        self.arguments
            .extend(arguments.iter().map(|&text| text.to_owned()));
        self
    }

    /// Without any privilege.
    pub(crate) fn as_nobody(&mut self) -> &mut Self {
        // A copy where anybody may run it.
        self.program = self.path("kad");
        fs::copy(KAD, &self.program).unwrap();
        if nix::unistd::geteuid().is_root() {
            let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
            self.wrapper = nobody.map(str::to_owned).into();
        }
        self
    }

    /// A shell script as keepalived.
    pub(crate) fn fake_keepalived(&mut self, script: &str) {
        let folder = self.path("bin");
        fs::create_dir(&folder).unwrap();
        let program = folder.join("keepalived");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        open_to_all(&program, 0o755);
        let path = std::env::var("PATH").unwrap();
        self.path = Some(format!("{}:{path}", folder.display()));
    }

    /// Nothing at all as keepalived, for this one process.
    pub(crate) fn hide_keepalived(&mut self) {
        let hide = format!(
            "for file in {KEEPALIVED} /sbin/keepalived; do [ ! -e $file ] || mount --bind /dev/null $file; done; \
             exec \"$@\""
        );
        let shell = ["unshare", "--map-root-user", "--mount", "sh", "-c", &hide, "sh"];
        self.wrapper = shell.map(str::to_owned).into();
    }

    pub(crate) fn run(&self) -> Run {
        let output = self.command().output().unwrap();
        self.outcome(output.status.code(), output.stdout, output.stderr)
    }

    /// Runs until a line has `part` in it; a moment later, presses Ctrl-C.
    pub(crate) fn interrupt_at(&self, part: &str) -> Run {
        let mut child = self
            .command()
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = String::new();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap() > 0 {
            stdout.push_str(&line);
            if line.contains(part) {
                std::thread::sleep(Duration::from_millis(100));
                kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGINT).unwrap();
            }
            line.clear();
        }
        let mut stderr = Vec::new();
        child.stderr.take().unwrap().read_to_end(&mut stderr).unwrap();
        let status = child.wait().unwrap();
        self.outcome(status.code(), stdout.into_bytes(), stderr)
    }

    fn command(&self) -> Command {
        let words = self
            .wrapper
            .iter()
            .map(PathBuf::from)
            .chain([self.program.clone()]);
        let words: Vec<PathBuf> = words.collect();
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .arg("demo")
            .args(&self.arguments)
            .args(&self.files);
        command
            .env("TMPDIR", self.path("tmp"))
            .current_dir(self.dir.path());
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        command.stdin(Stdio::null());
        command
    }

    fn outcome(&self, code: Option<i32>, stdout: Vec<u8>, stderr: Vec<u8>) -> Run {
        Run {
            code,
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
            left_behind: self.left_behind(),
        }
    }

    /// What is in the temporary directory, and every process that has to do with the test's files.
    fn left_behind(&self) -> Vec<String> {
        let files = fs::read_dir(self.path("tmp")).unwrap();
        let mut left: Vec<String> = files
            .map(|entry| entry.unwrap().path().display().to_string())
            .collect();
        let own = self.dir.path().to_str().unwrap();
        for process in fs::read_dir("/proc").unwrap().flatten() {
            let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).replace('\0', " ");
            if line.contains(own) {
                left.push(line);
            }
        }
        left
    }
}

impl Run {
    /// What was said, for machines.
    pub(crate) fn events(&self) -> Vec<Value> {
        let lines = self.stdout.lines();
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn summary(&self) -> Value {
        let summary = self.events().pop().unwrap();
        assert_eq!(summary["event"], "summary", "{}", self.stdout);
        summary
    }
}

/// A step of a summary.
pub(crate) fn step(summary: &Value, name: &str) -> Value {
    let mut steps = summary["checks"].as_array().unwrap().iter();
    let found = steps.find(|step| step["step"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {summary}")).clone()
}

/// Whether the demo can run here. If not, the test says so; in CI that is a failure.
pub(crate) fn can_run(run: &Run) -> bool {
    if run.code != Some(2) {
        return true;
    }
    crate::skip::skip(&run.stderr);
    false
}

/// Every tag is closed, in order, and every `&` begins an entity.
pub(crate) fn assert_well_formed(xml: &str) {
    let mut open = Vec::new();
    let mut rest = xml;
    while let Some((text, after)) = rest.split_once('<') {
        assert!(!text.contains('>'), "{text}");
        let entities = text.split('&').skip(1);
        entities.for_each(|entity| assert!(entity.contains(';'), "{text}"));
        let (tag, after) = after.split_once('>').expect("a tag ends");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.split_whitespace().next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{tag}"),
            None if tag.ends_with('/') => {}
            None => open.push(name),
        }
        rest = after;
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
}

fn open_to_all(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}
