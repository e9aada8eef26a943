use std::env;
use std::fmt;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode, ExitStatus, Stdio};

/// Where the work of this program is done.
#[derive(Debug)]
pub enum Place {
    /// In this process, which has IPVS and may use it.
    Here,
    /// In another kernel, where this program ran with the same arguments and environment, and ended so. What it wrote has
    /// been written.
    Elsewhere(ExitCode),
}

/// Why there is no kernel with IPVS to be had, for people to read.
#[derive(Debug)]
pub struct NoKernel(String);

impl fmt::Display for NoKernel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Makes sure that IPVS is there: runs this program again in a kernel that has it, unless this one does. To be called
/// before there is anything that must not be done twice.
///
/// # Errors
/// If no such kernel can be had; nothing has run then.
pub fn enter() -> Result<Place, NoKernel> {
    if is_here() {
        return Ok(Place::Here);
    }
    if env::var_os(INSIDE).is_some() {
        return Err(NoKernel(
            "the kernel that was started for it has no IPVS either".to_owned(),
        ));
    }
    try_runner()?;
    let status = elsewhere().map_err(|error| NoKernel(cannot_run(&error)))?;
    Ok(Place::Elsewhere(exit_code(status)))
}

/// Whether this kernel has IPVS and this process may use it.
#[must_use]
pub fn is_here() -> bool {
    Path::new("/proc/net/ip_vs").exists() && nix::unistd::geteuid().is_root()
}

/// Whether this is the kernel that was started for this program: it has one processor, and is slow to start programs.
pub(crate) fn is_guest() -> bool {
    env::var_os(INSIDE).is_some()
}

/// Tells a kernel that cannot be had from a program that fails in it.
fn try_runner() -> Result<(), NoKernel> {
    let output = Command::new(RUNNER)
        .args(["--", "true"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| NoKernel(cannot_run(&error)))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let last = text.lines().last().unwrap_or("it does not say why");
    Err(NoKernel(format!(
        "there is no kernel with IPVS to be had: {last}"
    )))
}

fn elsewhere() -> io::Result<ExitStatus> {
    Command::new(RUNNER)
        .arg("--")
        .arg(env::current_exe()?)
        .args(env::args_os().skip(1))
        .env(INSIDE, "1")
        .status()
}

fn cannot_run(error: &io::Error) -> String {
    format!("{RUNNER} cannot be run: {error}")
}

fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}

const RUNNER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../ci/ipvs-kernel");

/// Is in the environment of a program that runs in a kernel which was started for it.
const INSIDE: &str = "KAD_IPVS_GUEST";
