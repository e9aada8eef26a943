//! The processes that count, kept up to date by what happens; pure.

use std::collections::BTreeSet;

use super::super::setup::Pattern;
use super::pattern::Process;

/// For each pattern the processes that match it. A process is what has a number now: when it ends its number is
/// forgotten, so another one that gets it later is looked at anew.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Table {
    rows: Vec<Row>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Row {
    pattern: Pattern,
    pids: BTreeSet<u32>,
}

impl Table {
    pub(super) fn new(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        let rows = patterns.into_iter().map(|pattern| Row {
            pattern,
            pids: BTreeSet::new(),
        });
        Self { rows: rows.collect() }
    }

    /// Whether any pattern looks at command lines.
    pub(super) fn needs_command_line(&self) -> bool {
        self.rows.iter().any(|row| row.pattern.needs_command_line())
    }

    /// How many processes match each pattern.
    pub(super) fn counts(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().map(|row| row.pids.len())
    }

    /// A process was found, or changed what it is.
    pub(super) fn found(&mut self, pid: u32, process: &Process) {
        for row in &mut self.rows {
            if row.pattern.matches(process) {
                row.pids.insert(pid);
            } else {
                row.pids.remove(&pid);
            }
        }
    }

    /// A process ended.
    pub(super) fn ended(&mut self, pid: u32) {
        for row in &mut self.rows {
            row.pids.remove(&pid);
        }
    }

    /// Whether a process counts.
    pub(super) fn has(&self, pid: u32) -> bool {
        self.rows.iter().any(|row| row.pids.contains(&pid))
    }

    /// All that count.
    pub(super) fn pids(&self) -> BTreeSet<u32> {
        self.rows.iter().flat_map(|row| &row.pids).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Process {
        Process {
            name: name.into(),
            ..Process::default()
        }
    }

    fn table() -> Table {
        Table::new(["a", "b"].map(|name| Pattern::Name(name.into())))
    }

    fn counts(table: &Table) -> Vec<usize> {
        table.counts().collect()
    }

    #[test]
    fn a_process_that_changes_its_name_changes_sides() {
        let mut table = table();
        table.found(7, &named("a"));
        table.found(7, &named("a"));
        assert_eq!(counts(&table), [1, 0]);
        table.found(7, &named("b"));
        assert_eq!(counts(&table), [0, 1]);
        table.found(7, &named("c"));
        assert_eq!(counts(&table), [0, 0]);
        assert!(!table.has(7) && table.pids().is_empty());
    }

    #[test]
    fn a_number_that_is_used_again_is_another_process() {
        let mut table = table();
        table.found(7, &named("a"));
        table.ended(7);
        table.found(7, &named("b"));
        assert_eq!(counts(&table), [0, 1]);
    }
}
