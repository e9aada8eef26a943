//! The keyword table against what the parser does.

mod common;

use common::{errors, lines, parsed, warnings};
use kaconf::{Block, Code, Keyword, Status, Takes};

/// A file in which a keyword stands in its block, with what it must have; `None` if kad reads no such block yet.
fn file(block: Block, statement: &str) -> Option<String> {
    Some(match block {
        Block::Root => format!("{statement}\n"),
        Block::GlobalDefs => format!("global_defs {{\n{statement}\n}}\n"),
        Block::VrrpInstance => common::instance_text(statement),
        Block::VrrpScript => format!("vrrp_script s {{\n{statement}\n}}\n"),
        Block::TrackFile => format!("track_file f {{\n{statement}\n}}\n"),
        Block::TrackProcess => format!("vrrp_track_process p {{\n{statement}\n}}\n"),
        Block::BfdInstance => format!("bfd_instance b {{\n{statement}\n}}\n"),
        Block::TrackGroup => format!("track_group g {{\n{statement}\n}}\n"),
        Block::GarpGroup => format!("garp_group {{\n{statement}\n}}\n"),
        Block::VrrpSyncGroup => format!("vrrp_sync_group g {{\n{statement}\n}}\n"),
        Block::AuthHmac => common::instance_text(&format!("auth_hmac {{\n{statement}\n}}")),
        Block::Authentication => common::instance_text(&format!("authentication {{\n{statement}\n}}")),
        Block::VirtualServer | Block::RealServer => in_pool(block, statement),
        Block::HttpGet => in_pool(
            Block::RealServer,
            &format!("HTTP_GET {{\n{statement}\nurl {{\npath /\n}}\n}}"),
        ),
        Block::Url => in_pool(
            Block::RealServer,
            &format!("HTTP_GET {{\nurl {{\npath /\n{statement}\n}}\n}}"),
        ),
        Block::SmtpHost => in_pool(
            Block::RealServer,
            &format!("SMTP_CHECK {{\nhost {{\n{statement}\n}}\n}}"),
        ),
        Block::TcpCheck
        | Block::SmtpCheck
        | Block::MiscCheck
        | Block::DnsCheck
        | Block::UdpCheck
        | Block::PingCheck
        | Block::FileCheck
        | Block::BfdCheck => {
            let name = Block::RealServer
                .keywords()
                .iter()
                .find(|keyword| keyword.block == Some(block))
                .expect("every checker is of a real server")
                .name;
            in_pool(Block::RealServer, &format!("{name} {{\n{statement}\n}}"))
        }
        Block::Ssl => format!("SSL {{\n{statement}\n}}\n"),
        _ => return None,
    })
}

/// A virtual server with a statement in it or in its real server.
fn in_pool(block: Block, statement: &str) -> String {
    let (outer, inner) = if block == Block::VirtualServer {
        (statement, "")
    } else {
        ("", statement)
    };
    format!("virtual_server 10.0.0.1 80 {{\n{outer}\nreal_server 10.0.0.2 80 {{\n{inner}\n}}\n}}\n")
}

fn statement(name: &str, keyword: &Keyword) -> String {
    let block = if keyword.block.is_some() { " {\n}" } else { "" };
    format!("{name}{}{block}", arguments(keyword))
}

/// Legal arguments, each after a blank.
fn arguments(keyword: &Keyword) -> String {
    let value = match keyword.takes {
        Takes::Nothing | Takes::Switch | Takes::OptionalNumber(..) | Takes::OptionalSeconds(..) => {
            return String::new();
        }
        Takes::Number(low, high) | Takes::Weight(low, high) => 3.clamp(low, high).to_string(),
        Takes::WholeSeconds(low, _) | Takes::Milliseconds(low, _) | Takes::Microseconds(low, _) => {
            low.max(1).to_string()
        }
        Takes::Seconds(..) => "1".to_owned(),
        Takes::OneOf(words) => (*words.first().expect("a choice")).to_owned(),
        _ => {
            let required = keyword.takes.required();
            let samples: Vec<_> = required.iter().map(|argument| sample(argument)).collect();
            samples.join(" ")
        }
    };
    format!(" {value}")
}

/// A legal value for an argument.
fn sample(argument: &str) -> &str {
    match argument {
        "IP" => "224.0.0.19",
        "IP6" => "ff02::1",
        "N" => "3",
        "SECONDS" => "1",
        "COMMAND" => "/bin/true",
        "CPU" => "0",
        "MODE" => "077",
        _ => argument.split('|').next().expect("a first alternative"),
    }
}

fn keywords() -> impl Iterator<Item = (Block, &'static Keyword)> {
    Block::WITH_KEYWORDS
        .iter()
        .flat_map(|&block| block.keywords().iter().map(move |keyword| (block, keyword)))
}

/// Whether kad heeds something of a block; of others it is said once that it does not.
fn is_heeded(block: Block) -> bool {
    let opens = |(around, keyword): (Block, &Keyword)| {
        keyword.block == Some(block) && keyword.status == Status::Works && is_heeded(around)
    };
    block == Block::Root || keywords().any(opens)
}

/// Whether a text is told that a number is out of its range.
fn out_of_range(text: &str) -> bool {
    parsed(text)
        .diagnostics
        .iter()
        .any(|found| found.code == Code::OutOfRange && found.is_error())
}

#[test]
fn every_number_has_the_limits_that_the_table_says() {
    let mut tried = 0;
    for (block, keyword) in keywords() {
        let micros = |micros: u64| format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        let (inside, outside) = match keyword.takes {
            Takes::Number(low, high) | Takes::OptionalNumber(low, high) | Takes::Weight(low, high) => (
                [low.to_string(), high.to_string()],
                [(low - 1).to_string(), (high + 1).to_string()],
            ),
            Takes::WholeSeconds(low, high)
            | Takes::Milliseconds(low, high)
            | Takes::Microseconds(low, high) => {
                let (low, high) = (i64::from(low), i64::from(high));
                (
                    [low.to_string(), high.to_string()],
                    [(low - 1).to_string(), (high + 1).to_string()],
                )
            }
            Takes::Seconds(low, high) | Takes::OptionalSeconds(low, high) => (
                [micros(low), micros(high)],
                [
                    if low == 0 {
                        "-1".to_owned()
                    } else {
                        micros(low - 1)
                    },
                    micros(high + 1),
                ],
            ),
            _ => continue,
        };
        let with = |value: &str| file(block, &format!("{} {value}", keyword.name));
        for value in inside {
            let Some(text) = with(&value) else { continue };
            assert!(!out_of_range(&text), "{text}");
            tried += 1;
        }
        for value in outside {
            let Some(text) = with(&value) else { continue };
            // Zero, where one is the least, is taken as one in some places.
            let taken = value == "0" && ["rise", "fall", "persistence_timeout"].contains(&keyword.name);
            assert!(taken || out_of_range(&text), "{text}");
        }
    }
    assert!(tried > 140, "only {tried} values were tried");
}

#[test]
fn every_spelling_of_every_keyword_does_what_the_table_says() {
    let mut tried = 0;
    for (block, keyword) in keywords() {
        for name in std::iter::once(&keyword.name).chain(keyword.aliases) {
            let Some(text) = file(block, &statement(name, keyword)) else {
                continue;
            };
            let parsed = parsed(text.clone());
            let not_yet = parsed
                .diagnostics
                .iter()
                .filter(|found| found.code == Code::NotSupportedYet)
                .count();
            assert_eq!(
                not_yet,
                usize::from(!is_heeded(block) || keyword.status == Status::Parsed),
                "{text}{:#?}",
                lines(&parsed)
            );
            let unknown = [
                Code::UnknownKeyword,
                Code::UnknownBlock,
                Code::MisplacedKeyword,
                Code::MissingArgument,
            ];
            assert!(
                !parsed
                    .diagnostics
                    .iter()
                    .any(|found| unknown.contains(&found.code)),
                "{text}"
            );
            tried += 1;
        }
    }
    assert!(tried > 200, "only {tried} keywords were tried");
}

#[test]
fn every_argument_that_must_be_there_is_missed() {
    let mut tried = 0;
    for (block, keyword) in keywords().filter(|(_, keyword)| !keyword.takes.required().is_empty()) {
        let bare = if keyword.block.is_some() {
            format!("{} {{\n}}", keyword.name)
        } else {
            keyword.name.to_owned()
        };
        let Some(text) = file(block, &bare) else { continue };
        let parsed = parsed(text.clone());
        let missing = parsed
            .diagnostics
            .iter()
            .filter(|found| found.code == Code::MissingArgument)
            .count();
        assert_eq!(missing, 1, "{text}{:#?}", lines(&parsed));
        tried += 1;
    }
    assert!(tried > 100, "only {tried} keywords were tried");
}

#[test]
fn nothing_is_said_about_what_stands_in_a_block_that_is_left_out() {
    let parsed = parsed("nonesuch 10.0.0.1 80 {\nbogus\nx {\ny {\n}\n}\nreal_server\n}\n}\n");
    assert_eq!(warnings(&parsed), [""; 0]);
    assert_eq!(errors(&parsed), ["1: KA0045", "9: KA0048"]);
}
