use super::{GlobalDefs, Spanned, SyncGroup, VrrpInstance};

/// A whole configuration, all of its files together.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// `random_seed`: what `${_RANDOM}` starts from after it; the parse has already heeded it.
    pub random_seed: Option<Spanned<u32>>,
    /// `global_defs`, all of them.
    pub global: GlobalDefs,
    /// Each `vrrp_sync_group`, in the order of the file. Names are unique.
    pub sync_groups: Vec<SyncGroup>,
    /// Each `vrrp_instance`, in the order of the file. Names are unique.
    pub instances: Vec<VrrpInstance>,
}
