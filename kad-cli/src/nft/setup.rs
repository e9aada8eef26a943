//! What the tables are like.

use vrrp_proto::Family;

/// What the tables are like (`nftables*` in `global_defs`).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setup {
    /// Their name; families have names of their own, so one will do.
    pub table: String,
    /// The families that need one.
    pub families: Vec<Family>,
    /// Priority of the chains at their hooks (`NFTA_HOOK_PRIORITY`); lower ones see a packet earlier.
    pub priority: i32,
    /// Interfaces of link-local addresses go by their index; by their name otherwise.
    pub by_index: bool,
    /// Each rule that drops counts.
    pub counters: bool,
}

impl Setup {
    /// Whether there is anything to filter at all.
    pub fn is_empty(&self) -> bool {
        self.families.is_empty()
    }
}

impl Default for Setup {
    /// keepalived's defaults, for no family.
    fn default() -> Self {
        Self {
            table: "keepalived".to_owned(),
            families: Vec::new(),
            priority: -1,
            by_index: false,
            counters: false,
        }
    }
}
