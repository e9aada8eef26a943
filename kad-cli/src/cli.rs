//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

/// An address that outlives its machine: keepalived's job, configured by the keepalived.conf you have.
#[derive(Debug, Parser)]
#[command(
    name = "kad",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    disable_version_flag = true
)]
pub struct Cli {
    /// Print the version and exit
    #[arg(short = 'v', long, action = ArgAction::Version, global = true)]
    version: Option<bool>,

    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What `kad` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Be a VRRP router, in the foreground, as the configuration file says
    Run(RunArgs),
    /// Say what is wrong with configuration files, and who would be master
    Check(CheckArgs),
    /// Print what counts: the configuration with every default filled in, and where each value comes from
    Config(ConfigArgs),
    /// Show a failover on this machine: real routers and a client in network namespaces of their own
    Demo(DemoArgs),
    /// Run a program that dies with whoever started it
    #[command(name = "__exec", hide = true)]
    Exec {
        /// The program and its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<std::ffi::OsString>,
    },
    /// Give up rights and become a script
    #[command(name = "__script", hide = true)]
    Script {
        /// User, group, supplementary groups, parent, and the program with its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<std::ffi::OsString>,
    },
}

/// keepalived's flags, where they mean something here.
#[derive(Debug, Args)]
#[command(after_help = RUN_HELP)]
pub struct RunArgs {
    /// The configuration
    #[arg(short = 'f', long = "use-file", value_name = "FILE", default_value = DEFAULT_CONFIG)]
    pub file: PathBuf,

    /// Check the configuration, print what is wrong with it, and exit
    #[arg(short = 't', long)]
    pub config_test: bool,

    /// Run the VRRP part only
    #[arg(short = 'P', long, conflicts_with = "check")]
    pub vrrp: bool,

    /// Run the checker part only
    #[arg(short = 'C', long)]
    pub check: bool,

    /// Log in detail: every discarded packet's kind, every address, every reply of the kernel
    #[arg(short = 'D', long)]
    pub log_detail: bool,

    /// Stay in the foreground; kad always does
    #[arg(short = 'n', long)]
    pub dont_fork: bool,

    /// Log to standard error; kad always does
    #[arg(short = 'l', long)]
    pub log_console: bool,

    /// Use the lines of the configuration that are marked for ID (`@ID ...`); without it, the host's name
    #[arg(short = 'i', long, value_name = "ID")]
    pub config_id: Option<String>,

    /// Write the process id to FILE, and refuse to start if a running daemon holds it
    #[arg(short = 'p', long, value_name = "FILE")]
    pub pid: Option<PathBuf>,

    /// The same, for the VRRP part
    #[arg(short = 'r', long = "vrrp_pid", value_name = "FILE")]
    pub vrrp_pid: Option<PathBuf>,

    /// The same, for the checker part
    #[arg(short = 'c', long = "checkers_pid", value_name = "FILE")]
    pub checkers_pid: Option<PathBuf>,
}

/// What is to be checked, and how.
#[derive(Debug, Args)]
#[command(after_help = CHECK_HELP)]
pub struct CheckArgs {
    /// The configurations; several are those of one cluster's machines, and are held against each other
    #[arg(value_name = "FILE", default_value = DEFAULT_CONFIG)]
    pub files: Vec<PathBuf>,

    /// Warnings count as errors for the exit status
    #[arg(long)]
    pub strict: bool,

    /// Look at the files only, not at this machine's interfaces, addresses and scripts
    #[arg(long)]
    pub offline: bool,

    /// Print the page of a diagnostic: what it means, why it hurts, how to mend it
    #[arg(long, value_name = "CODE", value_parser = code, conflicts_with_all = ["files", "json"])]
    pub explain: Option<kaconf::Code>,

    /// Do not show warnings of a kind: a name (`password-truncated`) or a code (`KA0107`)
    #[arg(long, value_name = "NAME", value_parser = code)]
    pub allow: Vec<kaconf::Code>,

    /// Take warnings of a kind for errors
    #[arg(long, value_name = "NAME", value_parser = code)]
    pub deny: Vec<kaconf::Code>,

    /// Print one JSON document, for machines
    #[arg(long)]
    pub json: bool,

    /// Use the lines of the configuration that are marked for ID (`@ID ...`); without it, the host's name
    #[arg(short = 'i', long, value_name = "ID")]
    pub config_id: Option<String>,
}

/// Which configuration is to be printed, and how.
#[derive(Debug, Args)]
#[command(after_help = CONFIG_HELP)]
pub struct ConfigArgs {
    /// The configuration
    #[arg(value_name = "FILE", default_value = DEFAULT_CONFIG)]
    pub file: PathBuf,

    /// Print one JSON document, for machines
    #[arg(long)]
    pub json: bool,

    /// Print passwords and keys too, instead of asterisks
    #[arg(long)]
    pub show_secrets: bool,

    /// Use the lines of the configuration that are marked for ID (`@ID ...`); without it, the host's name
    #[arg(short = 'i', long, value_name = "ID")]
    pub config_id: Option<String>,
}

/// The demo's arguments.
#[derive(Debug, Args)]
#[command(after_help = DEMO_HELP)]
pub struct DemoArgs {
    /// One configuration for each router; without any, a pair made for the purpose
    #[arg(value_name = "CONF", num_args = 0..)]
    pub files: Vec<PathBuf>,

    /// What runs the second router
    #[arg(long, value_enum, default_value_t = Peer::Kad)]
    pub peer: Peer,

    /// Print one JSON object for each event, for machines
    #[arg(long)]
    pub json: bool,

    /// Draw the timeline
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// The program behind a router of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Peer {
    /// This program.
    Kad,
    /// The `keepalived` found on PATH.
    Keepalived,
}

fn code(name: &str) -> Result<kaconf::Code, String> {
    kaconf::Code::from_name(name).ok_or_else(|| {
        "no diagnostic has this name or code; the code of each stands in brackets before its message"
            .to_owned()
    })
}

const DEFAULT_CONFIG: &str = "/etc/keepalived/keepalived.conf";

const RUN_HELP: &str = "\
Each change of state is one line on standard error, with its reason.
SIGTERM or SIGINT: the peers are told (priority 0), the addresses are removed, and kad exits.

Exit status: 0 after an orderly end, or if the configuration is fine (-t); 1 if it is not; 2 if kad cannot run at all.";

const CHECK_HELP: &str = "\
Each problem is shown with its place, the reason, and what to do about it. Nothing is changed or started.

  kad check                        the configuration of this machine
  kad check new.conf               a file before it is put in place
  kad check --offline r1.conf      a file of another machine
  kad check r1.conf r2.conf        the files of a pair: do they fit, and who is master when?
  kad check --explain KA0107       what a diagnostic means and how to mend it; a name will do too

A comment silences a warning in the file: `# kad: allow NAME` for its line or the next one,
`# kad: allow-file NAME` for the whole file.

With several files this machine is not looked at, for it is at most one of theirs.

Exit status: 0 if all is fine, or there are only warnings; 1 if there are errors (with --strict, or warnings);
2 if a file cannot be read, or the command line is wrong.";

const CONFIG_HELP: &str = "\
What is printed is a configuration again: each value stands with its file and line, or `default`.

Exit status: 0 if all is fine, or there are only warnings; 1 if there are errors; 2 if the file cannot be read, or the
command line is wrong.";

const DEMO_HELP: &str = "\
Nothing outside the demo's own network namespaces is touched. Root is not needed where unprivileged user
namespaces are allowed.

Exit status: 0 if the address moved and came back as the files say; 1 if it did not; 2 if the demo cannot run here.";
