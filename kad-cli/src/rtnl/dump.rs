//! Everything there is, on request.

use std::time::Instant;

use super::commands::{PATIENCE, wait};
use super::encode::{self, Table};
use super::frame::{Body, frames};
use super::socket::Socket;
use super::{Error, Event, Neighbor, Snapshot, decode};

/// All interfaces and addresses.
pub fn snapshot() -> Result<Snapshot, Error> {
    let links = dump(Table::Links, decode::event)?;
    let addresses = dump(Table::Addresses, decode::event)?;
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

/// All entries of the ARP and neighbour caches.
pub fn neighbors() -> Result<Vec<Neighbor>, Error> {
    dump(Table::Neighbors, decode::neighbor)
}

type Decode<T> = fn(&[u8]) -> Result<Option<T>, String>;

/// All answers to a question, asked again if things changed meanwhile.
fn dump<T>(table: Table, decode: Decode<T>) -> Result<Vec<T>, Error> {
    let mut socket = Socket::open()?;
    socket.enlarge_receive_buffer();
    for sequence in 1..=TRIES {
        let mut question = Vec::new();
        encode::dump(table, sequence, &mut question);
        socket.send(&question).map_err(Error::Send)?;
        if let Some(answers) = read(&mut socket, sequence, decode)? {
            return Ok(answers);
        }
    }
    Err(Error::TimedOut)
}

fn read<T>(socket: &mut Socket, sequence: u32, decode: Decode<T>) -> Result<Option<Vec<T>>, Error> {
    let give_up = Instant::now() + PATIENCE;
    let (mut answers, mut interrupted) = (Vec::new(), false);
    loop {
        let Some(datagram) = socket.receive().map_err(Error::Receive)? else {
            wait(socket, give_up)?;
            continue;
        };
        for frame in frames(datagram).filter(|frame| frame.sequence == sequence) {
            interrupted |= frame.interrupted;
            match frame.body {
                Body::Done => return Ok((!interrupted).then_some(answers)),
                Body::Answer(answer) => answer?,
                Body::Message(message) => {
                    // One strange interface must not hide the others.
                    let answer =
                        decode(message).inspect_err(|reason| tracing::debug!("passed over: {reason}"));
                    answers.extend(answer.ok().flatten());
                }
            }
        }
    }
}

/// A table that changes all the time is never seen whole.
const TRIES: u32 = 10;
