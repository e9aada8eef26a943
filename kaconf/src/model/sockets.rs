use super::Spanned;

/// What `global_defs` says about the sizes of receiving buffers.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Buffers {
    /// `vrrp_rx_bufs_policy`; `None` is the kernel's own size.
    pub vrrp_rx_bufs_policy: Option<Spanned<RxBufsPolicy>>,
    /// `vrrp_rx_bufs_multiplier`: how many of what the policy counts. Default 3.
    pub vrrp_rx_bufs_multiplier: Spanned<u32>,
    /// `vrrp_netlink_cmd_rcv_bufs`.
    pub vrrp_netlink_cmd: Buffer,
    /// `vrrp_netlink_monitor_rcv_bufs`.
    pub vrrp_netlink_monitor: Buffer,
    /// `lvs_netlink_cmd_rcv_bufs`.
    pub lvs_netlink_cmd: Buffer,
    /// `lvs_netlink_monitor_rcv_bufs`.
    pub lvs_netlink_monitor: Buffer,
    /// `process_monitor_rcv_bufs`.
    pub process_monitor: Buffer,
}

/// A receiving buffer.
#[derive(Clone, Debug, PartialEq, Default)]
#[non_exhaustive]
pub struct Buffer {
    /// Bytes; `None` is the kernel's own size.
    pub size: Option<Spanned<u32>>,
    /// `*_force`: beyond the kernel's limit too (`SO_RCVBUFFORCE`).
    pub force: Spanned<bool>,
}

/// `vrrp_rx_bufs_policy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RxBufsPolicy {
    /// `MTU`: as many bytes as the interface sends at once.
    Mtu,
    /// `ADVERT`: as many bytes as an advert has.
    Advert,
    /// A number of bytes.
    Bytes(u32),
}

impl Default for Buffers {
    fn default() -> Self {
        Buffers {
            vrrp_rx_bufs_policy: None,
            vrrp_rx_bufs_multiplier: 3.into(),
            vrrp_netlink_cmd: Buffer::default(),
            vrrp_netlink_monitor: Buffer::default(),
            lvs_netlink_cmd: Buffer::default(),
            lvs_netlink_monitor: Buffer::default(),
            process_monitor: Buffer::default(),
        }
    }
}
