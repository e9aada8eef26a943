//! The kernel's table over one socket.

mod commands;
mod reads;
mod socket;

use std::task::Poll;

use crate::{
    Batch, Command, Error, Exchange, FamilyNumber, Outcome, Refusal, Reply, Scope, Table, Undecodable, diff,
};
use socket::NetlinkSocket;

/// What the kernel's load balancer has, and what it is to have: each call asks the kernel of the network namespace that the
/// client was made in, waits for the answer, and gives up after five seconds. Root is needed.
///
/// ```no_run
/// use std::net::SocketAddr;
/// use ipvs_netlink::{Client, Destination, Forward, Scheduler, Scope, Service, ServiceId, Table};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut client = Client::connect()?;
///
/// // What there is.
/// for entry in client.services()? {
///     let id = entry.service.id();
///     println!("{id} {}: {} connections", entry.service.scheduler(), entry.statistics.connections);
///     for entry in client.destinations(&id)? {
///         println!("  {} weight {}", entry.destination.id, entry.destination.weight);
///     }
/// }
///
/// // What there ought to be: only what differs is changed.
/// let web = ServiceId::tcp("192.0.2.1:80".parse::<SocketAddr>()?);
/// let mut wanted = Table::new();
/// let pool = wanted.insert(Service::new(web, Scheduler::WRR));
/// for (server, weight) in [("10.0.0.1:80", 3), ("10.0.0.2:80", 1)] {
///     let server = Destination::new(server.parse::<SocketAddr>()?, Forward::Masquerade);
///     pool.insert(server.with_weight(weight.into()));
/// }
/// for (command, result) in client.reconcile(&wanted, &Scope::Wanted)? {
///     match result {
///         Ok(()) => println!("{command}"),
///         Err(refusal) => eprintln!("cannot {command}: {refusal}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Client {
    socket: NetlinkSocket,
    family: FamilyNumber,
    sequence: u32,
    /// An exchange was given up, and the rest of it may be there.
    stale: bool,
    passed_over: Vec<Undecodable>,
}

impl Client {
    /// Opens a socket in this thread's network namespace, and asks where IPVS is. The kernel loads the module ip_vs for that,
    /// if it can.
    ///
    /// # Errors
    ///
    /// [`Error::NoIpvs`] if this kernel has none.
    pub fn connect() -> Result<Self, Error> {
        let mut client = Self {
            socket: NetlinkSocket::open()?,
            family: FamilyNumber::new(0),
            sequence: 0,
            stale: false,
            passed_over: Vec::new(),
        };
        client.family = client.resolve()?;
        Ok(client)
    }

    /// What the kernel answered to the last read that makes no sense to this version of the crate. It is not in what the
    /// read gave; everything else is.
    #[must_use]
    pub fn passed_over(&self) -> &[Undecodable] {
        &self.passed_over
    }

    /// Does many things at once, which takes a small part of the time that one after the other does: they go to the kernel
    /// hundreds at a time, in order. A refused one does not keep it from the later ones. The results are one for each
    /// command, in order.
    ///
    /// # Errors
    ///
    /// If the kernel cannot be asked, or does not answer. What became of the commands is then not known.
    pub fn batch(&mut self, commands: &[Command]) -> Result<Vec<Outcome>, Error> {
        let limit = self.socket.answers_that_fit();
        let mut results = Vec::with_capacity(commands.len());
        while let Some(mut batch) = commands
            .get(results.len()..)
            .and_then(|rest| Batch::new(self.family, self.sequence, rest, limit))
        {
            self.sequence = batch.next_sequence();
            self.begin(batch.request())?;
            let outcomes = self.finish(|datagram| batch.receive(datagram))?;
            let may_be_lost = |outcome: &Outcome| outcome.as_ref().is_err_and(Refusal::may_be_lost);
            if !(outcomes.iter().all(may_be_lost) && self.has_moved()?) {
                results.extend(outcomes);
            }
        }
        Ok(results)
    }

    /// Makes the kernel's table the wanted one, with the fewest commands: reads it, and sends what [`diff`] says. What was
    /// done comes back, with the result of each; nothing if the table was the wanted one.
    ///
    /// # Errors
    ///
    /// If the kernel cannot be asked, or does not answer.
    pub fn reconcile(&mut self, wanted: &Table, scope: &Scope) -> Result<Vec<(Command, Outcome)>, Error> {
        let commands = diff(wanted, &self.table()?, scope);
        let results = self.batch(&commands)?;
        Ok(commands.into_iter().zip(results).collect())
    }

    /// Asks, and asks again if the answer changed while the kernel gave it.
    fn ask<T>(&mut self, question: impl Fn(FamilyNumber, u32) -> Exchange<T>) -> Result<Reply<T>, Error> {
        for _ in 0..TRIES {
            let mut exchange = question(self.family, self.sequence);
            self.sequence = self.sequence.wrapping_add(1);
            self.begin(exchange.request())?;
            match self.finish(|datagram| exchange.receive(datagram)) {
                Err(Error::Interrupted { .. }) => {}
                Err(Error::Refused(refusal)) if refusal.may_be_lost() && self.has_moved()? => {}
                result => return result,
            }
        }
        Err(Error::Interrupted { tries: TRIES })
    }

    /// Whether IPVS has another number than before, since its module was unloaded and loaded again. What was sent to the old
    /// one was not heard.
    fn has_moved(&mut self) -> Result<bool, Error> {
        let now = self.resolve()?;
        let before = std::mem::replace(&mut self.family, now);
        Ok(now != before)
    }

    fn begin(&mut self, request: &[u8]) -> Result<(), Error> {
        if self.stale {
            self.socket.drain()?;
        }
        self.stale = true;
        self.socket.send(request)
    }

    fn finish<R>(&mut self, mut receive: impl FnMut(&[u8]) -> Poll<Result<R, Error>>) -> Result<R, Error> {
        loop {
            let Poll::Ready(result) = receive(self.socket.receive()?) else {
                continue;
            };
            let is_over = matches!(result, Ok(_) | Err(Error::Refused(_) | Error::Interrupted { .. }));
            self.stale = !is_over;
            return result;
        }
    }
}

/// A table that changes each time is read no more often.
const TRIES: u32 = 10;
