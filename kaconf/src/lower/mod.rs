//! Statements to the model.
//!
//! First each statement becomes a field of a draft: what the file says, and nothing else. When the whole
//! configuration is read, drafts are resolved: inheritance, defaults, and what only all statements together can be
//! wrong about.

mod address;
mod address_check;
mod authentication;
mod check;
mod checker;
mod choice;
mod command;
mod daemon;
mod draft;
mod endpoint;
mod files;
mod forwarding;
mod global;
mod groups;
mod hex;
mod hmac;
mod http;
mod instance;
mod lvs;
mod lvs_check;
mod lvs_groups;
mod lvs_names;
mod lvs_outline;
mod lvs_pool;
mod mail;
mod outline;
mod peers;
mod pitfalls;
mod processes;
mod real_server;
mod reference;
mod resolve;
mod route;
mod route_metric;
mod rule;
mod server_group;
mod setting;
mod sockets;
mod ssl;
mod static_items;
mod sync_group;
mod track_blocks;
mod track_line;
mod track_names;
mod value;
mod virtual_server;
mod vmac;

pub(crate) use choice::choices;
pub(crate) use draft::Draft;
pub(crate) use setting::{Field, Line, Settings, Value, settings};

use crate::session::Session;
use crate::tree::Statement;
use crate::{Code, Spanned};

impl Draft {
    /// Takes in an outermost statement, or one that is taken in by itself.
    pub(crate) fn statement(&mut self, statement: Statement<'_>, session: &mut Session<'_>) {
        match statement.name() {
            "global_defs" => global::lower(&mut self.config.global, statement, session),
            "vrrp_instance" => self.instance(statement, session),
            "vrrp_sync_group" => {
                if let Some(name) = self.names.claim(statement, Code::DuplicateName, session) {
                    self.config
                        .sync_groups
                        .push(sync_group::lower(name, statement, session));
                }
            }
            "vrrp_script" => {
                let name = self.names.claim(statement, Code::DuplicateName, session);
                let script = name.and_then(|name| track_blocks::script(name, statement, session));
                self.config.scripts.extend(script);
            }
            "track_file" => {
                let name = self.names.claim(statement, Code::DuplicateName, session);
                let file = name.and_then(|name| track_blocks::file(name, statement, session));
                self.config.track_files.extend(file);
            }
            "vrrp_track_process" => {
                let name = self.names.claim(statement, Code::DuplicateName, session);
                let process = name.and_then(|name| track_blocks::process(name, statement, session));
                self.config.track_processes.extend(process);
            }
            "bfd_instance" => {
                let name = self.names.claim(statement, Code::DuplicateName, session);
                let bfd = name.and_then(|name| track_blocks::bfd(name, statement, session));
                self.config.bfd_instances.extend(bfd);
            }
            "real_server" => self.real_server(statement, session),
            "virtual_server" => self.virtual_server(statement, session),
            "virtual_server_group" => {
                if let Some(name) = self.names.claim(statement, Code::DuplicateName, session) {
                    let group = server_group::lower(name, statement, session);
                    self.config.virtual_server_groups.push(group);
                }
            }
            "SSL" => ssl::lower(&mut self.config.ssl, statement, session),
            "random_seed" if !statement.is_broken() => {
                let (name, arg) = (statement.name(), statement.arg());
                let seed = value::number(name, arg, 0, u32::MAX.into(), session);
                if let Some(seed) = seed {
                    self.config.random_seed = Some(Spanned::new(seed, arg.span));
                }
            }
            _ => {
                let _known = daemon::lower(&mut self.config.daemon, statement, session)
                    || self.static_items(statement, session);
            }
        }
    }
}
