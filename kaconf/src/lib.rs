#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod diagnostic;
mod expand;
mod keyword;
mod lexer;
mod loader;
mod lower;
mod model;
mod parse;
mod session;
mod source;
mod tree;

pub use diagnostic::{Code, Diagnostic, Label, Severity, Suggestion, one_line, render};
pub use keyword::{Block, Content, Keyword, Status};
pub use lexer::{Token, TokenKind, tokenize};
pub use loader::{FsLoader, Loader, MemoryLoader};
pub use model::{
    AuthKind, Authentication, Broadcast, Config, Family, Garp, GlobalDefs, InitialState, Password, Scope,
    Spanned, UnicastPeer, VirtualAddress, VrrpInstance, VrrpVersion,
};
pub use parse::{Limits, Options, Parsed, parse};
pub use source::{Expansion, ExpansionId, Location, Source, SourceId, SourceMap, Span};
