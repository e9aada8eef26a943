use std::time::Duration;

use super::{Command, ScriptUser, Spanned};

/// What `global_defs` says about the daemon's processes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Processes {
    /// `process_names`: they are named after what they do.
    pub process_names: Spanned<bool>,
    /// `process_name`: the parent's name, at most 15 bytes.
    pub process_name: Option<Spanned<String>>,
    /// `vrrp_*`.
    pub vrrp: Process,
    /// `checker_*`.
    pub checker: Process,
    /// `bfd_*`.
    pub bfd: Process,
    /// `max_auto_priority`: the real-time priority that a late process may rise to, 1..=99; 0 (the default) is none, -1
    /// the highest there is.
    pub max_auto_priority: Spanned<i32>,
    /// `min_auto_priority_delay`: how late a process must be to rise. Default 1 s.
    pub min_auto_priority_delay: Spanned<Duration>,
    /// `enable_script_security`: run no script as root that others than root could change.
    pub enable_script_security: Spanned<bool>,
    /// `script_user`: whom scripts run as; `None` is `keepalived_script` if there is such a user, or else root.
    pub script_user: Option<Spanned<ScriptUser>>,
    /// `startup_script`: run before anything else.
    pub startup_script: Option<Spanned<Command>>,
    /// `shutdown_script`: run after everything else.
    pub shutdown_script: Option<Spanned<Command>>,
    /// `set_supplementary_groups`: scripts get all groups of their user.
    pub set_supplementary_groups: Spanned<bool>,
    /// `umask`: the rights that new files do not get.
    pub umask: Option<Spanned<Umask>>,
    /// `startup_script_timeout`. Default 10 s.
    pub startup_script_timeout: Spanned<Duration>,
    /// `shutdown_script_timeout`. Default 10 s.
    pub shutdown_script_timeout: Spanned<Duration>,
}

/// What is said about one of the processes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Process {
    /// `*_process_name`, at most 15 bytes.
    pub name: Option<Spanned<String>>,
    /// `*_priority`: its nice value, -20..=19. Default 0.
    pub nice: Spanned<i32>,
    /// `*_rt_priority`: its real-time priority, 1..=99.
    pub rt_priority: Option<Spanned<u8>>,
    /// `*_cpu_affinity`: the processors that it may use.
    pub cpu_affinity: Option<Spanned<CpuSet>>,
    /// `*_no_swap`: it stays in memory.
    pub no_swap: Spanned<bool>,
    /// `*_rlimit_rttime`: how long it may run without a pause at real-time priority. Default 10 ms.
    pub rlimit_rttime: Spanned<Duration>,
}

/// Numbers of processors, in ascending order.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CpuSet(pub Vec<u16>);

/// The bits of a file mode that are taken away, at most 0o777 (`umask(2)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Umask(pub u16);

impl Default for Processes {
    fn default() -> Self {
        Processes {
            process_names: false.into(),
            process_name: None,
            vrrp: Process::default(),
            checker: Process::default(),
            bfd: Process::default(),
            max_auto_priority: 0.into(),
            min_auto_priority_delay: Duration::from_secs(1).into(),
            enable_script_security: false.into(),
            script_user: None,
            startup_script: None,
            shutdown_script: None,
            set_supplementary_groups: false.into(),
            umask: None,
            startup_script_timeout: Duration::from_secs(10).into(),
            shutdown_script_timeout: Duration::from_secs(10).into(),
        }
    }
}

impl Default for Process {
    fn default() -> Self {
        Process {
            name: None,
            nice: 0.into(),
            rt_priority: None,
            cpu_affinity: None,
            no_swap: false.into(),
            rlimit_rttime: Duration::from_millis(10).into(),
        }
    }
}
