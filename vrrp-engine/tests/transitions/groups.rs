//! Sync groups: members are master together or not at all.

use std::time::Duration;

use vrrp_engine::{
    Datagram, Engine, Environment, GroupConfig, GroupId, Input, InterfaceId, InvalidGroup, Output,
    RouterConfig, RouterId, Start, StateKind, Time,
};
use vrrp_proto::{Priority, Vrid};

use crate::support::{Bench, LOWER_ADDRESS, OURS, Packet, config, ip, ms, us};

const HERE: Environment = Environment {
    link_up: true,
    source: Some(OURS),
};
/// Of priority 100 and one second.
const MASTER_DOWN: Duration = Duration::from_micros(3_609_375);

/// Routers of one machine in one group, each on an interface of its own.
struct Gang {
    engine: Engine,
    members: Vec<RouterId>,
    group: GroupId,
    now: Time,
}

impl Gang {
    fn new(configs: Vec<RouterConfig>) -> Self {
        let mut engine = Engine::new();
        let members: Vec<RouterId> = configs
            .into_iter()
            .map(|config| engine.add_router(config, HERE).unwrap())
            .collect();
        let now = Time::from_millis(1_000_000);
        let config = GroupConfig {
            members: members.clone(),
        };
        let group = engine.add_group(now, config).unwrap();
        let mut gang = Self {
            engine,
            members,
            group,
            now,
        };
        gang.input(Input::Startup);
        gang
    }

    fn backups() -> Self {
        let mut gang = Self::new(vec![member(1, 100), member(2, 100)]);
        gang.take();
        assert_eq!(gang.states(), [StateKind::Backup; 2]);
        gang
    }

    fn masters() -> Self {
        let mut gang = Self::backups();
        gang.wait(MASTER_DOWN);
        gang.take();
        assert_eq!(gang.states(), [StateKind::Master; 2]);
        gang
    }

    fn input(&mut self, input: Input<'_>) {
        self.engine.handle_input(self.now, input).unwrap();
    }

    fn link(&mut self, member: usize, up: bool) {
        let interface = self.engine.config(self.members[member]).unwrap().interface;
        self.input(Input::Link { interface, up });
    }

    /// An advert of that priority for a member.
    fn hear(&mut self, member: usize, priority: u8) {
        let config = self.engine.config(self.members[member]).unwrap().clone();
        let packet = Packet::of(&config, priority);
        let datagram = Datagram {
            interface: config.interface,
            source: LOWER_ADDRESS,
            destination: packet.destination,
            hop_limit: 255,
            header: None,
            pdu: &packet.pdu(),
        };
        let _ = self.engine.handle_input(self.now, Input::Packet(datagram));
    }

    fn wait(&mut self, wait: Duration) {
        let end = self.now + wait;
        while let Some(due) = self.engine.poll_timeout().filter(|due| *due <= end) {
            self.now = due;
            self.engine.handle_timeout(due);
            assert!(self.engine.poll_timeout() > Some(due));
        }
        self.now = end;
    }

    fn states(&self) -> Vec<StateKind> {
        let state = |id: &RouterId| self.engine.state(*id).unwrap();
        self.members.iter().map(state).collect()
    }

    fn group_state(&self) -> StateKind {
        self.engine.group_state(self.group).unwrap()
    }

    /// What is to be done, each with the member's number.
    fn take(&mut self) -> Vec<String> {
        let outputs: Vec<_> = std::iter::from_fn(|| self.engine.poll_output()).collect();
        let number = |id: RouterId| self.members.iter().position(|member| *member == id);
        let words = |(id, output): (RouterId, Output)| {
            let number = number(id).map_or("gone".to_owned(), |number| number.to_string());
            match output {
                Output::Transmit(packet) => {
                    let priority = vrrp_proto::Packet::new_unchecked(&packet.pdu).priority();
                    format!("{number} advert {priority}")
                }
                Output::AddAddresses => format!("{number} add"),
                Output::RemoveAddresses => format!("{number} remove"),
                Output::Announce { .. } => format!("{number} announce"),
                Output::Transition(it) => format!("{number} {} -> {}: {}", it.from, it.to, it.reason),
                Output::GroupTransition { transition: it, .. } => {
                    format!("group {} -> {}: {}", it.from, it.to, it.reason)
                }
                Output::Notice(notice) => format!("{number} notice: {notice}"),
                other => format!("{number} {other:?}"),
            }
        };
        outputs.into_iter().map(words).collect()
    }
}

fn member(number: u8, priority: u8) -> RouterConfig {
    RouterConfig {
        interface: InterfaceId(number.into()),
        vrid: Vrid::new(number).unwrap(),
        priority: Priority::new(priority),
        ..config()
    }
}

#[test]
fn all_start_together_and_become_master_together() {
    let mut gang = Gang::new(vec![member(1, 100), member(2, 164)]);
    assert_eq!(
        gang.take(),
        [
            "0 INIT -> BACKUP: started",
            "1 INIT -> BACKUP: started",
            "group INIT -> BACKUP: started"
        ]
    );
    // The second would be master a quarter of a second earlier, and waits for the first.
    gang.wait(us(3_609_374));
    assert_eq!(gang.take(), [""; 0]);
    gang.wait(us(1));
    let words = gang.take();
    assert_eq!(
        words,
        [
            "0 advert 100",
            "0 add",
            "0 announce",
            "0 BACKUP -> MASTER: no master heard for 3.61 s (3 x 1 s + skew 0.61 s)",
            "1 advert 164",
            "1 add",
            "1 announce",
            "1 BACKUP -> MASTER: no master heard for 3.61 s (3 x 1 s + skew 359 ms)",
            "group BACKUP -> MASTER: no master heard for 3.61 s (3 x 1 s + skew 0.61 s)",
        ]
    );
    assert_eq!(gang.group_state(), StateKind::Master);
}

#[test]
fn none_becomes_master_while_another_follows_a_better_one() {
    let mut gang = Gang::backups();
    for second in 0..60 {
        gang.hear(0, 200);
        gang.wait(ms(1000));
        assert_eq!(gang.states(), [StateKind::Backup; 2], "after {second} s");
    }
    let words = gang.take();
    assert_eq!(
        words,
        [
            "1 notice: would be master, but another member of its sync group follows a better one; where that does not \
          change, their priorities are crossed"
        ],
        "said once a minute"
    );
    // The better one is gone: both are master as soon as the first has missed it.
    gang.wait(MASTER_DOWN);
    assert_eq!(gang.states(), [StateKind::Master; 2]);
}

#[test]
fn an_advert_takes_the_will_to_be_master_back() {
    let mut gang = Gang::backups();
    gang.hear(0, 200);
    gang.wait(MASTER_DOWN - ms(1));
    gang.hear(0, 200);
    gang.wait(ms(1));
    // The second is willing now, and hears a master again.
    gang.hear(1, 200);
    gang.wait(MASTER_DOWN - ms(1));
    assert_eq!(gang.states(), [StateKind::Backup; 2]);
    gang.wait(ms(1));
    assert_eq!(gang.states(), [StateKind::Master; 2]);
}

#[test]
fn one_that_yields_takes_the_others_along_without_a_farewell() {
    let mut gang = Gang::masters();
    gang.hear(1, 200);
    assert_eq!(
        gang.take(),
        [
            "1 remove",
            "1 MASTER -> BACKUP: 10.0.0.2 has priority 200, ours is 100",
            "0 remove",
            "0 MASTER -> BACKUP: another member of its sync group gave up",
            "group MASTER -> BACKUP: 10.0.0.2 has priority 200, ours is 100",
        ]
    );
}

#[test]
fn one_fault_takes_all_down_and_the_peers_learn_of_it_at_once() {
    let mut gang = Gang::masters();
    gang.link(1, false);
    assert_eq!(
        gang.take(),
        [
            "1 advert 0",
            "1 remove",
            "1 MASTER -> FAULT: interface down",
            "0 advert 0",
            "0 remove",
            "0 MASTER -> FAULT: another member of its sync group is in FAULT",
            "group MASTER -> FAULT: interface down",
        ]
    );
    gang.wait(Duration::from_secs(3600));
    assert_eq!(gang.take(), [""; 0]);
    gang.link(1, true);
    assert_eq!(
        gang.take(),
        [
            "1 FAULT -> BACKUP: interface up",
            "0 FAULT -> BACKUP: all members of its sync group are well",
            "group FAULT -> BACKUP: interface up",
        ]
    );
}

#[test]
fn faults_are_counted() {
    let mut gang = Gang::masters();
    gang.link(0, false);
    gang.link(1, false);
    gang.link(0, true);
    assert_eq!(gang.states(), [StateKind::Fault; 2]);
    gang.link(1, true);
    assert_eq!(gang.states(), [StateKind::Backup; 2]);
}

#[test]
fn a_fault_at_the_start_is_one_of_all() {
    let mut engine = Engine::new();
    let down = Environment {
        link_up: false,
        ..HERE
    };
    let members = vec![
        engine.add_router(member(1, 100), HERE).unwrap(),
        engine.add_router(member(2, 100), down).unwrap(),
    ];
    let config = GroupConfig {
        members: members.clone(),
    };
    let group = engine.add_group(Time::ZERO, config).unwrap();
    engine.handle_input(Time::ZERO, Input::Startup).unwrap();
    assert!(
        members
            .iter()
            .all(|id| engine.state(*id) == Some(StateKind::Fault))
    );
    assert_eq!(engine.group_state(group), Some(StateKind::Fault));
}

#[test]
fn owners_are_master_at_once_if_all_are_owners() {
    let owner = |number| RouterConfig {
        start: Start::Master,
        ..member(number, 255)
    };
    let gang = Gang::new(vec![owner(1), owner(2)]);
    assert_eq!(gang.states(), [StateKind::Master; 2]);
    let mixed = Gang::new(vec![owner(1), member(2, 100)]);
    assert_eq!(mixed.states(), [StateKind::Backup; 2]);
}

#[test]
fn a_new_member_joins_masters_without_disturbing_them() {
    let mut gang = Gang::masters();
    let third = gang.engine.add_router(member(3, 100), HERE).unwrap();
    gang.members.push(third);
    let config = GroupConfig {
        members: gang.members.clone(),
    };
    gang.engine
        .reconfigure_group(gang.now, gang.group, config)
        .unwrap();
    gang.input(Input::Startup);
    assert_eq!(
        gang.take(),
        ["2 INIT -> BACKUP: started"],
        "the group is what it was while the new member is not in step"
    );
    assert_eq!(
        gang.states(),
        [StateKind::Master, StateKind::Master, StateKind::Backup]
    );
    gang.wait(MASTER_DOWN);
    assert_eq!(gang.states(), [StateKind::Master; 3]);
    assert_eq!(gang.group_state(), StateKind::Master);
}

#[test]
fn a_new_member_that_follows_a_better_master_takes_the_others_along() {
    let mut gang = Gang::masters();
    let third = gang.engine.add_router(member(3, 100), HERE).unwrap();
    gang.members.push(third);
    let config = GroupConfig {
        members: gang.members.clone(),
    };
    gang.engine
        .reconfigure_group(gang.now, gang.group, config)
        .unwrap();
    gang.input(Input::Startup);
    gang.hear(2, 200);
    assert_eq!(gang.states(), [StateKind::Backup; 3]);
}

#[test]
fn one_that_is_removed_no_longer_counts() {
    let mut gang = Gang::masters();
    gang.link(1, false);
    let faulty = gang.members.pop().unwrap();
    gang.engine.remove_router(gang.now, faulty);
    assert_eq!(gang.states(), [StateKind::Backup]);
    assert_eq!(gang.group_state(), StateKind::Backup);
    let last = gang.members[0];
    gang.engine.remove_router(gang.now, last);
    assert_eq!(gang.engine.group_state(gang.group), None);
}

#[test]
fn members_of_a_dissolved_group_go_on_alone() {
    let mut gang = Gang::masters();
    gang.engine.remove_group(gang.now, gang.group);
    gang.link(1, false);
    assert_eq!(gang.states(), [StateKind::Master, StateKind::Fault]);
    // And what one was down for is not the other's business any more.
    let mut gang = Gang::masters();
    gang.link(1, false);
    gang.engine.remove_group(gang.now, gang.group);
    assert_eq!(gang.states(), [StateKind::Backup, StateKind::Fault]);
}

#[test]
fn shutdown_is_told_of_the_group_too() {
    let mut gang = Gang::masters();
    gang.input(Input::Shutdown);
    assert_eq!(gang.take().last().unwrap(), "group MASTER -> INIT: shut down");
}

#[test]
fn groups_that_cannot_be_are_refused() {
    let mut gang = Gang::backups();
    let mut refused = |members| {
        gang.engine
            .add_group(gang.now, GroupConfig { members })
            .unwrap_err()
    };
    let first = gang.members[0];
    assert_eq!(refused(vec![]), InvalidGroup::Empty);
    assert_eq!(refused(vec![first]), InvalidGroup::TakenRouter(first));
    let mut other = Bench::backup(config());
    let unknown = other.router;
    other.engine.remove_router(other.now, unknown);
    let group = GroupConfig {
        members: vec![unknown],
    };
    assert_eq!(
        other.engine.add_group(other.now, group),
        Err(InvalidGroup::UnknownRouter(unknown))
    );
    let twice = other.engine.add_router(member(9, 100), HERE).unwrap();
    let group = GroupConfig {
        members: vec![twice, twice],
    };
    assert_eq!(
        other.engine.add_group(other.now, group),
        Err(InvalidGroup::TakenRouter(twice))
    );
}

#[test]
fn a_member_without_a_source_speaks_its_last_words_from_the_one_it_had() {
    let mut gang = Gang::masters();
    let router = gang.members[0];
    gang.input(Input::Source {
        router,
        address: None,
    });
    let words = gang.take();
    assert_eq!(
        words[..3],
        ["0 advert 0", "0 remove", "0 MASTER -> FAULT: no source address"]
    );
    gang.input(Input::Source {
        router,
        address: Some(ip(10, 0, 0, 7)),
    });
    assert_eq!(gang.states(), [StateKind::Backup; 2]);
}

/// A new member may still listen while the others are master. A packet that is discarded is no reason to yield.
#[test]
fn a_discarded_packet_makes_nobody_yield() {
    let mut gang = Gang::masters();
    let third = gang.engine.add_router(member(3, 100), HERE).unwrap();
    gang.input(Input::Startup);
    gang.members.push(third);
    gang.hear(2, 200);
    let config = GroupConfig {
        members: gang.members.clone(),
    };
    gang.engine
        .reconfigure_group(gang.now, gang.group, config)
        .unwrap();
    let datagram = Datagram {
        interface: InterfaceId(3),
        source: LOWER_ADDRESS,
        destination: vrrp_proto::multicast_group(vrrp_proto::Family::Ipv4),
        hop_limit: 255,
        header: None,
        pdu: &[0x31, 3, 200, 0, 0, 100, 0, 0],
    };
    gang.engine
        .handle_input(gang.now, Input::Packet(datagram))
        .unwrap_err();
    assert_eq!(
        gang.states(),
        [StateKind::Master, StateKind::Master, StateKind::Backup]
    );
}

/// Its link is back, and what it tracks is not known: it is still in FAULT, and so are those that join it.
#[test]
fn a_fault_that_may_not_be_over_is_one_of_all() {
    let tracker = vrrp_engine::TrackerId(9);
    let mut engine = Engine::new();
    let tracking = RouterConfig {
        trackers: vec![vrrp_engine::Tracker {
            id: tracker,
            weight: vrrp_engine::Weight::default(),
        }],
        ..member(1, 100)
    };
    let first = engine.add_router(tracking, HERE).unwrap();
    let now = Time::from_millis(1000);
    let interface = InterfaceId(1);
    engine.handle_input(now, Input::Startup).unwrap();
    for up in [false, true] {
        engine.handle_input(now, Input::Link { interface, up }).unwrap();
    }
    assert_eq!(engine.state(first), Some(StateKind::Fault));
    let second = engine.add_router(member(2, 100), HERE).unwrap();
    let members = vec![first, second];
    engine.add_group(now, GroupConfig { members }).unwrap();
    engine.handle_input(now, Input::Startup).unwrap();
    assert_eq!(engine.state(second), Some(StateKind::Fault));
    let status = vrrp_engine::TrackerStatus::Up;
    engine
        .handle_input(now, Input::Tracker { tracker, status })
        .unwrap();
    assert_eq!(
        [first, second].map(|id| engine.state(id)),
        [Some(StateKind::Backup); 2]
    );
}
