//! One file, read, and everything that is wrong with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kaconf::{Code, Diagnostic, FsLoader, Options, Parsed, Span};
use vrrp_engine::{Engine, Environment, InterfaceId};

use super::{commands, machine};
use crate::exit::Status;
use crate::keys::Keys;
use crate::plan::{Instance, Names, Plan};
use crate::run::host_name;

/// A configuration, and what is to be said about it.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// As the command line names it.
    pub(crate) path: PathBuf,
    /// With everything that was found, here and by the parser.
    pub(crate) parsed: Parsed,
    /// What it amounts to; `None` if there are errors.
    pub(crate) plan: Option<Plan>,
}

impl Report {
    /// Reads a file, for this host if no id is given.
    pub(crate) fn read(path: &Path, config_id: Option<&str>, keys: Keys) -> Self {
        Self::read_with(&Names::default(), path, config_id, keys)
    }

    /// The same for one that runs already, and has given numbers to these names.
    pub(crate) fn read_again(names: &Names, path: &Path, config_id: Option<&str>) -> Self {
        Self::read_with(names, path, config_id, Keys::Here)
    }

    fn read_with(names: &Names, path: &Path, config_id: Option<&str>, keys: Keys) -> Self {
        let options = Options {
            config_id: config_id.map(str::to_owned).or_else(host_name),
            ..Options::default()
        };
        let parsed = kaconf::parse(&FsLoader, path, &options);
        let mut report = Self {
            path: path.to_owned(),
            parsed,
            plan: None,
        };
        let problems = keys.bring(&mut report.parsed.config);
        report.parsed.add(problems);
        if !report.parsed.has_errors() {
            match plan(names, &report.parsed) {
                Ok(plan) => report.plan = Some(plan),
                Err(problems) => report.parsed.add(problems),
            }
        }
        report
    }

    /// Adds what does not fit this machine.
    pub(super) fn look_at_this_machine(&mut self) {
        let config = &self.parsed.config;
        let mut problems = machine::problems(config);
        problems.extend(commands::problems(config));
        self.parsed.add(problems);
    }

    /// Whether not even the file itself could be read.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.parsed.sources.sources().next().is_none()
    }

    /// Every diagnostic, for a person to read.
    pub(crate) fn rendered(&self, colour: bool) -> impl Iterator<Item = String> {
        let diagnostics = self.parsed.diagnostics.iter();
        diagnostics.map(move |diagnostic| kaconf::render(diagnostic, &self.parsed.sources, colour))
    }

    /// What a command that is given this file exits with.
    pub(crate) fn status(&self) -> Status {
        match (self.is_unreadable(), self.count().errors) {
            (true, _) => Status::CannotRun,
            (false, 0) => Status::Fine,
            (false, _) => Status::Failed,
        }
    }

    /// How many of each there are.
    pub(crate) fn count(&self) -> Count {
        Count::of(&self.parsed.diagnostics)
    }
}

/// Errors and warnings, counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Count {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
}

impl Count {
    pub(crate) fn of(diagnostics: &[Diagnostic]) -> Self {
        let errors = diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.is_error())
            .count();
        Self {
            errors,
            warnings: diagnostics.len() - errors,
        }
    }

    /// `fine`, `fine, with 2 warnings`, `an error and a warning`.
    pub(crate) fn in_words(self) -> String {
        match (self.errors, self.warnings) {
            (0, 0) => "fine".to_owned(),
            (0, warnings) => format!("fine, with {}", number(warnings, "a", "warning")),
            (errors, 0) => number(errors, "an", "error"),
            (errors, warnings) => {
                let (errors, warnings) = (number(errors, "an", "error"), number(warnings, "a", "warning"));
                format!("{errors} and {warnings}")
            }
        }
    }
}

/// `an error`, `2 errors`.
pub(crate) fn number(number: usize, article: &str, noun: &str) -> String {
    match number {
        1 => format!("{article} {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// The plan, if the engine takes all of it.
fn plan(names: &Names, parsed: &Parsed) -> Result<Plan, Vec<Diagnostic>> {
    let plan = Plan::after(names, &parsed.config).map_err(|errors| {
        let problems = errors.iter();
        problems
            .map(|error| not_runnable(&error.subject, error.span, &error.reason))
            .collect::<Vec<_>>()
    })?;
    let mut problems = Vec::new();
    for instances in by_interface(&plan).into_values() {
        problems.extend(refused(&instances, parsed));
    }
    if problems.is_empty() {
        Ok(plan)
    } else {
        Err(problems)
    }
}

/// Routers meet on their interface only.
fn by_interface(plan: &Plan) -> BTreeMap<InterfaceId, Vec<&Instance>> {
    let mut interfaces: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for instance in &plan.instances {
        interfaces
            .entry(instance.router.interface)
            .or_default()
            .push(instance);
    }
    interfaces
}

/// What an engine does not take of the instances of one interface.
fn refused(instances: &[&Instance], parsed: &Parsed) -> Vec<Diagnostic> {
    let mut engine = Engine::new();
    let mut problems = Vec::new();
    for instance in instances {
        let environment = Environment {
            link_up: false,
            source: None,
        };
        if let Err(reason) = engine.add_router(instance.router.clone(), environment) {
            let mut named = parsed.config.instances.iter();
            let named = named.find(|other| other.name.value == instance.name);
            let span = named.map_or(Span::NOWHERE, |other| other.name.span);
            problems.push(not_runnable(
                &format!("vrrp_instance {}", instance.name),
                span,
                &reason,
            ));
        }
    }
    problems
}

fn not_runnable(subject: &str, span: Span, reason: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::error(Code::NotRunnable, format!("{subject}: {reason}")).at(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_as_sentences() {
        let words = |errors, warnings| Count { errors, warnings }.in_words();
        assert_eq!(words(0, 0), "fine");
        assert_eq!(words(0, 1), "fine, with a warning");
        assert_eq!(words(0, 2), "fine, with 2 warnings");
        assert_eq!(words(1, 0), "an error");
        assert_eq!(words(3, 1), "3 errors and a warning");
    }
}
