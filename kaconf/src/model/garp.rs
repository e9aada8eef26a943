use std::time::Duration;

use super::Spanned;

/// When and how often the virtual addresses are announced by gratuitous ARP and unsolicited NA.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Garp {
    /// `garp_master_delay`: from becoming master to the second burst; zero is no second burst. Default 5 s.
    pub master_delay: Spanned<Duration>,
    /// `garp_master_repeat`: announcements per address in a burst, at least 1. Default 5.
    pub master_repeat: Spanned<u32>,
    /// `garp_master_refresh`: how often a master announces again; zero (the default) is never.
    pub master_refresh: Spanned<Duration>,
    /// `garp_master_refresh_repeat`: announcements per address in a refresh, at least 1. Default 1.
    pub master_refresh_repeat: Spanned<u32>,
    /// `garp_lower_prio_delay`: from a master's hearing a lower priority to its second burst. Default
    /// `vrrp_garp_master_delay`.
    pub lower_prio_delay: Spanned<Duration>,
    /// `garp_lower_prio_repeat`: announcements per address after a lower priority was heard; 0 is none.
    /// Default `vrrp_garp_master_repeat`.
    pub lower_prio_repeat: Spanned<u32>,
}

impl Garp {
    /// Default of `garp_master_delay`.
    pub const DEFAULT_DELAY: Duration = Duration::from_secs(5);
    /// Default of `garp_master_repeat`.
    pub const DEFAULT_REPEAT: u32 = 5;

    /// Takes from another what a file does not say of this one.
    pub(crate) fn inherit(&mut self, from: &Garp) {
        self.master_delay.inherit(&from.master_delay);
        self.master_repeat.inherit(&from.master_repeat);
        self.master_refresh.inherit(&from.master_refresh);
        self.master_refresh_repeat.inherit(&from.master_refresh_repeat);
        self.lower_prio_delay.inherit(&from.lower_prio_delay);
        self.lower_prio_repeat.inherit(&from.lower_prio_repeat);
    }
}

impl Default for Garp {
    fn default() -> Self {
        Garp {
            master_delay: Self::DEFAULT_DELAY.into(),
            master_repeat: Self::DEFAULT_REPEAT.into(),
            master_refresh: Duration::ZERO.into(),
            master_refresh_repeat: 1.into(),
            lower_prio_delay: Self::DEFAULT_DELAY.into(),
            lower_prio_repeat: Self::DEFAULT_REPEAT.into(),
        }
    }
}
