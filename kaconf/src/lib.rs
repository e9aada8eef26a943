#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod diagnostic;
mod expand;
mod keyword;
mod lexer;
mod loader;
mod lower;
mod model;
mod outline;
mod parse;
mod session;
mod source;
mod tree;
mod write;

pub use diagnostic::{Code, Diagnostic, Label, Severity, Suggestion, explain, one_line, render};
pub use keyword::{Block, Content, Keyword, Status, Takes};
pub use lexer::{Token, TokenKind, tokenize};
pub use loader::{FsLoader, Loader, MemoryLoader};
pub use model::*;
pub use outline::{Outline, Setting, outline, print};
pub use parse::{Limits, Options, Parsed, parse};
pub use source::{Expansion, ExpansionId, Location, Merged, Source, SourceId, SourceMap, Span};
