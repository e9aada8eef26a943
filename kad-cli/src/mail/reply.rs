//! What a server answers.

use std::fmt;

use thiserror::Error;

/// One reply (RFC 5321 section 4.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// 200 to 599.
    pub code: u16,
    /// The last line's text, made fit for a log.
    pub text: String,
}

impl Reply {
    /// Done.
    pub fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    /// Go on.
    pub fn is_intermediate(&self) -> bool {
        self.code / 100 == 3
    }

    /// Never.
    pub fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }

    /// The server is going away, whatever was asked (RFC 5321 section 3.8).
    pub fn is_closing(&self) -> bool {
        self.code == 421
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if self.text.is_empty() {
            Ok(())
        } else {
            write!(f, " {}", self.text)
        }
    }
}

/// Not SMTP.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// No code where one should be.
    #[error("expected a reply code of three digits, found {0:?}")]
    NoCode(String),
    /// A line that does not end.
    #[error("a line of its reply is longer than {LONGEST_LINE} bytes")]
    LongLine,
    /// A reply that does not end.
    #[error("its reply has more than {MOST_LINES} lines")]
    ManyLines,
}

/// Puts replies together from what arrives. What it holds is bounded.
#[derive(Clone, Debug, Default)]
pub(super) struct Reader {
    line: Vec<u8>,
    lines: usize,
}

impl Reader {
    /// Takes bytes up to the end of one reply and says how many they were; the rest is for another time.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<(usize, Option<Reply>), ReplyError> {
        for (place, byte) in bytes.iter().enumerate() {
            if *byte != b'\n' {
                if self.line.len() >= LONGEST_LINE {
                    return Err(ReplyError::LongLine);
                }
                self.line.push(*byte);
            } else if let Some(reply) = self.end_line()? {
                return Ok((place + 1, Some(reply)));
            }
        }
        Ok((bytes.len(), None))
    }

    fn end_line(&mut self) -> Result<Option<Reply>, ReplyError> {
        let line = std::mem::take(&mut self.line);
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        let no_code = || ReplyError::NoCode(printable(line));
        let (digits, rest) = line.split_at_checked(3).ok_or_else(no_code)?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(no_code());
        }
        let code = digits
            .iter()
            .fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
        if !(200..600).contains(&code) {
            return Err(no_code());
        }
        match rest.split_first() {
            Some((b'-', _)) if self.lines + 1 >= MOST_LINES => Err(ReplyError::ManyLines),
            Some((b'-', _)) => {
                self.lines += 1;
                Ok(None)
            }
            None | Some((b' ', _)) => {
                self.lines = 0;
                let text = printable(rest).trim().to_owned();
                Ok(Some(Reply { code, text }))
            }
            Some(_) => Err(no_code()),
        }
    }
}

/// The beginning of it, without what could disturb a terminal.
fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let show = |character: char| if character.is_control() { ' ' } else { character };
    text.chars().map(show).take(SHOWN).collect()
}

/// RFC 5321 section 4.5.3.1.5 has 512; some servers do not know.
const LONGEST_LINE: usize = 2048;
const MOST_LINES: usize = 100;
/// Characters of a reply that are shown.
const SHOWN: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<(usize, Option<Reply>), ReplyError> {
        Reader::default().read(bytes)
    }

    fn reply(code: u16, text: &str) -> Option<Reply> {
        Some(Reply {
            code,
            text: text.to_owned(),
        })
    }

    #[test]
    fn replies_have_one_line_or_many() {
        assert_eq!(read(b"220 hello\r\nrest"), Ok((11, reply(220, "hello"))));
        assert_eq!(read(b"250\r\n"), Ok((5, reply(250, ""))));
        assert_eq!(read(b"250 \n"), Ok((5, reply(250, ""))));
        assert_eq!(read(b"250-a\r\n250-\r\n250 b\r\n"), Ok((20, reply(250, "b"))));
        assert_eq!(read(b"220 half"), Ok((8, None)));
    }

    #[test]
    fn replies_can_arrive_byte_by_byte() {
        let mut reader = Reader::default();
        let whole = b"220-one\r\n220 two\r\n";
        let replies: Vec<_> = whole
            .iter()
            .filter_map(|byte| reader.read(&[*byte]).unwrap().1)
            .collect();
        assert_eq!(replies, [reply(220, "two").unwrap()]);
    }

    #[test]
    fn what_is_not_smtp_is_refused() {
        for bytes in [
            "SSH-2.0-x\r\n",
            "22\r\n",
            "\r\n",
            "2 0 x\r\n",
            "220x\r\n",
            "199 x\r\n",
            "600 x\r\n",
            "١٢٣ x\n",
        ] {
            assert!(
                matches!(read(bytes.as_bytes()), Err(ReplyError::NoCode(_))),
                "{bytes:?}"
            );
        }
    }

    #[test]
    fn endless_replies_end() {
        assert_eq!(read(&vec![b'2'; LONGEST_LINE + 1]), Err(ReplyError::LongLine));
        assert_eq!(read(&b"220-x\r\n".repeat(MOST_LINES)), Err(ReplyError::ManyLines));
        let bytes = [b"220-x\r\n".repeat(MOST_LINES - 1), b"220 y\r\n".to_vec()].concat();
        assert_eq!(read(&bytes).unwrap().1, reply(220, "y"));
    }

    #[test]
    fn text_is_fit_for_a_log() {
        let (_, reply) = read(b"550 \x1b[31mno\x07\xff\r\n").unwrap();
        assert_eq!(reply.unwrap().to_string(), "550 [31mno \u{fffd}");
    }
}
