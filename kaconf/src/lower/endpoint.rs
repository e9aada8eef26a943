//! `IP [PORT]`.

use std::fmt;
use std::net::IpAddr;

use super::{Value, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Endpoint, Keyword};

impl Value for Endpoint {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        read(
            statement.name(),
            statement.arg(),
            statement.args().nth(1),
            session,
        )
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            out.word(self.address);
            if self.port != 0 {
                out.word(self.port);
            }
        });
    }
}

/// An address, and a port if there is one.
pub(super) fn read(
    name: &str,
    address: Arg<'_>,
    port: Option<Arg<'_>>,
    session: &mut Session<'_>,
) -> Option<Endpoint> {
    let address = value::address(name, address, false, session)?.value;
    let port = match port {
        Some(port) => value::number("port", port, 0, u16::MAX.into(), session)?,
        None => 0,
    };
    Some(Endpoint { address, port })
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.address, self.port) {
            (address, 0) => address.fmt(f),
            (IpAddr::V4(address), port) => write!(f, "{address}:{port}"),
            (IpAddr::V6(address), port) => write!(f, "[{address}]:{port}"),
        }
    }
}
