//! What the routers' programs write, as far as it is about states.

use vrrp_engine::StateKind;

/// A line that matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Line<'a> {
    /// An instance changed its state; keepalived does not say why.
    State {
        instance: &'a str,
        state: StateKind,
        reason: Option<&'a str>,
    },
    /// A warning or an error of kad.
    Complaint(&'a str),
}

/// What a line of kad or of keepalived says.
pub(super) fn read(line: &str) -> Option<Line<'_>> {
    kad(line).or_else(|| keepalived(line))
}

/// `TIME NAME: FROM -> TO: REASON`, perhaps with `warning: ` before the name.
fn kad(line: &str) -> Option<Line<'_>> {
    let (_time, text) = line.split_once(' ')?;
    let complaint = text
        .strip_prefix("warning: ")
        .or_else(|| text.strip_prefix("error: "));
    transition(complaint.unwrap_or(text)).or_else(|| complaint.map(Line::Complaint))
}

fn transition(text: &str) -> Option<Line<'_>> {
    let (before, after) = text.split_once(" -> ")?;
    let (instance, from) = before.rsplit_once(": ")?;
    let (to, reason) = after.split_once(": ")?;
    state(from)?;
    Some(Line::State {
        instance,
        state: state(to)?,
        reason: Some(reason),
    })
}

/// `TIME (NAME) Entering STATE STATE`.
fn keepalived(line: &str) -> Option<Line<'_>> {
    let (_time, text) = line.split_once(": (")?;
    let (instance, text) = text.split_once(") Entering ")?;
    let (word, _) = text.split_once(" STATE")?;
    Some(Line::State {
        instance,
        state: state(word)?,
        reason: None,
    })
}

fn state(word: &str) -> Option<StateKind> {
    let states = [
        StateKind::Initialize,
        StateKind::Fault,
        StateKind::Backup,
        StateKind::Master,
    ];
    states.into_iter().find(|state| state.to_string() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed<'a>(instance: &'a str, state: StateKind, reason: Option<&'a str>) -> Option<Line<'a>> {
        Some(Line::State {
            instance,
            state,
            reason,
        })
    }

    #[test]
    fn transitions_of_kad() {
        let line = "2026-03-01T12:00:00.000000Z VI_1: BACKUP -> MASTER: 10.0.0.2 silent for 3.61 s (3 x 1 s + skew 0.61 s)";
        let reason = "10.0.0.2 silent for 3.61 s (3 x 1 s + skew 0.61 s)";
        assert_eq!(read(line), changed("VI_1", StateKind::Master, Some(reason)));
        let line = "2026-03-01T12:00:00.000000Z warning: a: b: MASTER -> FAULT: interface down";
        assert_eq!(
            read(line),
            changed("a: b", StateKind::Fault, Some("interface down"))
        );
    }

    #[test]
    fn transitions_of_keepalived() {
        let line = "Sun Mar  1 12:00:00 2026: (VI_1) Entering BACKUP STATE (init)";
        assert_eq!(read(line), changed("VI_1", StateKind::Backup, None));
    }

    #[test]
    fn complaints_and_what_does_not_matter() {
        let line = "2026-03-01T12:00:00.000000Z warning: discarded an advert -> of 10.0.0.2: wrong password";
        assert_eq!(
            read(line),
            Some(Line::Complaint(
                "discarded an advert -> of 10.0.0.2: wrong password"
            ))
        );
        for line in [
            "",
            "x",
            "2026-03-01T12:00:00.000000Z SIGTERM: stopping",
            "Sun Mar  1 12:00:00 2026: Starting VRRP child process, pid=3",
            "2026 VI_1: UP -> DOWN: no states of ours",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
