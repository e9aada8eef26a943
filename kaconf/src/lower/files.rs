use super::{Value, choices, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{JsonVersion, Keyword, ReloadCheck, ReloadFile};

choices!(JsonVersion { V1 = "1", V2 = "2" });

impl Value for ReloadCheck {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let log = path(statement, session)?;
        Some(ReloadCheck { log })
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        write_path(keyword, self.log.as_deref(), out);
    }
}

impl Value for ReloadFile {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let path = path(statement, session)?;
        Some(ReloadFile { path })
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        write_path(keyword, self.path.as_deref(), out);
    }
}

/// The path, if there is one; `None` if it is empty, which is reported.
#[allow(clippy::option_option, reason = "a fault is not the same as no path")]
fn path(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Option<String>> {
    match statement.args().next() {
        None => Some(None),
        Some(arg) => Some(Some(value::name(statement.name(), arg, session)?.value)),
    }
}

fn write_path(keyword: &'static Keyword, path: Option<&str>, out: &mut Writer) {
    out.statement(keyword.name, |out| {
        path.into_iter().for_each(|path| out.quoted(path));
    });
}
