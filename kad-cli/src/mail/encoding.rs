//! What is not ASCII, in ASCII.

/// A header's value: as it is, if it is ASCII that fits one line; otherwise in encoded words (RFC 2047), one a line.
/// Control characters become blanks, so that nothing in it starts another header.
pub(super) fn header_value(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|character| if character.is_control() { ' ' } else { character })
        .collect();
    // Something that looks like an encoded word would be decoded by the reader.
    if text.is_ascii() && text.len() <= LONGEST_VALUE && !text.contains("=?") {
        return text;
    }
    let words: Vec<String> = pieces(&text, WORD_BYTES)
        .map(|piece| format!("=?UTF-8?B?{}?=", base64(piece.as_bytes())))
        .collect();
    words.join("\r\n ")
}

/// Base64 (RFC 4648 section 4).
pub(super) fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let value = (0..3).fold(0_u32, |value, place| {
            value << 8 | u32::from(group.get(place).copied().unwrap_or(0))
        });
        for place in 0..4_usize {
            let digit = if place <= group.len() {
                ALPHABET
                    .get(usize::from((value >> (18 - 6 * place) & 63) as u8))
                    .copied()
            } else {
                None
            };
            text.push(char::from(digit.unwrap_or(b'=')));
        }
    }
    text
}

/// The text in pieces of at most that many bytes, cut between characters.
fn pieces(text: &str, longest: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, after) = rest.split_at(rest.floor_char_boundary(longest));
        rest = after;
        Some(piece)
    })
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// A line has at most 998 bytes (RFC 5322 section 2.1.1); the rest is for the header's name.
const LONGEST_VALUE: usize = 900;
/// An encoded word has at most 75 bytes (RFC 2047 section 2), 12 of which are its frame.
const WORD_BYTES: usize = 45;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
        assert_eq!(base64(&[0xff, 0xef, 0xfe]), "/+/+");
    }

    #[test]
    fn headers_cannot_be_injected_and_lines_stay_short() {
        assert_eq!(header_value("plain"), "plain");
        assert_eq!(header_value("a\r\nBcc: x\u{85}\0"), "a  Bcc: x  ");
        assert_eq!(header_value("Zürich"), "=?UTF-8?B?WsO8cmljaA==?=");
        assert_eq!(header_value("=?x"), "=?UTF-8?B?PT94?=");
        let long = header_value(&"ü".repeat(2000));
        assert!(long.lines().all(|line| line.len() <= 76), "{long}");
        assert!(long.lines().skip(1).all(|line| line.starts_with(' ')));
    }
}
