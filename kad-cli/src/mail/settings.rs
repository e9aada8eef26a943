//! Where mail goes, and in whose name.

use std::time::Duration;

use super::Address;

/// What holds for all mail.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// `smtp_server`.
    pub server: Server,
    /// `smtp_connect_timeout`: how long each step may take.
    pub timeout: Duration,
    /// `smtp_helo_name`: how the server is greeted.
    pub helo: String,
    /// `router_id`: the name in subjects.
    pub router_id: String,
    /// `notification_email_from`.
    pub from: Address,
    /// `notification_email`.
    pub to: Vec<Address>,
}

/// A mail server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Server {
    /// An address, or a name to be looked up.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
}

impl Settings {
    /// A name that can be sent as the argument of `HELO`, or one that says only that there is none.
    pub fn greeting(name: &str) -> String {
        let is_name = !name.is_empty()
            && name.len() <= LONGEST_NAME
            && name
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>');
        if is_name { name } else { "localhost" }.to_owned()
    }

    /// The right side of a Message-ID: a dot-atom (RFC 5322 section 3.2.3).
    pub(super) fn id_domain(&self) -> String {
        let allowed = |character: char| character.is_ascii_alphanumeric() || "-.".contains(character);
        let name: String = self
            .helo
            .chars()
            .filter(|character| allowed(*character))
            .collect();
        let name = name.trim_matches('.').replace("..", ".");
        if name.is_empty() {
            "localhost".to_owned()
        } else {
            name
        }
    }

    #[cfg(test)]
    pub(super) fn example() -> Self {
        Self {
            server: Server {
                host: "127.0.0.1".to_owned(),
                port: 25,
            },
            timeout: Duration::from_secs(30),
            helo: "r1.example.org".to_owned(),
            router_id: "r1".to_owned(),
            from: Address::new("kad@example.org").expect("it is one"),
            to: vec![Address::new("a@example.org").expect("it is one")],
        }
    }
}

impl std::fmt::Display for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} port {}", self.host.escape_debug(), self.port)
    }
}

/// RFC 5321 section 4.5.3.1.2.
const LONGEST_NAME: usize = 255;
