//! For people: a timeline in a terminal.

use vrrp_engine::{StateKind, Time};

use super::facts::{Check, Credits, Fact, Happening, Member, Outcome, Teller, readable};

pub(super) struct Text {
    pub(super) colour: bool,
}

impl Teller for Text {
    fn begin(&mut self, credits: &Credits) -> Vec<String> {
        let mut lines = vec![
            String::new(),
            self.paint(BOLD, "  An address that outlives its machine"),
            String::new(),
        ];
        lines.extend(credits.members.iter().map(|member| self.member(member)));
        let every = readable(credits.ping_interval);
        lines.push(format!(
            "  {:<8}{:<22}pings {} every {every}",
            "client",
            joined(&credits.client),
            self.paint(BOLD, &credits.target.to_string())
        ));
        lines.extend([String::new(), self.paint(DIM, "  seconds  who"), String::new()]);
        lines
    }

    fn tell(&mut self, start: Time, fact: &Fact) -> Vec<String> {
        let at = (fact.at - start).as_secs_f64();
        vec![format!(
            "  {} {:<8}{}",
            self.paint(DIM, &format!("{at:7.3} ")),
            fact.who,
            self.happening(&fact.what)
        )]
    }

    fn end(&mut self, outcome: &Outcome) -> Vec<String> {
        let mut lines = vec![String::new()];
        let head = format!("  {:<18}{:<30}{}", "", "as the files say", "as it was");
        lines.push(self.paint(DIM, &head));
        lines.extend(outcome.checks.iter().map(|check| self.check(check)));
        lines.push(String::new());
        let adverts = outcome.credits.members.iter().enumerate();
        let adverts: Vec<String> = adverts
            .map(|(router, member)| format!("{} by {}", outcome.adverts_of(router), member.name))
            .collect();
        lines.push(format!("  adverts seen      {}", adverts.join(", ")));
        lines.push(format!(
            "  pings             {} sent, {} lost",
            outcome.pings.len(),
            outcome.lost()
        ));
        lines.extend([String::new(), self.verdict(outcome), String::new()]);
        lines
    }
}

impl Text {
    fn member(&self, member: &Member) -> String {
        let instances: Vec<String> = member
            .instances
            .iter()
            .map(|(name, priority)| format!("{name} priority {priority}"))
            .collect();
        let instances = if instances.len() > SHOWN {
            format!("{} instances", instances.len())
        } else {
            instances.join(", ")
        };
        format!(
            "  {:<8}{:<22}{instances}{}",
            member.name,
            joined(&member.addresses),
            self.paint(DIM, &format!(", run by {}", member.daemon))
        )
    }

    fn happening(&self, what: &Happening) -> String {
        match what {
            Happening::Started { daemon } => self.paint(DIM, &format!("starts {daemon}")),
            Happening::State {
                instance,
                state,
                reason,
            } => {
                let (paint, word) = match state {
                    StateKind::Master => (GREEN, "MASTER"),
                    StateKind::Backup => (BLUE, "BACKUP"),
                    StateKind::Fault => (RED, "FAULT"),
                    StateKind::Initialize => (DIM, "stopped"),
                };
                format!(
                    "{} {instance}: {reason}",
                    self.paint(paint, &format!("{word:<8}"))
                )
            }
            Happening::Announced { address, mac, frames } => {
                let times = if *frames == 1 {
                    String::new()
                } else {
                    format!(" ({frames} frames)")
                };
                self.paint(DIM, &format!("tells everyone: {address} is at {mac}{times}"))
            }
            Happening::Died => {
                format!(
                    "{} SIGKILL, and its link is cut: the machine is gone",
                    self.paint(RED, "DEAD    ")
                )
            }
            Happening::Returned => format!("{} its link is up again", self.paint(BLUE, "BACK    ")),
            Happening::Ended { how } => self.paint(DIM, &format!("its daemon has ended: {how}")),
            Happening::Silence { lost, lasted } => {
                let lasted = self.paint(BOLD, &readable(*lasted));
                format!(
                    "{} after {lasted} without: {}",
                    self.paint(YELLOW, "ANSWERED"),
                    pings_lost(*lost)
                )
            }
            Happening::Note(text) => self.paint(DIM, text),
        }
    }

    fn check(&self, check: &Check) -> String {
        let mark = if check.ok {
            self.paint(GREEN, "ok")
        } else {
            self.paint(RED, "NOT SO")
        };
        format!(
            "  {:<18}{:<30}{:<30}{mark}",
            check.what, check.expected, check.seen
        )
    }

    fn verdict(&self, outcome: &Outcome) -> String {
        if outcome.is_fine() {
            return self.paint(GREEN, "  Everything went as the files say.");
        }
        let wrong = outcome.checks.iter().filter(|check| !check.ok);
        let wrong: Vec<String> = wrong
            .map(|check| {
                format!(
                    "{}: {}, where the files say {}",
                    check.what, check.seen, check.expected
                )
            })
            .collect();
        self.paint(RED, &format!("  Not as the files say. {}.", wrong.join("; ")))
    }

    fn paint(&self, paint: &str, text: &str) -> String {
        if self.colour {
            format!("{paint}{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}

fn pings_lost(count: usize) -> String {
    if count == 1 {
        "1 ping lost".to_owned()
    } else {
        format!("{count} pings lost")
    }
}

fn joined(addresses: &[std::net::IpAddr]) -> String {
    addresses
        .first()
        .map_or_else(|| "-".to_owned(), ToString::to_string)
}

const SHOWN: usize = 3;
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[1;31m";
const GREEN: &str = "\x1b[1;32m";
const YELLOW: &str = "\x1b[1;33m";
const BLUE: &str = "\x1b[1;34m";
