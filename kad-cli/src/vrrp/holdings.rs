//! What is to be in the kernel, and who wants it; pure.
//!
//! What two want is there until the last of them lets go, so that something can go from one to the other without being
//! touched.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use vrrp_engine::{InterfaceId, RouterId};

use crate::plan::{Route, Rule, VirtualAddress};

/// Something that the kernel has for us.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Item {
    /// An address of an interface.
    Address(VirtualAddress),
    Route(Arc<Route>),
    Rule(Arc<Rule>),
}

/// What the kernel tells two items apart by.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Key {
    Address(InterfaceId, IpAddr, u8),
    Route(Arc<Route>),
    Rule(Arc<Rule>),
}

/// Who wants something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) enum Holder {
    /// A router that is master.
    Router(RouterId),
    /// The daemon, as long as it runs.
    Daemon,
}

impl Holder {
    pub(super) fn router(self) -> Option<RouterId> {
        match self {
            Self::Router(router) => Some(router),
            Self::Daemon => None,
        }
    }
}

/// A change of the kernel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Change {
    pub(super) what: What,
    pub(super) item: Item,
    /// On whose behalf, as the file names it.
    pub(super) name: Arc<str>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    Add,
    Remove,
}

/// Everything that is wanted.
#[derive(Clone, Debug, Default)]
pub(super) struct Holdings {
    items: HashMap<Key, Wanted>,
    holders: BTreeMap<Holder, Held>,
}

#[derive(Clone, Debug)]
struct Wanted {
    item: Item,
    /// The first decides what the item is like.
    by: Vec<Holder>,
}

#[derive(Clone, Debug)]
struct Held {
    name: Arc<str>,
    /// In the order in which they were asked for.
    keys: Vec<Key>,
}

impl Item {
    pub(super) fn key(&self) -> Key {
        match self {
            Self::Address(entry) => Key::Address(entry.interface, entry.address, entry.prefix_len),
            Self::Route(route) => Key::Route(route.clone()),
            Self::Rule(rule) => Key::Rule(rule.clone()),
        }
    }

    /// Whether it is put back when another program removes it.
    pub(super) fn is_tracked(&self) -> bool {
        match self {
            Self::Address(entry) => entry.tracked,
            Self::Route(route) => route.tracked,
            Self::Rule(rule) => rule.tracked,
        }
    }
}

impl Holdings {
    /// The holder wants these as well.
    pub(super) fn hold(
        &mut self,
        holder: Holder,
        name: &str,
        items: impl IntoIterator<Item = Item>,
    ) -> Vec<Change> {
        let held = self.holders.entry(holder).or_insert_with(|| Held {
            name: name.into(),
            keys: Vec::new(),
        });
        if *held.name != *name {
            held.name = name.into();
        }
        let mut changes = Vec::new();
        for item in items {
            let key = item.key();
            let change = |what, item: &Item| Change {
                what,
                item: item.clone(),
                name: held.name.clone(),
            };
            match self.items.get_mut(&key) {
                None => {
                    changes.push(change(What::Add, &item));
                    let by = vec![holder];
                    self.items.insert(key.clone(), Wanted { item, by });
                    held.keys.push(key);
                }
                Some(wanted) if !wanted.by.contains(&holder) => {
                    wanted.by.push(holder);
                    held.keys.push(key);
                }
                Some(wanted) if wanted.by.first() == Some(&holder) && wanted.item != item => {
                    changes.extend([change(What::Remove, &wanted.item), change(What::Add, &item)]);
                    wanted.item = item;
                }
                Some(_) => {}
            }
        }
        changes
    }

    /// Of what it holds, the holder wants these only.
    pub(super) fn keep(&mut self, holder: Holder, items: &[Item]) -> Vec<Change> {
        let keep: HashSet<Key> = items.iter().map(Item::key).collect();
        let Some(held) = self.holders.get_mut(&holder) else {
            return Vec::new();
        };
        let name = held.name.clone();
        let dropped: Vec<Key> = held.keys.extract_if(.., |key| !keep.contains(key)).collect();
        // What was put there last goes first.
        let mut changes = Vec::new();
        for key in dropped.into_iter().rev() {
            if let Some(item) = self.let_go(holder, &key) {
                changes.push(Change {
                    what: What::Remove,
                    item,
                    name: name.clone(),
                });
            }
        }
        changes
    }

    /// The holder wants nothing any more.
    pub(super) fn release(&mut self, holder: Holder) -> Vec<Change> {
        let changes = self.keep(holder, &[]);
        self.holders.remove(&holder);
        changes
    }

    /// The item, if nobody wants it now.
    fn let_go(&mut self, holder: Holder, key: &Key) -> Option<Item> {
        let wanted = self.items.get_mut(key)?;
        wanted.by.retain(|other| *other != holder);
        if wanted.by.is_empty() {
            return self.items.remove(key).map(|wanted| wanted.item);
        }
        None
    }

    /// What a holder wants, in the order in which it asked for it.
    pub(super) fn of(&self, holder: Holder) -> impl Iterator<Item = &Item> {
        let keys = self.holders.get(&holder).into_iter().flat_map(|held| &held.keys);
        keys.filter_map(|key| self.items.get(key))
            .map(|wanted| &wanted.item)
    }

    /// Everything that is wanted.
    pub(super) fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.values().map(|wanted| &wanted.item)
    }

    /// Who wants it.
    pub(super) fn holders(&self, key: &Key) -> &[Holder] {
        self.items.get(key).map_or(&[], |wanted| &wanted.by)
    }

    /// What is wanted of that name.
    pub(super) fn get(&self, key: &Key) -> Option<&Item> {
        self.items.get(key).map(|wanted| &wanted.item)
    }

    /// On whose behalf it is wanted, in words.
    pub(super) fn name_of(&self, key: &Key) -> Option<Arc<str>> {
        self.name(*self.holders(key).first()?)
    }

    /// The name of a holder, while it wants something.
    pub(super) fn name(&self, holder: Holder) -> Option<Arc<str>> {
        self.holders.get(&holder).map(|held| held.name.clone())
    }
}

#[cfg(test)]
mod tests {
    use vrrp_engine::{AddressList, Engine, Environment, RouterConfig};
    use vrrp_proto::{Family, Vrid};

    use super::*;
    use crate::rtnl::AddressOptions;

    fn holders() -> [Holder; 2] {
        let mut engine = Engine::new();
        [1, 2].map(|vrid| {
            let addresses = AddressList::new(Family::Ipv4, []).unwrap();
            let config = RouterConfig::new(InterfaceId(0), Vrid::new(vrid).unwrap(), addresses);
            let environment = Environment {
                link_up: true,
                source: None,
            };
            Holder::Router(engine.add_router(config, environment).unwrap())
        })
    }

    fn address(last: u8) -> VirtualAddress {
        VirtualAddress {
            interface: InterfaceId(0),
            address: [10, 0, 0, last].into(),
            prefix_len: 24,
            broadcast: None,
            scope: 0,
            label: None,
            options: AddressOptions::default(),
            tracked: true,
        }
    }

    fn items(lasts: &[u8]) -> Vec<Item> {
        lasts.iter().map(|last| Item::Address(address(*last))).collect()
    }

    /// `+1 -2` for the last octets.
    fn words(changes: &[Change]) -> String {
        let word = |change: &Change| {
            let Item::Address(entry) = &change.item else {
                panic!("an address")
            };
            let IpAddr::V4(address) = entry.address else {
                panic!("IPv4")
            };
            let sign = if change.what == What::Add { '+' } else { '-' };
            format!("{sign}{}", address.octets()[3])
        };
        changes.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn last_put_there_is_first_taken_off() {
        let [one, _] = holders();
        let mut holdings = Holdings::default();
        assert_eq!(words(&holdings.hold(one, "A", items(&[1, 2, 3]))), "+1 +2 +3");
        assert_eq!(words(&holdings.release(one)), "-3 -2 -1");
        assert_eq!(holdings.items().count(), 0);
        assert_eq!(holdings.name(one), None);
    }

    #[test]
    fn what_two_want_stays_until_the_last_lets_go() {
        let [one, two] = holders();
        let mut holdings = Holdings::default();
        holdings.hold(one, "A", items(&[1, 2]));
        assert_eq!(words(&holdings.hold(two, "B", items(&[2, 3]))), "+3");
        assert_eq!(words(&holdings.release(one)), "-1");
        assert_eq!(words(&holdings.release(two)), "-3 -2");
    }

    #[test]
    fn another_list_changes_what_differs() {
        let [one, _] = holders();
        let mut holdings = Holdings::default();
        holdings.hold(one, "A", items(&[1, 2, 3]));
        let new = items(&[4, 3, 1]);
        assert_eq!(words(&holdings.hold(one, "A", new.clone())), "+4");
        assert_eq!(words(&holdings.keep(one, &new)), "-2");
        assert_eq!(holdings.of(one).count(), 3);
    }

    #[test]
    fn item_that_is_not_like_before_is_made_anew() {
        let [one, two] = holders();
        let mut holdings = Holdings::default();
        holdings.hold(one, "A", items(&[1]));
        let labelled = Item::Address(VirtualAddress {
            label: Some("eth0:1".to_owned()),
            ..address(1)
        });
        assert_eq!(words(&holdings.hold(two, "B", [labelled.clone()])), "");
        assert_eq!(words(&holdings.hold(one, "A", [labelled.clone()])), "-1 +1");
        assert_eq!(words(&holdings.hold(one, "A", [labelled])), "");
    }
}
