//! `docs/keywords.md` is the keyword table, and nothing else: with `UPDATE_DOCS=1` this writes it.

use std::fmt::Write;
use std::path::Path;

use kaconf::{Block, Keyword, Status};

#[test]
fn the_page_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/keywords.md");
    let wanted = page();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &wanted).expect("docs/ is there");
    }
    let page = std::fs::read_to_string(&path).expect("docs/keywords.md is there");
    assert!(
        page == wanted,
        "docs/keywords.md is not what the table says: `UPDATE_DOCS=1 cargo test -p kaconf --test keywords_page` writes it"
    );
}

#[test]
fn every_keyword_is_described() {
    for (block, keyword) in keywords() {
        assert!(!keyword.about.is_empty(), "{block:?}: `{}`", keyword.name);
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let count = |wanted: fn(Status) -> bool| keywords().filter(|(_, keyword)| wanted(keyword.status)).count();
    let works = count(|status| status == Status::Works);
    let parsed = count(|status| status == Status::Parsed);
    let idle = count(|status| matches!(status, Status::NoEffect(_)));
    let refused = count(|status| matches!(status, Status::Refused(_)));
    let all = keywords().count();
    let _ = write!(
        page,
        "\nOf {all} keywords (each counted in each of its blocks) {works} work, {parsed} are parsed only so far, \
         {idle} have no effect by design, {refused} are refused.\n"
    );
    for &block in Block::WITH_KEYWORDS {
        let openers: Vec<_> = block.openers().map(|name| format!("`{name}`")).collect();
        let title = match openers.as_slice() {
            [] => "Outside all blocks".to_owned(),
            _ => openers.join(", "),
        };
        let _ = write!(page, "\n## {title}\n\n{TABLE_HEAD}");
        for keyword in block.keywords() {
            let _ = writeln!(page, "{}", row(keyword));
        }
    }
    page
}

fn row(keyword: &Keyword) -> String {
    let aliases: Vec<_> = keyword.aliases.iter().map(|alias| format!("`{alias}`")).collect();
    let also = if aliases.is_empty() {
        String::new()
    } else {
        format!("<br>also {}", aliases.join(", "))
    };
    let status = match keyword.status {
        Status::Works => "works",
        Status::NoEffect(_) => "no effect",
        Status::Refused(_) => "refused",
        _ => "parsed only",
    };
    format!(
        "| `{}`{also} | {} | {} | {status} | {} |",
        keyword.usage().replace('|', "\\|"),
        keyword.takes.limits(),
        keyword.default,
        keyword.about.replace('|', "\\|")
    )
}

fn keywords() -> impl Iterator<Item = (Block, &'static Keyword)> {
    Block::WITH_KEYWORDS
        .iter()
        .flat_map(|&block| block.keywords().iter().map(move |keyword| (block, keyword)))
}

const HEAD: &str = "\
# Every keyword of keepalived.conf, and what kad makes of it

This page is made from the table in `kaconf/src/keyword`, which is also what the parser goes by; a test holds the one to
the other. *Works*: it does what it says. *Parsed only*: it is understood and checked, and kad does not act on it yet,
which it says when it reads one. *No effect*: it may stand there and changes nothing, for the reason given. *Refused*: it
is an error, for the reason given. Numbers are inclusive. `[BOOL]` is `on`, `true`, `yes`, `off`, `false`, `no`, or nothing,
which is `on`. A default that is a name is another keyword's value.

What is parsed only so far is about IPVS and its checkers, about BFD, and about the daemon itself: its processes and their
priorities, its namespace, the scripts that it runs at its own start and end, reloads by the clock, and what it writes down
when asked.
";

const TABLE_HEAD: &str = "| keyword | limits | default | status | what it is for |\n|---|---|---|---|---|\n";
