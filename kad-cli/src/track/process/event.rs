//! Messages of the process connector (linux/connector.h, linux/cn_proc.h); pure.

/// What the kernel tells of processes. Threads are left out: what is no process counts for nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ProcessEvent {
    /// One made another, which is at first the same program.
    Forked { parent: u32, child: u32 },
    /// It became another program, or another name.
    Changed(u32),
    /// It is gone.
    Ended(u32),
    /// The kernel's answer to a [`listen`] message with this number: 0, or an errno.
    Answer { number: u32, error: u32 },
}

/// The message that asks for events. The number goes where an acknowledgement has it: the kernel's answer has the next
/// one there, and a sequence number of the processor's own.
pub(super) fn listen(number: u32) -> Vec<u8> {
    let header: [u32; 4] = [LISTEN_LENGTH, u32::from(NLMSG_DONE), number, 0];
    let connector: [u32; 5] = [CN_IDX_PROC, CN_VAL_PROC, 0, number, OPERATION_LENGTH];
    let words = header.into_iter().chain(connector).chain([PROC_CN_MCAST_LISTEN]);
    // Of the message's type and flags, and of the connector's length and flags, the second half is zero: on a machine of
    // either byte order the first 16 bits have to come first.
    words
        .enumerate()
        .flat_map(|(place, word)| match (place, u16::try_from(word)) {
            (TYPE_WORD | LENGTH_WORD, Ok(first)) => {
                let [a, b] = first.to_ne_bytes();
                [a, b, 0, 0]
            }
            _ => word.to_ne_bytes(),
        })
        .collect()
}

/// What a datagram of the kernel says, if it is of interest.
pub(super) fn read(datagram: &[u8]) -> Option<ProcessEvent> {
    let word = |at: usize| -> Option<u32> {
        let bytes = datagram.get(at..at.checked_add(4)?)?;
        Some(u32::from_ne_bytes(bytes.try_into().ok()?))
    };
    if (word(CONNECTOR)?, word(CONNECTOR + 4)?) != (CN_IDX_PROC, CN_VAL_PROC) {
        return None;
    }
    let process = |at: usize| -> Option<u32> {
        let (task, process) = (word(at)?, word(at + 4)?);
        (task == process).then_some(process)
    };
    match word(EVENT)? {
        PROC_EVENT_NONE => Some(ProcessEvent::Answer {
            number: word(CONNECTOR + 12)?.wrapping_sub(1),
            error: word(DATA)?,
        }),
        PROC_EVENT_FORK => Some(ProcessEvent::Forked {
            parent: word(DATA + 4)?,
            child: process(DATA + 8)?,
        }),
        PROC_EVENT_EXEC | PROC_EVENT_COMM => Some(ProcessEvent::Changed(process(DATA)?)),
        PROC_EVENT_EXIT => Some(ProcessEvent::Ended(process(DATA)?)),
        _ => None,
    }
}

const NLMSG_DONE: u16 = 3;
const CN_IDX_PROC: u32 = 1;
const CN_VAL_PROC: u32 = 1;
const PROC_CN_MCAST_LISTEN: u32 = 1;
const PROC_EVENT_NONE: u32 = 0;
const PROC_EVENT_FORK: u32 = 1;
const PROC_EVENT_EXEC: u32 = 2;
const PROC_EVENT_COMM: u32 = 0x200;
const PROC_EVENT_EXIT: u32 = 0x8000_0000;
/// Where `struct cn_msg` begins: behind `struct nlmsghdr`.
const CONNECTOR: usize = 16;
/// Where `struct proc_event` begins.
const EVENT: usize = CONNECTOR + 20;
/// Where its data begins: behind what, cpu and a time stamp.
const DATA: usize = EVENT + 16;
/// A netlink header, `struct cn_msg` and `enum proc_cn_mcast_op`.
const LISTEN_LENGTH: u32 = 40;
const OPERATION_LENGTH: u32 = 4;
/// The words of the message that are two fields of 16 bits.
const TYPE_WORD: usize = 1;
const LENGTH_WORD: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    fn event(what: u32, data: &[u32]) -> Vec<u8> {
        let words = [76, 3, 0, 0, CN_IDX_PROC, CN_VAL_PROC, 5555, 10, 40, what, 0, 0, 0];
        let words = words.iter().chain(data);
        words.flat_map(|word: &u32| word.to_ne_bytes()).collect()
    }

    #[test]
    fn processes_are_told_from_threads() {
        let cases = [
            (
                PROC_EVENT_FORK,
                [10, 11, 12, 12],
                Some(ProcessEvent::Forked {
                    parent: 11,
                    child: 12,
                }),
            ),
            (PROC_EVENT_FORK, [10, 10, 13, 12], None),
            (PROC_EVENT_EXEC, [12, 12, 0, 0], Some(ProcessEvent::Changed(12))),
            (PROC_EVENT_COMM, [13, 12, 0, 0], None),
            (PROC_EVENT_EXIT, [12, 12, 0, 0], Some(ProcessEvent::Ended(12))),
            (PROC_EVENT_EXIT, [13, 12, 0, 0], None),
            (0x80, [12, 12, 0, 0], None),
            (
                PROC_EVENT_NONE,
                [1, 0, 0, 0],
                Some(ProcessEvent::Answer { number: 9, error: 1 }),
            ),
        ];
        for (what, data, expected) in cases {
            assert_eq!(read(&event(what, &data)), expected, "{what:#x} {data:?}");
        }
    }

    #[test]
    fn half_a_message_says_nothing() {
        let whole = event(PROC_EVENT_FORK, &[10, 11, 12, 12]);
        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), None, "{length}");
        }
    }

    #[test]
    fn the_message_that_asks_is_laid_out_as_the_kernel_wants() {
        let message = listen(77);
        assert_eq!(message.len(), 40);
        let short = |at: usize| u16::from_ne_bytes([message[at], message[at + 1]]);
        assert_eq!([short(4), short(6), short(32), short(34)], [3, 0, 4, 0]);
        assert_eq!(
            message[28..32],
            77_u32.to_ne_bytes(),
            "where an acknowledgement stands"
        );
    }
}
