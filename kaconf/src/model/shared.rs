use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A value that many have in common: it is copied when one of them changes it.
///
/// A configuration with tens of thousands of real servers says most things once, in the virtual server, or not at all.
pub struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// Whether the two are one value in memory.
    pub(crate) fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What has a value that most keep.
pub(crate) trait Common: Sized + 'static {
    /// That value.
    fn common() -> &'static Shared<Self>;
}

/// Makes a type [`Common`]: what most keep is its default.
macro_rules! common {
    ($($type:ty),* $(,)?) => {
        $(impl $crate::model::shared::Common for $type {
            fn common() -> &'static $crate::Shared<Self> {
                static COMMON: std::sync::LazyLock<$crate::Shared<$type>> =
                    std::sync::LazyLock::new(|| <$type>::default().into());
                &COMMON
            }
        })*
    };
}
pub(crate) use common;

impl<T> From<T> for Shared<T> {
    fn from(value: T) -> Self {
        Shared(Arc::new(value))
    }
}

impl<T: Common> Default for Shared<T> {
    fn default() -> Self {
        T::common().clone()
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(Arc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Clone> DerefMut for Shared<T> {
    fn deref_mut(&mut self) -> &mut T {
        Arc::make_mut(&mut self.0)
    }
}

impl<T: PartialEq> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        self.same(other) || **self == **other
    }
}

impl<T: Eq> Eq for Shared<T> {}

impl<T: fmt::Debug> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
