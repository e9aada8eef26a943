use std::fmt;

/// What a scheduler is told beside its name (IP_VS_SVC_F_SCHED1 to 3 in linux/ip_vs.h). What each of the three bits means is
/// for the scheduler to say; the names are those of the schedulers that use them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SchedulerFlags(u32);

impl SchedulerFlags {
    /// None.
    pub const NONE: Self = Self(0);
    /// The first, whatever it means.
    pub const FLAG_1: Self = Self(0x08);
    /// The second.
    pub const FLAG_2: Self = Self(0x10);
    /// The third.
    pub const FLAG_3: Self = Self(0x20);
    /// With `sh`: choose another destination if the one that the hash gives is not available.
    pub const SH_FALLBACK: Self = Self::FLAG_1;
    /// With `sh`: the source port goes into the hash.
    pub const SH_PORT: Self = Self::FLAG_2;
    /// With `mh`: choose another destination if the one that the hash gives is not available.
    pub const MH_FALLBACK: Self = Self::FLAG_1;
    /// With `mh`: the source port goes into the hash.
    pub const MH_PORT: Self = Self::FLAG_2;

    /// Whether all of these are among them.
    #[must_use]
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Both.
    #[must_use]
    pub const fn union(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// The bits, where the kernel has them.
    pub(crate) const fn bits(self) -> u32 {
        self.0
    }

    /// Those of the kernel's bits that are the scheduler's.
    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits & (Self::FLAG_1.0 | Self::FLAG_2.0 | Self::FLAG_3.0))
    }
}

impl std::ops::BitOr for SchedulerFlags {
    type Output = Self;

    fn bitor(self, others: Self) -> Self {
        self.union(others)
    }
}

impl fmt::Debug for SchedulerFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [(Self::FLAG_1, 1), (Self::FLAG_2, 2), (Self::FLAG_3, 3)];
        f.debug_set()
            .entries(
                names
                    .iter()
                    .filter(|(flag, _)| self.contains(*flag))
                    .map(|(_, n)| n),
            )
            .finish()
    }
}
