//! Whether what is tracked can change who is master.

use kaconf::{Code, Diagnostic, Tracked, VrrpInstance, Weight};

use super::Side;
use super::matching::VirtualRouter;
use crate::check::Report;

/// Trackers of the master whose failure leaves it master.
pub(super) fn problems(router: &VirtualRouter<'_>, reports: &[Report]) -> Vec<Diagnostic> {
    let best = |side: &Side<'_>| effective(side, reports, None);
    let Some(master) = router.members.iter().max_by_key(|side| best(side)) else {
        return Vec::new();
    };
    let others = router.members.iter().filter(|side| side.router != master.router);
    let Some(next) = others.max_by_key(|side| best(side)) else {
        return Vec::new();
    };
    if best(master) <= best(next) || master.config.priority.value == VrrpInstance::OWNER {
        return Vec::new();
    }
    let weighted = trackers(master, reports).filter(|(_, weight)| weight.value != 0 && !weight.reverse);
    let harmless = weighted.filter(|(tracked, _)| effective(master, reports, Some(tracked)) >= best(next));
    harmless
        .map(|(tracked, weight)| too_small(router, (master, next), tracked, weight, reports))
        .collect()
}

fn too_small(
    router: &VirtualRouter<'_>,
    (master, next): (&Side<'_>, &Side<'_>),
    tracked: &Tracked,
    weight: Weight,
    reports: &[Report],
) -> Diagnostic {
    let left = effective(master, reports, Some(tracked));
    let against = effective(next, reports, None);
    let message = format!(
        "when `{}` fails in {}, `{}` still has priority {left} there, and {against} in {}: it stays master",
        tracked.name,
        master.file(),
        router.name(),
        next.file()
    );
    let lacking = left - against + 1;
    let enough = if weight.value < 0 {
        format!(
            "a weight of {} or less lets the other one take over",
            weight.value - lacking
        )
    } else {
        format!(
            "a weight of {} or more, on both routers, lets the other one take over",
            weight.value + lacking
        )
    };
    Diagnostic::warning(Code::WeightTooSmall, message)
        .label(master.span(tracked.name.span), "tracked here")
        .label(next.place(&next.config.priority), "the other priority")
        .help(enough)
}

/// The priority of a router of which everything is well, but for what fails.
fn effective(side: &Side<'_>, reports: &[Report], failing: Option<&Tracked>) -> i32 {
    let base = i32::from(side.config.priority.value);
    if side.config.priority.value == VrrpInstance::OWNER {
        return base;
    }
    let counts = trackers(side, reports).map(|(tracked, weight)| {
        let fails = failing.is_some_and(|failing| failing.name == tracked.name);
        let value = match weight.value {
            value if value > 0 && !fails => value,
            value if value < 0 && fails => value,
            _ => 0,
        };
        if weight.reverse { -value } else { value }
    });
    (base + counts.sum::<i32>()).clamp(1, 254)
}

/// The scripts and interfaces of an instance, with what each counts.
fn trackers<'a>(side: &Side<'a>, reports: &'a [Report]) -> impl Iterator<Item = (&'a Tracked, Weight)> {
    let scripts = reports
        .get(side.router)
        .map(|report| report.parsed.config.scripts.as_slice())
        .unwrap_or_default();
    let tracking = &side.config.tracking;
    let of_scripts = tracking.scripts.iter().filter_map(move |tracked| {
        let script = scripts.iter().find(|script| script.name == tracked.name)?;
        Some((tracked, tracked.weight_or(script.weight.value)))
    });
    let of_interfaces = tracking.interfaces.iter();
    of_scripts.chain(of_interfaces.filter_map(|tracked| Some((tracked, tracked.weight?))))
}
