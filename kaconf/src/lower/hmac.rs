use std::path::Path;

use super::setting::lower as lower_settings;
use super::{Value, choices, settings, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{AntiReplay, AuthHmac, Block, Code, Diagnostic, HmacKey, HmacMode, HmacSecret, Keyword, Spanned};

choices!(AntiReplay { Time = "time", Monotonic = "monotonic" });
choices!(HmacMode { Enforce = "enforce", Permissive = "permissive", ReceiveOnly = "receive-only" });

settings!(AuthHmac, Block::AuthHmac, {
    "active_key" => active_key,
    "anti_replay" => anti_replay,
    "time_window" => time_window,
    "mode" => mode,
});

/// An `auth_hmac` block; `None` without a key.
impl Value for AuthHmac {
    fn read(block: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut hmac = AuthHmac::default();
        let faulty = lower_settings(&mut hmac, block, session, |hmac, statement, session| {
            (statement.name() == "key").then(|| match key(statement, session) {
                Some(key) => add(&mut hmac.keys, key, session),
                None => false,
            })
        });
        if hmac.keys.is_empty() {
            if !faulty.contains("key") {
                let message = "`auth_hmac` has no `key`: adverts are not signed";
                session.report(Diagnostic::error(Code::IncompleteAuthentication, message).at(block.span()));
            }
            return None;
        }
        let known = |id: &Spanned<u8>| hmac.keys.iter().any(|key| key.id == *id);
        if let Some(active) = hmac.active_key.filter(|active| !known(active)) {
            let message = format!("there is no `key {active}` for `active_key`");
            session.report(Diagnostic::error(Code::UnknownName, message).at(active.span));
            hmac.active_key = None;
        }
        Some(hmac)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.block(keyword.name, &[], |out| {
            for key in &self.keys {
                out.statement("key", |out| {
                    out.word(key.id);
                    match &key.secret {
                        HmacSecret::Bytes(bytes) => out.secret(hex(bytes).as_bytes()),
                        HmacSecret::File(path) => out.quoted(&format!("{FILE}{path}")),
                    }
                });
            }
            out.settings(self);
        });
    }
}

fn add(keys: &mut Vec<HmacKey>, key: HmacKey, session: &mut Session<'_>) -> bool {
    if let Some(first) = keys.iter().find(|known| known.id == key.id) {
        session.report(
            Diagnostic::error(Code::DuplicateName, format!("`key {}` is there already", key.id))
                .label(key.id.span, "this one is ignored")
                .label(first.id.span, "the first one"),
        );
        return false;
    }
    keys.push(key);
    true
}

/// `key ID hex:...|file:PATH|TEXT`.
fn key(statement: Statement<'_>, session: &mut Session<'_>) -> Option<HmacKey> {
    let mut words = statement.args();
    let (id, secret) = (words.next()?, words.next()?);
    let number = value::number(statement.name(), id, 0, 255, session)?;
    let bytes = match (secret.text.strip_prefix(FILE), secret.text.strip_prefix(HEX)) {
        (Some(path), _) => {
            let path = Path::new(path).to_string_lossy().into_owned();
            return Some(HmacKey::new(
                Spanned::new(number, id.span),
                HmacSecret::File(path),
            ));
        }
        (None, Some(digits)) => unhex(digits),
        (None, None) => Some(secret.text.as_bytes().to_vec()),
    };
    let bytes = bytes.filter(|bytes| (SHORTEST..=LONGEST).contains(&bytes.len()));
    if bytes.is_none() {
        let message = format!(
            "a key has {SHORTEST} to {LONGEST} bytes, as text or as `hex:` with two hexadecimal digits for each"
        );
        session.report(Diagnostic::error(Code::InvalidKey, message).at(secret.span));
    }
    Some(HmacKey::new(
        Spanned::new(number, id.span),
        HmacSecret::Bytes(bytes?),
    ))
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| {
        let pair = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2)?;
        u8::from_str_radix(pair, 16).ok()
    });
    bytes.collect()
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
    HEX.chars().map(String::from).chain(digits).collect()
}

const HEX: &str = "hex:";
const FILE: &str = "file:";
/// A key of HMAC-SHA256 is as good as its hash from 32 bytes on; more than a block of 64 would be hashed first.
const SHORTEST: usize = 32;
const LONGEST: usize = 64;
