//! The text form of tables, there and back.

mod model;

use ipvs_netlink::ipvsadm;
use model::Draw;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_is_written_is_read(octets in prop::collection::vec(any::<u8>(), 0..600)) {
        let table = Draw::new(&octets).table();
        prop_assert_eq!(ipvsadm::parse(&ipvsadm::write(&table)), Ok(table));
    }

    #[test]
    fn no_text_is_too_strange(text in "(-[AaEtufspMborwxyimg6]|--[a-z-]{1,12}|=|:|\\[|\\]|[0-9.:a-f]{1,12}|ipvsadm|#|\\PC| |\n){0,40}") {
        let Ok(table) = ipvsadm::parse(&text) else { return Ok(()) };
        prop_assert_eq!(ipvsadm::parse(&ipvsadm::write(&table)), Ok(table));
    }

    #[test]
    fn a_line_that_is_missing_or_twice_is_told(
        octets in prop::collection::vec(any::<u8>(), 1..400),
        place in any::<prop::sample::Index>(),
    ) {
        let text = ipvsadm::write(&Draw::new(&octets).table());
        let lines: Vec<&str> = text.lines().collect();
        prop_assume!(!lines.is_empty());
        let place = place.index(lines.len());
        let mut twice = lines.clone();
        twice.insert(place, lines[place]);
        let error = ipvsadm::parse(&twice.join("\n")).unwrap_err();
        prop_assert_eq!(error.line, place + 2);
        let mut missing = lines.clone();
        missing.remove(place);
        let orphaned = lines[place].starts_with("-A") && missing.get(place).is_some_and(|next| next.starts_with("-a"));
        match ipvsadm::parse(&missing.join("\n")) {
            Ok(table) => prop_assert!(!orphaned && ipvsadm::write(&table).lines().eq(missing)),
            Err(error) => prop_assert!(orphaned && error.line == place + 1),
        }
    }
}
