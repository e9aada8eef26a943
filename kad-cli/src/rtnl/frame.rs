//! The messages in a datagram, as far as netlink itself understands them.

use netlink_packet_core::{
    ErrorBuffer, NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NetlinkBuffer,
    NlasIterator,
};
use nix::errno::Errno;
use thiserror::Error;

use super::Refusal;

/// Bytes that make no sense.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[error("{0}")]
pub(crate) struct Malformed(String);

impl Malformed {
    #[expect(clippy::needless_pass_by_value, reason = "for map_err")]
    pub(super) fn new(reason: impl ToString) -> Self {
        Self(reason.to_string())
    }
}

/// One message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) sequence: u32,
    /// The dump it belongs to was changed under the kernel's hands, and must be asked for again.
    pub(crate) interrupted: bool,
    pub(crate) body: Body<'a>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Body<'a> {
    /// The answer to a request.
    Answer(Result<(), Refusal>),
    /// The end of a dump.
    Done(Result<(), Refusal>),
    /// A message of the family.
    Message(Message<'a>),
}

/// A message of the family, without netlink's header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) kind: u16,
    pub(crate) payload: &'a [u8],
}

/// The messages of a datagram, up to and including the first that makes no sense.
pub(crate) fn frames(datagram: &[u8]) -> impl Iterator<Item = Result<Frame<'_>, Malformed>> {
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
    let body = match buffer.message_type() {
        NLMSG_ERROR => Body::Answer(answer(payload, buffer.flags())?),
        NLMSG_DONE => Body::Done(end(payload)),
        kind => Body::Message(Message { kind, payload }),
    };
    let frame = Frame {
        sequence: buffer.sequence_number(),
        interrupted: buffer.flags() & NLM_F_DUMP_INTR != 0,
        body,
    };
    Ok((
        frame,
        bytes.get(len.next_multiple_of(ALIGNMENT)..).unwrap_or_default(),
    ))
}

/// struct nlmsgerr in linux/netlink.h: the error, the request (its header only, if capped), and attributes.
fn answer(payload: &[u8], flags: u16) -> Result<Result<(), Refusal>, Malformed> {
    let error = ErrorBuffer::new_checked(payload).map_err(Malformed::new)?;
    Ok(match error.code() {
        None => Ok(()),
        Some(code) => Err(refusal(code.get(), words(error.payload(), flags))),
    })
}

/// The end of a dump carries an error number, too.
fn end(payload: &[u8]) -> Result<(), Refusal> {
    let code = payload.first_chunk().map_or(0, |code| i32::from_ne_bytes(*code));
    if code < 0 {
        Err(refusal(code, None))
    } else {
        Ok(())
    }
}

/// Errors are negative error numbers.
fn refusal(code: i32, words: Option<String>) -> Refusal {
    Refusal::new(Errno::from_raw(code.saturating_neg()), words)
}

/// The kernel's reason in words.
fn words(request: &[u8], flags: u16) -> Option<String> {
    if flags & NLM_F_ACK_TLVS == 0 {
        return None;
    }
    let request_len = if flags & NLM_F_CAPPED == 0 {
        echoed_len(request)?
    } else {
        HEADER
    };
    let mut attributes = NlasIterator::new(request.get(request_len..)?).map_while(Result::ok);
    let message = attributes.find(|attribute| attribute.kind() == NLMSGERR_ATTR_MSG)?;
    let text = message.value().split(|byte| *byte == 0).next()?;
    Some(String::from_utf8_lossy(text).into_owned())
}

fn echoed_len(request: &[u8]) -> Option<usize> {
    let len = u32::from_ne_bytes(*request.first_chunk()?);
    usize::try_from(len).ok()?.checked_next_multiple_of(ALIGNMENT)
}

const HEADER: usize = 16;
const ALIGNMENT: usize = 4;
/// linux/netlink.h.
const NLMSGERR_ATTR_MSG: u16 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer as a 6.18 kernel gives it: EEXIST to an RTM_NEWADDR, capped, with the kernel's words.
    fn refusal() -> Vec<u8> {
        let mut bytes = Vec::new();
        let words = b"ipv4: Address already assigned\0";
        let attribute_len = 4 + words.len();
        let len = 16 + 4 + 16 + attribute_len;
        bytes.extend(u32::try_from(len).unwrap().to_ne_bytes());
        bytes.extend(NLMSG_ERROR.to_ne_bytes());
        bytes.extend((NLM_F_CAPPED | NLM_F_ACK_TLVS).to_ne_bytes());
        bytes.extend(7_u32.to_ne_bytes());
        bytes.extend(0_u32.to_ne_bytes());
        bytes.extend((-17_i32).to_ne_bytes());
        bytes.extend([0; 16]);
        bytes.extend(u16::try_from(attribute_len).unwrap().to_ne_bytes());
        bytes.extend(NLMSGERR_ATTR_MSG.to_ne_bytes());
        bytes.extend(words);
        bytes
    }

    #[test]
    fn kernel_words_are_kept() {
        let bytes = refusal();
        let frame = frames(&bytes).next().unwrap().unwrap();
        assert_eq!(frame.sequence, 7);
        let Body::Answer(Err(refusal)) = frame.body else {
            panic!("{:?}", frame.body)
        };
        assert!(refusal.is_exists());
        assert_eq!(
            refusal.to_string(),
            "File exists (17): ipv4: Address already assigned"
        );
    }

    #[test]
    fn request_that_is_echoed_in_full_is_passed_over() {
        let mut bytes = refusal();
        bytes[6..8].copy_from_slice(&NLM_F_ACK_TLVS.to_ne_bytes());
        // The echoed request says how long it is.
        bytes[20..24].copy_from_slice(&16_u32.to_ne_bytes());
        let frame = frames(&bytes).next().unwrap().unwrap();
        let Body::Answer(Err(refusal)) = frame.body else {
            panic!("{:?}", frame.body)
        };
        assert_eq!(refusal.message(), Some("ipv4: Address already assigned"));
    }

    #[test]
    fn error_at_the_end_of_a_dump_is_one() {
        let mut bytes = vec![20, 0, 0, 0, 3, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0];
        bytes.extend((-16_i32).to_ne_bytes());
        let frame = frames(&bytes).next().unwrap().unwrap();
        let Body::Done(Err(refusal)) = frame.body else {
            panic!("{:?}", frame.body)
        };
        assert_eq!(refusal.to_string(), "Device or resource busy (16)");
    }

    #[test]
    fn what_makes_no_sense_is_said_once_and_ends_the_datagram() {
        let mut bytes = refusal();
        let whole = bytes.len();
        bytes.extend([9, 0, 0, 0, 1, 2, 3, 4]);
        let all: Vec<_> = frames(&bytes).collect();
        assert_eq!((all.len(), all[0].is_ok(), all[1].is_err()), (2, true, true));
        assert_eq!(frames(&bytes[..whole]).count(), 1);
    }

    #[test]
    fn no_length_makes_it_panic() {
        let bytes = refusal();
        for len in 0..bytes.len() {
            frames(&bytes[..len]).for_each(drop);
            for wrong in [0, 1, 15, 16, 17, 19, u32::MAX] {
                let mut bytes = bytes[..len].to_vec();
                if let Some(field) = bytes.get_mut(..4) {
                    field.copy_from_slice(&wrong.to_ne_bytes());
                }
                frames(&bytes).take(100).for_each(drop);
            }
        }
    }
}
