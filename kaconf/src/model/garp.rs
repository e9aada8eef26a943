use std::time::Duration;

/// When and how often the virtual addresses are announced by gratuitous ARP and unsolicited NA.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Garp {
    /// `garp_master_delay`: from becoming master to the second burst; `None` is no second burst. Default 5 s.
    pub master_delay: Option<Duration>,
    /// `garp_master_repeat`: announcements per address in a burst, at least 1. Default 5.
    pub master_repeat: u32,
    /// `garp_master_refresh`: how often a master announces again; `None` (the default) is never.
    pub master_refresh: Option<Duration>,
    /// `garp_master_refresh_repeat`: announcements per address in a refresh, at least 1. Default 1.
    pub master_refresh_repeat: u32,
    /// `garp_lower_prio_delay`: from a master's hearing a lower priority to its second burst. Default
    /// `vrrp_garp_master_delay`.
    pub lower_prio_delay: Option<Duration>,
    /// `garp_lower_prio_repeat`: announcements per address after a lower priority was heard; 0 is none.
    /// Default `vrrp_garp_master_repeat`.
    pub lower_prio_repeat: u32,
}

impl Garp {
    /// Default of `garp_master_delay`.
    pub const DEFAULT_DELAY: Duration = Duration::from_secs(5);
    /// Default of `garp_master_repeat`.
    pub const DEFAULT_REPEAT: u32 = 5;
}

impl Default for Garp {
    fn default() -> Self {
        Garp {
            master_delay: Some(Self::DEFAULT_DELAY),
            master_repeat: Self::DEFAULT_REPEAT,
            master_refresh: None,
            master_refresh_repeat: 1,
            lower_prio_delay: Some(Self::DEFAULT_DELAY),
            lower_prio_repeat: Self::DEFAULT_REPEAT,
        }
    }
}
