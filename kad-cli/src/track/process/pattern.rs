//! Whether a process is one that counts; pure.

use kaconf::ParamMatch;

use super::super::setup::Pattern;

/// A process as proc(5) shows it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Process {
    /// `comm`, without the line's end.
    pub(super) name: Vec<u8>,
    /// `cmdline`: each word ends with a zero byte. Empty for kernel threads, zombies, and where it was not asked for.
    pub(super) command_line: Vec<u8>,
}

impl Pattern {
    /// What is matched by the name only needs no command line.
    pub(super) fn needs_command_line(&self) -> bool {
        matches!(self, Self::Command { .. })
    }

    pub(super) fn matches(&self, process: &Process) -> bool {
        match self {
            Self::Name(name) => process.name == *name,
            Self::Command {
                program,
                arguments,
                matching,
            } => {
                let mut words = words(&process.command_line);
                words.next() == Some(program.as_slice()) && arguments_match(words, arguments, *matching)
            }
        }
    }
}

/// The words of `cmdline`.
fn words(command_line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let whole = command_line.strip_suffix(&[0]).unwrap_or(command_line);
    let some = (!command_line.is_empty()).then(|| whole.split(|byte| *byte == 0));
    some.into_iter().flatten()
}

fn arguments_match<'a>(
    mut actual: impl Iterator<Item = &'a [u8]>,
    wanted: &[Vec<u8>],
    matching: ParamMatch,
) -> bool {
    let last = wanted.len();
    for (place, wanted) in (1..).zip(wanted) {
        let fits = actual.next().is_some_and(|actual| {
            actual == wanted.as_slice()
                || (matching == ParamMatch::Initial && place == last && actual.starts_with(wanted))
        });
        if !fits {
            return false;
        }
    }
    matching != ParamMatch::Exact || actual.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(words: &[&str], matching: ParamMatch) -> Pattern {
        let mut words = words.iter().map(|word| word.as_bytes().to_vec());
        Pattern::Command {
            program: words.next().unwrap(),
            arguments: words.collect(),
            matching,
        }
    }

    fn process(words: &[&str]) -> Process {
        let command_line = words.iter().flat_map(|word| [word.as_bytes(), b"\0"].concat());
        Process {
            name: b"proxy".to_vec(),
            command_line: command_line.collect(),
        }
    }

    #[test]
    fn a_name_is_the_whole_name() {
        let named =
            |name: &str| Pattern::Name(name.as_bytes().to_vec()).matches(&process(&["/bin/proxy", "-v"]));
        assert!(named("proxy"));
        assert!(!named("prox") && !named("proxy2") && !named("/bin/proxy"));
    }

    #[test]
    fn arguments_are_compared_as_param_match_says() {
        use ParamMatch::{Exact, Initial, Partial};
        let running = process(&["/bin/proxy", "-f", "/etc/proxy.conf", "-v"]);
        let fits = |words: &[&str], matching| command(words, matching).matches(&running);
        let all = ["/bin/proxy", "-f", "/etc/proxy.conf", "-v"];
        let first = ["/bin/proxy", "-f", "/etc/proxy.conf"];
        let begun = ["/bin/proxy", "-f", "/etc/pro"];
        assert_eq!(
            [Exact, Partial, Initial].map(|how| fits(&all, how)),
            [true, true, true]
        );
        assert_eq!(
            [Exact, Partial, Initial].map(|how| fits(&first, how)),
            [false, true, true]
        );
        assert_eq!(
            [Exact, Partial, Initial].map(|how| fits(&begun, how)),
            [false, false, true]
        );
        assert!(
            !fits(&["/bin/proxy", "-", "/etc/proxy.conf"], Initial),
            "only the last may be longer"
        );
        assert!(
            !fits(&["proxy"], Partial),
            "the program is compared as it was started"
        );
        assert!(!fits(
            &["/bin/proxy", "-f", "/etc/proxy.conf", "-v", "x"],
            Initial
        ));
    }

    #[test]
    fn no_argument_and_an_empty_one_are_different() {
        let exact = command(&["/bin/proxy"], ParamMatch::Exact);
        assert!(exact.matches(&process(&["/bin/proxy"])));
        assert!(!exact.matches(&process(&["/bin/proxy", ""])));
        assert!(command(&["/bin/proxy", ""], ParamMatch::Exact).matches(&process(&["/bin/proxy", ""])));
    }

    #[test]
    fn a_zombie_has_no_command_line() {
        assert!(!command(&["/bin/proxy"], ParamMatch::Partial).matches(&process(&[])));
    }
}
