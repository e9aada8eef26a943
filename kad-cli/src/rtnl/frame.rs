//! The messages in a datagram, as far as netlink itself understands them.

use netlink_packet_core::{
    NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR, NetlinkBuffer, NlasIterator,
};

use super::Refusal;

/// One message.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) sequence: u32,
    /// The dump it belongs to was changed under the kernel's hands, and must be asked for again.
    pub(super) interrupted: bool,
    pub(super) body: Body<'a>,
}

#[derive(Debug)]
pub(super) enum Body<'a> {
    /// The answer to a request.
    Answer(Result<(), Refusal>),
    /// The end of a dump.
    Done,
    /// A message of the family, header included.
    Message(&'a [u8]),
}

/// The messages of a datagram; ends at the first that cannot be one.
pub(super) fn frames(mut datagram: &[u8]) -> impl Iterator<Item = Frame<'_>> {
    std::iter::from_fn(move || {
        let buffer = NetlinkBuffer::new_checked(datagram).ok()?;
        let len = usize::try_from(buffer.length()).ok()?;
        let message = datagram.get(..len)?;
        let aligned = len.checked_next_multiple_of(ALIGNMENT)?;
        datagram = datagram.get(aligned..).unwrap_or_default();
        Some(Frame {
            sequence: buffer.sequence_number(),
            interrupted: buffer.flags() & NLM_F_DUMP_INTR != 0,
            body: body(&buffer, message),
        })
    })
}

fn body<'a>(buffer: &NetlinkBuffer<&'a [u8]>, message: &'a [u8]) -> Body<'a> {
    match buffer.message_type() {
        NLMSG_ERROR => Body::Answer(answer(message, buffer.flags())),
        NLMSG_DONE => Body::Done,
        _ => Body::Message(message),
    }
}

/// struct nlmsgerr in linux/netlink.h: the error, the request (its header only, if capped), and attributes.
fn answer(message: &[u8], flags: u16) -> Result<(), Refusal> {
    let (Some(code), Some(request)) = (message.get(HEADER..HEADER + 4), message.get(HEADER + 4..)) else {
        return Err(Refusal::new(nix::errno::Errno::EBADMSG, None));
    };
    let code = code.try_into().map(i32::from_ne_bytes).unwrap_or_default();
    if code == 0 {
        return Ok(());
    }
    let request_len = if flags & NLM_F_CAPPED != 0 {
        Some(HEADER)
    } else {
        echoed_len(request)
    };
    let attributes = request_len
        .filter(|_| flags & NLM_F_ACK_TLVS != 0)
        .and_then(|len| request.get(len..));
    Err(Refusal::new(
        nix::errno::Errno::from_raw(code.saturating_neg()),
        attributes.and_then(text),
    ))
}

fn echoed_len(request: &[u8]) -> Option<usize> {
    let len = request.get(..4)?.try_into().map(u32::from_ne_bytes).ok()?;
    usize::try_from(len).ok()?.checked_next_multiple_of(ALIGNMENT)
}

fn text(attributes: &[u8]) -> Option<String> {
    let mut attributes = NlasIterator::new(attributes).map_while(Result::ok);
    let message = attributes.find(|attribute| attribute.kind() == NLMSGERR_ATTR_MSG)?;
    let text = message.value().split(|byte| *byte == 0).next()?;
    Some(String::from_utf8_lossy(text).into_owned())
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
        let frame = frames(&bytes).next().unwrap();
        assert_eq!(frame.sequence, 7);
        let Body::Answer(Err(refusal)) = frame.body else {
            panic!("{frame:?}")
        };
        assert!(refusal.is_exists());
        assert_eq!(
            refusal.to_string(),
            "File exists (17): ipv4: Address already assigned"
        );
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
