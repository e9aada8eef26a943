//! keepalived.conf: parser, typed model and diagnostics.
#![forbid(unsafe_code)]

mod diagnostic;
mod loader;
mod model;
mod parse;
mod source;

pub use diagnostic::{Code, Diagnostic, Label, Severity, Suggestion};
pub use loader::{FsLoader, Loader, MemoryLoader};
pub use model::{
    AuthKind, Authentication, Broadcast, Config, Family, Garp, GlobalDefs, InitialState, Password, Scope,
    Spanned, UnicastPeer, VirtualAddress, VrrpInstance, VrrpVersion,
};
pub use parse::{Limits, Options, Parsed, parse};
pub use source::{Expansion, ExpansionId, Location, Source, SourceId, SourceMap, Span};
