use std::time::Duration;

use super::Spanned;

/// One `track_group`: instances that static addresses, routes and rules matter to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct TrackGroup {
    /// Its name, unique in the file.
    pub name: Spanned<String>,
    /// `group`: the names of its instances. Each exists.
    pub group: Vec<Spanned<String>>,
}

impl TrackGroup {
    /// A group without instances.
    pub fn new(name: Spanned<String>) -> Self {
        TrackGroup {
            name,
            group: Vec::new(),
        }
    }
}

/// One `garp_group`: interfaces whose announcements together are not to be too many.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct GarpGroup {
    /// `garp_interval`: the least time between two gratuitous ARPs.
    pub garp_interval: Option<Spanned<Duration>>,
    /// `gna_interval`: the least time between two unsolicited neighbour advertisements.
    pub gna_interval: Option<Spanned<Duration>>,
    /// `interface` and `interfaces`. None is in two groups.
    pub interfaces: Vec<Spanned<String>>,
}

/// One line of `interface_up_down_delays`: how long a change of an interface must last to count, up to 255 s.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct InterfaceDelays {
    /// The interface.
    pub interface: Spanned<String>,
    /// Before it counts as down.
    pub down: Duration,
    /// Before it counts as up.
    pub up: Duration,
}

impl InterfaceDelays {
    /// The delays of an interface.
    pub fn new(interface: Spanned<String>, down: Duration, up: Duration) -> Self {
        InterfaceDelays { interface, down, up }
    }
}
