//! `kad demo`: a failover for everyone to see, on this machine, with real routers in network namespaces of their own.
//!
//! What is to happen is not written down here: the real election runs over the same files in simulated time
//! (`forecast`), and every course that it can take is right. What does happen is read from the wire, from the machines'
//! addresses and from the routers' logs (`recorder`).
//!
//! # JSON
//!
//! With `--json` each line is an object. All have `t`, seconds since the demo began, and `event`:
//!
//! | `event` | when | fields |
//! |---|---|---|
//! | `world` | first | `routers` (`name`, `daemon`, `addresses`), `client`, `instances` (`name`, `interface`, `vrid`, `addresses`, `members` with `router`, `instance`, `priority`, `master_down_ms`), `target`, `ping_interval_ms`, `takes_s` |
//! | `step` | the demo does something | `step` (`start`, `kill`, `return`, `resign`, `end`), `router` or null |
//! | `started` | a program is started | `router` |
//! | `state` | a router changes its state | `router`, `instance`, `from` or null, `to`, `reason` |
//! | `advert` | an advert is on the wire | `router`, `instance`, `priority` |
//! | `announced` | a burst of gratuitous ARPs or unsolicited neighbour advertisements | `router`, `address`, `mac`, `frames` |
//! | `silence` | the client gets no answers | |
//! | `answer` | the client gets its first answer, or the first again | `after_ms` and `lost`, or null |
//! | `ended` | a program has ended | `router`, `how` |
//! | `note` | a program warns | `router`, `text` |
//! | `check` | a step is over | `step`, `router`, `expected`, `seen`, `timers_ms`, `reason`, `took_ms`, `outage_ms`, `pings_sent`, `pings_lost`, `adverts` by router, `problem`, `ok` |
//! | `summary` | last | `checks` as above, `adverts` by router, `pings_sent`, `pings_lost`, `given_up` or null, `ok` |
//! | `error` | there is nothing to see | `message` |
//!
//! `instance` is the name in the router's own file. What does not apply is null.

mod cast;
mod director;
mod error;
mod facts;
mod logs;
mod machines;
mod observation;
mod players;
mod recorder;
mod show;
mod step;
mod tally;
#[cfg(test)]
mod tests;
mod words;

use std::fs;
use std::net::IpAddr;

use crate::cli::{DemoArgs, Peer};
use crate::exit::Status;
use crate::simulate::{Forecast, Topology};
use cast::Cast;
use director::Director;
use error::DemoError;
use facts::{Outcome, Teller};
use machines::Machines;
use players::{Player, Players};

/// Runs the demo. What there is to see goes to `show`, line by line, and complaints to `complain`. `terminal` says
/// whether somebody looks on who likes colours, and lines that are drawn over.
pub fn run(
    args: &DemoArgs,
    terminal: bool,
    show: &mut dyn FnMut(&str),
    complain: &mut dyn FnMut(&str),
) -> Status {
    match play(args, terminal, show, complain) {
        Ok(true) => Status::Fine,
        Ok(false) => Status::Failed,
        Err(error) => {
            if args.json {
                show(&show::json_error(&error.to_string()));
            }
            complain(&format!("kad demo: {error}"));
            error.status()
        }
    }
}

fn play(
    args: &DemoArgs,
    terminal: bool,
    show: &mut dyn FnMut(&str),
    complain: &mut dyn FnMut(&str),
) -> Result<bool, DemoError> {
    let cast = Cast::read(args, complain)?;
    let plans = cast.plans();
    let topology = Topology::new(&plans);
    let players = players(&cast, &topology)?;
    let names: Vec<String> = players.routers.iter().map(|router| router.name.clone()).collect();
    let forecast =
        Forecast::new(&plans, &topology, &players.groups, &names).map_err(|refused| DemoError::Instance {
            path: cast.path(refused.router),
            instance: refused.instance,
            source: refused.source,
        })?;
    let takes = forecast.rehearse()?;
    let machines = Machines::new(&cast, &players, &topology)?;
    let mut teller: Box<dyn Teller> = if args.json {
        Box::new(show::Json::default())
    } else {
        Box::new(show::Text::new(terminal))
    };
    let director = Director::new(&players, machines, forecast, &mut *teller, show)?;
    let outcome = director.play(takes)?;
    draw(args, &players, &outcome, show)?;
    Ok(outcome.is_fine())
}

fn players(cast: &Cast, topology: &Topology) -> Result<Players, DemoError> {
    let (groups, target) =
        players::groups(&cast.plans(), topology).ok_or_else(|| DemoError::NoAddress(cast.path(0)))?;
    let addresses = |seats: &std::collections::BTreeMap<usize, Vec<(IpAddr, u8)>>| {
        let addresses = seats.values().flatten().map(|(address, _)| *address);
        addresses.collect::<Vec<_>>()
    };
    let routers = cast.roles.iter().zip(&topology.routers).zip(1..);
    let routers = routers.map(|((role, seats), number)| Player {
        name: format!("r{number}"),
        daemon: match role.daemon {
            Peer::Kad => "kad",
            Peer::Keepalived => "keepalived",
        },
        addresses: addresses(seats),
    });
    let players = Players {
        routers: routers.collect(),
        client: addresses(&topology.client),
        lans: topology.lans.clone(),
        groups,
        target,
    };
    match players.lonely() {
        Some(error) => Err(error),
        None => Ok(players),
    }
}

fn draw(
    args: &DemoArgs,
    players: &Players,
    outcome: &Outcome,
    show: &mut dyn FnMut(&str),
) -> Result<(), DemoError> {
    let Some(path) = &args.svg else { return Ok(()) };
    let picture = show::svg(players, outcome);
    fs::write(path, picture).map_err(|source| DemoError::Picture {
        path: path.clone(),
        source,
    })?;
    if !args.json {
        show(&format!("  The timeline is drawn in {}.\n", path.display()));
    }
    Ok(())
}

impl Players {
    /// Whether the first virtual router has one member only, so that there is nothing to fail over to.
    fn lonely(&self) -> Option<DemoError> {
        let group = self.groups.first()?;
        let [only] = group.members.as_slice() else {
            return None;
        };
        let lan = self.lans.get(group.lan).map_or("?", String::as_str);
        Some(DemoError::Alone {
            instance: group.name.clone(),
            router: self.name(only.router).to_owned(),
            what: format!("virtual router {} for {} on {lan}", group.vrid, group.family),
        })
    }
}
