use super::*;
use std::collections::BTreeSet;

#[test]
fn a_name_means_one_thing_in_its_block() {
    for &block in Block::WITH_KEYWORDS {
        let mut seen = BTreeSet::new();
        for keyword in block.keywords() {
            for name in std::iter::once(&keyword.name).chain(keyword.aliases) {
                assert!(seen.insert(*name), "{name} twice in {block:?}");
            }
        }
        assert!(!seen.is_empty(), "{block:?} holds nothing");
    }
}

#[test]
fn every_block_of_keywords_is_listed_and_reached() {
    let mut reached = BTreeSet::from([Block::Root]);
    for &block in Block::WITH_KEYWORDS {
        reached.extend(block.keywords().iter().filter_map(|keyword| keyword.block));
    }
    let lists = reached
        .iter()
        .filter(|block| matches!(block.content(), Content::Lines));
    let listed: BTreeSet<_> = Block::WITH_KEYWORDS.iter().chain(lists).copied().collect();
    assert_eq!(listed, reached);
}

#[test]
fn required_arguments_stand_before_the_first_bracket() {
    let required = |usage| Takes::Words(usage).required();
    assert_eq!(required("IP [PORT]"), ["IP"]);
    assert_eq!(required("ID KEY"), ["ID", "KEY"]);
    assert!(required("[NAME] [IF]").is_empty());
    assert!(required("").is_empty());
}

#[test]
fn the_table_is_the_whole_language() {
    let names: BTreeSet<_> = Block::WITH_KEYWORDS
        .iter()
        .flat_map(|block| block.keywords())
        .map(|keyword| keyword.name)
        .collect();
    assert!(names.len() > 290, "only {} distinct keywords", names.len());
}
