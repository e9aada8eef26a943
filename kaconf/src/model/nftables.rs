use super::Spanned;

/// What `global_defs` says about nftables.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Nftables {
    /// `nftables`: the table's name. Default `keepalived`.
    pub table: Spanned<String>,
    /// `nftables_priority`: of its chains. Default -1.
    pub priority: Spanned<i32>,
    /// `nftables_ifindex`: interfaces by their number rather than their name.
    pub ifindex: Spanned<bool>,
    /// `nftables_counters`: each rule counts.
    pub counters: Spanned<bool>,
    /// `nftables_ipvs`: the table that gathers virtual server groups under one firewall mark; `None` if none does.
    pub ipvs_table: Option<Spanned<String>>,
    /// `nftables_ipvs_priority`. Default 0.
    pub ipvs_priority: Spanned<i32>,
    /// `nftables_ipvs_start_fwmark`: the first mark. Default 1000.
    pub ipvs_start_fwmark: Spanned<u32>,
}

impl Nftables {
    /// Default of `nftables`.
    pub const DEFAULT_TABLE: &str = "keepalived";
    /// The name of `nftables_ipvs` without an argument.
    pub const DEFAULT_IPVS_TABLE: &str = "keepalived_ipvs";
}

impl Default for Nftables {
    fn default() -> Self {
        Nftables {
            table: Self::DEFAULT_TABLE.to_owned().into(),
            priority: (-1).into(),
            ifindex: false.into(),
            counters: false.into(),
            ipvs_table: None,
            ipvs_priority: 0.into(),
            ipvs_start_fwmark: 1000.into(),
        }
    }
}
