//! The bytes of `UDP_CHECK`.

use super::Value;
use super::checker::Typed;
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Code, Diagnostic, Keyword, ReplyByte, Spanned, UdpCheck};

/// `require_reply` without bytes is a requirement too.
pub(super) fn special(
    typed: &mut Typed<UdpCheck>,
    statement: Statement<'_>,
    _: &mut Session<'_>,
) -> Option<bool> {
    if statement.name() == "require_reply" && statement.args().len() == 0 {
        typed.own.require_reply = Some(Spanned::new(Vec::new(), statement.span()));
        return Some(true);
    }
    None
}

/// `payload HEX...`.
impl Value for Vec<u8> {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let bytes = pairs(statement, &|digit| Some((nibble(digit)?, 0xf)), session)?;
        Some(bytes.into_iter().map(|byte| byte.value).collect())
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        let digits: String = self.iter().map(|byte| format!("{byte:02x}")).collect();
        out.statement(keyword.name, |out| out.word(digits));
    }
}

/// `require_reply HEX...`, where `X` is any digit.
impl Value for Vec<ReplyByte> {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let digit = |digit| match digit {
            b'X' | b'x' => Some((0, 0)),
            digit => Some((nibble(digit)?, 0xf)),
        };
        pairs(statement, &digit, session)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        let digits: String = self.iter().map(|byte| digits(*byte)).collect();
        out.statement(keyword.name, |out| {
            if !digits.is_empty() {
                out.word(digits);
            }
        });
    }
}

fn digits(byte: ReplyByte) -> String {
    let digit = |shift: u8| match byte.mask >> shift & 0xf {
        0 => "X".to_owned(),
        _ => format!("{:x}", byte.value >> shift & 0xf),
    };
    digit(4) + &digit(0)
}

/// Digits in pairs, over all words; each digit is a value and a mask.
fn pairs(
    statement: Statement<'_>,
    digit: &dyn Fn(u8) -> Option<(u8, u8)>,
    session: &mut Session<'_>,
) -> Option<Vec<ReplyByte>> {
    let mut bytes = Vec::new();
    for word in statement.args() {
        for pair in word.text.as_bytes().chunks(2) {
            let byte = match pair {
                &[high, low] => digit(high).zip(digit(low)),
                _ => None,
            };
            let Some(((high, high_mask), (low, low_mask))) = byte else {
                return not_hex(statement.name(), word, session);
            };
            bytes.push(ReplyByte {
                value: high << 4 | low,
                mask: high_mask << 4 | low_mask,
            });
        }
    }
    Some(bytes)
}

/// The value of a hexadecimal digit.
pub(super) fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

fn not_hex<T>(name: &str, word: Arg<'_>, session: &mut Session<'_>) -> Option<T> {
    let message = format!(
        "`{name}` takes two hexadecimal digits for each byte, not `{}`",
        word.text
    );
    session.report(Diagnostic::error(Code::InvalidHex, message).at(word.span));
    None
}
