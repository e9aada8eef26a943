//! Statements to the model.
//!
//! First each statement becomes a draft: what the file says, and nothing else. When the whole configuration is
//! read, drafts are resolved: inheritance, defaults, and what only all statements together can be wrong about.

mod address;
mod authentication;
mod check;
mod draft;
mod global;
mod instance;
mod peers;
mod resolve;
mod value;

pub(crate) use draft::Draft;

use crate::session::Session;
use crate::tree::Statement;

impl Draft {
    /// Takes in an outermost statement.
    pub(crate) fn statement(&mut self, statement: Statement<'_>, session: &mut Session<'_>) {
        match statement.name() {
            "global_defs" => self.global.lower(statement, session),
            "random_seed" if !statement.is_broken() => {
                let seed = value::number("random_seed", statement.arg(), 0..=u32::MAX, session);
                global::keep(&mut self.random_seed, seed);
            }
            "vrrp_instance" => self.instance(statement, session),
            _ => {}
        }
    }
}
