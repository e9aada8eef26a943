//! The demo, step by step.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use vrrp_engine::Time;

use super::error::DemoError;
use super::facts::{Happening, Outcome, Teller};
use super::machines::Machines;
use super::observation::FRESH;
use super::players::Players;
use super::recorder::Recorder;
use super::step::{Check, Numbers};
use super::{tally, words};
use crate::clock;
use crate::lab::Pinger;
use crate::simulate::Forecast;
use crate::simulate::Step;

/// Makes things happen, waits for what comes of them, and tells.
pub(super) struct Director<'a> {
    pub(super) players: &'a Players,
    pub(super) machines: Machines<'a>,
    forecast: Forecast<'a>,
    pub(super) recorder: Recorder<'a>,
    pub(super) teller: &'a mut dyn Teller,
    show: &'a mut dyn FnMut(&str),
    pub(super) pinger: Option<Pinger>,
    begun: Time,
    checks: Vec<Check>,
    /// What stopping the programs has to wait for.
    stopped: Vec<u32>,
    interrupted: Arc<AtomicBool>,
}

impl<'a> Director<'a> {
    pub(super) fn new(
        players: &'a Players,
        machines: Machines<'a>,
        forecast: Forecast<'a>,
        teller: &'a mut dyn Teller,
        show: &'a mut dyn FnMut(&str),
    ) -> Result<Self, DemoError> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted)).map_err(DemoError::Signals)?;
        }
        Ok(Self {
            players,
            machines,
            forecast,
            recorder: Recorder::new(players),
            teller,
            show,
            pinger: None,
            begun: clock::now(),
            checks: Vec::new(),
            stopped: Vec::new(),
            interrupted,
        })
    }

    /// Everything, from the first start to the last stop. `takes` is what the rehearsal took.
    pub(super) fn play(mut self, takes: Duration) -> Result<Outcome, DemoError> {
        self.begun = clock::now();
        let takes = takes + self.hold() * 4;
        let lines = self.teller.begin(self.players, self.begun, takes);
        self.say(&lines);
        let given_up = self.acts().err();
        if matches!(given_up, Some(DemoError::Interrupted)) {
            return Err(DemoError::Interrupted);
        }
        self.stop_pinging()?;
        self.end()?;
        self.watch(LAST_WORDS)?;
        let rest = self.recorder.rest();
        for fact in rest {
            let lines = self.teller.tell(self.players, &fact);
            self.say(&lines);
        }
        let outcome = self.outcome(given_up.map(|error| error.to_string()));
        let lines = self.teller.end(self.players, &outcome);
        self.say(&lines);
        Ok(outcome)
    }

    /// Stops after the first step that does not end as it should: what follows would tell nothing.
    fn acts(&mut self) -> Result<(), DemoError> {
        let Some(first) = self.act(Step::Start)? else {
            return Ok(());
        };
        self.watch(BREATH)?;
        if self.act(Step::Kill(first))?.is_none() {
            return Ok(());
        }
        let Some(last) = self.act(Step::Return(first))? else {
            return Ok(());
        };
        self.act(Step::Resign(last)).map(drop)
    }

    /// Takes a step, and waits for what is to come of it. Answers with the first group's master, if all is well.
    fn act(&mut self, step: Step) -> Result<Option<usize>, DemoError> {
        let prospect = self.forecast.look(step)?;
        if let Step::Kill(router) = step {
            self.wait_for_advert(router)?;
        }
        let begun = clock::now();
        let since = self.perform(step)?;
        let in_time = self.observe(step, &prospect, begun, since)?;
        let mut check = self.check(step, &prospect, begun, since)?;
        if !in_time && check.is_fine() {
            let waited = words::seconds(check.ended - begun);
            check.problem = Some(format!("not before {waited} was it as the files say"));
        }
        let fine = check.is_fine();
        self.recorder
            .note(check.ended, Happening::Checked(Box::new(check.clone())));
        self.checks.push(check);
        let seen = self.masters()?;
        let only: Vec<Option<usize>> = seen.iter().map(|masters| masters.first().copied()).collect();
        self.forecast.keep(&only);
        Ok(only.first().copied().flatten().filter(|_| fine))
    }

    /// Right after an advert is the worst moment for a machine to die: nobody misses it for longer.
    fn wait_for_advert(&mut self, router: usize) -> Result<(), DemoError> {
        let begun = clock::now();
        let limit = begun + self.players.longest_interval() * 2 + SLACK;
        while tally::first_advert(&self.recorder.adverts, router, 0, begun).is_none() && clock::now() < limit
        {
            self.pump()?;
        }
        Ok(())
    }

    /// Takes the step. Answers with the moment from which the timers count, as far as it is known already.
    fn perform(&mut self, step: Step) -> Result<Time, DemoError> {
        let now = clock::now();
        self.recorder.note(now, Happening::Step(step));
        match step {
            Step::Start => {
                for router in 0..self.players.routers.len() {
                    self.start(router)?;
                }
            }
            Step::Kill(router) => {
                self.machines.kill(router)?;
                let adverts = &self.recorder.adverts;
                return Ok(tally::last_advert(adverts, router, 0, now, |_| true).unwrap_or(now));
            }
            Step::Return(router) => {
                self.machines.revive(router)?;
                let started = clock::now();
                self.recorder.note(started, Happening::Started { router });
                return Ok(started);
            }
            Step::Resign(router) => self.stopped.extend(self.machines.stop(router)),
            Step::End => {}
        }
        Ok(now)
    }

    fn start(&mut self, router: usize) -> Result<(), DemoError> {
        self.machines.start(router)?;
        self.recorder.note(clock::now(), Happening::Started { router });
        Ok(())
    }

    /// The client's last requests are answered before it stops.
    fn stop_pinging(&mut self) -> Result<(), DemoError> {
        self.recorder.stop_listening();
        let stopped = clock::now();
        self.pinger = None;
        while let Some(event) = self.machines.next_event(Duration::ZERO) {
            self.recorder.take(event);
        }
        // What was on its way is no loss.
        self.recorder
            .pings
            .retain(|ping| ping.answered.is_some() || stopped - ping.sent > FRESH);
        Ok(())
    }

    /// Everyone is told to stop, masters last, so that nobody takes over for a moment.
    fn end(&mut self) -> Result<(), DemoError> {
        let begun = clock::now();
        self.perform(Step::End)?;
        let masters: Vec<usize> = self.masters()?.into_iter().flatten().collect();
        let mut routers: Vec<usize> = (0..self.players.routers.len()).collect();
        routers.sort_by_key(|router| masters.contains(router));
        for router in routers {
            self.stopped.extend(self.machines.stop(router));
        }
        let limit = begun + SLACK;
        while !self.stopped.iter().all(|id| self.recorder.exits.contains_key(id)) && clock::now() < limit {
            self.pump()?;
        }
        let masters = self.masters()?;
        let holders: Vec<usize> = masters.iter().flatten().copied().collect();
        let ended_well = |id: &u32| self.recorder.exits.get(id) == Some(&true);
        let badly = self.stopped.iter().filter(|id| !ended_well(id)).count();
        let problem = if badly > 0 {
            let programs = words::count(badly, "program");
            Some(format!("{programs} did not end well when told to stop"))
        } else if !holders.is_empty() {
            let names = self.players.names(&holders, "and");
            Some(format!("everyone has stopped, and {names} has an address still"))
        } else {
            None
        };
        let now = clock::now();
        let check = Check {
            step: Step::End,
            begun,
            ended: now,
            expected: "nobody".to_owned(),
            seen: words::seen(self.players, &masters),
            timers: None,
            took: None,
            problem,
            numbers: self.numbers(begun, now),
        };
        self.recorder
            .note(now, Happening::Checked(Box::new(check.clone())));
        self.checks.push(check);
        Ok(())
    }

    pub(super) fn watch(&mut self, duration: Duration) -> Result<(), DemoError> {
        let end = clock::now() + duration;
        while clock::now() < end {
            self.pump()?;
        }
        Ok(())
    }

    /// Takes in what happens next, and tells what there is to tell.
    fn pump(&mut self) -> Result<(), DemoError> {
        if self.interrupted.load(Ordering::Relaxed) {
            return Err(DemoError::Interrupted);
        }
        if let Some(event) = self.machines.next_event(LOOK) {
            self.recorder.take(event);
        }
        let news = self.recorder.news(clock::now());
        for fact in news {
            let lines = self.teller.tell(self.players, &fact);
            self.say(&lines);
        }
        Ok(())
    }

    pub(super) fn say(&mut self, lines: &[String]) {
        lines.iter().for_each(|line| (self.show)(line));
    }

    /// How long nothing is to change before a step counts as over: long enough for another master to be heard.
    pub(super) fn hold(&self) -> Duration {
        HOLD.max(self.players.longest_interval() * 11 / 10)
    }

    pub(super) fn numbers(&self, begun: Time, ended: Time) -> Numbers {
        let routers = self.players.routers.len();
        tally::numbers(
            &self.recorder.adverts,
            &self.recorder.pings,
            routers,
            begun,
            ended,
        )
    }

    /// Requests are known to be lost only some time after they were sent, so everything is counted again.
    fn outcome(&mut self, given_up: Option<String>) -> Outcome {
        let mut checks = std::mem::take(&mut self.checks);
        for check in &mut checks {
            check.numbers = self.numbers(check.begun, check.ended);
        }
        let mut pings = std::mem::take(&mut self.recorder.pings);
        pings.sort_unstable();
        Outcome {
            start: self.begun,
            end: clock::now(),
            facts: std::mem::take(&mut self.recorder.facts),
            checks,
            pings,
            given_up,
        }
    }
}

pub(super) const LOOK: Duration = Duration::from_millis(20);
const HOLD: Duration = Duration::from_secs(1);
/// Nothing happens for a moment, so that one can read, and the client's pings are seen to be answered.
const BREATH: Duration = Duration::from_millis(300);
/// What the programs say at their end.
const LAST_WORDS: Duration = Duration::from_millis(60);
/// How much slower than its timers a busy machine may be.
pub(super) const SLACK: Duration = Duration::from_secs(8);
