//! The names that iproute2 has for numbers.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use kaconf::{Files, Name};

/// Looks names up in iproute2's files. Each file is read when a name in it is asked for first.
#[derive(Debug)]
pub(super) struct IprouteNames {
    /// The administrator's come last and win.
    folders: Vec<PathBuf>,
    read: HashMap<NameKind, HashMap<String, u32>>,
}

/// What a name is of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum NameKind {
    Table,
    Protocol,
    Realm,
    /// Of IP, as tcp; not iproute2's, but it is looked up alike.
    IpProtocol,
}

/// A name that is in no file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Unknown {
    pub(super) name: String,
    /// What it would be of, in words.
    pub(super) what: &'static str,
    /// Where it was looked for.
    pub(super) file: PathBuf,
}

impl IprouteNames {
    pub(super) fn new(files: &Files) -> Self {
        let folder = |setting: &Option<kaconf::Spanned<String>>, default: &[&str]| match setting {
            Some(folder) => vec![PathBuf::from(&folder.value)],
            None => default.iter().map(PathBuf::from).collect(),
        };
        let mut folders = folder(&files.iproute_usr_dir, USR);
        folders.extend(folder(&files.iproute_etc_dir, ETC));
        Self {
            folders,
            read: HashMap::new(),
        }
    }

    /// The number that a name or a number is.
    pub(super) fn number(&mut self, kind: NameKind, name: &Name) -> Result<u32, Unknown> {
        match name {
            Name::Number(number) => Ok(*number),
            Name::Name(name) => self.find(kind, name),
        }
    }

    /// The number in words that are either, as `0x10`, `16` or a name.
    pub(super) fn find(&mut self, kind: NameKind, name: &str) -> Result<u32, Unknown> {
        if let Some(number) = number(name) {
            return Ok(number);
        }
        let folders = &self.folders;
        let names = self.read.entry(kind).or_insert_with(|| kind.read(folders));
        names.get(name).copied().ok_or_else(|| Unknown {
            name: name.to_owned(),
            what: kind.words(),
            file: kind.file(folders),
        })
    }
}

impl NameKind {
    fn words(self) -> &'static str {
        match self {
            Self::Table => "routing table",
            Self::Protocol => "routing protocol",
            Self::Realm => "realm",
            Self::IpProtocol => "protocol above IP",
        }
    }

    /// What is so everywhere, whatever the files say.
    fn built_in(self) -> &'static [(&'static str, u32)] {
        match self {
            Self::Table => &[("default", 253), ("main", 254), ("local", 255)],
            Self::Protocol => PROTOCOLS,
            Self::Realm => &[],
            Self::IpProtocol => &[
                ("icmp", 1),
                ("tcp", 6),
                ("udp", 17),
                ("ipv6-icmp", 58),
                ("sctp", 132),
            ],
        }
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Table => "rt_tables",
            Self::Protocol => "rt_protos",
            Self::Realm => "rt_realms",
            Self::IpProtocol => "protocols",
        }
    }

    /// The file that an administrator would add a name to.
    fn file(self, folders: &[PathBuf]) -> PathBuf {
        match self {
            Self::IpProtocol => PathBuf::from(IP_PROTOCOLS),
            _ => folders
                .last()
                .map_or_else(PathBuf::new, |folder| folder.join(self.file_name())),
        }
    }

    fn read(self, folders: &[PathBuf]) -> HashMap<String, u32> {
        let known = self.built_in().iter();
        let mut names: HashMap<_, _> = known
            .map(|(name, number)| ((*name).to_owned(), *number))
            .collect();
        if self == Self::IpProtocol {
            let text = fs::read_to_string(IP_PROTOCOLS).unwrap_or_default();
            names.extend(lines(&text).filter_map(|[name, value]| Some((name.to_owned(), number(value)?))));
            return names;
        }
        for file in folders.iter().flat_map(|folder| files(folder, self.file_name())) {
            let text = fs::read_to_string(file).unwrap_or_default();
            names.extend(lines(&text).filter_map(|[value, name]| Some((name.to_owned(), number(value)?))));
        }
        names
    }
}

/// The file itself, and those in the folder beside it whose names end with `.conf`, in their order.
fn files(folder: &Path, name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join(format!("{name}.d")));
    let entries = entries.into_iter().flatten().flatten().map(|entry| entry.path());
    let mut more: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "conf"))
        .collect();
    more.sort();
    let mut files = vec![folder.join(name)];
    files.append(&mut more);
    files
}

/// The first two words of each line that is no comment.
fn lines(text: &str) -> impl Iterator<Item = [&str; 2]> {
    text.lines().filter_map(|line| {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        Some([words.next()?, words.next()?])
    })
}

/// Decimal, or with `0x`.
fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

const USR: &[&str] = &["/usr/lib/iproute2", "/usr/share/iproute2"];
const ETC: &[&str] = &["/etc/iproute2"];
const IP_PROTOCOLS: &str = "/etc/protocols";

/// `RTPROT_*` in linux/rtnetlink.h.
const PROTOCOLS: &[(&str, u32)] = &[
    ("redirect", 1),
    ("kernel", 2),
    ("boot", 3),
    ("static", 4),
    ("gated", 8),
    ("ra", 9),
    ("mrt", 10),
    ("zebra", 11),
    ("bird", 12),
    ("dnrouted", 13),
    ("xorp", 14),
    ("ntk", 15),
    ("dhcp", 16),
    ("keepalived", 18),
    ("babel", 42),
    ("bgp", 186),
    ("isis", 187),
    ("ospf", 188),
    ("rip", 189),
    ("eigrp", 192),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_the_file_and_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("rt_tables"),
            "# mine\n100\tblue # sky\n0x65 green\n\n",
        )
        .unwrap();
        fs::create_dir(folder.path().join("rt_tables.d")).unwrap();
        fs::write(folder.path().join("rt_tables.d/a.conf"), "7 red\n").unwrap();
        fs::write(folder.path().join("rt_tables.d/README"), "8 grey\n").unwrap();
        let mut files = Files::default();
        files.iproute_etc_dir = Some(folder.path().display().to_string().into());
        let mut names = IprouteNames::new(&files);
        let mut find = |name: &str| names.find(NameKind::Table, name);
        assert_eq!(find("blue"), Ok(100));
        assert_eq!(find("green"), Ok(0x65));
        assert_eq!(find("red"), Ok(7));
        assert_eq!(find("main"), Ok(254));
        assert_eq!(find("0x10"), Ok(16));
        let unknown = find("grey").unwrap_err();
        assert_eq!(unknown.file, folder.path().join("rt_tables"));
    }
}
