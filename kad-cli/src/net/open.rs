//! What all sockets have in common when they are opened.

use std::io;

use nix::errno::Errno;
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::{RcvBufForce, SndBufForce};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};

use super::OpenError;

/// A raw socket that never blocks.
pub(super) fn raw_socket(domain: Domain, protocol: i32) -> Result<Socket, OpenError> {
    let kind = Type::RAW.nonblocking().cloexec();
    Socket::new(domain, kind, Some(Protocol::from(protocol))).map_err(|source| match errno(&source) {
        Errno::EPERM | Errno::EACCES => OpenError::NoPermission,
        Errno::EAFNOSUPPORT if domain == Domain::IPV6 => OpenError::NoIpv6,
        _ => OpenError::Other(source),
    })
}

/// Ties a socket to one interface, in both directions.
pub(super) fn bind_device(socket: &Socket, name: &str) -> Result<(), OpenError> {
    socket
        .bind_device(Some(name.as_bytes()))
        .map_err(|source| match errno(&source) {
            Errno::ENODEV | Errno::ENXIO => OpenError::NoSuchInterface(name.to_owned()),
            Errno::EPERM => OpenError::NoPermission,
            _ => OpenError::Option {
                option: "SO_BINDTODEVICE",
                source,
            },
        })
}

/// Makes the socket receive nothing at all, until the filter is detached.
pub(super) fn deafen(socket: &Socket) -> Result<(), OpenError> {
    set(
        "SO_ATTACH_FILTER",
        socket.attach_filter(&[SockFilter::new(BPF_RETURN_CONSTANT, 0, 0, 0)]),
    )
}

/// A receive buffer of that many octets. Without CAP_NET_ADMIN the kernel's limit (`net.core.rmem_max`) applies.
pub(super) fn set_receive_buffer(socket: &Socket, len: usize) -> Result<(), OpenError> {
    let outcome = setsockopt(socket, RcvBufForce, &len).or_else(|_| socket.set_recv_buffer_size(len));
    set("SO_RCVBUF", outcome)
}

/// A send buffer of that many octets. Without CAP_NET_ADMIN the kernel's limit (`net.core.wmem_max`) applies.
pub(super) fn set_send_buffer(socket: &Socket, len: usize) -> Result<(), OpenError> {
    let outcome = setsockopt(socket, SndBufForce, &len).or_else(|_| socket.set_send_buffer_size(len));
    set("SO_SNDBUF", outcome)
}

/// Gives a failure the option's name.
pub(super) fn set(option: &'static str, outcome: io::Result<()>) -> Result<(), OpenError> {
    outcome.map_err(|source| OpenError::Option { option, source })
}

/// The error's number; zero, which is no error's, if it has none.
pub(super) fn errno(error: &io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap_or_default())
}

/// What queues may hold before the kernel refuses more: several bursts of 255 messages.
pub(super) const SEND_BUFFER: usize = 1 << 20;

/// The kernel's TC_PRIO_INTERACTIVE (linux/pkt_sched.h), the highest that needs no CAP_NET_ADMIN: ahead of bulk traffic
/// in a queue that looks at it.
pub(super) const PRIORITY: u32 = 6;

/// BPF_RET | BPF_K (linux/filter.h).
const BPF_RETURN_CONSTANT: u16 = 0x06;
