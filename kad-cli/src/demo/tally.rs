//! What can be counted and measured.

use vrrp_engine::Time;
use vrrp_proto::Priority;

use super::facts::{Advert, Echo};
use super::step::{Numbers, Outage};

/// The router that speaks for a group, and since when nobody else does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Reign {
    pub(super) router: usize,
    pub(super) since: Time,
    pub(super) last: Time,
}

/// Who sent the group's last adverts, if it did not take them back.
pub(super) fn reign(adverts: &[Advert], group: usize) -> Option<Reign> {
    let mut of_group = adverts.iter().rev().filter(|advert| advert.group == group);
    let last = of_group.next().filter(|advert| !is_release(advert))?;
    let own = of_group.take_while(|advert| advert.router == last.router && !is_release(advert));
    Some(Reign {
        router: last.router,
        since: own.last().unwrap_or(last).at,
        last: last.at,
    })
}

/// When a router sent its first advert for a group at or after `from`.
pub(super) fn first_advert(adverts: &[Advert], router: usize, group: usize, from: Time) -> Option<Time> {
    let own = adverts
        .iter()
        .filter(|advert| (advert.router, advert.group) == (router, group));
    own.filter(|advert| advert.at >= from && !is_release(advert))
        .map(|advert| advert.at)
        .min()
}

/// When a router sent its last advert for a group at or before `until`; with which priority is up to `priority`.
pub(super) fn last_advert(
    adverts: &[Advert],
    router: usize,
    group: usize,
    until: Time,
    priority: impl Fn(Priority) -> bool,
) -> Option<Time> {
    let own = adverts
        .iter()
        .filter(|advert| (advert.router, advert.group) == (router, group));
    own.filter(|advert| advert.at <= until && priority(advert.priority))
        .map(|advert| advert.at)
        .max()
}

/// Everything that was sent from `begun` until `ended`.
pub(super) fn numbers(
    adverts: &[Advert],
    pings: &[Echo],
    routers: usize,
    begun: Time,
    ended: Time,
) -> Numbers {
    let within = |at: Time| begun <= at && at < ended;
    let mut pings: Vec<Echo> = pings.iter().filter(|ping| within(ping.sent)).copied().collect();
    pings.sort_unstable();
    let by = |router| {
        let own = adverts.iter().filter(|advert| advert.router == router);
        own.filter(|advert| within(advert.at)).count()
    };
    Numbers {
        pings_sent: pings.len(),
        pings_lost: pings.iter().filter(|ping| ping.answered.is_none()).count(),
        outage: longest_outage(&pings),
        adverts: (0..routers).map(by).collect(),
    }
}

/// The longest time without an answer that was followed by one. The requests are in the order in which they were sent.
fn longest_outage(pings: &[Echo]) -> Option<Outage> {
    let mut longest: Option<Outage> = None;
    let mut begun = None;
    for ping in pings {
        match (ping.answered, begun) {
            (None, None) => begun = Some(ping.sent),
            (Some(answered), Some(from)) => {
                let outage = Outage {
                    begun: from,
                    lasted: answered - from,
                };
                if longest.is_none_or(|longest| longest.lasted < outage.lasted) {
                    longest = Some(outage);
                }
                begun = None;
            }
            (None, Some(_)) | (Some(_), None) => {}
        }
    }
    longest
}

fn is_release(advert: &Advert) -> bool {
    advert.priority == Priority::RELEASE
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn at(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    fn advert(millis: u64, router: usize, priority: u8) -> Advert {
        Advert {
            at: at(millis),
            router,
            group: 0,
            priority: Priority::new(priority),
        }
    }

    #[test]
    fn a_reign_begins_when_the_others_fall_silent() {
        let adverts = [
            advert(0, 1, 100),
            advert(5, 0, 150),
            advert(8, 1, 100),
            advert(9, 0, 150),
            advert(15, 0, 150),
        ];
        let seen = Reign {
            router: 0,
            since: at(9),
            last: at(15),
        };
        assert_eq!(reign(&adverts, 0), Some(seen));
        assert_eq!(reign(&adverts, 1), None);
    }

    #[test]
    fn who_resigns_reigns_no_more() {
        let mut adverts = vec![advert(0, 0, 150), advert(5, 0, 0)];
        assert_eq!(reign(&adverts, 0), None);
        adverts.push(advert(7, 0, 150));
        assert_eq!(reign(&adverts, 0).map(|reign| reign.since), Some(at(7)));
    }

    #[test]
    fn adverts_are_found_by_time() {
        let adverts = [advert(0, 0, 150), advert(5, 0, 0), advert(6, 1, 100)];
        assert_eq!(first_advert(&adverts, 1, 0, at(3)), Some(at(6)));
        assert_eq!(first_advert(&adverts, 0, 0, at(3)), None);
        assert_eq!(last_advert(&adverts, 0, 0, at(9), |_| true), Some(at(5)));
        assert_eq!(last_advert(&adverts, 0, 0, at(4), |_| true), Some(at(0)));
    }

    #[test]
    fn an_outage_ends_when_an_answer_comes_in() {
        let ping = |sent, answered: Option<u64>| Echo {
            sent: at(sent),
            answered: answered.map(at),
        };
        let pings = [
            ping(30, Some(95)),
            ping(0, Some(1)),
            ping(10, None),
            ping(20, None),
            ping(40, Some(96)),
            ping(50, None),
            ping(60, Some(97)),
        ];
        let counted = numbers(&[advert(5, 1, 100), advert(70, 1, 100)], &pings, 2, at(0), at(70));
        let outage = Outage {
            begun: at(10),
            lasted: Duration::from_millis(85),
        };
        assert_eq!(
            counted,
            Numbers {
                pings_sent: 7,
                pings_lost: 3,
                outage: Some(outage),
                adverts: vec![0, 1],
            }
        );
    }
}
