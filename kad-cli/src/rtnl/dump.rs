//! Everything there is, on request.

use super::encode::{self, Table};
use super::frame::{Body, Malformed, Message, frames};
use super::socket::{NetlinkSocket, Received};
use super::{Error, Event, Neighbor, Snapshot, StackedLink, decode, stacked};

/// All interfaces and addresses, now. Waits for the kernel, which takes a few microseconds for each.
pub fn snapshot() -> Result<Snapshot, Error> {
    Dumper::open()?.snapshot()
}

/// All entries of the ARP and neighbour caches, now. Waits for the kernel.
pub fn neighbors() -> Result<Vec<Neighbor>, Error> {
    Dumper::open()?.dump(Table::Neighbors, decode::neighbor)
}

/// All interfaces, and which others they are on top of, now. Waits for the kernel.
pub fn stacked_links() -> Result<Vec<StackedLink>, Error> {
    Dumper::open()?.dump(Table::Links, stacked::decode)
}

/// Asks for everything, on a socket of its own, which no flood of events overruns.
#[derive(Debug)]
pub(super) struct Dumper {
    socket: NetlinkSocket,
    sequence: u32,
}

/// What a dump's messages say.
type Decode<T> = fn(&Message<'_>) -> Result<Option<T>, Malformed>;

/// A list that was read to its end.
struct List<T> {
    entries: Vec<T>,
    /// Nothing changed meanwhile, so that there are no gaps.
    consistent: bool,
}

impl Dumper {
    pub(super) fn open() -> Result<Self, Error> {
        Ok(Self {
            socket: NetlinkSocket::blocking()?,
            sequence: 0,
        })
    }

    pub(super) fn snapshot(&mut self) -> Result<Snapshot, Error> {
        let links = self.dump(Table::Links, decode::event)?;
        let addresses = self.dump(Table::Addresses, decode::event)?;
        let mut snapshot = Snapshot::default();
        for event in links.into_iter().chain(addresses) {
            match event {
                Event::Link(link) => snapshot.links.push(link),
                Event::Address(address) => snapshot.addresses.push(address),
                _ => {}
            }
        }
        Ok(snapshot)
    }

    /// Asks again if things changed meanwhile. A table that changes all the time is never seen whole; what was seen of
    /// it is better than nothing.
    fn dump<T>(&mut self, table: Table, decode: Decode<T>) -> Result<Vec<T>, Error> {
        for _ in 1..TRIES {
            let list = self.dump_once(table, decode)?;
            if list.consistent {
                return Ok(list.entries);
            }
        }
        let list = self.dump_once(table, decode)?;
        if !list.consistent {
            tracing::warn!(
                "rtnetlink: {table:?} changed each of {TRIES} times they were read; some may be missing"
            );
        }
        Ok(list.entries)
    }

    fn dump_once<T>(&mut self, table: Table, decode: Decode<T>) -> Result<List<T>, Error> {
        self.sequence = self.sequence.wrapping_add(1);
        let mut question = Vec::new();
        encode::dump(table, self.sequence, &mut question);
        self.socket.send(&question)?;
        let mut list = List {
            entries: Vec::new(),
            consistent: true,
        };
        loop {
            match self.socket.receive()? {
                Received::Datagram(datagram) => {
                    if list.read(datagram, self.sequence, decode)? {
                        return Ok(list);
                    }
                }
                Received::Truncated | Received::Overrun => list.consistent = false,
                Received::Nothing => return Err(Error::TimedOut),
            }
        }
    }
}

impl<T> List<T> {
    /// Reads a part of the dump; answers with whether it was the last one.
    fn read(&mut self, datagram: &[u8], sequence: u32, decode: Decode<T>) -> Result<bool, Error> {
        for frame in frames(datagram) {
            let Ok(frame) = frame.inspect_err(|reason| tracing::warn!("rtnetlink: passed over: {reason}"))
            else {
                self.consistent = false;
                break;
            };
            // The rest of a dump that was given up may still be there.
            if frame.sequence != sequence {
                continue;
            }
            self.consistent &= !frame.interrupted;
            match frame.body {
                Body::Done(outcome) => return Ok(outcome.map(|()| true)?),
                Body::Answer(answer) => answer?,
                // One strange interface must not hide the others.
                Body::Message(message) => match decode(&message) {
                    Ok(entry) => self.entries.extend(entry),
                    Err(reason) => tracing::warn!("rtnetlink: passed over: {reason}"),
                },
            }
        }
        Ok(false)
    }
}

const TRIES: u32 = 10;
