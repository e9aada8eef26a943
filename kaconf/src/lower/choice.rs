//! Keywords whose argument is one of a few words.

use crate::session::Session;
use crate::tree::Arg;
use crate::{Code, Diagnostic};

/// Makes an enum a [`Value`](super::Value) that is written as one of a few words.
macro_rules! choices {
    ($type:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $type {
            /// How the values are written.
            pub(crate) const WORDS: &'static [&'static str] = &[$($word),*];

            /// The value that is written so.
            pub(crate) fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($type::$variant),)*
                    _ => None,
                }
            }

            /// How it is written.
            pub(crate) fn word(self) -> &'static str {
                match self {
                    $($type::$variant => $word,)*
                }
            }
        }

        impl $crate::lower::Value for $type {
            fn read(
                statement: $crate::tree::Statement<'_>,
                session: &mut $crate::session::Session<'_>,
            ) -> Option<Self> {
                let value = Self::from_word(statement.arg().text);
                if value.is_none() {
                    $crate::lower::choice::report(statement.name(), statement.arg(), Self::WORDS, session);
                }
                value
            }

            fn write(&self, keyword: &'static $crate::Keyword, out: &mut $crate::write::Writer) {
                out.statement(keyword.name, |out| out.word(self.word()));
            }
        }
    };
}
pub(crate) use choices;

/// Says that an argument is none of the words that it may be.
pub(crate) fn report(name: &str, arg: Arg<'_>, words: &[&str], session: &mut Session<'_>) {
    say(Diagnostic::error, name, arg, words, session);
}

/// The same, where keepalived says nothing about it.
pub(crate) fn warn(name: &str, arg: Arg<'_>, words: &[&str], session: &mut Session<'_>) {
    say(Diagnostic::warning, name, arg, words, session);
}

fn say(
    report: fn(Code, String) -> Diagnostic,
    name: &str,
    arg: Arg<'_>,
    words: &[&str],
    session: &mut Session<'_>,
) {
    let message = format!("`{name}` is {}, not `{}`", listed(words), arg.text);
    let mut diagnostic = report(Code::InvalidChoice, message).at(arg.span);
    if let Some(likely) = likely(arg.text, words) {
        diagnostic = diagnostic.suggest(arg.span, likely, format!("did you mean `{likely}`?"));
    }
    session.report(diagnostic);
}

/// The word that is most like `text`, if one is like it at all.
pub(crate) fn likely<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    let text = text.trim_end_matches([';', ',']);
    let same = words.iter().find(|word| word.eq_ignore_ascii_case(text));
    let near = || {
        let distance = |word: &&&str| strsim::damerau_levenshtein(word, text);
        let nearest = words.iter().min_by_key(distance)?;
        let allowed = (text.len().max(nearest.len()) / 3).max(1);
        (text.len() <= LONGEST_GUESS && text.len() > 1 && distance(&nearest) <= allowed).then_some(nearest)
    };
    same.or_else(near).copied()
}

/// `A`, `A or B`, `A, B or C`.
fn listed(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Longer words are not compared with what they may be.
const LONGEST_GUESS: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant() {
        let words = ["MASTER", "BACKUP"];
        assert_eq!(likely("master;", &words), Some("MASTER"));
        assert_eq!(likely("BAKCUP", &words), Some("BACKUP"));
        assert_eq!(likely("x", &words), None);
        assert_eq!(likely("SLAVE", &words), None);
    }

    #[test]
    fn lists_as_a_person_reads_them() {
        assert_eq!(listed(&["2"]), "2");
        assert_eq!(listed(&["2", "3"]), "2 or 3");
        assert_eq!(listed(&["rr", "wrr", "lc"]), "rr, wrr or lc");
    }
}
