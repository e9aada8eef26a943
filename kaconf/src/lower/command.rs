//! Commands: words in a regime of quotes of their own.
//!
//! Here `'...'` groups as `"..."` does, and a backslash has the meaning that it has in C. The first word of the
//! arguments is the command, and is split into its words by the same rules once more; a user and a group may follow.

use super::{Value, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{Code, Command, Diagnostic, Fifo, Keyword, NotifyDeleted, ScriptUser};

impl Value for Command {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let raw = statement.raw_args();
        let Some(words) = split(&raw) else {
            report_unbalanced(statement, session);
            return None;
        };
        let (first, rest) = words.split_first()?;
        let Some(argv) = split(first) else {
            report_unbalanced(statement, session);
            return None;
        };
        if argv.first().is_none_or(String::is_empty) {
            let message = format!("`{}` has no program to run", statement.name());
            session.report(Diagnostic::error(Code::EmptyValue, message).at(statement.place()));
            return None;
        }
        check(statement, &argv, session);
        let user = user_after(statement, rest, session)?;
        Some(Command { argv, user })
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            out.word(joined(&self.argv));
            write_user(self.user.as_ref(), out);
        });
    }
}

/// `notify_deleted [COMMAND [USER [GROUP]]]`.
impl Value for NotifyDeleted {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        if statement.args().len() == 0 {
            return Some(NotifyDeleted::Event);
        }
        Command::read(statement, session).map(NotifyDeleted::Command)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        match self {
            NotifyDeleted::Event => out.statement(keyword.name, |_| {}),
            NotifyDeleted::Command(command) => command.write(keyword, out),
        }
    }
}

/// `USER [GROUP]`, or `USER:GROUP`.
impl Value for ScriptUser {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut words = statement.args();
        let text = value::name(statement.name(), words.next()?, session)?.value;
        let group = words.next().map(|group| group.text.to_owned());
        Some(match (text.split_once(':'), group) {
            (Some((user, group)), None) => with_group(user, Some(group)),
            (_, group) => with_group(&text, group.as_deref()),
        })
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| write_user(Some(self), out));
    }
}

/// `PATH [USER [GROUP]]`.
impl Value for Fifo {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut words = statement.args();
        let path = value::name(statement.name(), words.next()?, session)?.value;
        let user = words
            .next()
            .map(|user| with_group(user.text, words.next().map(|group| group.text)));
        Some(Fifo { path, user })
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            out.quoted(&self.path);
            write_user(self.user.as_ref(), out);
        });
    }
}

fn with_group(user: &str, group: Option<&str>) -> ScriptUser {
    let mut user = ScriptUser::new(user.to_owned());
    user.group = group.map(str::to_owned);
    user
}

fn write_user(user: Option<&ScriptUser>, out: &mut Writer) {
    if let Some(user) = user {
        out.quoted(&user.user);
        user.group.iter().for_each(|group| out.quoted(group));
    }
}

/// The user and group after a command; the words there may be more of the command that somebody forgot to quote.
#[allow(clippy::option_option, reason = "a fault is not the same as no user")]
fn user_after(
    statement: Statement<'_>,
    rest: &[String],
    session: &mut Session<'_>,
) -> Option<Option<ScriptUser>> {
    let takes_user = statement.takes().usage().contains("USER");
    let is_user = |name: &String| {
        name.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_.-$@".contains(&byte))
    };
    match rest {
        [] => Some(None),
        [user] if takes_user && is_user(user) => Some(Some(with_group(user, None))),
        [user, group] if takes_user && is_user(user) && is_user(group) => {
            Some(Some(with_group(user, Some(group))))
        }
        _ => {
            let (make, what): (fn(_, _) -> _, _) = if takes_user {
                (
                    Diagnostic::error,
                    "a command is one word, with a user and a group after it",
                )
            } else {
                (
                    Diagnostic::warning,
                    "a command is one word: what follows it is lost",
                )
            };
            let first = statement
                .args()
                .nth(1)
                .map_or(statement.place(), |word| word.span);
            session.report(
                make(Code::CommandUnquoted, what)
                    .label(first, "not a part of the command")
                    .help("put the program and all its arguments into one pair of quotes"),
            );
            (!takes_user).then_some(None)
        }
    }
}

/// What a person may not expect of a command.
fn check(statement: Statement<'_>, argv: &[String], session: &mut Session<'_>) {
    let Some((program, arguments)) = argv.split_first() else {
        return;
    };
    let is_shell = SHELLS.contains(&program.rsplit('/').next().unwrap_or_default());
    if let Some(shell) = arguments.iter().find(|argument| is_shell_syntax(argument))
        && !is_shell
    {
        let message = format!("`{shell}` is nothing special here: there is no shell");
        session.report(
            Diagnostic::warning(Code::ShellSyntax, message)
                .at(statement.place())
                .help("it is handed to the program as it stands; a script of its own, or `sh -c '...'`, has a shell"),
        );
    }
    if !program.starts_with('/') {
        let message = if program.contains('/') {
            format!("`{program}` is looked for in the directory that the daemon runs in")
        } else {
            format!("`{program}` is looked for in the daemon's PATH, which may not be yours")
        };
        session.report(
            Diagnostic::warning(Code::PathNotAbsolute, message)
                .at(statement.place())
                .help("write the whole path"),
        );
    }
}

fn is_shell_syntax(argument: &str) -> bool {
    let operators = [
        "|",
        "||",
        "&&",
        "&",
        ";",
        ">",
        ">>",
        "<",
        "2>&1",
        "2>/dev/null",
        ">/dev/null",
        "&>/dev/null",
    ];
    operators.contains(&argument)
        || argument.ends_with(';')
        || argument.contains("$(")
        || argument.contains('`')
        || argument.starts_with("2>")
        || argument.starts_with("~/")
}

fn report_unbalanced(statement: Statement<'_>, session: &mut Session<'_>) {
    let message = format!("a quote in the command of `{}` is not closed", statement.name());
    session.report(
        Diagnostic::error(Code::CommandUnbalanced, message)
            .at(statement.place())
            .help("both `'` and `\"` group words here; a quote that is meant is written `\\x27` or `\\x22`"),
    );
}

/// The words of a text; `None` if a quote is not closed.
fn split(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote = None;
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'\\' => {
                let (meant, after) = escape(rest);
                rest = after;
                word.get_or_insert_default().extend(meant);
            }
            b'\'' | b'"' if quote.is_none() => {
                word.get_or_insert_default();
                quote = Some(byte);
            }
            // No argument can hold one (execve(2)).
            0 => {}
            _ if quote == Some(byte) => quote = None,
            _ if quote.is_none() && byte.is_ascii_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    let text = |bytes| String::from_utf8(bytes).unwrap_or_else(|error| lossy(error.as_bytes()));
    quote.is_none().then(|| words.into_iter().map(text).collect())
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What stands after a backslash, and the text after that.
fn escape(text: &[u8]) -> (Option<u8>, &[u8]) {
    let Some((&first, rest)) = text.split_first() else {
        return (None, text);
    };
    let meant = match first {
        b'a' => 7,
        b'b' => 8,
        b'E' => 27,
        b'f' => 12,
        b'n' => 10,
        b'r' => 13,
        b't' => 9,
        b'v' => 11,
        b'c' => {
            return match rest.split_first() {
                Some((letter, rest)) => (Some(letter & 31), rest),
                None => (None, rest),
            };
        }
        b'x' => return digits(rest, 2, 16),
        b'0'..=b'7' => return digits(text, 3, 8),
        other => other,
    };
    (Some(meant), rest)
}

/// A byte of at most so many digits; NUL, which no argument can hold, is left out.
fn digits(text: &[u8], most: usize, radix: u32) -> (Option<u8>, &[u8]) {
    let value = |byte: &u8| char::from(*byte).to_digit(radix);
    let count = text
        .iter()
        .take(most)
        .take_while(|byte| value(byte).is_some())
        .count();
    let (digits, rest) = text.split_at(count);
    let number = digits
        .iter()
        .filter_map(value)
        .fold(0, |number, digit| number * radix + digit);
    (u8::try_from(number).ok().filter(|&byte| byte != 0), rest)
}

/// Arguments as the one word that a file has for them.
fn joined(argv: &[String]) -> String {
    let words: Vec<_> = argv.iter().map(|word| inner(word)).collect();
    let text = words.join(" ").replace('\\', "\\\\").replace('"', "\\x22");
    format!("\"{text}\"")
}

/// A word of a command, quoted if it needs to be.
fn inner(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+=:,@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    let mut quoted = String::from("'");
    for character in word.chars() {
        match character {
            '\'' | '"' | '\\' | '\0'..='\x1f' | '\x7f' => {
                quoted.push_str(&format!("\\x{:02x}", u32::from(character)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('\'');
    quoted
}

const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "zsh", "busybox", "env"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_quotes_and_out_of_them() {
        let words = |text| split(text).expect("balanced");
        assert_eq!(words(r#"/x "a b" 'c  d' e'f'"g""#), ["/x", "a b", "c  d", "efg"]);
        assert_eq!(
            words(r"\x41 \102\x43z \e \\ a\ b ''"),
            ["A", "BCz", "e", "\\", "a b", ""]
        );
        assert_eq!(words("'c\\td'"), ["c\td"]);
        assert_eq!(words("a\0b \\0c \\x00"), ["ab", "c", ""]);
        assert_eq!(split("'a"), None);
        assert_eq!(words("  "), [""; 0]);
    }

    #[test]
    fn a_command_as_one_word() {
        let argv = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        for words in [
            &["/x"][..],
            &["/x", "a b", ""],
            &["/x", "it's", "\"q\"", "\\n", "\n\t", "#!{}$é"],
        ] {
            let argv = argv(words);
            let text = joined(&argv);
            let outer = split(&text).expect("balanced");
            assert_eq!(outer.len(), 1, "{text}");
            assert_eq!(split(&outer[0]), Some(argv), "{text}");
            assert_eq!(text.matches('"').count(), 2, "{text}");
        }
    }
}
