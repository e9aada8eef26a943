//! What it costs to check a configuration: processor time and memory of `kad check` and `keepalived -t`.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::bed::{KAD, KEEPALIVED, Side};
use crate::numbers::{Sample, count, table, verdict};

/// What the program is started with to measure another one: see [`measure_child`].
pub(crate) const MEASURE: &str = "--measure";

pub(crate) fn run() {
    let many = Costs::of(
        "50,000 real servers in 5,000 virtual servers",
        &servers(5_000, 10),
    );
    let one = Costs::of("50,000 real servers in one virtual server", &servers(1, 50_000));
    let halves = [1020, 2040, 4080].map(|number| {
        let what = format!("{number} instances");
        Costs::of(&what, &instances(number))
    });
    let small = Costs::of("ten lines", &instances(1));
    let head = [
        "",
        "kad, CPU ms",
        "keepalived, CPU ms",
        "kad / keepalived",
        "kad, MiB",
        "keepalived, MiB",
        "memory: kad / keepalived",
    ];
    let all = [&many, &one].into_iter().chain(&halves).chain([&small]);
    let rows: Vec<_> = all.map(Costs::row).collect();
    table("To check a configuration", head, &rows);
    goals(&many, &one, &halves, &small);
}

fn goals(many: &Costs, one: &Costs, instances: &[Costs; 3], small: &Costs) {
    let [first, .., last] = instances;
    let for_each = |costs: &Costs| costs.cpu[0] / costs.size;
    let rows = [
        (
            "a third of keepalived's time with 50,000 real servers in 5,000 virtual servers",
            many.cpu[0] / many.cpu[1],
            1.0 / 3.0,
        ),
        (
            "twice as much for all of them in one virtual server",
            one.cpu[0] / many.cpu[0],
            2.0,
        ),
        (
            "linear: an instance of 4,080 costs no more than 1.3 times one of 1,020",
            for_each(last) / for_each(first),
            1.3,
        ),
        (
            "keepalived's memory, 5,000 virtual servers",
            many.memory[0] / many.memory[1],
            1.0,
        ),
        (
            "keepalived's memory, one virtual server",
            one.memory[0] / one.memory[1],
            1.0,
        ),
        (
            "keepalived's memory, 4,080 instances",
            last.memory[0] / last.memory[1],
            1.0,
        ),
        ("ten milliseconds for ten lines", small.cpu[0] / 10.0, 1.0),
    ];
    let rows = rows.map(|(goal, ratio, most)| {
        [
            goal.to_owned(),
            format!("{ratio:.2}"),
            format!("{most:.2}"),
            verdict(ratio <= most),
        ]
    });
    table("Goals of that", ["at most", "ratio", "goal", ""], &rows);
}

/// What a file costs each program: medians.
struct Costs {
    what: String,
    /// Bytes, in thousands.
    size: f64,
    /// Milliseconds of processor time.
    cpu: [f64; 2],
    /// Peak MiB.
    memory: [f64; 2],
}

impl Costs {
    fn of(what: &str, config: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keepalived.conf");
        std::fs::write(&path, config).unwrap();
        let mut cpu = [Vec::new(), Vec::new()];
        let mut memory = [Vec::new(), Vec::new()];
        let mut rounds = ROUNDS;
        let mut round = 0;
        while round < rounds {
            eprintln!("check, {what}: {} of {rounds}", round + 1);
            for place in Side::in_turn(round) {
                let [millis, mib] = measure(Side::BOTH[place], &path);
                // One run of a program that takes as long as that says enough.
                if millis > LONG_MS {
                    rounds = 2;
                }
                cpu[place].push(millis);
                memory[place].push(mib);
            }
            round += 1;
        }
        Self {
            what: what.to_owned(),
            size: count(config.len()) / 1000.0,
            cpu: cpu.map(|values| Sample::new(values).median()),
            memory: memory.map(|values| Sample::new(values).median()),
        }
    }

    fn row(&self) -> [String; 7] {
        let [kad, keepalived] = self.cpu;
        let [kad_memory, keepalived_memory] = self.memory;
        [
            self.what.clone(),
            format!("{kad:.1}"),
            format!("{keepalived:.1}"),
            format!("{:.3}", kad / keepalived),
            format!("{kad_memory:.1}"),
            format!("{keepalived_memory:.1}"),
            format!("{:.2}", kad_memory / keepalived_memory),
        ]
    }
}

/// Milliseconds of processor time and MiB of memory, as the kernel counts them for the children of a process that has
/// no other child.
fn measure(side: Side, config: &Path) -> [f64; 2] {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(MEASURE);
    match side {
        Side::Kad => command.args([KAD, "check", "--offline"]),
        Side::Keepalived => command.args([KEEPALIVED, "-t", "-f"]),
    };
    let output = command.arg(config).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<f64> = text
        .split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect();
    <[f64; 2]>::try_from(numbers).unwrap()
}

/// Runs a program to its end and prints what it took: milliseconds and MiB.
pub(crate) fn measure_child(command: &[String]) {
    let [program, arguments @ ..] = command else {
        panic!("a program to measure")
    };
    let mut child = Command::new(program);
    child
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // What it says of the file is not what is measured.
    let _ = child.status().unwrap();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    let kib = u32::try_from(usage.max_rss()).unwrap();
    println!(
        "{} {}",
        f64::from(u32::try_from(micros).unwrap()) / 1000.0,
        f64::from(kib) / 1024.0
    );
}

/// Virtual servers, each with so many real servers that are checked.
fn servers(virtual_servers: u32, real_servers: u32) -> String {
    let mut text = String::new();
    let mut number = 0;
    for service in 0..virtual_servers {
        let (a, b) = (service / 250, service % 250);
        let _ = writeln!(
            text,
            "virtual_server 10.{a}.{b}.1 80 {{\n    delay_loop 6\n    lb_algo rr\n    lb_kind NAT\n    protocol TCP\n"
        );
        for _ in 0..real_servers {
            number += 1;
            let (a, b, c) = (16 + number / 62_500, number / 250 % 250, number % 250 + 1);
            let _ = writeln!(
                text,
                "    real_server 172.{a}.{b}.{c} 80 {{\n        weight 1\n        TCP_CHECK {{\n            \
                 connect_timeout 3\n            connect_port 80\n        }}\n    }}"
            );
        }
        text.push_str("}\n");
    }
    text
}

/// Instances on as many interfaces as their ids need.
fn instances(number: u32) -> String {
    let mut text = String::new();
    for instance in 0..number {
        let (interface, id) = (instance / 255, instance % 255 + 1);
        let _ = writeln!(
            text,
            "vrrp_instance VI_{instance} {{\n    interface eth{interface}\n    virtual_router_id {id}\n    priority 100\n    \
             advert_int 1\n    virtual_ipaddress {{\n        10.{interface}.{id}.1/24\n    }}\n}}"
        );
    }
    text
}

const ROUNDS: usize = 7;
const LONG_MS: f64 = 2000.0;
