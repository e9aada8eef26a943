//! The system calls for which there is no sound safe wrapper. Nowhere else is there `unsafe`.
#![allow(unsafe_code, reason = "the module's purpose")]

use std::io::{self, IoSlice};
use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::ptr;

use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::sockopt::GetStruct;
use nix::sys::socket::{LinkAddr, SockaddrLike, getsockopt};

/// A datagram for [`Messages`].
#[derive(Debug)]
pub(crate) struct Message<'a, A> {
    /// Where it goes.
    pub(crate) destination: &'a A,
    /// Control messages in the kernel's layout (cmsg(3)).
    pub(crate) control: &'a [u8],
    /// What is in it.
    pub(crate) content: IoSlice<'a>,
}

/// Datagrams as sendmmsg(2) takes them.
///
/// nix has this call too, but tells how many datagrams left only through an iterator that reads addresses which nobody
/// wrote, and takes the same control messages for all.
pub(crate) struct Messages<'a> {
    headers: Vec<libc::mmsghdr>,
    /// What the headers point to.
    borrowed: PhantomData<&'a ()>,
}

impl<'a> Messages<'a> {
    pub(crate) fn new<A: SockaddrLike>(messages: &'a [Message<'a, A>]) -> Self {
        Self {
            headers: messages.iter().map(header).collect(),
            borrowed: PhantomData,
        }
    }

    /// Sends those from place `first` on, and answers with how many the kernel took before it refused one: at least one,
    /// since the first one's refusal is the error.
    pub(crate) fn send(&mut self, socket: BorrowedFd<'_>, first: usize) -> io::Result<usize> {
        let rest = self.headers.get_mut(first..).unwrap_or_default();
        // More than the kernel takes at once are more than it says to have taken.
        let len = libc::c_uint::try_from(rest.len()).unwrap_or(libc::c_uint::MAX);
        // SAFETY: `rest` is a slice of at least `len` initialised headers, of which the kernel writes `msg_len` only.
        // What they point to is borrowed for 'a, which outlives `self`, and is only read.
        let sent = unsafe { libc::sendmmsg(socket.as_raw_fd(), rest.as_mut_ptr(), len, libc::MSG_DONTWAIT) };
        match usize::try_from(Errno::result(sent)?) {
            Ok(sent) if sent > 0 => Ok(sent),
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }
}

fn header<A: SockaddrLike>(message: &Message<'_, A>) -> libc::mmsghdr {
    // SAFETY: null pointers and zeros are a header of an empty message. Not all of its fields are public everywhere.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_name = message.destination.as_ptr().cast_mut().cast();
    header.msg_namelen = message.destination.len();
    // An `IoSlice` is an `iovec` (guaranteed by its documentation).
    header.msg_iov = ptr::from_ref(&message.content).cast_mut().cast();
    header.msg_iovlen = 1;
    if !message.control.is_empty() {
        header.msg_control = message.control.as_ptr().cast_mut().cast();
        header.msg_controllen = message.control.len();
    }
    libc::mmsghdr {
        msg_hdr: header,
        msg_len: 0,
    }
}

/// The address of a frame that brings its Ethernet header along: packet(7). nix has the type, but no constructor.
pub(crate) fn link_address(index: u32, ethertype: u16) -> io::Result<LinkAddr> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidInput);
    let raw = libc::sockaddr_ll {
        sll_family: u16::try_from(libc::AF_PACKET).map_err(|_| invalid())?,
        sll_protocol: ethertype.to_be(),
        sll_ifindex: i32::try_from(index).map_err(|_| invalid())?,
        sll_hatype: 0,
        sll_pkttype: 0,
        sll_halen: 0,
        sll_addr: [0; 8],
    };
    // SAFETY: the pointer is to a whole `sockaddr_ll`, which is what the family says.
    let address = unsafe { LinkAddr::from_raw(ptr::from_ref(&raw).cast(), None) };
    address.ok_or_else(invalid)
}

/// How many packets the kernel dropped since the socket was opened because its queue was full: SO_MEMINFO's
/// SK_MEMINFO_DROPS (linux/sock_diag.h), which nix lacks. It wraps.
pub(crate) fn receive_drops(socket: &impl AsFd) -> io::Result<u32> {
    let [.., drops] = getsockopt(socket, MemInfo)?;
    Ok(drops)
}

/// Takes real-time scheduling from the calling process: SCHED_OTHER (sched(7)), unless it has no real time anyway.
/// Neither nix nor rustix has the calls.
pub(crate) fn schedule_normally() -> io::Result<()> {
    // SAFETY: no pointers.
    let policy = Errno::result(unsafe { libc::syscall(libc::SYS_sched_getscheduler, 0) })?;
    let is_real_time = [libc::SCHED_FIFO, libc::SCHED_RR]
        .iter()
        .any(|real_time| policy & 0xff == libc::c_long::from(*real_time));
    if !is_real_time {
        return Ok(());
    }
    // A `sched_param` is one number, which is 0 for SCHED_OTHER. libc's own function is a stub on musl.
    let priority: libc::c_int = 0;
    // SAFETY: the pointer is to a whole `sched_param`, which is only read.
    Errno::result(unsafe {
        libc::syscall(
            libc::SYS_sched_setscheduler,
            0,
            libc::SCHED_OTHER,
            ptr::from_ref(&priority),
        )
    })?;
    Ok(())
}

#[derive(Clone, Copy, Debug)]
struct MemInfo;

nix::getsockopt_impl!(
    MemInfo,
    libc::SOL_SOCKET,
    libc::SO_MEMINFO,
    [u32; 9],
    GetStruct<[u32; 9]>
);
