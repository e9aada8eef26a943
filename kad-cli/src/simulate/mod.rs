//! What files say will happen: the real engine over several machines' plans, in simulated time.
//!
//! [`Topology`] makes up the networks, [`Election`] runs the machines on them, and [`Forecast`] goes through every
//! course that the files allow.

mod election;
mod forecast;
mod groups;
mod step;
#[cfg(test)]
pub(crate) mod tests;
mod topology;

pub(crate) use election::{Election, What};
pub(crate) use forecast::{Conflict, Forecast, Prospect};
pub(crate) use groups::{Group, Member, groups};
pub(crate) use step::{Step, Takeover};
pub(crate) use topology::{Topology, is_link_local, mac};

/// `r1`, `r1 and r2`, `nobody`.
pub(crate) fn listed(names: &[&str], conjunction: &str) -> String {
    match names.split_last() {
        None => "nobody".to_owned(),
        Some((only, [])) => (*only).to_owned(),
        Some((last, others)) => format!("{} {conjunction} {last}", others.join(", ")),
    }
}
