use std::iter::Peekable;

use super::ParseReason;
use super::specs::{Name, On, SPECS, Spec, Value};

/// Which lines there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    AddService,
    AddServer,
}

/// The options of one line.
pub(super) struct Options<'a> {
    pub(super) command: Command,
    given: Vec<Given<'a>>,
}

#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    spec: &'static Spec,
    pub(super) value: Option<&'a str>,
}

impl<'a> Options<'a> {
    /// Of the words of a line, as popt reads them: `-w 3`, `-w3`, `--weight 3`, `--weight=3`, and `-At` for `-A -t`. The
    /// command comes first.
    pub(super) fn parse(words: impl Iterator<Item = &'a str>) -> Result<Option<Self>, ParseReason> {
        let mut words = words.peekable();
        words.next_if_eq(&"ipvsadm");
        let Some(first) = words.next() else {
            return Ok(None);
        };
        let (command, cluster) = command(first).ok_or_else(|| ParseReason::Command(first.to_owned()))?;
        let mut options = Self {
            command,
            given: Vec::new(),
        };
        options.read_cluster(cluster, first, &mut words)?;
        while let Some(word) = words.next() {
            options.read_word(word, &mut words)?;
        }
        Ok(Some(options))
    }

    pub(super) fn get(&self, name: Name) -> Option<Given<'a>> {
        self.given.iter().find(|given| given.spec.name == name).copied()
    }

    pub(super) fn has(&self, name: Name) -> bool {
        self.get(name).is_some()
    }

    /// The one of these that is there; there must not be two.
    pub(super) fn one_of(&self, names: &[Name]) -> Result<Option<Given<'a>>, ParseReason> {
        let mut found = self.given.iter().filter(|given| names.contains(&given.spec.name));
        match (found.next(), found.next()) {
            (Some(before), Some(given)) => Err(ParseReason::Conflict {
                found: given.spec.shown,
                before: before.spec.shown,
            }),
            (found, _) => Ok(found.copied()),
        }
    }

    /// Whether one comes before another.
    pub(super) fn is_before(&self, first: Name, second: Name) -> bool {
        let place = |name| self.given.iter().position(|given| given.spec.name == name);
        place(first).is_some() && place(first) < place(second)
    }

    fn read_word(
        &mut self,
        word: &'a str,
        words: &mut Peekable<impl Iterator<Item = &'a str>>,
    ) -> Result<(), ParseReason> {
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (long, None),
            };
            let spec = self.find(word, |spec| spec.long == name)?;
            return self.give(spec, value, words);
        }
        match word.strip_prefix('-') {
            Some(cluster) if !cluster.is_empty() => self.read_cluster(cluster, word, words),
            _ => Err(self.unknown(word)),
        }
    }

    /// Options of one letter in one word. One that takes a value takes what is left of the word for it.
    fn read_cluster(
        &mut self,
        cluster: &'a str,
        word: &str,
        words: &mut Peekable<impl Iterator<Item = &'a str>>,
    ) -> Result<(), ParseReason> {
        let mut letters = cluster.chars();
        while let Some(letter) = letters.next() {
            let spec = self.find(word, |spec| spec.short == Some(letter))?;
            let rest = letters.as_str();
            if matches!(spec.value, Value::No) {
                self.give(spec, None, words)?;
            } else {
                return self.give(spec, (!rest.is_empty()).then_some(rest), words);
            }
        }
        Ok(())
    }

    fn give(
        &mut self,
        spec: &'static Spec,
        value: Option<&'a str>,
        words: &mut Peekable<impl Iterator<Item = &'a str>>,
    ) -> Result<(), ParseReason> {
        let value = match spec.value {
            Value::No if value.is_some() => return Err(ParseReason::NeedlessValue(spec.shown)),
            Value::No => None,
            Value::Optional(_, default) => {
                let value = value.or_else(|| words.next_if(|word| !word.starts_with('-')));
                value.or(Some(default))
            }
            Value::Needed(expected) => {
                let value = value.or_else(|| words.next());
                let option = spec.shown;
                Some(value.ok_or(ParseReason::NoValue { option, expected })?)
            }
        };
        let given = Given { spec, value };
        if let Some(before) = self.get(spec.name) {
            return Err(ParseReason::Conflict {
                found: given.spec.shown,
                before: before.spec.shown,
            });
        }
        self.given.push(given);
        Ok(())
    }

    fn find(&self, word: &str, is_it: impl Fn(&Spec) -> bool) -> Result<&'static Spec, ParseReason> {
        let mut found = SPECS.iter().filter(|spec| self.command.takes(spec));
        found.find(|spec| is_it(spec)).ok_or_else(|| self.unknown(word))
    }

    fn unknown(&self, word: &str) -> ParseReason {
        let taken = SPECS.iter().filter(|spec| self.command.takes(spec));
        ParseReason::Option {
            found: word.to_owned(),
            command: self.command.shown(),
            expected: taken.map(|spec| spec.shown).collect(),
        }
    }
}

impl Command {
    fn takes(self, spec: &Spec) -> bool {
        match self {
            Self::AddService => spec.on != On::Server,
            Self::AddServer => spec.on != On::Service,
        }
    }

    fn shown(self) -> &'static str {
        match self {
            Self::AddService => "-A",
            Self::AddServer => "-a",
        }
    }
}

/// What a line begins with, and what is left of that word.
fn command(word: &str) -> Option<(Command, &str)> {
    match word {
        "--add-service" => Some((Command::AddService, "")),
        "--add-server" => Some((Command::AddServer, "")),
        _ => {
            let service = word.strip_prefix("-A").map(|rest| (Command::AddService, rest));
            service.or_else(|| word.strip_prefix("-a").map(|rest| (Command::AddServer, rest)))
        }
    }
}

impl<'a> Given<'a> {
    pub(super) fn name(&self) -> Name {
        self.spec.name
    }

    /// As it is written in the shortest way.
    pub(super) fn shown(&self) -> &'static str {
        self.spec.shown
    }

    /// The value, read.
    pub(super) fn read<T>(&self, read: impl FnOnce(&'a str) -> Option<T>) -> Result<T, ParseReason> {
        let value = self.value.unwrap_or_default();
        read(value).ok_or_else(|| ParseReason::Value {
            option: self.spec.shown,
            found: value.to_owned(),
            expected: match self.spec.value {
                Value::No => "nothing",
                Value::Optional(expected, _) | Value::Needed(expected) => expected,
            },
        })
    }
}
