//! The tables in the kernel, and what is in them.

use std::collections::BTreeSet;

use nix::libc;
use vrrp_proto::Family;

use super::element::Element;
use super::error::Error;
use super::message::Batch;
use super::setup::Setup;
use super::socket::Socket;
use super::table::Table;

/// The tables in the kernel. They belong to the network namespace of the thread that opens it.
///
/// They go when this is dropped; on kernels before 5.12, which know no owner of a table, with [`close`](Self::close) or
/// when the next process of the same table name starts.
#[derive(Debug)]
pub struct Filter {
    socket: Socket,
    setup: Setup,
    /// What the kernel has of ours.
    tables: Vec<Table>,
    present: BTreeSet<Element>,
    /// Whether the kernel knows owners of tables.
    owner: bool,
}

impl Filter {
    /// Makes the tables. What is left of an earlier process is replaced in the same step.
    pub fn open(setup: Setup) -> Result<Self, Error> {
        let mut filter = Self {
            socket: Socket::open()?,
            setup,
            tables: Vec::new(),
            present: BTreeSet::new(),
            owner: true,
        };
        filter.rebuild(BTreeSet::new())?;
        Ok(filter)
    }

    /// Goes over to another setup, with these elements, in one step. If that is refused, everything stays as it was.
    pub fn follow(&mut self, setup: &Setup, elements: &BTreeSet<Element>) -> Result<(), Error> {
        if self.setup == *setup {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.setup, setup.clone());
        let outcome = self.rebuild(elements.clone());
        if outcome.is_err() {
            self.setup = before;
        }
        outcome
    }

    /// Adds what is wanted and not there yet. What is there and not wanted stays, until [`retire`](Self::retire).
    pub fn admit(&mut self, wanted: &BTreeSet<Element>) -> Result<(), Error> {
        let new: Vec<&Element> = wanted.difference(&self.present).collect();
        let mut batch = Batch::new();
        self.tables
            .iter()
            .for_each(|table| table.add(new.iter().copied(), &mut batch));
        let all = self.present.union(wanted).cloned().collect();
        self.change(batch, all)
    }

    /// Removes what is there and not wanted.
    pub fn retire(&mut self, wanted: &BTreeSet<Element>) -> Result<(), Error> {
        let old: Vec<&Element> = self.present.difference(wanted).collect();
        let mut batch = Batch::new();
        self.tables
            .iter()
            .for_each(|table| table.delete(old.iter().copied(), &mut batch));
        let rest = self.present.intersection(wanted).cloned().collect();
        self.change(batch, rest)
    }

    /// Removes the tables.
    pub fn close(mut self) -> Result<(), Error> {
        let mut batch = Batch::new();
        self.tables.iter().for_each(|table| table.remove(&mut batch));
        if batch.is_empty() {
            return Ok(());
        }
        self.socket.send(&batch.finish())??;
        Ok(())
    }

    /// A refusal means that the tables are not what they were when we made them: they are made anew.
    fn change(&mut self, batch: Batch, elements: BTreeSet<Element>) -> Result<(), Error> {
        if batch.is_empty() {
            return Ok(());
        }
        match self.socket.send(&batch.finish())? {
            Ok(()) => {
                self.present = elements;
                Ok(())
            }
            Err(refusal) => {
                tracing::debug!("nftables: {refusal}; the tables are made anew");
                self.rebuild(elements)
            }
        }
    }

    /// Replaces whatever is ours by tables of the setup with these elements, in one step.
    fn rebuild(&mut self, elements: BTreeSet<Element>) -> Result<(), Error> {
        let table = |family: &Family| Table {
            family: *family,
            name: self.setup.table.clone(),
        };
        let wanted: Vec<Table> = self.setup.families.iter().map(table).collect();
        let mut old = Vec::new();
        let other_names = self.tables.iter().filter(|table| !wanted.contains(table));
        for table in wanted.iter().chain(other_names).cloned().collect::<Vec<_>>() {
            if self.is_there(&table)? {
                old.push(table);
            }
        }
        match self.send_rebuild(&old, &wanted, &elements) {
            Err(Error::Permission) if !old.is_empty() => Err(Error::Owned(self.setup.table.clone())),
            Err(error) => Err(error),
            Ok(()) => {
                self.tables = wanted;
                self.present = elements;
                Ok(())
            }
        }
    }

    /// An older kernel refuses the wish for an owner, each version with an error of its own.
    fn send_rebuild(
        &mut self,
        old: &[Table],
        wanted: &[Table],
        elements: &BTreeSet<Element>,
    ) -> Result<(), Error> {
        let outcome = self.send_tables(old, wanted, elements, self.owner);
        if !self.owner || !matches!(outcome, Err(Error::NoSupport | Error::Refused(_))) {
            return outcome;
        }
        self.send_tables(old, wanted, elements, false)?;
        self.owner = false;
        Ok(())
    }

    fn send_tables(
        &mut self,
        old: &[Table],
        wanted: &[Table],
        elements: &BTreeSet<Element>,
        owner: bool,
    ) -> Result<(), Error> {
        let mut batch = Batch::new();
        old.iter().for_each(|table| table.remove(&mut batch));
        for table in wanted {
            table.make(&self.setup, owner, &mut batch);
            table.add(elements, &mut batch);
        }
        if !batch.is_empty() {
            self.socket.send(&batch.finish())??;
        }
        Ok(())
    }

    /// Whether there is such a table, which then must be ours.
    fn is_there(&mut self, table: &Table) -> Result<bool, Error> {
        if !self.ask(&table.ask())? {
            return Ok(false);
        }
        if self.tables.contains(table) || self.ask(&table.ask_for_mark())? {
            return Ok(true);
        }
        Err(Error::Taken(table.name.clone()))
    }

    fn ask(&mut self, question: &[u8]) -> Result<bool, Error> {
        match self.socket.send(question)? {
            Ok(()) => Ok(true),
            Err(refusal) if refusal.is_missing() => Ok(false),
            // A question for a subsystem that is not there makes no sense to the kernel.
            Err(refusal) if refusal.errno() == libc::EINVAL => Err(Error::NoSupport),
            Err(refusal) => Err(refusal.into()),
        }
    }
}
