//! Ten thousand destinations, set, read and put right by this crate and by Debian's ipvsadm, by turns in one kernel. A table
//! in Markdown on standard output.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a benchmark ends where something cannot be measured"
)]

use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use ipvs_guest::Place;
use ipvs_netlink::{
    Client, Destination, Forward, Scheduler, Scope, Service, ServiceId, Table, Weight, diff, ipvsadm,
};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["load", file] => load(file),
        ["save"] => save(),
        // `cargo test --all-targets` comes by here too, and a benchmark is no test.
        _ if !arguments.iter().any(|argument| argument == "--bench") => {
            eprintln!("a benchmark: `make bench ARGS=ipvs` runs it");
        }
        _ => return measure(),
    }
    ExitCode::SUCCESS
}

/// What `ipvsadm -R` does.
fn load(file: &str) {
    let wanted = ipvsadm::parse(&fs::read_to_string(file).unwrap()).unwrap();
    let commands = diff(&wanted, &Table::new(), &Scope::Wanted);
    let results = Client::connect().unwrap().batch(&commands).unwrap();
    assert!(results.iter().all(Result::is_ok), "something was refused");
}

/// What `ipvsadm -Sn` does.
fn save() {
    print!("{}", ipvsadm::write(&Client::connect().unwrap().table().unwrap()));
}

fn measure() -> ExitCode {
    match ipvs_guest::enter() {
        Ok(Place::Here) => ipvs_guest::in_namespace(run),
        Ok(Place::Elsewhere(code)) => return code,
        Err(reason) => {
            eprintln!("{reason}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn run() {
    println!("### IPVS: 10,000 destinations, ms\n");
    println!("| services x destinations | what | kad | ipvsadm | ipvsadm / kad |");
    println!("|---|---|--:|--:|--:|");
    for (services, destinations) in [(100, 100), (1, 10_000)] {
        let shape = format!("{services} x {destinations}");
        for (what, kad, ipvsadm) in Times::measure(services, destinations).rows() {
            let times = ipvsadm.map_or("| |".to_owned(), |ipvsadm| {
                format!("{:.1} | {:.1} |", millis(ipvsadm), millis(ipvsadm) / millis(kad))
            });
            println!("| {shape} | {what} | {:.1} | {times}", millis(kad));
        }
    }
    println!();
}

/// One value for each round.
#[derive(Default)]
struct Times {
    load: Vec<Duration>,
    ipvsadm_load: Vec<Duration>,
    batch: Vec<Duration>,
    save: Vec<Duration>,
    ipvsadm_save: Vec<Duration>,
    table: Vec<Duration>,
    change: Vec<Duration>,
    ipvsadm_edit: Vec<Duration>,
}

impl Times {
    fn measure(services: u8, destinations: u32) -> Self {
        let wanted = table(services, destinations);
        let file = std::env::temp_dir().join("table.ipvsadm");
        fs::write(&file, ipvsadm::write(&wanted)).unwrap();
        let file = file.to_str().expect("this is a name in UTF-8");
        let mut times = Self::default();
        for _ in 0..ROUNDS {
            times.measure_ipvsadm(&wanted, file);
            times.measure_kad(&wanted, file);
        }
        times
    }

    fn measure_ipvsadm(&mut self, wanted: &Table, file: &str) {
        let mut client = Client::connect().unwrap();
        client.flush().unwrap();
        let mut restore = Command::new("ipvsadm");
        restore.arg("-R").stdin(File::open(file).unwrap());
        self.ipvsadm_load.push(time_of(restore));
        assert!(client.table().unwrap() == *wanted, "ipvsadm has loaded all of it");

        let mut save = Command::new("ipvsadm");
        save.arg("-Sn");
        self.ipvsadm_save.push(time_of(save));

        // It has to be told what has changed.
        let mut edit = Command::new("ipvsadm");
        edit.args(["-e", "-t", "192.0.2.1:80", "-r", "10.0.0.1:80", "-m", "-w", "7"]);
        self.ipvsadm_edit.push(time_of(edit));
    }

    fn measure_kad(&mut self, wanted: &Table, file: &str) {
        let mut client = Client::connect().unwrap();
        client.flush().unwrap();
        let mut restore = Command::new(std::env::current_exe().unwrap());
        restore.args(["load", file]);
        self.load.push(time_of(restore));

        let mut save = Command::new(std::env::current_exe().unwrap());
        save.arg("save");
        self.save.push(time_of(save));

        let begun = Instant::now();
        let table = client.table().unwrap();
        self.table.push(begun.elapsed());
        assert!(table == *wanted, "kad has loaded all of it");

        let (changed, id, destination) = changed(wanted);
        let begun = Instant::now();
        let done = client.reconcile(&changed, &Scope::All).unwrap();
        self.change.push(begun.elapsed());
        let one = ipvs_netlink::Command::SetDestination(id, destination);
        assert_eq!(done, [(one, Ok(()))], "one change is one message");

        client.flush().unwrap();
        let commands = diff(wanted, &Table::new(), &Scope::Wanted);
        let begun = Instant::now();
        let results = client.batch(&commands).unwrap();
        self.batch.push(begun.elapsed());
        assert!(results.iter().all(Result::is_ok), "something was refused");
    }

    fn rows(self) -> [Row; 5] {
        let save = median(self.ipvsadm_save);
        let save_and_edit = save + median(self.ipvsadm_edit);
        [
            (
                "load a file (`-R`)",
                median(self.load),
                Some(median(self.ipvsadm_load)),
            ),
            ("load, without start and file", median(self.batch), None),
            ("save to a file (`-Sn`)", median(self.save), Some(save)),
            ("read, without start and file", median(self.table), None),
            (
                "read, find one change, make it (`-Sn`, `-e`)",
                median(self.change),
                Some(save_and_edit),
            ),
        ]
    }
}

/// What is done, how long kad takes, and how long ipvsadm does.
type Row = (&'static str, Duration, Option<Duration>);

fn table(services: u8, destinations: u32) -> Table {
    let mut table = Table::new();
    for service in 1..=services {
        let id = ServiceId::tcp((Ipv4Addr::new(192, 0, 2, service), 80));
        let pool = table.insert(Service::new(id, Scheduler::WRR));
        for number in 1..=destinations {
            let address = Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + number);
            pool.insert(Destination::new(
                SocketAddr::new(IpAddr::V4(address), 80),
                Forward::Masquerade,
            ));
        }
    }
    table
}

/// The first destination has another weight.
fn changed(table: &Table) -> (Table, ServiceId, Destination) {
    let mut changed = table.clone();
    let id = ServiceId::tcp((Ipv4Addr::new(192, 0, 2, 1), 80));
    let first = SocketAddr::from((Ipv4Addr::new(10, 0, 0, 1), 80)).into();
    let pool = changed.get_mut(&id).unwrap();
    let destination = pool.get(&first).unwrap().with_weight(Weight::new(7).unwrap());
    pool.insert(destination);
    (changed, id, destination)
}

fn time_of(mut command: Command) -> Duration {
    let begun = Instant::now();
    let status = command.stdout(Stdio::null()).status().unwrap();
    let took = begun.elapsed();
    assert!(status.success(), "{command:?} ended with {status}");
    took
}

fn median(mut values: Vec<Duration>) -> Duration {
    values.sort();
    values.get(ROUNDS / 2).copied().unwrap()
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

const ROUNDS: usize = 5;
