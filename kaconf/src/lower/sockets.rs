use super::{Value, value};
use crate::session::Session;
use crate::tree::Statement;
use crate::write::Writer;
use crate::{Keyword, RxBufsPolicy};

/// `vrrp_rx_bufs_policy MTU|ADVERT|N`.
impl Value for RxBufsPolicy {
    fn read(statement: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        match statement.arg().text {
            "MTU" => Some(RxBufsPolicy::Mtu),
            "ADVERT" => Some(RxBufsPolicy::Advert),
            _ => {
                let bytes = value::number(statement.name(), statement.arg(), 1, i32::MAX.into(), session);
                bytes.map(RxBufsPolicy::Bytes)
            }
        }
    }

    fn write(&self, keyword: &'static Keyword, out: &mut Writer) {
        out.statement(keyword.name, |out| match self {
            RxBufsPolicy::Mtu => out.word("MTU"),
            RxBufsPolicy::Advert => out.word("ADVERT"),
            RxBufsPolicy::Bytes(bytes) => out.word(bytes),
        });
    }
}
