//! What the daemon says, and how often.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::time::Duration;

use vrrp_engine::{Discard, DiscardKind, InterfaceId, StateKind, Time, Transition};

use crate::net::Batch;

/// `VI_1: BACKUP -> MASTER: reason`.
pub(super) fn transition(name: &str, transition: &Transition, reason: &str) {
    let Transition { from, to, .. } = transition;
    match to {
        StateKind::Fault => tracing::warn!("{name}: {from} -> {to}: {reason}"),
        _ => tracing::info!("{name}: {from} -> {to}: {reason}"),
    }
}

/// Something worth knowing; the engine has damped it already.
pub(super) fn notice(name: &str, notice: &str) {
    tracing::warn!("{name}: {notice}");
}

/// Lets one line of a kind pass each second, and counts the others.
#[derive(Debug)]
pub(super) struct Limiter<K> {
    kinds: HashMap<K, Window>,
}

#[derive(Debug)]
struct Window {
    opened: Time,
    held_back: u64,
}

impl<K: Eq + Hash> Limiter<K> {
    pub(super) fn new() -> Self {
        Self {
            kinds: HashMap::new(),
        }
    }

    /// Whether a line of this kind may be written now; if so, how many were held back since the last.
    pub(super) fn pass(&mut self, now: Time, kind: K) -> Option<u64> {
        let Some(window) = self.kinds.get_mut(&kind) else {
            self.kinds.insert(
                kind,
                Window {
                    opened: now,
                    held_back: 0,
                },
            );
            return Some(0);
        };
        if now - window.opened < WINDOW {
            window.held_back += 1;
            return None;
        }
        window.opened = now;
        Some(std::mem::take(&mut window.held_back))
    }
}

/// A packet was discarded. What happens in every election, and other people's virtual routers, are details.
pub(super) fn discard(
    limiter: &mut Limiter<DiscardKind>,
    now: Time,
    log_unknown: bool,
    discard: &Discard,
    from: impl Display,
    interface: &str,
) {
    let kind = discard.kind();
    let Some(held_back) = limiter.pass(now, kind) else {
        return;
    };
    let more = more_of_them(held_back);
    match discard {
        Discard::UnknownVrid(_) if log_unknown => {
            tracing::info!("discarded an advert from {from} on {interface}: {discard}{more}");
        }
        Discard::UnknownVrid(_) | Discard::LowerPriority(_) | Discard::NotListening => {
            tracing::debug!("discarded an advert from {from} on {interface}: {discard}{more}");
        }
        _ => tracing::warn!("discarded a packet from {from} on {interface}: {discard}{more}"),
    }
}

/// Packets that did not get as far as the engine: no IP header that makes sense, too long, or more than the socket's
/// queue holds.
pub(super) fn unreadable(
    limiter: &mut Limiter<InterfaceId>,
    now: Time,
    interface: InterfaceId,
    name: &str,
    batch: &Batch,
) {
    if batch.malformed.total() == 0 && batch.lost == 0 {
        return;
    }
    let Some(held_back) = limiter.pass(now, interface) else {
        return;
    };
    let more = more_of_them(held_back);
    if batch.malformed.total() > 0 {
        tracing::warn!("discarded on {name}: {}{more}", batch.malformed);
    }
    if batch.lost > 0 {
        tracing::warn!("{} packets came too fast to be read on {name}{more}", batch.lost);
    }
}

/// `12.5 s`.
pub(super) struct Seconds(pub(super) Duration);

impl Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tenths = (self.0.as_millis() + 50) / 100;
        match tenths % 10 {
            0 => write!(f, "{} s", tenths / 10),
            tenth => write!(f, "{}.{tenth} s", tenths / 10),
        }
    }
}

/// ` (and 12 more like it)`.
pub(super) fn more_of_them(held_back: u64) -> String {
    if held_back == 0 {
        String::new()
    } else {
        format!(" (and {held_back} more like it)")
    }
}

const WINDOW: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_of_a_kind_each_second() {
        let mut limiter = Limiter::new();
        let at = Time::from_millis;
        assert_eq!(limiter.pass(at(0), 'a'), Some(0));
        assert_eq!(limiter.pass(at(10), 'b'), Some(0));
        assert_eq!(
            (11..=20)
                .filter_map(|millis| limiter.pass(at(millis), 'a'))
                .count(),
            0
        );
        assert_eq!(limiter.pass(at(1000), 'a'), Some(10));
        assert_eq!(limiter.pass(at(1001), 'a'), None);
        assert_eq!(limiter.pass(at(1010), 'b'), Some(0));
    }
}
