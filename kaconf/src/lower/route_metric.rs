//! The numbers that the kernel keeps with a route.

use super::{choice, value};
use crate::session::Session;
use crate::tree::Arg;
use crate::write::Writer;
use crate::{Code, Diagnostic, RouteMetric, RouteMetricKind};

/// The metric that is written so.
pub(super) fn kind(word: &str) -> Option<RouteMetricKind> {
    NAMES
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, kind)| *kind)
}

pub(super) fn read(
    kind: RouteMetricKind,
    option: Arg<'_>,
    argument: Arg<'_>,
    session: &mut Session<'_>,
) -> Option<RouteMetric> {
    let value = match kind {
        RouteMetricKind::Rtt | RouteMetricKind::Rttvar | RouteMetricKind::RtoMin => {
            milliseconds(option, argument, session)?
        }
        RouteMetricKind::Quickack | RouteMetricKind::FastopenNoCookie => {
            value::number(option.text, argument, 0, 1, session)?
        }
        RouteMetricKind::Features if argument.text == "ecn" => ECN,
        RouteMetricKind::Features => {
            choice::report(option.text, argument, &["ecn"], session);
            return None;
        }
        _ => value::number(option.text, argument, 0, u32::MAX.into(), session)?,
    };
    Some(RouteMetric::new(kind, value))
}

pub(super) fn write(metric: RouteMetric, out: &mut Writer) {
    for (name, _) in NAMES.iter().filter(|(_, kind)| *kind == metric.kind) {
        out.word(name);
    }
    if metric.lock {
        out.word("lock");
    }
    match metric.kind {
        RouteMetricKind::Features => out.word("ecn"),
        RouteMetricKind::Rtt | RouteMetricKind::Rttvar | RouteMetricKind::RtoMin => {
            out.word(format_args!("{}ms", metric.value));
        }
        _ => out.word(metric.value),
    }
}

/// `N`, `Nms` or `Ns`.
fn milliseconds(option: Arg<'_>, argument: Arg<'_>, session: &mut Session<'_>) -> Option<u32> {
    let (digits, unit) = if let Some(digits) = argument.text.strip_suffix("ms") {
        (digits, 1)
    } else if let Some(digits) = argument.text.strip_suffix('s') {
        (digits, 1000)
    } else {
        (argument.text, 1)
    };
    let number = digits
        .parse::<u32>()
        .ok()
        .and_then(|number| number.checked_mul(unit));
    if number.is_none() {
        let message = format!(
            "`{}` is a time such as `100ms` or `1s`, not `{}`",
            option.text, argument.text
        );
        session.report(Diagnostic::error(Code::InvalidNumber, message).at(argument.span));
    }
    number
}

const NAMES: &[(&str, RouteMetricKind)] = &[
    ("mtu", RouteMetricKind::Mtu),
    ("advmss", RouteMetricKind::Advmss),
    ("window", RouteMetricKind::Window),
    ("rtt", RouteMetricKind::Rtt),
    ("rttvar", RouteMetricKind::Rttvar),
    ("reordering", RouteMetricKind::Reordering),
    ("cwnd", RouteMetricKind::Cwnd),
    ("initcwnd", RouteMetricKind::Initcwnd),
    ("initrwnd", RouteMetricKind::Initrwnd),
    ("ssthresh", RouteMetricKind::Ssthresh),
    ("rto_min", RouteMetricKind::RtoMin),
    ("hoplimit", RouteMetricKind::Hoplimit),
    ("quickack", RouteMetricKind::Quickack),
    ("fastopen_no_cookie", RouteMetricKind::FastopenNoCookie),
    ("features", RouteMetricKind::Features),
];

/// `RTAX_FEATURE_ECN` (include/uapi/linux/rtnetlink.h).
const ECN: u32 = 1;
