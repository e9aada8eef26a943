//! Whatever a file means, the text that `print` makes of it means the same.
//!
//! Files are made from the keyword table: any keyword in its block, with any legal argument.

mod common;

use std::collections::BTreeSet;

use common::parsed;
use kaconf::{Block, Content, Keyword, Status, Takes, print};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, max_shrink_iters: 4096, ..ProptestConfig::default() })]

    #[test]
    fn any_pool(choices in prop::collection::vec(any::<u16>(), 0..400)) {
        let text = Maker::new(&choices).pool();
        let first = parsed(text.clone()).config;
        let printed = print(&first);
        let second = parsed(printed.clone()).config;
        prop_assert_eq!(first, second, "{}\n-- printed:\n{}", text, String::from_utf8_lossy(&printed));
    }

    #[test]
    fn any_configuration(choices in prop::collection::vec(any::<u16>(), 0..400)) {
        let text = Maker::new(&choices).file();
        let first = parsed(text.clone()).config;
        let printed = print(&first);
        let second = parsed(printed.clone()).config;
        prop_assert_eq!(first, second, "{}\n-- printed:\n{}", text, String::from_utf8_lossy(&printed));
    }
}

/// A keyword that is in the model is printed, or else it is lost.
#[test]
fn every_keyword_is_printed_somewhere() {
    let mut printed = BTreeSet::new();
    let mut random = 1u64;
    for round in 0..4000 {
        let choices: Vec<u16> = (0..300)
            .map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                u16::try_from(random >> 48).expect("16 bits")
            })
            .collect();
        let maker = Maker::new(&choices);
        let file = if round % 4 == 0 {
            maker.pool()
        } else {
            maker.file()
        };
        let config = parsed(file).config;
        let text = String::from_utf8(print(&config)).expect("no bytes but text went in");
        printed.extend(
            text.lines()
                .filter_map(|line| line.split_whitespace().next())
                .map(str::to_owned),
        );
    }
    let keywords = Block::WITH_KEYWORDS.iter().flat_map(|block| block.keywords());
    let typed = keywords.filter(|keyword| matches!(keyword.status, Status::Works | Status::Parsed));
    let missing: BTreeSet<_> = typed
        .map(|keyword| keyword.name)
        .filter(|name| !printed.contains(*name) && !SAID_OTHERWISE.contains(name))
        .collect();
    assert_eq!(missing, BTreeSet::new());
}

/// What these mean is printed by another keyword, or by its absence.
const SAID_OTHERWISE: &[&str] = &["preempt", "unicast_src_ip", "delay"];

/// Makes a file out of a list of choices; when they run out, it ends.
struct Maker<'c> {
    choices: std::slice::Iter<'c, u16>,
    text: String,
}

impl<'c> Maker<'c> {
    fn new(choices: &'c [u16]) -> Self {
        Maker {
            choices: choices.iter(),
            text: String::new(),
        }
    }

    fn file(mut self) -> String {
        while self.choices.len() > 0 {
            self.statement(Block::Root);
        }
        self.text
    }

    /// A file with one virtual server, and all else in its real server.
    fn pool(mut self) -> String {
        self.text.push_str(
            "track_file a {\nfile /f\n}\nbfd_instance a {\nneighbor_ip 10.0.0.1\n}\nvirtual_server 10.0.0.1 80 {\n",
        );
        self.statement(Block::VirtualServer);
        self.text.push_str("real_server 10.0.0.2 80 {\n");
        while self.choices.len() > 0 {
            self.statement(Block::RealServer);
        }
        self.text.push_str("}\n}\n");
        self.text
    }

    /// One of several; the first one when there is nothing left to choose by.
    fn one_of<T: Copy>(&mut self, things: &[T]) -> T {
        let choice = self.choices.next().copied().map_or(0, usize::from);
        *things.get(choice % things.len()).expect("within")
    }

    fn number(&mut self, low: i64, high: i64) -> i64 {
        let middle = 3.clamp(low, high);
        self.one_of(&[middle, low, high, (low + 1).min(high), (high - 1).max(low)])
    }

    fn statement(&mut self, block: Block) {
        let keywords: Vec<&Keyword> = block
            .keywords()
            .iter()
            .filter(|keyword| matches!(keyword.status, Status::Works | Status::Parsed))
            .collect();
        let keyword = self.one_of(&keywords);
        self.text.push_str(keyword.name);
        self.arguments(keyword);
        if let Some(inner) = keyword.block {
            self.text.push_str(" {\n");
            self.essentials(keyword);
            let count = self.one_of(&[1, 0, 2, 4, 8]);
            for _ in 0..count {
                match inner.content() {
                    Content::Keywords(_) => self.statement(inner),
                    Content::Lines => self.line(keyword.name),
                }
            }
            self.text.push('}');
        }
        self.text.push('\n');
    }

    /// What a block is not kept without.
    fn essentials(&mut self, keyword: &Keyword) {
        let essential = match keyword.name {
            "vrrp_script" => "script \"/bin/a 'b \\\\x27c'\"\n",
            "track_file" => "file /f\n",
            "vrrp_track_process" => "process p\n",
            "auth_hmac" => "key 3 0123456789abcdef0123456789abcdef\n",
            "garp_group" => "garp_interval 0.5\n",
            "bfd_instance" => "neighbor_ip 10.0.0.1\n",
            "HTTP_GET" | "SSL_GET" => "url {\npath /\n}\n",
            "url" => "path \"/a b\"\n",
            "MISC_CHECK" => "misc_path /bin/true\n",
            "FILE_CHECK" => "track_file a\n",
            "BFD_CHECK" => "name a\n",
            _ => "",
        };
        self.text.push_str(essential);
        if keyword.name == "vrrp_instance" {
            let id = self.number(1, 255);
            self.text.push_str(&format!(
                "interface eth0\nvirtual_router_id {id}\nvirtual_ipaddress {{\n10.9.0.1\n}}\n"
            ));
        }
    }

    fn arguments(&mut self, keyword: &Keyword) {
        let argument = match keyword.takes {
            _ if keyword.name == "virtual_server" => self
                .one_of(&[
                    "10.0.0.1 80",
                    "10.0.0.2",
                    "fwmark 7",
                    "group a",
                    "group d",
                    "2001:db8::1 80",
                ])
                .to_owned(),
            Takes::Nothing => String::new(),
            Takes::Switch => self.one_of(&["", "on", "off", "yes", "no"]).to_owned(),
            Takes::Number(low, high) => self.number(low, high).to_string(),
            Takes::OptionalNumber(low, high) => match self.one_of(&[true, false]) {
                true => self.number(low, high).to_string(),
                false => String::new(),
            },
            Takes::WholeSeconds(low, high)
            | Takes::Milliseconds(low, high)
            | Takes::Microseconds(low, high) => self.number(low.into(), high.into()).to_string(),
            Takes::Seconds(low, high) | Takes::OptionalSeconds(low, high) => self.seconds(low, high),
            Takes::Weight(low, high) => {
                let weight = self.number(low, high);
                format!("{weight}{}", self.one_of(&["", " reverse"]))
            }
            Takes::OneOf(words) => self.one_of(words).to_owned(),
            Takes::Words(usage) => self.words(usage),
            _ => String::new(),
        };
        self.text.push(' ');
        self.text.push_str(&argument);
    }

    fn seconds(&mut self, low: u64, high: u64) -> String {
        let micros = self
            .one_of(&[1_000_000, low, high, low + 1, 1_500_000])
            .clamp(low, high);
        format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }

    /// What must be there, and perhaps more.
    fn words(&mut self, usage: &str) -> String {
        let mut words = Vec::new();
        let all = self.one_of(&[false, true]);
        for placeholder in usage.split_whitespace() {
            if placeholder.starts_with('[') && !all {
                break;
            }
            if placeholder == "[type" {
                break;
            }
            words.push(self.word(placeholder.trim_matches(['[', ']', '.'])));
        }
        words.join(" ")
    }

    fn word(&mut self, placeholder: &str) -> String {
        let samples: &[&str] = match placeholder {
            "IP" => &["10.0.0.1", "224.0.0.19", "fe80::1", "2001:db8::1"],
            "IP6" => &["ff02::13"],
            "PORT" => &["80", "443"],
            "N" | "ID" | "MARK" => &["1", "2", "250"],
            "IF" => &["eth0", "eth1"],
            "COMMAND" => &[
                "/bin/true",
                "\"/bin/a b\"",
                "\"/bin/a 'b c' \\x22d\\x22\"",
                "'/bin/a \\\\ $X'",
            ],
            "KEY" => &["0123456789abcdef0123456789abcdef", "hex:aa", "file:/k"],
            "PASSWORD" => &["secret", "\"a b # c\"", "\"\"", "12345678"],
            "CPU" => &["0", "3", "1023"],
            "PROGRAM" | "ARGUMENT" => &["/bin/p", "\"a b\""],
            "NAT|DR|TUN" => &[
                "NAT",
                "DR",
                "TUN",
                "TUN type gue port 9 remcsum",
                "TUN type gre csum",
            ],
            "OPTION" => &["caseless", "utf"],
            "CODE" => &["200", "200-299"],
            "START" => &["100"],
            "MAX" => &["200"],
            "VALUE" => &["5", "-3"],
            "MODE" => &["077", "IRGRP|IWOTH"],
            "MASK" => &["255.255.255.0", "24"],
            "SECONDS" => &["1", "5"],
            "HEX" => &["00ff", "0a"],
            "MD5" => &["0123456789abcdef0123456789abcdef"],
            "SCHEDULER" => &["rr", "wlc", "sh", "mh"],
            "NAME" => &["a", "\"b c\"", "d"],
            other => return self.one_of(&other.split('|').collect::<Vec<_>>()).to_owned(),
        };
        self.one_of(samples).to_owned()
    }

    /// A line of a block of lines.
    fn line(&mut self, block: &str) {
        let samples: &[&str] = match block {
            "track_interface" => &["eth0", "eth1 weight -5", "eth2 weight 5 reverse"],
            "unicast_peer" => &["10.0.0.2", "10.0.0.3 min_ttl 3 max_ttl 9", "fe80::2"],
            block if block.contains("ipaddress") => &[
                "10.0.0.9",
                "10.0.0.8/24 brd + dev eth1 scope link label eth1:x",
                "2001:db8::9/64 dev eth0",
                "10.0.0.7 no_track peer 10.0.0.6/32",
                "2001:db8::8/64 -nodad preferred_lft 0 home",
            ],
            block if block.contains("routes") => &[
                "192.0.2.0/24 via 10.0.0.254 dev eth0",
                "default via 10.0.0.254 table 7 metric 5 src 10.0.0.9",
                "blackhole 192.0.2.0/24",
                "2001:db8:1::/48 via fe80::1 dev eth0 mtu lock 1400 pref high expires 9 onlink",
                "192.0.2.0/24 nexthop via 10.0.0.1 dev eth0 weight 3 onlink nexthop via 10.0.0.2 no_track",
                "192.0.2.0/24 via inet 10.0.0.1 or 10.0.0.2 tos 4 protocol 5 realms 1/2 features ecn quickack 1",
                "192.0.2.1 dev eth0 encap ip id 7 dst 10.0.0.1 ttl 3 congctl lock bbr rto_min 1s scope link",
                "192.0.2.1 encap mpls 100/200 via 10.0.0.1 ttl-propagate enabled vrf red track_group a table main",
            ],
            block if block.contains("rules") => &[
                "from 10.0.0.0/24 table 7",
                "to 192.0.2.0/24 fwmark 3/7 priority 100 lookup 9",
                "iif eth0 blackhole",
                "not from 10.0.0.1 oif eth1 tos 4 uidrange 1-9 ipproto tcp sport 1-2 dport 80-80 goto 5 disabled",
                "inet6 l3mdev suppress_prefixlength 0 sup_group 3 tunnel-id 7 protocol 9 priority 1 no_track",
                "to 2001:db8::/32 realms 1/2 nop order 3 track_group d",
            ],
            "virtual_server_group" => &["10.0.0.1 80", "10.0.0.2-10 80", "fwmark 7", "10.1.0.0/30 443"],
            "interface_up_down_delays" => &["eth0 5 3", "eth1 1"],
            "notification_email" => &["root@localhost", "a@b"],
            _ => &["a", "d", "\"b c\""],
        };
        let line = self.one_of(samples);
        self.text.push_str(line);
        self.text.push('\n');
    }
}
