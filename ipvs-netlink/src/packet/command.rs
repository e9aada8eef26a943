/// What a message asks for, or what it is the answer to (IPVS_CMD_*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum IpvsCommand {
    /// 1: adds a service; in a reply, one service.
    NewService,
    /// 2: changes a service.
    SetService,
    /// 3: deletes a service.
    DelService,
    /// 4: asks for one service, or as a dump for all of them.
    GetService,
    /// 5: adds a destination; in a reply, one destination.
    NewDest,
    /// 6: changes a destination.
    SetDest,
    /// 7: deletes a destination.
    DelDest,
    /// 8: asks, as a dump, for the destinations of a service.
    GetDest,
    /// 9: starts a sync daemon; in a reply, one that runs.
    NewDaemon,
    /// 10: stops a sync daemon.
    DelDaemon,
    /// 11: asks, as a dump, for the sync daemons.
    GetDaemon,
    /// 12: sets the timeouts; in a reply, what they are.
    SetConfig,
    /// 13: asks for the timeouts.
    GetConfig,
    /// 14: only in a reply, the answer to [`GetInfo`](Self::GetInfo).
    SetInfo,
    /// 15: asks for the version and the size of the connection table.
    GetInfo,
    /// 16: sets counters to zero.
    Zero,
    /// 17: deletes all services.
    Flush,
    /// Any other number.
    Other(u8),
}

impl From<u8> for IpvsCommand {
    fn from(number: u8) -> Self {
        match number {
            1 => Self::NewService,
            2 => Self::SetService,
            3 => Self::DelService,
            4 => Self::GetService,
            5 => Self::NewDest,
            6 => Self::SetDest,
            7 => Self::DelDest,
            8 => Self::GetDest,
            9 => Self::NewDaemon,
            10 => Self::DelDaemon,
            11 => Self::GetDaemon,
            12 => Self::SetConfig,
            13 => Self::GetConfig,
            14 => Self::SetInfo,
            15 => Self::GetInfo,
            16 => Self::Zero,
            17 => Self::Flush,
            other => Self::Other(other),
        }
    }
}

impl From<IpvsCommand> for u8 {
    fn from(command: IpvsCommand) -> Self {
        match command {
            IpvsCommand::NewService => 1,
            IpvsCommand::SetService => 2,
            IpvsCommand::DelService => 3,
            IpvsCommand::GetService => 4,
            IpvsCommand::NewDest => 5,
            IpvsCommand::SetDest => 6,
            IpvsCommand::DelDest => 7,
            IpvsCommand::GetDest => 8,
            IpvsCommand::NewDaemon => 9,
            IpvsCommand::DelDaemon => 10,
            IpvsCommand::GetDaemon => 11,
            IpvsCommand::SetConfig => 12,
            IpvsCommand::GetConfig => 13,
            IpvsCommand::SetInfo => 14,
            IpvsCommand::GetInfo => 15,
            IpvsCommand::Zero => 16,
            IpvsCommand::Flush => 17,
            IpvsCommand::Other(number) => number,
        }
    }
}
