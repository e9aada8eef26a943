//! What a packet costs: parse with verification, and emit with checksum.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    reason = "criterion's macros make public items; the lists are as long as they say"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use vrrp_proto::{
    Addresses, AdvertInterval, Advertisement, Authentication, Context, Family, Priority, V3Checksum, Version,
    Vrid, multicast_group,
};

fn packet(criterion: &mut Criterion) {
    let ipv4: Vec<[u8; 4]> = (1..=20).map(|host| [10, 0, 0, host]).collect();
    let ipv6: Vec<[u8; 16]> = (1..=20)
        .map(|host| [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host])
        .collect();
    for count in [1, 20] {
        let (ipv4, ipv6) = (Addresses::V4(&ipv4[..count]), Addresses::V6(&ipv6[..count]));
        one(criterion, "v2-ipv4", &advert(Version::V2, ipv4));
        one(criterion, "v3-ipv4", &advert(Version::V3, ipv4));
        one(criterion, "v3-ipv6", &advert(Version::V3, ipv6));
    }
}

fn one(criterion: &mut Criterion, name: &str, advert: &Advertisement<'_>) {
    let context = context(advert.addresses().family());
    let mut buffer = vec![0; advert.buffer_len()];
    let count = advert.addresses().len();
    criterion.bench_function(&format!("emit/{name}/{count}"), |bencher| {
        bencher.iter(|| black_box(advert).emit(black_box(&context), black_box(&mut buffer)));
    });
    criterion.bench_function(&format!("parse/{name}/{count}"), |bencher| {
        bencher.iter(|| Advertisement::parse(black_box(&buffer), black_box(&context)));
    });
}

fn advert(version: Version, addresses: Addresses<'_>) -> Advertisement<'_> {
    let vrid = Vrid::new(51).expect("not zero");
    let (priority, interval) = (Priority::DEFAULT, AdvertInterval::DEFAULT);
    Advertisement::new(version, vrid, priority, interval, Authentication::None, addresses).expect("is legal")
}

fn context(family: Family) -> Context {
    let source = match family {
        Family::Ipv4 => [10, 0, 0, 254].into(),
        Family::Ipv6 => [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1].into(),
    };
    Context {
        source,
        destination: multicast_group(family),
        checksum: V3Checksum::PseudoHeader,
    }
}

criterion_group!(benches, packet);
criterion_main!(benches);
