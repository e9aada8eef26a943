//! What processes cost, as the kernel counts it.

use std::fs;

use kad_cli::lab::Process;

/// CPU time and memory of a program: its process and that one's descendants.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cost {
    pub(crate) processes: usize,
    /// User and system time, seconds.
    pub(crate) cpu: f64,
    /// Resident memory summed up, MiB: what the processes share is counted in each.
    pub(crate) resident: f64,
    /// Proportional set size, MiB: what processes share is split among them.
    pub(crate) proportional: f64,
}

impl Cost {
    pub(crate) fn of(process: &Process) -> Self {
        let mut cost = Self::default();
        for id in family(process.id()) {
            cost.processes += 1;
            cost.cpu += cpu_seconds(id);
            cost.resident += mebibytes(&format!("/proc/{id}/status"), "VmRSS:");
            cost.proportional += mebibytes(&format!("/proc/{id}/smaps_rollup"), "Pss:");
        }
        cost
    }
}

/// A process and its descendants.
fn family(id: u32) -> Vec<u32> {
    let list = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    let children = list.split_whitespace().filter_map(|child| child.parse().ok());
    std::iter::once(id).chain(children.flat_map(family)).collect()
}

/// proc(5): utime and stime are fields 14 and 15, and the second field is the only one with parentheses.
fn cpu_seconds(id: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / TICKS_PER_SECOND
}

fn mebibytes(path: &str, field: &str) -> f64 {
    let text = fs::read_to_string(path).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
}

/// `USER_HZ`, the same on every Linux that a user sees.
const TICKS_PER_SECOND: f64 = 100.0;
