//! An instance of one of the files.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;

use kaconf::{Merged, SourceMap, Span, Spanned, VrrpInstance};

use crate::check::Report;
use crate::plan::{Instance, Plan};

/// One instance, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Side<'a> {
    /// The number of its file.
    pub(super) router: usize,
    pub(super) file: &'a Path,
    pub(super) config: &'a VrrpInstance,
    /// The interface that its adverts travel over.
    pub(super) interface: &'a str,
    merged: Merged,
}

impl Side<'_> {
    pub(super) fn name(&self) -> &str {
        &self.config.name.value
    }

    /// `a.conf`, as it was given.
    pub(super) fn file(&self) -> String {
        self.file.display().to_string()
    }

    /// Where it is named.
    pub(super) fn named(&self) -> Span {
        self.span(self.config.name.span)
    }

    /// Where a setting is written, or else where the instance is named.
    pub(super) fn place<T>(&self, setting: &Spanned<T>) -> Span {
        if setting.is_written() {
            self.span(setting.span)
        } else {
            self.named()
        }
    }

    /// A span of its file among the files of all.
    pub(super) fn span(&self, span: Span) -> Span {
        self.merged.span(span)
    }

    /// All virtual addresses, advertised or not.
    pub(super) fn addresses(&self) -> BTreeSet<IpAddr> {
        let (advertised, excluded) = (
            &self.config.virtual_ipaddress,
            &self.config.virtual_ipaddress_excluded,
        );
        let entries = advertised.iter().chain(excluded);
        entries.map(|entry| entry.address.value).collect()
    }

    /// Whether its adverts go to peers rather than to a group.
    pub(super) fn is_unicast(&self) -> bool {
        !self.config.unicast_peer.is_empty()
    }
}

/// All instances of all files, whose texts go into `sources`.
pub(super) fn sides<'a>(reports: &'a [Report], sources: &mut SourceMap) -> Vec<Side<'a>> {
    let mut sides = Vec::new();
    for (router, report) in reports.iter().enumerate() {
        let (Some(merged), Some(plan)) = (sources.merge(&report.parsed.sources), &report.plan) else {
            continue;
        };
        let instances = report.parsed.config.instances.iter().zip(&plan.instances);
        sides.extend(instances.map(|(config, instance)| Side {
            router,
            file: &report.path,
            config,
            interface: interface(plan, instance),
            merged,
        }));
    }
    sides
}

fn interface<'a>(plan: &'a Plan, instance: &Instance) -> &'a str {
    plan.wire_name(instance.router.interface)
}

/// What the machines are called: their files' names without what these have in common, if that tells them apart.
pub(super) fn names(reports: &[Report]) -> Vec<String> {
    let name = |of: fn(&Path) -> Option<String>| -> Option<Vec<String>> {
        let names: Vec<String> = reports
            .iter()
            .map(|report| of(&report.path))
            .collect::<Option<_>>()?;
        let different: BTreeSet<&String> = names.iter().collect();
        (different.len() == names.len()).then_some(names)
    };
    name(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .or_else(|| name(|path| Some(path.parent()?.file_name()?.to_string_lossy().into_owned())))
        .or_else(|| name(|path| Some(path.display().to_string())))
        .unwrap_or_else(|| {
            (1..=reports.len())
                .map(|number| format!("file {number}"))
                .collect()
        })
}
