use super::*;

/// An answer as a kernel gives it: ENOENT, capped, with the kernel's words and the offset of an attribute.
fn refusal() -> Vec<u8> {
    let words = b"no such thing\0";
    let mut attributes = Vec::new();
    attributes.extend(18_u16.to_ne_bytes());
    attributes.extend(NLMSGERR_ATTR_MSG.to_ne_bytes());
    attributes.extend(words);
    attributes.extend([0; 2]);
    attributes.extend(8_u16.to_ne_bytes());
    attributes.extend(NLMSGERR_ATTR_OFFS.to_ne_bytes());
    attributes.extend(24_u32.to_ne_bytes());
    let mut payload = (-2_i32).to_ne_bytes().to_vec();
    payload.extend([0; HEADER]);
    payload.extend(attributes);
    message(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, &payload)
}

fn message(kind: u16, flags: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(u32::try_from(HEADER + payload.len()).unwrap().to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(flags.to_ne_bytes());
    bytes.extend(7_u32.to_ne_bytes());
    bytes.extend(0_u32.to_ne_bytes());
    bytes.extend(payload);
    bytes
}

fn only(bytes: &[u8]) -> Frame<'_> {
    let mut all = frames(bytes);
    let frame = all.next().unwrap().unwrap();
    assert!(all.next().is_none());
    frame
}

fn expected() -> Failure {
    Failure {
        errno: 2,
        message: Some("no such thing".to_owned()),
        offset: Some(24),
    }
}

#[test]
fn kernel_words_and_offset_are_kept() {
    let bytes = refusal();
    let frame = only(&bytes);
    assert_eq!(frame.sequence, 7);
    assert_eq!(frame.body, Body::Answer(Err(expected())));
}

#[test]
fn request_that_is_echoed_in_full_is_passed_over() {
    let mut bytes = refusal();
    bytes[6..8].copy_from_slice(&NLM_F_ACK_TLVS.to_ne_bytes());
    // The echoed request says how long it is, and six octets come after its header.
    bytes[20..24].copy_from_slice(&22_u32.to_ne_bytes());
    bytes.splice(36..36, [0xFF; 8]);
    let len = u32::try_from(bytes.len()).unwrap();
    bytes[..4].copy_from_slice(&len.to_ne_bytes());
    assert_eq!(only(&bytes).body, Body::Answer(Err(expected())));
}

#[test]
fn without_their_flag_there_are_no_words() {
    let mut bytes = refusal();
    bytes[6..8].copy_from_slice(&NLM_F_CAPPED.to_ne_bytes());
    let bare = Failure {
        errno: 2,
        ..Failure::default()
    };
    assert_eq!(only(&bytes).body, Body::Answer(Err(bare)));
}

#[test]
fn end_of_a_list_may_be_an_error_with_words() {
    let refusal = refusal();
    let mut payload = (-2_i32).to_ne_bytes().to_vec();
    payload.extend(&refusal[36..]);
    let bytes = message(NLMSG_DONE, NLM_F_ACK_TLVS, &payload);
    assert_eq!(only(&bytes).body, Body::Done(Err(expected())));
}

#[test]
fn end_of_a_list_without_a_number_is_one() {
    assert_eq!(only(&message(NLMSG_DONE, 0, &[])).body, Body::Done(Ok(())));
    assert_eq!(
        only(&message(NLMSG_DONE, 0, &[0, 0, 0, 0])).body,
        Body::Done(Ok(()))
    );
}

#[test]
fn answer_without_a_number_is_none() {
    let bytes = message(NLMSG_ERROR, 0, &[1, 2, 3]);
    let error = frames(&bytes).next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "an answer of 3 octets: expected at least 4");
}

#[test]
fn what_makes_no_sense_is_said_once_and_ends_the_datagram() {
    let mut bytes = refusal();
    bytes.extend([9, 0, 0, 0, 1, 2, 3, 4]);
    let all: Vec<_> = frames(&bytes).collect();
    assert_eq!((all.len(), all[0].is_ok(), all[1].is_err()), (2, true, true));
}

#[test]
fn messages_follow_each_other_at_multiples_of_four() {
    let mut bytes = message(0x1C, NLM_F_DUMP_INTR, &[1, 2, 3]);
    bytes.push(0);
    bytes.extend(message(NLMSG_NOOP, 0, &[]));
    bytes.extend(message(NLMSG_OVERRUN, 0, &[]));
    let all: Vec<_> = frames(&bytes).collect::<Result<_, _>>().unwrap();
    let bodies: Vec<_> = all.iter().map(|frame| frame.body.clone()).collect();
    assert_eq!(bodies, [Body::Message(&[1, 2, 3]), Body::Noop, Body::Overrun]);
    assert!(all[0].interrupted && !all[1].interrupted);
}

#[test]
fn no_length_makes_it_panic() {
    let bytes = refusal();
    for len in 0..bytes.len() {
        frames(&bytes[..len]).for_each(drop);
        for wrong in [0, 1, 15, 16, 17, 19, u32::MAX - 2, u32::MAX] {
            let mut bytes = bytes[..len].to_vec();
            if let Some(field) = bytes.get_mut(..4) {
                field.copy_from_slice(&wrong.to_ne_bytes());
            }
            frames(&bytes).take(100).for_each(drop);
            // The same for what an echoed request says of itself, and an attribute.
            for place in [20, 36] {
                let mut bytes = refusal();
                bytes[6..8].copy_from_slice(&NLM_F_ACK_TLVS.to_ne_bytes());
                bytes[place..place + 4].copy_from_slice(&wrong.to_ne_bytes());
                frames(&bytes).for_each(drop);
            }
        }
    }
}
