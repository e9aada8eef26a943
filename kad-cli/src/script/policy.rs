//! Which programs are run at all, and as whom.

use std::ffi::OsString;

use kaconf::{Command, Processes, ScriptUser};
use nix::unistd::User;
use thiserror::Error;

use super::{Credentials, UserError};
use crate::check::{ScriptProblem, script_problems};

/// What `global_defs` says of scripts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Policy {
    /// `script_user`.
    pub user: Option<ScriptUser>,
    /// `set_supplementary_groups`.
    pub supplementary_groups: bool,
    /// `enable_script_security`.
    pub security: bool,
}

/// A program that may be run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prepared {
    /// The program and its arguments.
    pub argv: Vec<String>,
    /// Whom it runs as.
    pub user: Credentials,
    /// What is not as it should be, though it is run.
    pub warnings: Vec<String>,
}

/// Why a program is not run.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Nobody can be found to run it.
    #[error(transparent)]
    User(#[from] UserError),
    /// This process cannot become that user.
    #[error("running it as user {uid} needs root")]
    NotRoot {
        /// The user.
        uid: u32,
    },
    /// `enable_script_security` wants a user that is not there.
    #[error("enable_script_security wants a user keepalived_script, or script_user to name one")]
    NoScriptUser,
    /// Somebody else could have root run something else.
    #[error("{0}; enable_script_security forbids to run it as root")]
    Insecure(String),
}

impl Policy {
    /// What a configuration says.
    pub fn from_config(processes: &Processes) -> Self {
        Self {
            user: processes.script_user.as_ref().map(|user| user.value.clone()),
            supplementary_groups: *processes.set_supplementary_groups,
            security: *processes.enable_script_security,
        }
    }

    /// Whether a command may be run, by a user of its own if it has one.
    pub fn prepare(&self, command: &Command, user: Option<&ScriptUser>) -> Result<Prepared, Refusal> {
        let user = self.credentials(user.or(command.user.as_ref()))?;
        let here = Credentials::current();
        if here.uid != ROOT && !here.is_same_user(&user) {
            return Err(Refusal::NotRoot { uid: user.uid });
        }
        let search = std::env::var_os("PATH").unwrap_or_else(|| OsString::from(USUAL_PATH));
        let mut warnings = Vec::new();
        for problem in script_problems(command.program(), &search) {
            match problem {
                ScriptProblem::Writable { .. } if user.uid != ROOT => {}
                ScriptProblem::Writable { .. } if self.security => {
                    return Err(Refusal::Insecure(problem.to_string()));
                }
                // It may be there when its time comes.
                problem => warnings.push(problem.to_string()),
            }
        }
        Ok(Prepared {
            argv: command.argv.clone(),
            user,
            warnings,
        })
    }

    /// Whom a user's name means. Without any word of the file: `keepalived_script` if there is such a user, or else
    /// whoever this process is.
    pub fn credentials(&self, user: Option<&ScriptUser>) -> Result<Credentials, Refusal> {
        if let Some(user) = user.or(self.user.as_ref()) {
            return Ok(Credentials::of(user, self.supplementary_groups)?);
        }
        let here = Credentials::current();
        let has_usual = matches!(User::from_name(USUAL_USER), Ok(Some(_)));
        match (has_usual, self.security) {
            // Only root can become it.
            (true, _) if here.uid == ROOT => {
                let usual = ScriptUser::new(USUAL_USER.to_owned());
                Ok(Credentials::of(&usual, self.supplementary_groups)?)
            }
            (false, true) if here.uid == ROOT => Err(Refusal::NoScriptUser),
            _ => Ok(here),
        }
    }
}

const ROOT: u32 = 0;
const USUAL_USER: &str = "keepalived_script";
const USUAL_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
