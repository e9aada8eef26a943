//! What the virtual addresses of an instance can be wrong about.

mod common;

use common::{errors, instance_text, parsed, silent, warnings};

fn with(text: &str) -> String {
    instance_text("").replace("10.0.0.10/24", text)
}

#[test]
fn networks_and_their_broadcast_addresses() {
    let parsed = parsed(with(
        "10.0.0.0/24\n10.0.0.255/24\n10.0.2.0/31\n10.0.0.7/24 brd 10.0.1.255\n10.0.0.8/24 brd 10.0.0.255\n\
         10.0.3.1 brd 10.0.3.255",
    ));
    assert_eq!(errors(&parsed), [""; 0]);
    assert_eq!(warnings(&parsed), ["6: KA0157", "7: KA0157", "9: KA0158"]);
    assert_eq!(parsed.config.instances[0].virtual_ipaddress.len(), 6);
}

#[test]
fn no_more_addresses_than_an_advert_can_list() {
    let text = |count: u32| {
        let each = (1..=count).map(|n| format!("10.0.{}.{}", n / 200, n % 200 + 1));
        with(&each.collect::<Vec<_>>().join("\n"))
    };
    assert_eq!(silent(text(255)).virtual_ipaddress.len(), 255);
    let parsed = parsed(text(257));
    assert_eq!(warnings(&parsed), ["261: KA0159"]);
    let instance = &parsed.config.instances[0];
    assert_eq!(instance.virtual_ipaddress.len(), 255);
    let excess: Vec<_> = instance
        .virtual_ipaddress_excluded
        .iter()
        .map(|vip| vip.address.to_string())
        .collect();
    assert_eq!(excess, ["10.0.1.57", "10.0.1.58"]);
}
