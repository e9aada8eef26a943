//! How far a router departs from the RFCs' election.

use std::num::NonZeroU8;

/// What keepalived lets an operator choose of a router's conduct. The default is the RFCs'.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Conduct {
    /// A master answers an advert of lower priority (RFC 9568 section 6.4.3); keepalived's `lower_prio_no_advert` says
    /// that it does not. The neighbours are told in any case.
    pub answer_lower_priority: bool,
    /// A master that hears a better one sends one more advert before it yields, for the other to tell the neighbours once
    /// more; keepalived's `higher_prio_send_advert`.
    pub advertise_before_yielding: bool,
    /// The owner of the addresses (priority 255) heeds no advert; keepalived's `owner_ignore_adverts`.
    pub owner_ignores_adverts: bool,
    /// Unicast adverts count only if a peer sent them; keepalived's `check_unicast_src`.
    pub only_from_peers: bool,
    /// The addresses in the adverts of a master are compared with ours only until it is the known one; keepalived's
    /// `skip_check_adv_addr`.
    pub trust_known_master: bool,
    /// A master whose advert is this many intervals (and Skew_Time) late becomes a backup, since a peer must have taken
    /// over; keepalived's `timer_expired_backup`.
    pub yield_after_stall: Option<NonZeroU8>,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            answer_lower_priority: true,
            advertise_before_yielding: false,
            owner_ignores_adverts: false,
            only_from_peers: false,
            trust_known_master: false,
            yield_after_stall: None,
        }
    }
}
