//! The number at the beginning of a file; pure.

/// The number that `content` begins with, as keepalived reads it: blanks are skipped, a sign may follow, `0x` is
/// hexadecimal and a leading 0 octal, and whatever comes after the digits does not matter. Without digits it is 0;
/// `None` is a number of more than 32 bits, which counts as nothing said.
pub(super) fn leading_number(content: &[u8]) -> Option<i32> {
    let blanks = content.iter().take_while(|byte| is_blank(**byte)).count();
    let rest = content.get(blanks..).unwrap_or_default();
    let (negative, rest) = match rest {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let (radix, digits) = match rest {
        [b'0', b'x' | b'X', rest @ ..] if rest.first().is_some_and(u8::is_ascii_hexdigit) => (16, rest),
        [b'0', rest @ ..] => (8, rest),
        rest => (10, rest),
    };
    let mut value: i64 = 0;
    for digit in digits.iter().map_while(|byte| char::from(*byte).to_digit(radix)) {
        value = value.saturating_mul(radix.into()).saturating_add(digit.into());
    }
    i32::try_from(if negative { -value } else { value }).ok()
}

/// C's `isspace`.
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == VERTICAL_TAB
}

const VERTICAL_TAB: u8 = 11;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_keepalived_reads() {
        let cases: [(&str, i32); 20] = [
            ("5", 5),
            ("5\n", 5),
            ("", 0),
            ("abc", 0),
            ("-7", -7),
            ("- 7", 0),
            ("+3", 3),
            ("+-3", 0),
            ("  12", 12),
            ("\n8", 8),
            ("\t\x0b\x0c\r 9", 9),
            ("12abc", 12),
            ("6 7", 6),
            ("0x10", 16),
            ("0x", 0),
            ("-0X1f", -31),
            ("010", 8),
            ("09", 0),
            ("2147483647", i32::MAX),
            ("-2147483648", i32::MIN),
        ];
        for (text, number) in cases {
            assert_eq!(leading_number(text.as_bytes()), Some(number), "{text:?}");
        }
    }

    #[test]
    fn a_number_that_does_not_fit_says_nothing() {
        for text in [
            "2147483648",
            "-2147483649",
            "99999999999",
            "-99999999999",
            "0x80000000",
        ] {
            assert_eq!(leading_number(text.as_bytes()), None, "{text}");
        }
        assert_eq!(leading_number(&[b'9'; 4000]), None);
        assert_eq!(leading_number(&[0xff, b'9']), Some(0));
    }
}
