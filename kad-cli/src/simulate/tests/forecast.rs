//! What the files say, held against the RFCs' rules and arithmetic.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{instance, plan, simple, text};
use crate::plan::Plan;
use crate::simulate::{Forecast, Prospect, Step, Topology, groups};

/// Goes through `steps`, and answers with what each leads to. After each, `chance` decides which of the possible
/// masters of the first group it is.
fn story(
    plans: &[Plan],
    steps: &[Step],
    chance: fn(&BTreeSet<Option<usize>>) -> Option<usize>,
) -> Vec<Prospect> {
    let plans: Vec<&Plan> = plans.iter().collect();
    let topology = Topology::new(&plans);
    let (groups, names) = (groups(&plans, &topology), names(&plans));
    let mut forecast = Forecast::new(&plans, &topology, &groups, &names).unwrap();
    let prospects = steps.iter().map(|step| {
        let prospect = forecast.look(*step).unwrap();
        let seen: Vec<_> = prospect.masters.iter().map(chance).collect();
        forecast.keep(&seen);
        prospect
    });
    prospects.collect()
}

/// `r1`, `r2`, ...
fn names(plans: &[&Plan]) -> Vec<String> {
    (1..=plans.len()).map(|number| format!("r{number}")).collect()
}

fn first(masters: &BTreeSet<Option<usize>>) -> Option<usize> {
    masters.first().copied().flatten()
}

fn last(masters: &BTreeSet<Option<usize>>) -> Option<usize> {
    masters.last().copied().flatten()
}

fn only(router: usize) -> BTreeSet<Option<usize>> {
    BTreeSet::from([Some(router)])
}

fn waits(prospect: &Prospect, router: usize) -> Duration {
    prospect.takeovers[&router].wait
}

/// RFC 3768 section 6.1: Skew_Time is (256 - priority) / 256 s.
fn skew(priority: u64) -> Duration {
    Duration::from_nanos((256 - priority) * 1_000_000_000 / 256)
}

const ALL: [Step; 5] = [
    Step::Start,
    Step::Kill(0),
    Step::Return(0),
    Step::Resign(0),
    Step::End,
];
const THREE: Duration = Duration::from_secs(3);

#[test]
fn the_higher_priority_has_the_address_whenever_it_is_there() {
    let story = story(&[simple(150, ""), simple(100, "")], &ALL, first);
    let masters: Vec<_> = story.iter().map(|prospect| prospect.masters[0].clone()).collect();
    assert_eq!(
        masters,
        [only(0), only(1), only(0), only(1), BTreeSet::from([None])]
    );
    assert_eq!(waits(&story[0], 0), THREE + skew(150));
    assert_eq!(waits(&story[1], 1), THREE + skew(100));
    assert_eq!(waits(&story[2], 0), THREE + skew(150));
    assert_eq!(waits(&story[3], 1), skew(100));
    assert_eq!(
        story[1].takeovers[&1].reason,
        "10.0.0.1 silent for 3.61 s (3 x 1 s + skew 0.61 s)"
    );
}

#[test]
fn version_3_has_a_skew_of_its_interval() {
    let fast = "version 3\n advert_int 0.1";
    let story = story(&[simple(150, fast), simple(100, fast)], &ALL[..2], first);
    // RFC 9568 section 6.1: (256 - 100) / 256 of 100 ms.
    assert_eq!(
        waits(&story[1], 1),
        Duration::from_nanos(300_000_000 + 60_937_500)
    );
}

#[test]
fn nopreempt_leaves_the_address_where_it_is() {
    let story = story(&[simple(150, "nopreempt"), simple(100, "")], &ALL[..3], first);
    assert_eq!(story[2].masters[0], only(1));
    assert!(story[2].takeovers.is_empty());
    // Only after its own timer would have run out is it sure that it leaves it there.
    assert!(story[2].settles >= THREE + skew(150));
}

#[test]
fn preempt_delay_is_waited_for() {
    let story = story(
        &[simple(150, "preempt_delay 20"), simple(100, "")],
        &ALL[..3],
        first,
    );
    assert_eq!(story[2].masters[0], only(0));
    // From the first advert heard, which comes within a second, to the end of the timer after the last one accepted.
    let waited = waits(&story[2], 0);
    assert!(
        Duration::from_secs(20) <= waited && waited <= Duration::from_secs(25),
        "{waited:?}"
    );
    assert!(story[2].settles >= waited);
}

#[test]
fn between_equals_chance_decides_and_the_sitting_master_stays() {
    let equals = [simple(100, ""), simple(100, "")];
    let start = &story(&equals, &[Step::Start], first)[0];
    assert_eq!(start.masters[0], BTreeSet::from([Some(0), Some(1)]));

    let lucky_second = [Step::Start, Step::Kill(1), Step::Return(1)];
    let story = story(&equals, &lucky_second, last);
    assert_eq!(story[1].masters[0], only(0));
    assert_eq!(story[2].masters[0], only(0), "the sitting master stays");
}

#[test]
fn the_owner_is_master_at_once() {
    let owner = simple(255, "state MASTER");
    let story = story(&[owner, simple(100, "")], &ALL[..3], first);
    assert_eq!(story[0].masters[0], only(0));
    assert_eq!(waits(&story[0], 0), Duration::ZERO);
    assert_eq!(story[2].masters[0], only(0));
}

#[test]
fn of_three_the_next_best_takes_over() {
    let plans = [simple(120, ""), simple(200, ""), simple(150, "")];
    let story = story(&plans, &[Step::Start, Step::Kill(1), Step::Return(1)], first);
    let masters: Vec<_> = story.iter().map(|prospect| prospect.masters[0].clone()).collect();
    assert_eq!(masters, [only(1), only(2), only(1)]);
    assert_eq!(waits(&story[1], 2), THREE + skew(150));
}

#[test]
fn each_instance_has_a_master_of_its_own() {
    let both =
        |one, two| plan(&(text("A", 1, one, "", "10.0.0.9/24") + &text("B", 2, two, "", "10.0.0.8/24")));
    let story = story(&[both(150, 100), both(100, 150)], &ALL[..3], first);
    assert_eq!(story[0].masters, [only(0), only(1)]);
    assert_eq!(story[1].masters, [only(1), only(1)]);
    assert_eq!(story[2].masters, [only(0), only(1)]);
}

#[test]
fn unicast_reaches_those_it_is_sent_to() {
    let unicast = |own: u8, peer: u8, priority| {
        let more = format!("unicast_src_ip 10.0.0.{own}\n unicast_peer {{\n 10.0.0.{peer}\n }}");
        simple(priority, &more)
    };
    let story = story(&[unicast(1, 2, 150), unicast(2, 1, 100)], &ALL[..2], first);
    assert_eq!(story[0].masters[0], only(0));
    assert_eq!(story[1].masters[0], only(1));
}

#[test]
fn files_that_make_two_masters_are_told_why() {
    let pass = |word: &str| {
        simple(
            100,
            &format!("authentication {{\n auth_type PASS\n auth_pass {word}\n }}"),
        )
    };
    let unicast = simple(100, "unicast_src_ip 10.0.0.2\n unicast_peer {\n 10.0.0.1\n }");
    let pairs = [
        (pass("one"), pass("two")),
        (pass("one"), simple(100, "")),
        (simple(150, ""), simple(100, "advert_int 2")),
        (simple(150, ""), simple(100, "version 3")),
        (simple(150, ""), unicast),
    ];
    let complaints: Vec<String> = pairs.iter().map(|(one, two)| conflict(one, two)).collect();
    insta::assert_snapshot!(complaints.join("\n"));
}

fn conflict(one: &Plan, two: &Plan) -> String {
    let plans = [one, two];
    let topology = Topology::new(&plans);
    let (groups, names) = (groups(&plans, &topology), names(&plans));
    let forecast = Forecast::new(&plans, &topology, &groups, &names).unwrap();
    forecast.rehearse().unwrap_err().to_string()
}

#[test]
fn an_instance_that_is_there_twice_is_refused() {
    let twice = plan(&(text("A", 1, 100, "", "10.0.0.9/24") + &text("B", 2, 100, "", "10.0.0.8/24")));
    let mut twice = twice;
    twice.instances[1].router.vrid = twice.instances[0].router.vrid;
    let other = instance("A", 1, 100, "", "10.0.0.9/24");
    let plans = [&other, &twice];
    let topology = Topology::new(&plans);
    let (groups, names) = (groups(&plans, &topology), names(&plans));
    let refused = Forecast::new(&plans, &topology, &groups, &names).unwrap_err();
    assert_eq!((refused.router, refused.instance.as_str()), (1, "B"));
}

#[test]
fn the_rehearsal_adds_up_what_one_has_to_wait_for() {
    let plans = [simple(150, ""), simple(100, "")];
    let plans: Vec<&Plan> = plans.iter().collect();
    let topology = Topology::new(&plans);
    let (groups, names) = (groups(&plans, &topology), names(&plans));
    let takes = Forecast::new(&plans, &topology, &groups, &names)
        .unwrap()
        .rehearse()
        .unwrap();
    let told = (THREE + skew(150)) * 2 + THREE + skew(100) + skew(100);
    assert!(
        told <= takes && takes <= told + Duration::from_millis(200),
        "{takes:?}"
    );
}

/// Inside the machines are equal, and outside the first is better. Alone it would take the outside back when it returns;
/// in a group it waits for the inside, which it does not get.
#[test]
fn members_of_a_sync_group_have_their_master_in_common() {
    let machine = |priority: u8| {
        let inside = text("inside", 51, 100, "", "10.0.0.100/24");
        let outside = text("outside", 52, priority, "", "10.1.0.100/24").replace("eth0", "eth1");
        let group = "vrrp_sync_group G {\n group {\n inside\n outside\n }\n}\n";
        plan(&format!("{group}{inside}{outside}"))
    };
    let steps = [Step::Start, Step::Kill(0), Step::Return(0)];
    let prospects = story(&[machine(150), machine(100)], &steps, first);
    for prospect in &prospects[1..] {
        assert_eq!(prospect.masters, [only(1), only(1)]);
    }
}

/// What is tracked is well: its weight is added, and nobody waits for a first result.
#[test]
fn what_is_tracked_is_taken_to_be_well() {
    let process = "vrrp_track_process web {\n process nginx\n weight 100\n}\n";
    let tracking = plan(&format!(
        "{process}{}",
        text("VI_1", 51, 100, "track_process {\n web\n }", "10.0.0.100/24")
    ));
    let faulty = "track_interface {\n eth7\n }";
    let plans = [tracking, simple(150, faulty)];
    for prospect in story(&plans, &[Step::Start], first) {
        assert_eq!(prospect.masters, [only(0)]);
    }
}

/// Interfaces that the routers make for themselves are no networks, and keep nobody from being master.
#[test]
fn virtual_mac_addresses_change_nothing_about_who_is_master() {
    let plans = [
        simple(150, "use_vmac"),
        simple(100, "use_vmac mine\n vmac_xmit_base"),
    ];
    let topology = Topology::new(&plans.iter().collect::<Vec<_>>());
    assert_eq!(topology.lans, ["eth0"]);
    let story = story(&plans, &ALL, first);
    let masters: Vec<_> = story.iter().map(|prospect| prospect.masters[0].clone()).collect();
    assert_eq!(
        masters,
        [only(0), only(1), only(0), only(1), BTreeSet::from([None])]
    );
}
