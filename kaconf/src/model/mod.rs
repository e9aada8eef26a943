//! What a keepalived.conf means, as types: every default filled in, every inheritance resolved.

mod config;
mod garp;
mod instance;
mod password;
mod spanned;

pub use config::{Config, GlobalDefs};
pub use garp::Garp;
pub use instance::{
    AuthKind, Authentication, Broadcast, Family, InitialState, Scope, UnicastPeer, VirtualAddress,
    VrrpInstance, VrrpVersion,
};
pub use password::Password;
pub use spanned::Spanned;
