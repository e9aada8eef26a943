use super::setting::{lower as lower_settings, nothing_special};
use super::{Value, settings};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{Block, Keyword, Passphrase, Spanned, Ssl};

settings!(Ssl, Block::Ssl, {
    "password" => password,
    "ca" => ca,
    "certificate" => certificate,
    "key" => key,
});

/// Takes in the block `SSL`; of several, the last word counts.
pub(super) fn lower(ssl: &mut Option<Spanned<Ssl>>, block: Statement<'_>, session: &mut Session<'_>) {
    let ssl = ssl.get_or_insert_with(|| Spanned::new(Ssl::default(), block.span()));
    lower_settings(&mut ssl.value, block, session, nothing_special);
}

impl Value for Passphrase {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        String::read(statement, session).map(Passphrase)
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| out.secret(self.0.as_bytes()));
    }
}
