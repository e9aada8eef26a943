use super::{Value, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{Code, CpuSet, Diagnostic, Keyword, Umask};

/// `*_cpu_affinity CPU...`.
impl Value for CpuSet {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let mut set = Vec::new();
        for arg in statement.args() {
            set.push(value::number(statement.name(), arg, 0, MOST_PROCESSORS, session)?);
        }
        set.sort_unstable();
        set.dedup();
        Some(CpuSet(set))
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| self.0.iter().for_each(|cpu| out.word(cpu)));
    }
}

/// `umask MODE`: an octal number, or names with `|` between them.
impl Value for Umask {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let text: Vec<_> = statement.args().map(|arg| arg.text).collect();
        let text = text.concat();
        let is_octal = !text.is_empty() && text.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        let mode = if is_octal {
            u16::from_str_radix(&text, 8).ok().filter(|&mode| mode <= 0o777)
        } else {
            text.split('|')
                .map(bits)
                .try_fold(0, |mode, bits| Some(mode | bits?))
        };
        if mode.is_none() {
            let message = format!("`umask` is an octal number up to 777, or names, not `{text}`");
            session.report(
                Diagnostic::error(Code::InvalidChoice, message)
                    .at(statement.place())
                    .help("the names are those of stat.h without `S_`, such as `IRGRP|IWGRP`"),
            );
        }
        mode.map(Umask)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| out.word(format_args!("0{:o}", self.0)));
    }
}

/// What a name stands for (`inode(7)`).
fn bits(name: &str) -> Option<u16> {
    Some(match name {
        "IRUSR" => 0o400,
        "IWUSR" => 0o200,
        "IXUSR" => 0o100,
        "IRGRP" => 0o040,
        "IWGRP" => 0o020,
        "IXGRP" => 0o010,
        "IROTH" => 0o004,
        "IWOTH" => 0o002,
        "IXOTH" => 0o001,
        _ => return None,
    })
}

/// `CPU_SETSIZE` of sched.h, less one.
const MOST_PROCESSORS: i64 = 1023;
