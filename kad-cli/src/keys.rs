//! Keys that are in files of their own.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use kaconf::{Code, Config, Diagnostic, HmacSecret, Spanned};

/// Whose files with keys a configuration names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Keys {
    /// This machine's: they are read.
    Here,
    /// Another's: whatever the key is, it is there.
    Elsewhere,
}

impl Keys {
    /// Puts them into the configuration, and answers with what is wrong with them.
    pub(crate) fn bring(self, config: &mut Config) -> Vec<Diagnostic> {
        match self {
            Self::Here => read(config),
            Self::Elsewhere => {
                assume(config);
                Vec::new()
            }
        }
    }
}

/// Reads the keys of `auth_hmac` that are given as `file:PATH` (from the root, or from where kad runs), and puts them into
/// the configuration. Answers with what is wrong with those files; never with what is in them.
///
/// A file holds a key as the configuration would: as it stands, or as `hex:` and two digits for each byte. One line feed
/// at its end does not count.
fn read(config: &mut Config) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let signed = config.instances.iter_mut().filter_map(|it| it.auth_hmac.as_mut());
    for key in signed.flat_map(|hmac| &mut hmac.value.keys) {
        let HmacSecret::File(path) = &key.secret else {
            continue;
        };
        let (outcome, mut found) = read_file(Path::new(path), &key.id);
        problems.append(&mut found);
        if let Some(secret) = outcome {
            key.secret = secret;
        }
    }
    problems
}

fn assume(config: &mut Config) {
    let signed = config.instances.iter_mut().filter_map(|it| it.auth_hmac.as_mut());
    for key in signed.flat_map(|hmac| &mut hmac.value.keys) {
        if matches!(key.secret, HmacSecret::File(_)) {
            key.secret = HmacSecret::Bytes(vec![0; SHORTEST]);
        }
    }
}

fn read_file(path: &Path, id: &Spanned<u8>) -> (Option<HmacSecret>, Vec<Diagnostic>) {
    let place = format!("{}, the file of key {id}", path.display());
    let (content, mode) = match content(path) {
        Ok(read) => read,
        Err(error) => {
            let message = format!("{place}, cannot be read: {error}");
            return (
                None,
                vec![Diagnostic::error(Code::Unreadable, message).at(id.span)],
            );
        }
    };
    let mut problems = Vec::new();
    if mode & OTHERS_READ != 0 {
        let message = format!("{place}, can be read by others than its owner");
        let help = format!("chmod 600 {}", path.display());
        problems.push(
            Diagnostic::warning(Code::KeyFileExposed, message)
                .at(id.span)
                .help(help),
        );
    }
    let secret = secret(&content).filter(|bytes| (SHORTEST..=LONGEST).contains(&bytes.len()));
    if secret.is_none() {
        let message = format!(
            "{place}, holds no key: a key has {SHORTEST} to {LONGEST} bytes, as text or as `hex:` with two hexadecimal \
             digits for each"
        );
        problems.push(Diagnostic::error(Code::InvalidKey, message).at(id.span));
    }
    (secret.map(HmacSecret::Bytes), problems)
}

fn content(path: &Path) -> io::Result<(Vec<u8>, u32)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut content = Vec::new();
    file.take(LONGEST_FILE).read_to_end(&mut content)?;
    Ok((content, metadata.mode()))
}

fn secret(content: &[u8]) -> Option<Vec<u8>> {
    let content = content.strip_suffix(b"\n").unwrap_or(content);
    match content.strip_prefix(b"hex:") {
        Some(digits) => unhex(digits),
        None => Some(content.to_vec()),
    }
}

fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes = pairs
        .iter()
        .map(|&[high, low]| u8::try_from(digit(high)? * 16 + digit(low)?).ok());
    bytes.collect::<Option<_>>().filter(|_| rest.is_empty())
}

/// Of HMAC-SHA256: as long as its hash, to as long as what it takes in at once.
const SHORTEST: usize = 32;
const LONGEST: usize = 64;
/// More than any key has.
const LONGEST_FILE: u64 = 1024;
const OTHERS_READ: u32 = 0o044;

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn problems(content: &[u8], mode: u32) -> (Option<HmacSecret>, Vec<String>) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, content).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let (secret, problems) = read_file(file.path(), &Spanned::from(7));
        let said = |problem: &Diagnostic| {
            let said = format!("{} {problem:?}", problem.code);
            assert!(!said.contains("hunter") && !said.contains("zz"), "{said}");
            problem.code.to_string()
        };
        (secret, problems.iter().map(said).collect())
    }

    #[test]
    fn a_file_holds_a_key_as_text_or_as_digits() {
        let text = [b'k'; 32];
        let expected = Some(HmacSecret::Bytes(text.to_vec()));
        assert!(problems(&text, 0o600) == (expected.clone(), Vec::new()));
        assert!(problems(&[&text[..], b"\n"].concat(), 0o400) == (expected.clone(), Vec::new()));
        let digits = format!("hex:{}\n", "6b".repeat(32));
        assert!(problems(digits.as_bytes(), 0o600) == (expected.clone(), Vec::new()));
        assert!(problems(&text, 0o640) == (expected, vec!["KA0229".to_owned()]));
    }

    #[test]
    fn what_is_no_key_is_an_error_that_does_not_show_it() {
        for content in [&b"hunter2"[..], b"hex:zz", &[b'z'; 65], b""] {
            let (secret, codes) = problems(content, 0o600);
            assert!(secret.is_none());
            assert_eq!(codes, ["KA0085"]);
        }
        let (secret, problems) = read_file(Path::new("/nowhere/key"), &Spanned::from(7));
        assert!(secret.is_none());
        assert_eq!(problems[0].code, Code::Unreadable);
        assert!(
            problems[0]
                .message
                .starts_with("/nowhere/key, the file of key 7, cannot be read")
        );
    }
}
