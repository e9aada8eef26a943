use super::{Line, value};
use crate::session::Session;
use crate::tree::{Arg, Statement};
use crate::write::Writer;
use crate::{Code, Diagnostic, Span, UnicastPeer};

/// One line of `unicast_peer`: `IP [min_ttl N] [max_ttl N]`.
impl Line for UnicastPeer {
    fn read(line: Statement<'_>, session: &mut Session<'_>) -> Option<Self> {
        read(line, session)
    }

    fn write(&self, out: &mut Writer) {
        out.word(self.address.value);
        for (name, limit) in [("min_ttl", self.min_ttl), ("max_ttl", self.max_ttl)] {
            if let Some(limit) = limit {
                out.word(name);
                out.word(limit);
            }
        }
    }

    fn span(&self) -> Span {
        self.address.span
    }
}

fn read(line: Statement<'_>, session: &mut Session<'_>) -> Option<UnicastPeer> {
    let mut words = line.words();
    let first = words.next()?;
    let mut peer = UnicastPeer::new(value::address("unicast_peer", first, true, session)?);
    while let Some(option) = words.next() {
        let limit = match option.text {
            "min_ttl" => &mut peer.min_ttl,
            "max_ttl" => &mut peer.max_ttl,
            _ => {
                report_unknown(option, session);
                continue;
            }
        };
        if let Some(argument) = value::argument(option, words.next(), session) {
            *limit = value::number(option.text, argument, 0, 255, session);
        }
    }
    if let (Some(min), Some(max)) = (peer.min_ttl, peer.max_ttl)
        && min > max
    {
        let message =
            format!("no TTL is at least {min} and at most {max}: every advert of this peer is dropped");
        session.report(Diagnostic::warning(Code::TtlRangeEmpty, message).at(first.span));
    }
    Some(peer)
}

fn report_unknown(option: Arg<'_>, session: &mut Session<'_>) {
    let message = format!("`{}` is no option of a unicast peer", option.text);
    let mut diagnostic = Diagnostic::error(Code::UnknownOption, message).at(option.span);
    if option
        .text
        .split('/')
        .next()
        .is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok())
    {
        diagnostic = diagnostic.help("each peer stands on a line of its own");
    }
    session.report(diagnostic);
}
