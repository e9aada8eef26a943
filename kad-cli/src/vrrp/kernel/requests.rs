//! Items as the kernel is asked for them.

use vrrp_engine::InterfaceId;

use crate::plan::{Plan, Route, VirtualAddress};
use crate::rtnl::{AddressSpec, Request, RouteSpec};
use crate::vrrp::holdings::{Change, Item, What};
use crate::vrrp::interfaces::Interfaces;

/// The request, or a sentence that says what is not there.
pub(super) fn request(change: &Change, plan: &Plan, interfaces: &Interfaces) -> Result<Request, String> {
    Ok(match (&change.item, change.what) {
        (Item::Address(entry), What::Add) => Request::AddAddress(address(entry, plan, interfaces)?),
        (Item::Address(entry), What::Remove) => Request::RemoveAddress(address(entry, plan, interfaces)?),
        (Item::Route(entry), What::Add) => Request::AddRoute(route(entry, plan, interfaces)?),
        (Item::Route(entry), What::Remove) => Request::RemoveRoute(route(entry, plan, interfaces)?),
        (Item::Rule(entry), What::Add) => Request::AddRule(entry.spec.clone()),
        (Item::Rule(entry), What::Remove) => Request::RemoveRule(entry.spec.clone()),
    })
}

fn address(entry: &VirtualAddress, plan: &Plan, interfaces: &Interfaces) -> Result<AddressSpec, String> {
    let index = index(entry.interface, interfaces).ok_or_else(|| absent(entry.interface, plan))?;
    let mut spec = AddressSpec::new(index, entry.address, entry.prefix_len);
    spec.broadcast = entry.broadcast;
    spec.scope = entry.scope;
    spec.label.clone_from(&entry.label);
    spec.options = entry.options.clone();
    Ok(spec)
}

fn route(route: &Route, plan: &Plan, interfaces: &Interfaces) -> Result<RouteSpec, String> {
    let missing = || {
        let missing = route.spec.devices().find(|id| index(**id, interfaces).is_none());
        missing.map_or_else(String::new, |id| absent(*id, plan))
    };
    let spec = route.spec.with_devices(|id| index(*id, interfaces));
    let mut spec = spec.ok_or_else(missing)?;
    if let Some(vrf) = route.vrf {
        let interface = interfaces.get(vrf);
        let table = interface.and_then(|interface| interface.vrf_table);
        spec.table = table.ok_or_else(|| format!("there is no VRF {}", plan.interface_name(vrf)))?;
    }
    Ok(spec)
}

fn index(id: InterfaceId, interfaces: &Interfaces) -> Option<u32> {
    interfaces.get(id)?.index
}

fn absent(id: InterfaceId, plan: &Plan) -> String {
    format!("there is no interface {}", plan.interface_name(id))
}
