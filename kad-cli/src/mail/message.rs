//! What is written, and how it travels.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::encoding::{base64, header_value};
use super::{Address, Settings, date};

/// Something to be told by mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// What it is about; the router's name is put before it.
    pub subject: String,
    /// The text.
    pub body: String,
}

impl Message {
    /// A message of one subject and one text.
    pub fn new(subject: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            body: body.into(),
        }
    }
}

/// A message with its envelope, as a server is given it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letter {
    /// Its sender.
    pub from: Address,
    /// Who is to get it, still.
    pub to: Vec<Address>,
    /// Its subject, for the log.
    pub subject: Arc<str>,
    /// Headers and text after `DATA`: lines that end with CR LF, with the dots doubled that begin one (RFC 5321 section
    /// 4.5.2), and without the final one.
    pub content: Arc<[u8]>,
}

impl Letter {
    /// Writes a message down. `number` tells apart those that the process `process` writes at the same moment.
    pub fn new(settings: &Settings, message: &Message, time: SystemTime, process: u32, number: u64) -> Self {
        let subject = header_value(&format!("[{}] {}", settings.router_id, message.subject));
        let mut headers = vec![
            format!("Date: {}", date::date(time)),
            format!("From: {}", settings.from),
            format!("Subject: {subject}"),
            concat!("X-Mailer: kad ", env!("CARGO_PKG_VERSION")).to_owned(),
            format!("To: {}", list(&settings.to)),
            format!("Message-ID: {}", id(settings, time, process, number)),
            // RFC 3834 section 5: whoever answers mail by itself leaves this one alone.
            "Auto-Submitted: auto-generated".to_owned(),
        ];
        let lines = body(&message.body, &mut headers);
        let lines = headers
            .iter()
            .map(String::as_str)
            .chain([""])
            .chain(lines.lines());
        let content: String = lines
            .map(|line| format!("{}{line}\r\n", if line.starts_with('.') { "." } else { "" }))
            .collect();
        Self {
            from: settings.from.clone(),
            to: settings.to.clone(),
            subject: message.subject.as_str().into(),
            content: content.into_bytes().into(),
        }
    }
}

/// `a@x, b@y`, on as many lines as it takes to keep each short.
fn list(addresses: &[Address]) -> String {
    let mut text = String::new();
    let mut length = "To: ".len();
    for address in addresses {
        let wanted = address.as_str().len() + 2;
        if !text.is_empty() {
            let fold = length + wanted > LINE;
            text.push_str(if fold { ",\r\n " } else { ", " });
            length = if fold { 1 } else { length };
        }
        text.push_str(address.as_str());
        length += wanted;
    }
    text
}

/// RFC 5322 section 3.6.4: never the same twice.
fn id(settings: &Settings, time: SystemTime, process: u32, number: u64) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    format!(
        "<{}.{process}.{number}@{}>",
        since.as_nanos(),
        settings.id_domain()
    )
}

/// The text as it is if every server takes it so, or else in base64, which the headers then say.
fn body(text: &str, headers: &mut Vec<String>) -> String {
    let plain = |byte: u8| byte == b'\n' || byte == b'\t' || byte.is_ascii_graphic() || byte == b' ';
    if text.bytes().all(plain) && text.lines().all(|line| line.len() <= LONGEST_LINE) {
        return text.to_owned();
    }
    headers.extend(
        [
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
        ]
        .map(str::to_owned),
    );
    let encoded = base64(text.as_bytes());
    let lines: Vec<String> = encoded
        .as_bytes()
        .chunks(76)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    lines.join("\n")
}

/// Where lines are folded (RFC 5322 section 2.1.1).
const LINE: usize = 78;
/// The longest line that has to be accepted, less a doubled dot.
const LONGEST_LINE: usize = 997;

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(to: &[&str]) -> Settings {
        Settings {
            router_id: "R1".to_owned(),
            to: to.iter().map(|to| Address::new(to).unwrap()).collect(),
            ..Settings::example()
        }
    }

    fn content(settings: &Settings, message: &Message) -> String {
        let time = UNIX_EPOCH + Duration::from_secs(1_795_547_702);
        let letter = Letter::new(settings, message, time, 7, 3);
        String::from_utf8(letter.content.to_vec()).unwrap()
    }

    #[test]
    fn letter_has_the_headers_and_the_text() {
        let message = Message::new("VRRP Instance V1 - Entering MASTER state", "=> it is <=");
        assert_eq!(
            content(&settings(&["a@example.org", "b@example.org"]), &message),
            format!(
                "Date: Tue, 24 Nov 2026 19:15:02 +0000\r\nFrom: kad@example.org\r\n\
                 Subject: [R1] VRRP Instance V1 - Entering MASTER state\r\nX-Mailer: kad {}\r\n\
                 To: a@example.org, b@example.org\r\nMessage-ID: <1795547702000000000.7.3@r1.example.org>\r\n\
                 Auto-Submitted: auto-generated\r\n\r\n=> it is <=\r\n",
                env!("CARGO_PKG_VERSION")
            )
        );
    }

    #[test]
    fn nothing_in_a_name_or_a_text_gets_out_of_its_place() {
        let message = Message::new("V1\r\nBcc: x@y\r\n\r\n.\r\nMAIL", ".\n..\r\nend\r\n.\r\nQUIT");
        let content = content(&settings(&["a@b"]), &message);
        let (headers, body) = content.split_once("\r\n\r\n").unwrap();
        assert!(
            !headers
                .lines()
                .any(|line| line.starts_with("Bcc") || line.starts_with('.')),
            "{headers}"
        );
        // The text has bare carriage returns, so it goes in base64.
        assert!(headers.contains("base64"), "{headers}");
        assert!(!body.lines().any(|line| line.starts_with('.')), "{body}");
    }

    #[test]
    fn dots_that_begin_a_line_are_doubled() {
        let content = content(&settings(&["a@b"]), &Message::new("x", ".\n.y\nz.\n"));
        assert!(content.ends_with("\r\n\r\n..\r\n..y\r\nz.\r\n"), "{content:?}");
    }

    #[test]
    fn many_recipients_are_folded() {
        let many: Vec<String> = (0..100)
            .map(|number| format!("operator{number}@example.org"))
            .collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let content = content(&settings(&many), &Message::new("x", "y"));
        assert!(content.lines().all(|line| line.len() <= 80), "{content}");
        let unfolded = content.replace("\r\n ", " ");
        assert!(
            unfolded.contains(&format!("\r\nTo: {}\r\n", many.join(", "))),
            "{unfolded}"
        );
    }

    #[test]
    fn what_is_not_ascii_is_encoded() {
        let content = content(&settings(&["a@b"]), &Message::new("Zürich", "grün\n"));
        assert!(content.contains("Subject: =?UTF-8?B?"), "{content}");
        assert!(
            content.is_ascii() && content.ends_with("\r\n\r\nZ3LDvG4K\r\n"),
            "{content}"
        );
    }
}
