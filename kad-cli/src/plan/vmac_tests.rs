use super::*;
use crate::plan::Instance;

fn try_plan(text: &str) -> Result<Plan, Vec<crate::plan::PlanError>> {
    let loader = kaconf::MemoryLoader::with("k.conf", text);
    let parsed = kaconf::parse(&loader, "k.conf".as_ref(), &kaconf::Options::default());
    assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
    let plan = Plan::from_config(&parsed.config)?;
    let made = plan.virtual_interfaces.iter();
    let made: BTreeSet<_> = made
        .map(|made| plan.interface_name(made.interface).to_owned())
        .collect();
    assert_eq!(made_interfaces(&parsed.config), made);
    Ok(plan)
}

fn instance(name: &str, vrid: u8, lines: &str, addresses: &str) -> String {
    format!(
        "vrrp_instance {name} {{\n interface eth0\n virtual_router_id {vrid}\n {lines}\n \
         virtual_ipaddress {{\n {addresses}\n }}\n}}\n"
    )
}

fn plan(instances: &[String]) -> Plan {
    try_plan(&instances.concat()).unwrap()
}

/// Name, base and kind of each interface that is made.
fn made(plan: &Plan) -> Vec<(&str, &str, StackedKind)> {
    let made = plan.virtual_interfaces.iter();
    made.map(|made| {
        let (name, base) = (
            plan.interface_name(made.interface),
            plan.interface_name(made.base),
        );
        (name, base, made.kind)
    })
    .collect()
}

fn macvlan(mac: [u8; 6]) -> StackedKind {
    StackedKind::Macvlan { mac: MacAddr(mac) }
}

/// Names of the interfaces it listens and sends on, and of those of its addresses.
fn seat<'a>(plan: &'a Plan, instance: &Instance) -> (&'a str, &'a str, Vec<&'a str>) {
    let name = |id| plan.interface_name(id);
    let addresses = instance.addresses.iter().map(|entry| name(entry.interface));
    (
        name(instance.router.interface),
        name(instance.transmit),
        addresses.collect(),
    )
}

#[test]
fn vmac_takes_adverts_and_addresses_and_the_base_listens() {
    let plan = plan(&[instance(
        "A",
        51,
        "use_vmac",
        "10.0.0.100\n10.0.0.101 dev eth0\n10.0.1.100 dev eth1",
    )]);
    let mac = [0, 0, 0x5e, 0, 1, 51];
    assert_eq!(made(&plan), [("vrrp.51", "eth0", macvlan(mac))]);
    let found = seat(&plan, &plan.instances[0]);
    assert_eq!(found, ("eth0", "vrrp.51", vec!["vrrp.51", "vrrp.51", "eth1"]));
    let trackers: Vec<_> = plan.instances[0].router.trackers.iter().map(|it| it.id).collect();
    assert_eq!(trackers, [plan.virtual_interfaces[0].tracker]);
    let made = &plan.virtual_interfaces[0];
    assert_eq!((made.ipv4, made.ipv6), (true, false));
}

#[test]
fn adverts_leave_by_the_base_if_told_so_or_if_unicast() {
    let unicast = "use_vmac\nunicast_src_ip 10.0.0.1\nunicast_peer {\n10.0.0.2\n}";
    let plan = plan(&[
        instance("A", 51, "use_vmac\nvmac_xmit_base", "10.0.0.100"),
        instance("B", 52, unicast, "10.0.0.101"),
    ]);
    assert_eq!(seat(&plan, &plan.instances[0]), ("eth0", "eth0", vec!["vrrp.51"]));
    assert_eq!(seat(&plan, &plan.instances[1]), ("eth0", "eth0", vec!["vrrp.52"]));
}

#[test]
fn names_that_are_taken_are_avoided() {
    let plan = plan(&[
        instance("A", 51, "use_vmac", "10.0.0.100"),
        instance("B", 51, "use_vmac\nversion 3", "fe80::64"),
        instance("C", 52, "use_vmac\nversion 3", "fe80::65"),
        instance("D", 53, "use_vmac vrrp.54", "10.0.0.103"),
        instance("E", 54, "use_vmac", "10.0.0.104"),
    ]);
    let names: Vec<_> = made(&plan).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["vrrp.51", "vrrp6.51", "vrrp.52", "vrrp.54", "vrrp1.54"]);
    assert_eq!(made(&plan)[1].2, macvlan([0, 0, 0x5e, 0, 2, 51]));
}

#[test]
fn addresses_elsewhere_get_an_interface_for_each_base() {
    let plan = plan(&[
        instance(
            "A",
            51,
            "use_vmac mine 02:00:00:00:00 group 7\nuse_vmac_addr",
            "10.0.0.100\n10.0.1.100 dev eth1\n10.0.1.101 dev eth1",
        ),
        instance("N", 53, "", "10.0.0.103 use_vmac\n10.0.0.104"),
    ]);
    let custom = macvlan([2, 0, 0, 0, 0, 51]);
    let usual = macvlan([0, 0, 0x5e, 0, 1, 53]);
    assert_eq!(
        made(&plan),
        [
            ("mine", "eth0", custom),
            ("vrrp.51", "eth1", custom),
            ("vrrp.53", "eth0", usual)
        ]
    );
    assert_eq!(plan.virtual_interfaces[0].group, Some(7));
    assert_eq!(seat(&plan, &plan.instances[0]).2, ["mine", "vrrp.51", "vrrp.51"]);
    assert_eq!(
        seat(&plan, &plan.instances[1]),
        ("eth0", "eth0", vec!["vrrp.53", "eth0"])
    );
}

#[test]
fn prefixes_are_the_files() {
    let plan = plan(&[
        "global_defs {\n vmac_prefix vm\n vmac_addr_prefix va\n}\n".to_owned(),
        instance("A", 1, "use_vmac", "10.0.0.100\n10.0.1.100 dev eth1 use_vmac"),
    ]);
    let names: Vec<_> = made(&plan).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["vm.1", "va.1"]);
}

#[test]
fn ipvlan_listens_and_sends_for_itself() {
    let plan = plan(&[instance(
        "A",
        51,
        "use_ipvlan ipv eth0 10.0.0.5/24 private group 3\nvrf red",
        "10.0.0.100",
    )]);
    let kind = StackedKind::Ipvlan {
        siblings: Siblings::Private,
    };
    assert_eq!(made(&plan), [("ipv", "eth0", kind)]);
    let made = &plan.virtual_interfaces[0];
    assert_eq!(
        (made.address, made.group),
        (Some("10.0.0.5".parse().unwrap()), Some(3))
    );
    assert_eq!(made.vrf.map(|vrf| plan.interface_name(vrf)), Some("red"));
    assert_eq!(seat(&plan, &plan.instances[0]), ("ipv", "ipv", vec!["ipv"]));
}

#[test]
fn names_that_cannot_be_are_refused() {
    let twice = [
        instance("A", 1, "use_vmac mine", "10.0.0.100"),
        instance("B", 2, "use_vmac mine", "10.0.0.101"),
    ];
    let long = [
        "global_defs {\n vmac_prefix abcdefghijklm\n}\n".to_owned(),
        instance("A", 51, "use_vmac", "10.0.0.100"),
    ];
    let reason = |instances: &[String]| try_plan(&instances.concat()).unwrap_err()[0].reason.clone();
    assert_eq!(reason(&twice), PlanErrorReason::InterfaceTaken("mine".to_owned()));
    assert_eq!(
        reason(&long),
        PlanErrorReason::InterfaceName("abcdefghijklm.51".to_owned())
    );
    let own = [instance("A", 1, "use_vmac eth0", "10.0.0.100")];
    assert_eq!(reason(&own), PlanErrorReason::InterfaceTaken("eth0".to_owned()));
}
