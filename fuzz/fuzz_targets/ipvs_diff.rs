//! Any table of the kernel's, any wanted one, any scope: the difference is applied to a model of the kernel.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../ipvs-netlink/tests/model/mod.rs"]
mod model;

fuzz_target!(|octets: &[u8]| {
    let mut draw = model::Draw::new(octets);
    let (scope, wanted, start) = (draw.scope(), draw.table(), draw.table());
    model::holds(&wanted, &start, &scope);
});
