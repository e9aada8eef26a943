use std::fmt;
use std::time::Duration;

use super::Spanned;

/// `auth_hmac`: each advert of version 3 is signed with a shared key.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AuthHmac {
    /// `key`: the keys by which a peer's adverts may be signed, by id.
    pub keys: Vec<HmacKey>,
    /// `active_key`: the id of the key by which ours are signed; `None` is the first key's.
    pub active_key: Option<Spanned<u8>>,
    /// `anti_replay`. Default `time`.
    pub anti_replay: Spanned<AntiReplay>,
    /// `time_window`: how far clocks may be apart; `None` is three intervals, at least 5 s.
    pub time_window: Option<Spanned<Duration>>,
    /// `mode`. Default `enforce`.
    pub mode: Spanned<HmacMode>,
}

/// One `key`. `Debug` never shows the secret.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HmacKey {
    /// 0..=255.
    pub id: Spanned<u8>,
    /// How the file gives it.
    pub secret: HmacSecret,
}

impl HmacKey {
    /// A key.
    pub fn new(id: Spanned<u8>, secret: HmacSecret) -> Self {
        HmacKey { id, secret }
    }
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HmacKey({})", self.id)
    }
}

/// How a key is given.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum HmacSecret {
    /// The bytes, 32 to 64 of them: `hex:...` or as they stand.
    Bytes(Vec<u8>),
    /// `file:PATH`: a file that holds them.
    File(String),
}

/// `anti_replay`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AntiReplay {
    /// `time`: the clocks of all routers agree.
    #[default]
    Time,
    /// `monotonic`: a counter that never goes back.
    Monotonic,
}

/// `mode` of `auth_hmac`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HmacMode {
    /// `enforce`: adverts without a good signature are dropped.
    #[default]
    Enforce,
    /// `permissive`: ours are signed, theirs need not be.
    Permissive,
    /// `receive-only`: ours are not signed, theirs are checked if they are.
    ReceiveOnly,
}

impl Default for AuthHmac {
    fn default() -> Self {
        AuthHmac {
            keys: Vec::new(),
            active_key: None,
            anti_replay: AntiReplay::Time.into(),
            time_window: None,
            mode: HmacMode::Enforce.into(),
        }
    }
}
