use super::{Value, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{Keyword, SmtpServer};

/// `smtp_server HOST [PORT]`.
impl Value for SmtpServer {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        let host = value::name(statement.name(), statement.arg(), session)?.value;
        let port = match statement.args().nth(1) {
            Some(port) => value::number("port", port, 1, 65_535, session)?,
            None => SmtpServer::DEFAULT_PORT,
        };
        Some(SmtpServer::new(host, port))
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| {
            out.quoted(&self.host);
            out.word(self.port);
        });
    }
}
