//! Words to values. What is no value is reported, and `None`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::Value;
use crate::keyword::{Keyword, Takes, Unit};
use crate::session::Session;
use crate::source::Source;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Code, Diagnostic, Spanned};

impl Value for bool {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        match statement.takes() {
            Takes::Nothing => Some(true),
            _ => boolean(statement, session),
        }
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        match (keyword.takes, self) {
            (Takes::Nothing, false) => {}
            (_, true) => out.statement(keyword.name, |_| {}),
            (_, false) => out.statement(keyword.name, |out| out.word("off")),
        }
    }
}

macro_rules! numbers {
    ($($type:ty)*) => {
        $(impl Value for $type {
            fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
                let (low, high) = statement.takes().range();
                if statement.args().len() == 0 && matches!(statement.takes(), Takes::OptionalNumber(..)) {
                    // What it means to say no number is what the least number means.
                    return Self::try_from(low).ok();
                }
                number(statement.name(), statement.arg(), low, high, session)
            }

            fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
                out.statement(keyword.name, |out| out.word(self));
            }
        })*
    };
}

numbers!(u8 u16 u32 u64 i32 i64);

impl Value for Duration {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        duration(statement.name(), statement.arg(), statement.takes(), session)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        let unit = keyword.takes.unit();
        out.statement(keyword.name, |out| match unit {
            Unit::Second => out.word(shown(*self)),
            Unit::Millisecond => out.word(self.as_millis()),
            Unit::Microsecond => out.word(self.as_micros()),
        });
    }
}

/// A text that cannot be empty.
impl Value for String {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        Some(name(statement.name(), statement.arg(), session)?.value)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| out.quoted(self));
    }
}

macro_rules! addresses {
    ($($type:ty, $pattern:pat => $address:expr, $family:literal;)*) => {
        $(impl Value for $type {
            fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
                match address(statement.name(), statement.arg(), false, session)?.value {
                    $pattern => Some($address),
                    #[allow(unreachable_patterns, reason = "either family may do")]
                    _ => wrong_family(statement.name(), statement.arg(), $family, session),
                }
            }

            fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
                out.statement(keyword.name, |out| out.word(self));
            }
        })*
    };
}

addresses! {
    IpAddr, address => address, "IP";
    Ipv4Addr, IpAddr::V4(address) => address, "IPv4";
    Ipv6Addr, IpAddr::V6(address) => address, "IPv6";
}

/// A whole number within a range.
pub(crate) fn number<T: TryFrom<i64>>(
    name: &str,
    arg: Arg<'_>,
    low: i64,
    high: i64,
    session: &mut Session<'_>,
) -> Option<T> {
    match integer(arg.text) {
        Some(number) if (low..=high).contains(&number) => T::try_from(number).ok(),
        Some(_) => out_of_range(name, arg, &low.to_string(), &high.to_string(), session),
        None => {
            let what = format!("a whole number from {low} to {high}");
            not_a_number(name, arg, &what, |text| digits(text).is_some(), session)
        }
    }
}

/// A byte, also with `0x` before it, as in `tos`.
pub(crate) fn byte(name: &str, arg: Arg<'_>, session: &mut Session<'_>) -> Option<u8> {
    let hex = arg.text.strip_prefix("0x");
    hex.and_then(|digits| u8::from_str_radix(digits, 16).ok())
        .or_else(|| number(name, arg, 0, u8::MAX.into(), session))
}

/// A duration, in the unit and within the range of its keyword.
fn duration(name: &str, arg: Arg<'_>, takes: Takes, session: &mut Session<'_>) -> Option<Duration> {
    if let Takes::Seconds(low, high) | Takes::OptionalSeconds(low, high) = takes {
        let range = Duration::from_micros(low)..=Duration::from_micros(high);
        return Some(seconds(name, arg, range, session)?.value);
    }
    let (low, high) = takes.range();
    let number = number(name, arg, low, high, session)?;
    Some(match takes.unit() {
        Unit::Second => Duration::from_secs(number),
        Unit::Millisecond => Duration::from_millis(number),
        Unit::Microsecond => Duration::from_micros(number),
    })
}

/// Seconds with up to six decimals, within a range.
pub(crate) fn seconds(
    name: &str,
    arg: Arg<'_>,
    range: RangeInclusive<Duration>,
    session: &mut Session<'_>,
) -> Option<Spanned<Duration>> {
    let limits = || (shown(*range.start()), shown(*range.end()));
    match decimal(arg.text) {
        Some((duration, exact)) if range.contains(&duration) => {
            if !exact {
                report_rounded(name, arg, duration, session);
            }
            Some(Spanned::new(duration, arg.span))
        }
        Some(_) => {
            let (low, high) = limits();
            out_of_range(name, arg, &low, &high, session)
        }
        None if arg.text.strip_prefix('-').and_then(decimal).is_some() => {
            let (low, high) = limits();
            out_of_range(name, arg, &low, &high, session)
        }
        None => {
            let (low, high) = limits();
            let what = format!("a number of seconds from {low} to {high}");
            not_a_number(name, arg, &what, |text| decimal(text).is_some(), session)
        }
    }
}

/// What a statement that is a switch says; without a word it says yes.
pub(crate) fn boolean(statement: Statement<'_>, session: &mut Session<'_>) -> Option<bool> {
    let Some(arg) = statement.args().next() else {
        return Some(true);
    };
    match arg.text {
        "on" | "true" | "yes" => return Some(true),
        "off" | "false" | "no" => return Some(false),
        _ => {}
    }
    let message = format!("`{}` is on or off, not `{}`", statement.name(), arg.text);
    let mut diagnostic = Diagnostic::error(Code::InvalidBoolean, message)
        .at(arg.span)
        .help("one of `on`, `true`, `yes`, `off`, `false`, `no`, or nothing, which is `on`");
    let lower = arg.text.to_ascii_lowercase();
    if ["on", "true", "yes", "off", "false", "no"].contains(&lower.as_str()) {
        diagnostic = diagnostic.suggest(arg.span, lower, "write it in lower case");
    }
    session.report(diagnostic);
    None
}

/// An address. A prefix length after it is dropped, as keepalived does, if `prefixed` says so.
pub(crate) fn address(
    name: &str,
    arg: Arg<'_>,
    prefixed: bool,
    session: &mut Session<'_>,
) -> Option<Spanned<IpAddr>> {
    let text = if prefixed {
        arg.text.split('/').next().unwrap_or_default()
    } else {
        arg.text
    };
    match text.parse() {
        Ok(address) => Some(Spanned::new(address, arg.span)),
        Err(_) => {
            let message = format!("`{name}` needs an IP address, not `{}`", arg.text);
            session.report(Diagnostic::error(Code::InvalidAddress, message).at(arg.span));
            None
        }
    }
}

/// A multicast address of either family.
pub(crate) fn group(name: &str, arg: Arg<'_>, session: &mut Session<'_>) -> Option<Spanned<IpAddr>> {
    let address = address(name, arg, false, session)?;
    if address.is_multicast() {
        return Some(address);
    }
    let message = format!("`{name}` needs a multicast address, and {address} is none");
    session.report(
        Diagnostic::error(Code::NotMulticast, message)
            .at(arg.span)
            .help("multicast is 224.0.0.0/4 and ff00::/8"),
    );
    None
}

/// A multicast address of IPv4.
pub(crate) fn group4(name: &str, arg: Arg<'_>, session: &mut Session<'_>) -> Option<Ipv4Addr> {
    match group(name, arg, session)?.value {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => wrong_family(name, arg, "IPv4", session),
    }
}

/// A multicast address of IPv6.
pub(crate) fn group6(name: &str, arg: Arg<'_>, session: &mut Session<'_>) -> Option<Ipv6Addr> {
    match group(name, arg, session)?.value {
        IpAddr::V6(address) => Some(address),
        IpAddr::V4(_) => wrong_family(name, arg, "IPv6", session),
    }
}

/// A name that cannot be empty.
pub(crate) fn name(what: &str, arg: Arg<'_>, session: &mut Session<'_>) -> Option<Spanned<String>> {
    if arg.text.is_empty() {
        let message = format!("`{what}` cannot be empty");
        session.report(Diagnostic::error(Code::EmptyValue, message).at(arg.span));
        return None;
    }
    Some(string(arg, session))
}

/// The word after an option; `None` if there is none, which is reported.
pub(crate) fn argument<'t>(
    option: Arg<'_>,
    next: Option<Arg<'t>>,
    session: &mut Session<'_>,
) -> Option<Arg<'t>> {
    if next.is_none() {
        let message = format!("`{}` lacks its value", option.text);
        session.report(Diagnostic::error(Code::OptionWithoutValue, message).at(option.span));
    }
    next
}

/// The name of a network interface: at most 15 bytes, as the kernel has it (`IFNAMSIZ`, include/uapi/linux/if.h).
pub(crate) fn interface_name(arg: Arg<'_>, session: &mut Session<'_>) -> Option<Spanned<String>> {
    let name = name("interface", arg, session)?;
    if name.len() <= MAX_INTERFACE_NAME {
        return Some(name);
    }
    let message = format!("the interface name `{name}` is longer than {MAX_INTERFACE_NAME} bytes");
    session.report(Diagnostic::error(Code::ValueTooLong, message).at(arg.span));
    None
}

/// A text of any characters. Bytes that are no UTF-8 become `\xNN`, so that different names stay different.
pub(crate) fn string(arg: Arg<'_>, session: &mut Session<'_>) -> Spanned<String> {
    if !arg.text.contains(Source::REPLACEMENT) {
        return Spanned::new(arg.text.to_owned(), arg.span);
    }
    let bytes = session.sources.bytes(arg.span);
    let text = bytes.utf8_chunks().map(|chunk| {
        let invalid = chunk.invalid().iter().map(|byte| format!("\\x{byte:02X}"));
        format!("{}{}", chunk.valid(), invalid.collect::<String>())
    });
    let text = text.collect::<String>().trim_matches('"').to_owned();
    session.report(
        Diagnostic::warning(Code::NotUtf8, "this value is not UTF-8")
            .at(arg.span)
            .help(format!("it is taken as `{text}`")),
    );
    Spanned::new(text, arg.span)
}

fn wrong_family<T>(name: &str, arg: Arg<'_>, family: &str, session: &mut Session<'_>) -> Option<T> {
    let message = format!("`{name}` needs an {family} address");
    session.report(Diagnostic::error(Code::WrongFamily, message).at(arg.span));
    None
}

fn out_of_range<T>(name: &str, arg: Arg<'_>, low: &str, high: &str, session: &mut Session<'_>) -> Option<T> {
    let range = if (low, high) == ("2", "3") {
        "2 or 3".to_owned()
    } else {
        format!("from {low} to {high}")
    };
    let message = format!("`{name}` must be {range}, not {}", arg.text);
    session.report(Diagnostic::error(Code::OutOfRange, message).at(arg.span));
    None
}

fn not_a_number<T>(
    name: &str,
    arg: Arg<'_>,
    what: &str,
    is_number: impl Fn(&str) -> bool,
    session: &mut Session<'_>,
) -> Option<T> {
    let message = format!("`{name}` needs {what}, not `{}`", arg.text);
    let mut diagnostic = Diagnostic::error(Code::InvalidNumber, message).at(arg.span);
    let bare = arg.text.trim_matches(|c: char| !c.is_ascii_digit());
    let junk = arg.text.replacen(bare, "", 1);
    if arg.text == "=" {
        diagnostic = diagnostic.help("a value follows its keyword after a blank, without `=`");
    } else if is_number(bare) && matches!(junk.as_str(), ";" | "s" | "sec" | "=" | "," | ":") {
        diagnostic = diagnostic.suggest(arg.span, bare, "write the number alone");
    }
    session.report(diagnostic);
    None
}

fn report_rounded(name: &str, arg: Arg<'_>, taken: Duration, session: &mut Session<'_>) {
    let message = format!(
        "`{name}` counts microseconds: {} is taken as {}",
        arg.text,
        shown(taken)
    );
    session.report(Diagnostic::warning(Code::Rounded, message).at(arg.span));
}

/// Seconds as a person writes them: `0.5`.
pub(crate) fn shown(duration: Duration) -> String {
    let text = format!("{}.{:06}", duration.as_secs(), duration.subsec_micros());
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A whole number of any size; what does not fit is the largest or the smallest there is.
fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(text) => digits(text).map(|number| i64::try_from(number).map_or(i64::MIN, |number| -number)),
        None => digits(text).map(|number| i64::try_from(number).unwrap_or(i64::MAX)),
    }
}

/// A decimal number of any size; what does not fit is the largest there is.
fn digits(text: &str) -> Option<u64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

/// A decimal fraction of seconds, and whether microseconds can say it exactly.
fn decimal(text: &str) -> Option<(Duration, bool)> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = whole
        .bytes()
        .chain(fraction.bytes())
        .all(|byte| byte.is_ascii_digit());
    if !all_digits || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole = if whole.is_empty() { 0 } else { digits(whole)? };
    let micros = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
    let micros = micros.fold(0u64, |micros, digit| micros * 10 + u64::from(digit - b'0'));
    let beyond = fraction.as_bytes().get(6..).unwrap_or_default();
    let up = u64::from(beyond.first().is_some_and(|&digit| digit >= b'5'));
    let duration = Duration::from_secs(whole).saturating_add(Duration::from_micros(micros + up));
    Some((duration, beyond.iter().all(|&digit| digit == b'0')))
}

const MAX_INTERFACE_NAME: usize = 15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_both_signs() {
        assert_eq!(integer("-5"), Some(-5));
        assert_eq!(integer("+5"), Some(5));
        assert_eq!(integer("-99999999999999999999"), Some(i64::MIN));
        assert_eq!(integer("--5"), None);
    }

    #[test]
    fn numbers_as_people_write_them() {
        assert_eq!(digits("+10"), Some(10));
        assert_eq!(digits("0100"), Some(100));
        assert_eq!(digits("99999999999999999999999"), Some(u64::MAX));
        for text in ["", "+", "-1", "0x10", "1.5", "10s", "١"] {
            assert_eq!(digits(text), None, "{text}");
        }
    }

    #[test]
    fn fractions_of_seconds() {
        let micros = |text| decimal(text).map(|(duration, exact)| (duration.as_micros(), exact));
        assert_eq!(micros("1"), Some((1_000_000, true)));
        assert_eq!(micros("1."), Some((1_000_000, true)));
        assert_eq!(micros(".5"), Some((500_000, true)));
        assert_eq!(micros("+0.000001"), Some((1, true)));
        assert_eq!(micros("0.0000015"), Some((2, false)));
        assert_eq!(micros("0.0000000"), Some((0, true)));
        for text in ["", ".", "1.2.3", "1e3", "-1", "1s"] {
            assert_eq!(micros(text), None, "{text}");
        }
    }
}
