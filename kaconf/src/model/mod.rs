//! What a keepalived.conf means, as types: every default filled in, every inheritance resolved.

mod config;
mod garp;
mod hmac;
mod instance;
mod password;
mod spanned;
mod sync_group;
mod tracking;
mod vmac;

pub use config::{Config, GlobalDefs};
pub use garp::Garp;
pub use hmac::{AntiReplay, AuthHmac, HmacKey, HmacMode, HmacSecret};
pub use instance::{
    AuthKind, Authentication, Broadcast, Family, GarpExtraIf, InitialState, OldUnicastChecksum, Scope,
    UnicastPeer, VirtualAddress, VrrpInstance, VrrpVersion,
};
pub use password::Password;
pub use spanned::Spanned;
pub use sync_group::SyncGroup;
pub use tracking::{Tracked, Tracking, Weight};
pub use vmac::{Ipvlan, IpvlanMode, MacAddress, Vmac};
