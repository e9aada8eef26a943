//! `encap` of a route.

use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

use crate::rtnl::{Encap, Tunnel};

/// Why a wrapping cannot be.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum EncapError {
    /// An argument that is not what it should be.
    #[error("`encap {kind} {option}` needs {expected}, not `{found}`")]
    Argument {
        /// `ip`, `ip6`, `mpls` or `ila`.
        kind: String,
        /// Which argument.
        option: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
}

/// The words after `encap`; the configuration crate has looked at all but the arguments.
pub(super) fn read(words: &[String]) -> Result<Option<Encap>, EncapError> {
    let Some((kind, rest)) = words.split_first() else {
        return Ok(None);
    };
    let options = |words: &[String]| -> Vec<Argument> {
        let pairs = words.chunks_exact(2);
        pairs
            .filter_map(|pair| {
                let [option, value] = pair else { return None };
                Some(Argument {
                    kind: kind.clone(),
                    option: option.clone(),
                    value: value.clone(),
                })
            })
            .collect()
    };
    let first = |option: &str| Argument {
        kind: kind.clone(),
        option: option.to_owned(),
        value: rest.first().cloned().unwrap_or_default(),
    };
    Ok(Some(match kind.as_str() {
        "ip" => Encap::Ip(tunnel(
            &options(rest),
            "an IPv4 address",
            |address| match address {
                IpAddr::V4(address) => Some(address),
                IpAddr::V6(_) => None,
            },
        )?),
        "ip6" => Encap::Ip6(tunnel(
            &options(rest),
            "an IPv6 address",
            |address| match address {
                IpAddr::V6(address) => Some(address),
                IpAddr::V4(_) => None,
            },
        )?),
        "mpls" => {
            let ttl = options(rest.get(1..).unwrap_or_default());
            Encap::Mpls {
                labels: labels(&first("LABELS"))?,
                ttl: ttl.first().map(|ttl| ttl.parse("0 to 255")).transpose()?,
            }
        }
        _ => Encap::Ila(locator(&first("LOCATOR"))?),
    }))
}

struct Argument {
    kind: String,
    option: String,
    value: String,
}

impl Argument {
    fn parse<T: FromStr>(&self, expected: &'static str) -> Result<T, EncapError> {
        self.value.parse().map_err(|_| self.wrong(expected))
    }

    fn wrong(&self, expected: &'static str) -> EncapError {
        EncapError::Argument {
            kind: self.kind.clone(),
            option: self.option.clone(),
            expected,
            found: self.value.clone(),
        }
    }
}

fn tunnel<A>(
    options: &[Argument],
    expected: &'static str,
    narrow: impl Fn(IpAddr) -> Option<A>,
) -> Result<Tunnel<A>, EncapError> {
    let mut tunnel = Tunnel::default();
    let address = |option: &Argument| {
        let address = option.parse(expected)?;
        narrow(address).map(Some).ok_or_else(|| option.wrong(expected))
    };
    for option in options {
        match option.option.as_str() {
            "id" => tunnel.id = Some(option.parse("a number")?),
            "dst" => tunnel.destination = address(option)?,
            "src" => tunnel.source = address(option)?,
            "ttl" | "hoplimit" => tunnel.ttl = Some(option.parse("0 to 255")?),
            _ => tunnel.tos = Some(option.parse("0 to 255")?),
        }
    }
    Ok(tunnel)
}

/// `100/200`, the outermost first (RFC 3032: 20 bits each).
fn labels(argument: &Argument) -> Result<Vec<u32>, EncapError> {
    let label = |text: &str| text.parse().ok().filter(|label| *label < 1 << 20);
    let labels: Option<Vec<u32>> = argument.value.split('/').map(label).collect();
    labels.ok_or_else(|| argument.wrong("labels less than 1048576, as in `100/200`"))
}

/// `1:2:3:4`: half an IPv6 address.
fn locator(argument: &Argument) -> Result<u64, EncapError> {
    let part = |text: &str| u16::from_str_radix(text, 16).ok().map(u64::from);
    let parts: Option<Vec<u64>> = argument.value.split(':').map(part).collect();
    parts
        .filter(|parts| parts.len() == 4)
        .map(|parts| parts.iter().fold(0, |locator, part| locator << 16 | part))
        .ok_or_else(|| argument.wrong("four numbers of 16 bits, as in `1:2:3:4`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_line(line: &str) -> Result<Option<Encap>, String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        read(&words).map_err(|error| error.to_string())
    }

    #[test]
    fn each_kind_is_read() {
        let tunnel = Tunnel {
            id: Some(7),
            destination: Some([10, 0, 0, 1].into()),
            ttl: Some(3),
            ..Tunnel::default()
        };
        assert_eq!(
            read_line("ip id 7 dst 10.0.0.1 ttl 3"),
            Ok(Some(Encap::Ip(tunnel)))
        );
        let labels = Encap::Mpls {
            labels: vec![100, 200],
            ttl: Some(9),
        };
        assert_eq!(read_line("mpls 100/200 ttl 9"), Ok(Some(labels)));
        assert_eq!(read_line("ila 1:2:3:4"), Ok(Some(Encap::Ila(0x1_0002_0003_0004))));
        assert_eq!(read(&[]), Ok(None));
    }

    #[test]
    fn arguments_that_cannot_be_are_said() {
        assert_eq!(
            read_line("ip dst fd00::1").unwrap_err(),
            "`encap ip dst` needs an IPv4 address, not `fd00::1`"
        );
        assert!(
            read_line("mpls 1048576")
                .unwrap_err()
                .contains("labels less than")
        );
        assert!(read_line("ila 1:2:3").unwrap_err().contains("four numbers"));
        assert!(read_line("ip6 tc 256").unwrap_err().contains("0 to 255"));
    }
}
