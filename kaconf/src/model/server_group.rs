use std::net::IpAddr;

use super::{Family, Spanned};

/// One `virtual_server_group`: several services with one pool of real servers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct VirtualServerGroup {
    /// Its name, unique in the file.
    pub name: Spanned<String>,
    /// Its lines.
    pub entries: Vec<Spanned<GroupEntry>>,
}

/// One line of a `virtual_server_group`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GroupEntry {
    /// `IP[-END|/LEN] [PORT]`: each address from the first to the last, both of one family.
    Addresses {
        /// The first address.
        first: IpAddr,
        /// The last one, which is the first if there is one alone.
        last: IpAddr,
        /// The port; 0 is any.
        port: u16,
    },
    /// `fwmark N [inet|inet6]`.
    Fwmark {
        /// The firewall mark, from 1.
        mark: u32,
        /// The family, where the line says it.
        family: Option<Family>,
    },
}

impl VirtualServerGroup {
    /// A group with nothing in it.
    pub fn new(name: Spanned<String>) -> Self {
        VirtualServerGroup {
            name,
            entries: Vec::new(),
        }
    }
}

impl GroupEntry {
    /// The family, where the line says it.
    pub fn family(self) -> Option<Family> {
        match self {
            GroupEntry::Addresses { first, .. } => Some(Family::of(first)),
            GroupEntry::Fwmark { family, .. } => family,
        }
    }
}
