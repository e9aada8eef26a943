//! What instances and groups track.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Duration;

use kaconf::{Config, ParamMatch, Spanned, Tracked};
use vrrp_engine::{RouterConfig, Tracker, TrackerId, Weight};

use super::Plan;
use crate::script::Policy;
use crate::track::{
    FileSetup, Kind, LinkDelays, Pattern, ProcessSetup, QuorumSetup, ScheduleSetup, ScriptSetup, TrackerKind,
    TrackerSetup,
};

impl Plan {
    /// Numbers what is tracked and gives each router its trackers. The instances are there already, in the file's order.
    pub(super) fn track(&mut self, config: &Config) {
        let mut numbers = Numbers::after(&self.tracker_names);
        for (place, instance) in config.instances.iter().enumerate() {
            let group = config
                .sync_groups
                .iter()
                .find(|group| group.group.contains(&instance.name));
            let trackers = Uses { instance, group }.trackers(config, &mut numbers, self);
            if let Some(planned) = self.instances.get_mut(place) {
                planned.router.trackers = trackers;
            }
        }
        self.trackers = numbers.setups.into_values().collect();
        self.tracker_names = numbers.names;
        let delays = config.interface_up_down_delays.iter();
        self.link_delays = delays.filter_map(|line| self.delays(line)).collect();
    }

    /// An instance cannot wait longer for its own interface than its backups wait for it: they would take over meanwhile.
    fn delays(&self, line: &kaconf::InterfaceDelays) -> Option<LinkDelays> {
        let interface = self.known_interface(&line.interface)?;
        let on_it = self
            .instances
            .iter()
            .filter(|instance| instance.router.interface == interface);
        let limit = on_it.map(|instance| patience(&instance.router)).min();
        let limit = limit.unwrap_or(Duration::MAX);
        if line.down > limit || line.up > limit {
            tracing::warn!(
                "interface_up_down_delays {}: {limit:?} is taken for longer delays, since a backup takes over when two \
                 more adverts or so are missed",
                line.interface
            );
        }
        Some(LinkDelays {
            interface,
            down: line.down.min(limit),
            up: line.up.min(limit),
        })
    }
}

/// Just short of the last advert but one that a backup misses before it takes over.
fn patience(router: &RouterConfig) -> Duration {
    let missed = u32::from(router.down_timer_adverts.get()) - 1;
    (router.interval.as_duration() * missed).saturating_sub(SHORTEST_SKEW)
}

/// The numbers of what is tracked, by kind and name.
struct Numbers {
    names: Vec<(Kind, String)>,
    known: HashMap<(Kind, String), TrackerId>,
    setups: BTreeMap<TrackerId, TrackerSetup>,
}

impl Numbers {
    /// Goes on from what has a number already.
    fn after(names: &[(Kind, String)]) -> Self {
        Self {
            names: names.to_vec(),
            known: names.iter().cloned().zip((0..).map(TrackerId)).collect(),
            setups: BTreeMap::new(),
        }
    }

    fn number(&mut self, kind: Kind, name: &str, setup: impl FnOnce() -> TrackerKind) -> TrackerId {
        let key = (kind, name.to_owned());
        let id = *self.known.entry(key.clone()).or_insert_with(|| {
            self.names.push(key);
            let place = self.names.len() - 1;
            TrackerId(u32::try_from(place).expect("a file that fits memory tracks fewer things"))
        });
        self.setups.entry(id).or_insert_with(|| TrackerSetup {
            id,
            name: name.to_owned(),
            kind: setup(),
        });
        id
    }
}

/// What one instance tracks, and its group for it.
struct Uses<'a> {
    instance: &'a kaconf::VrrpInstance,
    group: Option<&'a kaconf::SyncGroup>,
}

impl<'a> Uses<'a> {
    fn trackers(&self, config: &'a Config, numbers: &mut Numbers, plan: &mut Plan) -> Vec<Tracker> {
        let mut trackers = Vec::new();
        let mut add = |id, weight| trackers.push(Tracker { id, weight });
        for (tracked, rule) in self.of(|tracking| &tracking.interfaces, Members::WithoutWeight) {
            let own = self.instance.interface.as_ref() == Some(&tracked.name);
            if own {
                // It is a fault when that one is down, or need not be watched at all.
                continue;
            }
            let interface = plan.interface(&tracked.name);
            let id = numbers.number(Kind::Interface, &tracked.name, || {
                TrackerKind::Interface(interface)
            });
            add(id, rule.weigh(tracked, kaconf::Weight::default()));
        }
        for (tracked, rule) in self.of(|tracking| &tracking.scripts, Members::NotAtAll) {
            let Some(script) = named(&config.scripts, &tracked.name, |script| &script.name) else {
                continue;
            };
            let weight = rule.weigh(tracked, script.weight.value);
            if rule == Rule::Member(Members::NotAtAll) && weight.value != 0 {
                self.report_ignored(tracked);
                continue;
            }
            let id = numbers.number(Kind::Script, &tracked.name, || {
                TrackerKind::Script(script_setup(script, &config.global.processes))
            });
            add(id, weight);
        }
        for (tracked, rule) in self.of(|tracking| &tracking.files, Members::WithoutWeight) {
            let Some(file) = named(&config.track_files, &tracked.name, |file| &file.name) else {
                continue;
            };
            let id = numbers.number(Kind::File, &tracked.name, || TrackerKind::File(file_setup(file)));
            add(id, rule.weigh(tracked, file.weight.value));
        }
        for (tracked, rule) in self.of(|tracking| &tracking.processes, Members::AsTheySay) {
            let Some(process) = named(&config.track_processes, &tracked.name, |process| &process.name) else {
                continue;
            };
            let id = numbers.number(Kind::Process, &tracked.name, || {
                TrackerKind::Process(process_setup(process))
            });
            add(id, rule.weigh(tracked, process.weight.value));
        }
        trackers
    }

    /// The lines of one kind: the group's, and what the instance has beside them.
    fn of(
        &self,
        list: impl Fn(&'a kaconf::Tracking) -> &'a Vec<Tracked>,
        members: Members,
    ) -> Vec<(&'a Tracked, Rule)> {
        let own = list(&self.instance.tracking);
        let Some(group) = self.group else {
            return own.iter().map(|tracked| (tracked, Rule::AsItSays)).collect();
        };
        let shared = list(&group.tracking);
        let rule = if *group.sync_group_tracking_weight {
            Rule::AsItSays
        } else {
            Rule::Member(members)
        };
        let only_own = own
            .iter()
            .filter(|tracked| !shared.iter().any(|other| other.name == tracked.name));
        let shared = shared.iter().map(|tracked| (tracked, Rule::AsItSays));
        shared.chain(only_own.map(|tracked| (tracked, rule))).collect()
    }

    fn report_ignored(&self, tracked: &Tracked) {
        let (instance, script) = (&self.instance.name, &tracked.name);
        tracing::warn!(
            "{instance}: script {script} has a weight and is not tracked, since the instance is in a sync group without \
             sync_group_tracking_weight"
        );
    }
}

/// How a line counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rule {
    AsItSays,
    /// It is a member's, and the group has no `sync_group_tracking_weight`.
    Member(Members),
}

/// What becomes of a member's line with a weight then: as in keepalived, not the same for all kinds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
    /// It stays, and is a fault of all.
    WithoutWeight,
    /// It is left out.
    NotAtAll,
    AsTheySay,
}

impl Rule {
    fn weigh(self, tracked: &Tracked, own: kaconf::Weight) -> Weight {
        let weight = tracked.weight_or(own);
        Weight {
            value: match self {
                Self::Member(Members::WithoutWeight) => 0,
                _ => weight.value,
            },
            reverse: weight.reverse,
        }
    }
}

fn named<'a, T>(list: &'a [T], name: &Spanned<String>, of: impl Fn(&T) -> &Spanned<String>) -> Option<&'a T> {
    list.iter().find(|one| of(one) == name)
}

fn script_setup(script: &kaconf::VrrpScript, processes: &kaconf::Processes) -> ScriptSetup {
    ScriptSetup {
        command: script.script.value.clone(),
        user: script.user.as_ref().map(|user| user.value.clone()),
        policy: Policy::from_config(processes),
        schedule: ScheduleSetup {
            interval: script.interval.value,
            rise: script.rise.value,
            fall: script.fall.value,
            init_fail: script.init_fail.value,
        },
        timeout: script.timeout.value,
    }
}

fn file_setup(file: &kaconf::TrackFile) -> FileSetup {
    FileSetup {
        path: PathBuf::from(&file.file.value),
        init: file.init_file.as_ref().map(|init| init.value),
    }
}

fn process_setup(process: &kaconf::TrackProcess) -> ProcessSetup {
    let most = process.quorum_max.map(|most| usize::from(most.value));
    ProcessSetup {
        pattern: pattern(process),
        quorum: QuorumSetup {
            at_least: usize::from(process.quorum.value),
            at_most: most.filter(|most| *most != 0),
            fork_delay: process.fork_delay.value,
            terminate_delay: process.terminate_delay.value,
        },
    }
}

/// Arguments, or a word about them, are compared with the command line; a program alone with the process' name, which is
/// the end of its path, and of which the kernel keeps 15 bytes.
fn pattern(process: &kaconf::TrackProcess) -> Pattern {
    let mut words = process.process.iter().map(|word| word.as_bytes().to_vec());
    let program = words.next().unwrap_or_default();
    let arguments: Vec<Vec<u8>> = words.collect();
    let matching = process.param_match.map(|matching| matching.value);
    if *process.full_command || matching.is_some() || !arguments.is_empty() {
        let any = if *process.full_command && arguments.is_empty() {
            ParamMatch::Partial
        } else {
            ParamMatch::Exact
        };
        return Pattern::Command {
            program,
            arguments,
            matching: matching.unwrap_or(any),
        };
    }
    let name = program.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    Pattern::Name(name.iter().take(NAME_LENGTH).copied().collect())
}

/// That of priority 255 at an interval of a second (RFC 9568 section 6.1).
const SHORTEST_SKEW: Duration = Duration::from_micros(3906);
/// TASK_COMM_LEN in the kernel's linux/sched.h, without the zero byte.
const NAME_LENGTH: usize = 15;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Two instances in a group, and one alone; what stands in their blocks and the group's.
    fn plan(definitions: &str, group: &str, one: &str, alone: &str) -> Plan {
        let instance = |name: &str, interface: &str, lines: &str| {
            format!(
                "vrrp_instance {name} {{\ninterface {interface}\nvirtual_router_id 1\n{lines}\nvirtual_ipaddress \
                 {{\n10.0.0.9\n}}\n}}\n"
            )
        };
        let text = [
            definitions.to_owned(),
            format!("\nvrrp_sync_group G {{\n{group}\ngroup {{\none\ntwo\n}}\n}}\n"),
            instance("one", "eth0", one),
            instance("two", "eth1", ""),
            instance("alone", "eth2", alone),
        ];
        let loader = kaconf::MemoryLoader::with("k.conf", text.concat());
        let parsed = kaconf::parse(&loader, "k.conf".as_ref(), &kaconf::Options::default());
        assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
        Plan::from_config(&parsed.config).unwrap()
    }

    /// What an instance tracks: name, weight and direction.
    fn tracked(plan: &Plan, place: usize) -> Vec<(&str, i32, bool)> {
        let trackers = plan.instances[place].router.trackers.iter();
        trackers
            .map(|tracker| {
                let setup = plan.trackers.iter().find(|setup| setup.id == tracker.id).unwrap();
                (setup.name.as_str(), tracker.weight.value, tracker.weight.reverse)
            })
            .collect()
    }

    const FILES: &str = "track_file f {\nfile /f\nweight 2 reverse\n}\ntrack_file g {\nfile /g\n}\n\
                         vrrp_track_process p {\nprocess p\nweight 40\n}\n";

    #[test]
    fn a_use_says_its_weight_and_the_thing_itself_what_the_use_does_not() {
        let uses = "track_file {\nf weight 7\ng\n}\ntrack_interface {\neth9\neth8 weight -5\n}";
        let plan = plan(FILES, "", "", uses);
        let expected = [
            ("eth9", 0, false),
            ("eth8", -5, false),
            ("f", 7, true),
            ("g", 1, false),
        ];
        assert_eq!(tracked(&plan, 2), expected);
        let other = "track_file {\nf weight 7 noreverse\n}";
        assert_eq!(tracked(&self::plan(FILES, "", "", other), 2), [("f", 7, false)]);
    }

    #[test]
    fn what_a_group_tracks_counts_for_each_member_as_the_group_says() {
        let group = "sync_group_tracking_weight\ntrack_interface {\neth9 weight 3\n}\ntrack_file {\nf\n}";
        let plan = plan(
            FILES,
            group,
            "track_interface {\neth9 weight -20\neth8 weight 9\n}",
            "",
        );
        let shared = [("eth9", 3, false), ("eth8", 9, false), ("f", 2, true)];
        assert_eq!(tracked(&plan, 0), shared);
        assert_eq!(tracked(&plan, 1), [("eth9", 3, false), ("f", 2, true)]);
        assert_eq!(tracked(&plan, 2), []);
        assert_eq!(plan.trackers.len(), 3, "one number for each thing");
    }

    #[test]
    fn weights_of_members_do_not_count_unless_the_group_says_so() {
        let one = "track_interface {\neth9 weight -20\n}\ntrack_file {\nf\n}\ntrack_process {\np\n}";
        let plan = plan(FILES, "track_file {\ng weight 5\n}", one, "");
        let expected = [
            ("eth9", 0, false),
            ("g", 5, false),
            ("f", 0, true),
            ("p", 40, false),
        ];
        assert_eq!(tracked(&plan, 0), expected);
    }

    #[test]
    fn members_scripts_with_a_weight_are_left_out_unless_the_group_says_so() {
        let scripts = "vrrp_script s {\nscript /s\nweight 5\n}\nvrrp_script n {\nscript /n\n}\n";
        let one = "track_script {\ns\nn\n}";
        assert_eq!(tracked(&plan(scripts, "", one, ""), 0), [("n", 0, false)]);
        let plan = plan(scripts, "sync_group_tracking_weight", one, "");
        assert_eq!(tracked(&plan, 0), [("s", 5, false), ("n", 0, false)]);
    }

    #[test]
    fn what_is_tracked_keeps_its_number_in_the_next_plan() {
        let configuration = |uses: &str| {
            let text = format!(
                "{FILES}vrrp_instance I {{\ninterface eth0\nvirtual_router_id 1\ntrack_file {{\n{uses}\n}}\n\
                 virtual_ipaddress {{\n10.0.0.9\n}}\n}}\n"
            );
            let loader = kaconf::MemoryLoader::with("k.conf", text);
            kaconf::parse(&loader, "k.conf".as_ref(), &kaconf::Options::default()).config
        };
        let ids = |plan: &Plan| {
            plan.trackers
                .iter()
                .map(|setup| (setup.name.clone(), setup.id.0))
                .collect::<Vec<_>>()
        };
        let first = Plan::from_config(&configuration("f\ng")).unwrap();
        assert_eq!(ids(&first), [("f".to_owned(), 0), ("g".to_owned(), 1)]);
        let second = Plan::after(&first.names(), &configuration("g")).unwrap();
        assert_eq!(ids(&second), [("g".to_owned(), 1)]);
        let third = Plan::after(&second.names(), &configuration("g\nf")).unwrap();
        assert_eq!(ids(&third), ids(&first));
    }

    #[test]
    fn the_own_interface_is_tracked_already() {
        let plan = plan("", "track_interface {\neth0\n}", "", "");
        assert_eq!(tracked(&plan, 0), []);
        assert_eq!(tracked(&plan, 1), [("eth0", 0, false)]);
    }

    #[test]
    fn a_program_is_found_by_name_or_by_its_whole_command_line() {
        let pattern = |lines: &str| {
            let text = format!("vrrp_track_process p {{\n{lines}\n}}\n");
            let plan = plan(&text, "", "", "track_process {\np\n}");
            match &plan.trackers[0].kind {
                TrackerKind::Process(process) => process.pattern.clone(),
                other => panic!("{other:?}"),
            }
        };
        let command = |words: &[&str], matching| {
            let mut words = words.iter().map(|word| word.as_bytes().to_vec());
            Pattern::Command {
                program: words.next().unwrap(),
                arguments: words.collect(),
                matching,
            }
        };
        let name = |name: &str| Pattern::Name(name.into());
        assert_eq!(pattern("process /usr/sbin/nginx"), name("nginx"));
        assert_eq!(pattern("process averyveryverylongname"), name("averyveryverylo"));
        assert_eq!(
            pattern("process sleep 100 200"),
            command(&["sleep", "100", "200"], ParamMatch::Exact)
        );
        assert_eq!(
            pattern("process sleep\nfull_command"),
            command(&["sleep"], ParamMatch::Partial)
        );
        assert_eq!(
            pattern("process sleep\nparam_match"),
            command(&["sleep"], ParamMatch::Exact)
        );
        assert_eq!(
            pattern("process sleep 1\nparam_match initial"),
            command(&["sleep", "1"], ParamMatch::Initial)
        );
    }

    #[test]
    fn delays_stay_below_what_a_backup_waits() {
        let plan = plan(
            "interface_up_down_delays {\neth0 5 3\neth1 0.5\neth7 9\n}\n",
            "",
            "advert_int 1",
            "",
        );
        let limit = Duration::from_micros(2_000_000 - 3906);
        let delays: Vec<_> = plan
            .link_delays
            .iter()
            .map(|line| (line.interface.0, line.down, line.up))
            .collect();
        assert_eq!(
            delays,
            [(0, limit, limit), (1, Duration::from_millis(500), Duration::ZERO)]
        );
    }
}
