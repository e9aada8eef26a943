//! Several files that are one cluster's: do they fit, and who is master when?

mod compare;
mod fate;
mod lans;
mod matching;
mod peers;
mod priorities;
mod side;
mod table;
mod weights;

use kaconf::{Config, Diagnostic, Parsed, SourceMap};

use super::Report;
use super::report::Count;
use crate::simulate::listed;
pub(super) use fate::{Fate, Masters, OnReturn};
use matching::Matches;
use side::Side;

/// What is to be said about several files together.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    /// What the machines are called, by file: short, and different from each other.
    pub(super) names: Vec<String>,
    /// What was found, and all files of all configurations; the configuration in it is nobody's.
    pub(super) found: Parsed,
    /// What becomes of each virtual router, in the order in which they come up.
    pub(super) fates: Vec<Fate>,
    /// Why they are not held against each other, or not followed through.
    pub(super) note: Option<String>,
}

impl Cluster {
    /// Holds the files against each other; `None` if there is only one.
    pub(super) fn of(reports: &[Report]) -> Option<Self> {
        if reports.len() < 2 {
            return None;
        }
        let mut cluster = Self {
            names: side::names(reports),
            found: Parsed {
                config: Config::default(),
                diagnostics: Vec::new(),
                sources: SourceMap::default(),
            },
            fates: Vec::new(),
            note: None,
        };
        let faulty: Vec<String> = reports
            .iter()
            .filter(|report| report.plan.is_none())
            .map(|report| report.path.display().to_string())
            .collect();
        if faulty.is_empty() {
            cluster.compare(reports);
        } else {
            let faulty: Vec<&str> = faulty.iter().map(String::as_str).collect();
            let verb = if faulty.len() == 1 { "is" } else { "are" };
            let faulty = listed(&faulty, "and");
            cluster.note = Some(format!(
                "not compared as one cluster until {faulty} {verb} mended"
            ));
        }
        Some(cluster)
    }

    fn compare(&mut self, reports: &[Report]) {
        let sides = side::sides(reports, &mut self.found.sources);
        let matches = Matches::new(&sides);
        if matches.is_nothing() {
            self.note =
                Some("not compared as one cluster, for no two have a virtual router in common".to_owned());
            return;
        }
        let mut diagnostics = matches.diagnostics();
        let mut doubtful = vec![false; matches.routers.len()];
        for (router, doubtful) in matches.routers.iter().zip(&mut doubtful) {
            let found = compare::differences(router)
                .into_iter()
                .chain(peers::problems(router))
                .chain(priorities::problems(router))
                .chain(weights::problems(router, reports));
            let before = diagnostics.len();
            diagnostics.extend(found);
            *doubtful = diagnostics.iter().skip(before).any(Diagnostic::is_error);
        }
        let crossings = priorities::crossings(reports, &matches);
        diagnostics.extend(crossings.iter().map(|crossing| crossing.diagnostic.clone()));
        match fate::foretell(reports, &self.names, &matches) {
            Ok(mut foretold) => {
                for crossing in &crossings {
                    foretold.get_stuck(&crossing.instances);
                }
                diagnostics.extend(foretold.problems(&doubtful, &matches));
                self.fates = foretold.fates;
            }
            Err(why) => self.note = Some(why),
        }
        self.found.add(diagnostics);
    }

    pub(super) fn count(&self) -> Count {
        Count::of(&self.found.diagnostics)
    }

    /// Everything, for a person to read, in pieces.
    pub(super) fn told(&self, reports: &[Report], colour: bool) -> Vec<String> {
        let mut told: Vec<String> = self
            .found
            .diagnostics
            .iter()
            .map(|diagnostic| format!("{}\n", kaconf::render(diagnostic, &self.found.sources, colour)))
            .collect();
        if !self.fates.is_empty() {
            // What was said before ends with an empty line.
            let gap = if self.found.diagnostics.is_empty() {
                "\n"
            } else {
                ""
            };
            let table = table::draw(&self.fates, &self.names, colour);
            told.push(format!("{gap}{table}"));
        }
        let files: Vec<String> = reports
            .iter()
            .map(|report| report.path.display().to_string())
            .collect();
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let together = format!("{} together", listed(&files, "and"));
        let how = match &self.note {
            Some(note) if self.found.diagnostics.is_empty() => note.clone(),
            Some(note) => format!("{}; {note}", self.count().in_words()),
            None => self.count().in_words(),
        };
        told.push(format!("{together}: {how}"));
        told
    }
}
