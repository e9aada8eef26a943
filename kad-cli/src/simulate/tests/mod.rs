//! Who gets which address, and what is to happen.

mod forecast;
mod topology;

use crate::plan::Plan;

/// The plan of a file.
pub(crate) fn plan(text: &str) -> Plan {
    let loader = kaconf::MemoryLoader::with("k.conf", text);
    let parsed = kaconf::parse(&loader, "k.conf".as_ref(), &kaconf::Options::default());
    assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
    Plan::from_config(&parsed.config).unwrap()
}

/// The plan of a file with one instance: version 2, an advert each second, 10.0.0.100/24.
pub(crate) fn simple(priority: u8, more: &str) -> Plan {
    instance("VI_1", 51, priority, more, "10.0.0.100/24")
}

pub(crate) fn instance(name: &str, vrid: u8, priority: u8, more: &str, addresses: &str) -> Plan {
    plan(&text(name, vrid, priority, more, addresses))
}

pub(crate) fn text(name: &str, vrid: u8, priority: u8, more: &str, addresses: &str) -> String {
    format!(
        "vrrp_instance {name} {{\n interface eth0\n virtual_router_id {vrid}\n priority {priority}\n {more}\n \
         virtual_ipaddress {{\n {addresses}\n }}\n}}\n"
    )
}
