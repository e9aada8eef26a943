//! What can be tracked: scripts, files, processes, BFD sessions.

use std::time::Duration;

use super::setting::{keep, lower as lower_settings, nothing_special};
use super::{Value, choice, settings, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{
    BfdInstance, Block, Code, Command, Diagnostic, Family, InitFile, Keyword, ParamMatch, Spanned, TrackFile,
    TrackProcess, VrrpScript,
};

settings!(VrrpScript, Block::VrrpScript, {
    "script" => script,
    "interval" => interval,
    "timeout" => timeout,
    "weight" => weight,
    "rise" => rise,
    "fall" => fall,
    "user" => user,
    "init_fail" => init_fail,
});

settings!(TrackFile, Block::TrackFile, {
    "file" => file,
    "weight" => weight,
    "init_file" => init_file,
});

settings!(TrackProcess, Block::TrackProcess, {
    "process" => process,
    "param_match" => param_match,
    "weight" => weight,
    "quorum" => quorum,
    "quorum_max" => quorum_max,
    "fork_delay" => fork_delay,
    "terminate_delay" => terminate_delay,
    "full_command" => full_command,
});

settings!(BfdInstance, Block::BfdInstance, {
    "neighbor_ip" => neighbor_ip,
    "source_ip" => source_ip,
    "min_rx" => min_rx,
    "min_tx" => min_tx,
    "idle_tx" => idle_tx,
    "multiplier" => multiplier,
    "passive" => passive,
    "ttl" => ttl,
    "max_hops" => max_hops,
    "multihop" => multihop,
    "weight" => weight,
    "vrrp" => vrrp,
    "checker" => checker,
});

/// A `vrrp_script`; `None` without a script.
pub(super) fn script(
    name: Spanned<String>,
    block: Statement<'_>,
    session: &mut Session<'_>,
) -> Option<VrrpScript> {
    let nothing = Spanned::from(Command::new(Vec::new()));
    let mut script = VrrpScript::new(name, nothing);
    let faulty = lower_settings(
        &mut script,
        block,
        session,
        |script, statement, session| match statement.name() {
            "rise" => at_least_one(&mut script.rise, statement, session),
            "fall" => at_least_one(&mut script.fall, statement, session),
            _ => None,
        },
    );
    for (name, duration) in [
        ("interval", &mut script.interval),
        ("timeout", &mut script.timeout),
    ] {
        if duration.is_zero() {
            let message = format!("`{name}` must be at least 1: 0 is taken as 1");
            session.report(Diagnostic::warning(Code::OutOfRange, message).at(duration.span));
            duration.value = Duration::from_secs(1);
        }
    }
    script.timeout.inherit(&script.interval);
    let has_script = script.script.is_written();
    if !has_script && !faulty.contains("script") {
        missing(block, "script", Code::NoScript, session);
    }
    has_script.then_some(script)
}

/// As in keepalived, a count that is none is one.
fn at_least_one(
    setting: &mut Spanned<u32>,
    statement: Statement<'_>,
    session: &mut Session<'_>,
) -> Option<bool> {
    if statement.arg().text != "0" {
        return None;
    }
    let message = format!("`{}` must be at least 1: 0 is taken as 1", statement.name());
    session.report(Diagnostic::warning(Code::OutOfRange, message).at(statement.place()));
    keep(setting, Some(1), statement, session)
}

/// A `track_file`; `None` without a path.
pub(super) fn file(
    name: Spanned<String>,
    block: Statement<'_>,
    session: &mut Session<'_>,
) -> Option<TrackFile> {
    let mut file = TrackFile::new(name, Spanned::default());
    let faulty = lower_settings(&mut file, block, session, nothing_special);
    let has_path = file.file.is_written();
    if !has_path && !faulty.contains("file") {
        missing(block, "file", Code::NoScript, session);
    }
    has_path.then_some(file)
}

/// A `vrrp_track_process`; `None` without a program.
pub(super) fn process(
    name: Spanned<String>,
    block: Statement<'_>,
    session: &mut Session<'_>,
) -> Option<TrackProcess> {
    let mut process = TrackProcess::new(name, Spanned::default());
    let faulty = lower_settings(&mut process, block, session, |process, statement, session| {
        (statement.name() == "delay").then(|| {
            let delay = Duration::read(statement, session);
            keep(&mut process.fork_delay, delay, statement, session);
            keep(&mut process.terminate_delay, delay, statement, session);
            delay.is_some()
        })
    });
    check_quorum(&mut process, session);
    let has_program = process.process.is_written();
    if !has_program && !faulty.contains("process") {
        missing(block, "process", Code::NoScript, session);
    }
    has_program.then_some(process)
}

fn check_quorum(process: &mut TrackProcess, session: &mut Session<'_>) {
    let quorum = process.quorum;
    if let Some(most) = process.quorum_max
        && most.value != 0
        && most.value < quorum.value
    {
        let message = format!("`quorum_max {most}` is less than `quorum {quorum}`, and ignored");
        session.report(
            Diagnostic::warning(Code::QuorumUnreachable, message)
                .label(most.span, "ignored")
                .label(quorum.span, "so many are needed"),
        );
        process.quorum_max = None;
    }
}

/// A `bfd_instance`; `None` without a neighbour.
pub(super) fn bfd(
    name: Spanned<String>,
    block: Statement<'_>,
    session: &mut Session<'_>,
) -> Option<BfdInstance> {
    if name.len() > LONGEST_BFD_NAME {
        let message = format!("the name `{name}` is longer than {LONGEST_BFD_NAME} bytes");
        session.report(Diagnostic::error(Code::ValueTooLong, message).at(name.span));
        return None;
    }
    let mut bfd = BfdInstance::begin(name);
    let faulty = lower_settings(&mut bfd, block, session, nothing_special);
    if !bfd.neighbor_ip.is_written() {
        if !faulty.contains("neighbor_ip") {
            missing(block, "neighbor_ip", Code::NoNeighbour, session);
        }
        return None;
    }
    if bfd.neighbor_ip.is_ipv6() && !bfd.ttl.is_written() {
        bfd.ttl.value = 64;
    }
    let of_family = |source: &Spanned<_>| Family::of(source.value) == Family::of(bfd.neighbor_ip.value);
    if let Some(source) = bfd.source_ip.filter(|source| !of_family(source)) {
        let message = format!(
            "the source address {source} and the neighbour {} are not of one family",
            bfd.neighbor_ip
        );
        session.report(
            Diagnostic::error(Code::WrongFamily, message)
                .at(source.span)
                .label(bfd.neighbor_ip.span, "the neighbour"),
        );
        return None;
    }
    Some(bfd)
}

fn missing(block: Statement<'_>, keyword: &str, code: Code, session: &mut Session<'_>) {
    let message = format!(
        "`{} {}` has no `{keyword}`, and is ignored",
        block.name(),
        block.arg().text
    );
    session.report(Diagnostic::error(code, message).at(block.place()));
}

/// `init_file [VALUE] [overwrite]`.
impl Value for InitFile {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut init = InitFile::default();
        for arg in statement.args() {
            if arg.text == "overwrite" {
                init.overwrite = true;
            } else if let Ok(value) = arg.text.parse() {
                init.value = value;
            } else {
                choice::report(statement.name(), arg, &["a number", "overwrite"], session);
            }
        }
        Some(init)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            out.word(self.value);
            if self.overwrite {
                out.word("overwrite");
            }
        });
    }
}

/// `param_match [initial|partial]`.
impl Value for ParamMatch {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        match statement.args().next() {
            None => Some(ParamMatch::Exact),
            Some(arg) if arg.text == "initial" => Some(ParamMatch::Initial),
            Some(arg) if arg.text == "partial" => Some(ParamMatch::Partial),
            Some(arg) => {
                choice::report(statement.name(), arg, &["initial", "partial"], session);
                None
            }
        }
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| match self {
            ParamMatch::Exact => {}
            ParamMatch::Initial => out.word("initial"),
            ParamMatch::Partial => out.word("partial"),
        });
    }
}

/// `process PROGRAM [ARGUMENT...]`.
impl Value for Vec<String> {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let program = value::name(statement.name(), statement.arg(), session)?.value;
        let arguments = statement.args().skip(1).map(|arg| arg.text.to_owned());
        Some(std::iter::once(program).chain(arguments).collect())
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| self.iter().for_each(|word| out.quoted(word)));
    }
}

const LONGEST_BFD_NAME: usize = 31;
