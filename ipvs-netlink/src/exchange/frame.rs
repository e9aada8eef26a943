//! The messages in a datagram, as far as netlink itself understands them.

use netlink_packet_core::{
    NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NLMSG_NOOP, NLMSG_OVERRUN,
    NetlinkBuffer, NlasIterator,
};
use thiserror::Error;

/// Bytes that are no netlink messages.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("{0}")]
pub struct Malformed(String);

impl Malformed {
    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    fn new(reason: impl ToString) -> Self {
        Self(reason.to_string())
    }
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) sequence: u32,
    /// The list that it belongs to was changed while the kernel read it, and must be asked for again.
    pub(super) interrupted: bool,
    pub(super) body: Body<'a>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body<'a> {
    /// What became of a request.
    Answer(Result<(), Failure>),
    /// The end of a list.
    Done(Result<(), Failure>),
    /// The kernel says that it lost messages.
    Overrun,
    /// Nothing, said with a message.
    Noop,
    /// A message of a family, without netlink's header.
    Message(&'a [u8]),
}

/// An error number, and what the kernel said beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Failure {
    /// Positive (errno(3)).
    pub(crate) errno: i32,
    /// The reason in words (NLMSGERR_ATTR_MSG).
    pub(crate) message: Option<String>,
    /// Where in the request the attribute is that was not understood, in octets (NLMSGERR_ATTR_OFFS).
    pub(crate) offset: Option<u32>,
}

/// The messages of a datagram, up to and including the first that makes no sense.
pub(super) fn frames(datagram: &[u8]) -> impl Iterator<Item = Result<Frame<'_>, Malformed>> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let first = first(rest);
        rest = first.as_ref().map_or(&[], |(_, behind)| behind);
        Some(first.map(|(frame, _)| frame))
    })
}

/// The first message, and what is behind it.
fn first(bytes: &[u8]) -> Result<(Frame<'_>, &[u8]), Malformed> {
    let buffer = NetlinkBuffer::new_checked(bytes).map_err(Malformed::new)?;
    let len = usize::try_from(buffer.length()).map_err(Malformed::new)?;
    let payload = bytes.get(HEADER..len).unwrap_or_default();
    let frame = Frame {
        sequence: buffer.sequence_number(),
        interrupted: buffer.flags() & NLM_F_DUMP_INTR != 0,
        body: match buffer.message_type() {
            NLMSG_ERROR => Body::Answer(answer(payload, buffer.flags())?),
            NLMSG_DONE => Body::Done(end(payload, buffer.flags())),
            NLMSG_OVERRUN => Body::Overrun,
            NLMSG_NOOP => Body::Noop,
            _ => Body::Message(payload),
        },
    };
    let behind = len
        .checked_next_multiple_of(ALIGNMENT)
        .and_then(|next| bytes.get(next..));
    Ok((frame, behind.unwrap_or_default()))
}

/// struct nlmsgerr in linux/netlink.h: the error, the request (its header only, if capped), and attributes.
fn answer(payload: &[u8], flags: u16) -> Result<Result<(), Failure>, Malformed> {
    let Some((code, request)) = code(payload) else {
        return Err(Malformed(format!(
            "an answer of {} octets: expected at least 4",
            payload.len()
        )));
    };
    if code == 0 {
        return Ok(Ok(()));
    }
    let request_len = if flags & NLM_F_CAPPED == 0 {
        echoed_len(request)
    } else {
        Some(HEADER)
    };
    let attributes = request_len.and_then(|len| request.get(len..));
    Ok(Err(failure(code, flags, attributes)))
}

/// The end of a list carries an error number and attributes, too. Without a number all is well.
fn end(payload: &[u8], flags: u16) -> Result<(), Failure> {
    match code(payload) {
        Some((code, attributes)) if code != 0 => Err(failure(code, flags, Some(attributes))),
        _ => Ok(()),
    }
}

fn code(payload: &[u8]) -> Option<(i32, &[u8])> {
    let (code, rest) = payload.split_first_chunk()?;
    Some((i32::from_ne_bytes(*code), rest))
}

/// Errors are negative error numbers.
fn failure(code: i32, flags: u16, attributes: Option<&[u8]>) -> Failure {
    let mut failure = Failure {
        errno: code.saturating_abs(),
        ..Failure::default()
    };
    let attributes = attributes.filter(|_| flags & NLM_F_ACK_TLVS != 0);
    for attribute in NlasIterator::new(attributes.unwrap_or_default()).map_while(Result::ok) {
        match attribute.kind() {
            NLMSGERR_ATTR_MSG => failure.message = words(attribute.value()),
            NLMSGERR_ATTR_OFFS => {
                failure.offset = attribute.value().first_chunk().copied().map(u32::from_ne_bytes);
            }
            _ => {}
        }
    }
    failure
}

/// Text up to its NUL.
fn words(value: &[u8]) -> Option<String> {
    let text = value.split(|octet| *octet == 0).next()?;
    Some(String::from_utf8_lossy(text).into_owned())
}

fn echoed_len(request: &[u8]) -> Option<usize> {
    let len = u32::from_ne_bytes(*request.first_chunk()?);
    usize::try_from(len).ok()?.checked_next_multiple_of(ALIGNMENT)
}

/// struct nlmsghdr in linux/netlink.h.
const HEADER: usize = 16;
/// NLMSG_ALIGNTO in linux/netlink.h.
const ALIGNMENT: usize = 4;
/// enum nlmsgerr_attrs in linux/netlink.h.
const NLMSGERR_ATTR_MSG: u16 = 1;
const NLMSGERR_ATTR_OFFS: u16 = 2;

#[cfg(test)]
mod tests;
