//! Mail and pipes: what carries events away from the daemon, beside scripts.

use std::io;
use std::time::Duration;

use mio::{Registry, Token};
use nix::unistd::{User, geteuid, gethostname};
use vrrp_engine::Time;

use crate::mail::{Address, Mailer, Settings, alert};
use crate::notify::{Event, FifoSettings, PipeSettings, Pipes};
use crate::plan::{About, Fifo, Mail, Plan};
use crate::script::Policy;

/// The mailer and the pipes of a plan.
#[derive(Debug)]
pub(super) struct Channels {
    registry: Registry,
    mail_token: Token,
    mailer: Option<Mailer>,
    about: About,
    pipes: Pipes,
}

impl Channels {
    /// None yet. They are going to be woken through these tokens.
    pub(super) fn new(registry: &Registry, mail: Token, pipes: Token) -> io::Result<Self> {
        let mut channels = Self {
            registry: registry.try_clone()?,
            mail_token: mail,
            mailer: None,
            about: About::default(),
            pipes: Pipes::new()?,
        };
        channels.pipes.register(registry, pipes)?;
        Ok(channels)
    }

    /// Goes over to another plan. Mail that waits still goes out; pipes that stay are not touched.
    pub(super) fn configure(&mut self, now: Time, plan: &Plan) {
        let settings = plan.mail.as_ref().and_then(mail_settings);
        self.about = match (&settings, &plan.mail) {
            (Some(_), Some(mail)) => mail.about.clone(),
            _ => About::default(),
        };
        if let Some(settings) = settings {
            if let Some(mailer) = &mut self.mailer {
                mailer.configure(settings);
            } else {
                let mailer = self.new_mailer(settings);
                self.mailer = mailer.map_err(|error| tracing::error!("mail: {error}")).ok();
            }
        }
        let policy = &plan.fifos.policy;
        self.pipes.set_security(policy.security);
        let wanted = plan.fifos.fifos.iter();
        let wanted = wanted.filter_map(|fifo| pipe_settings(fifo, policy)).collect();
        for error in self.pipes.configure(now, wanted) {
            tracing::error!("{error}; nothing is written to it");
        }
    }

    fn new_mailer(&self, settings: Settings) -> io::Result<Mailer> {
        let mut mailer = Mailer::new(settings)?;
        mailer.register(&self.registry, self.mail_token)?;
        Ok(mailer)
    }

    /// Tells an event to whoever wants to know.
    pub(super) fn tell(&mut self, now: Time, event: &Event) {
        self.pipes.tell(now, event);
        if let Some(mailer) = &mut self.mailer
            && self.about.wants(event)
            && let Some(message) = alert(event)
        {
            mailer.send(now, &message);
        }
    }

    /// Tells an event to those who read the pipes only.
    pub(super) fn tell_pipes(&mut self, now: Time, event: &Event) {
        self.pipes.tell(now, event);
    }

    pub(super) fn handle_mail(&mut self, now: Time) {
        if let Some(mailer) = &mut self.mailer {
            mailer.handle_ready(now);
        }
    }

    pub(super) fn handle_pipes(&mut self, now: Time) {
        self.pipes.handle_ready(now);
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        if let Some(mailer) = &mut self.mailer
            && mailer.poll_timeout().is_some_and(|due| due <= now)
        {
            mailer.handle_timeout(now);
        }
        if self.pipes.poll_timeout().is_some_and(|due| due <= now) {
            self.pipes.handle_timeout(now);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Time> {
        let mail = self.mailer.as_ref().and_then(Mailer::poll_timeout);
        mail.into_iter().chain(self.pipes.poll_timeout()).min()
    }

    /// The end, when nothing else is left to do: a short time for what was said last.
    pub(super) fn finish(&mut self) {
        if let Some(mailer) = &mut self.mailer {
            mailer.finish(FINISH_LIMIT);
        }
        self.pipes.finish(FINISH_LIMIT);
    }
}

fn mail_settings(mail: &Mail) -> Option<Settings> {
    for error in &mail.unusable {
        tracing::warn!("{error}; it gets no mail and sends none");
    }
    let host = gethostname().ok().and_then(|name| name.into_string().ok());
    let host = host
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".to_owned());
    let from = mail.from.clone().map_or_else(|| default_sender(&host), Ok);
    let from = from.map_err(|error| tracing::error!("{error}; no mail is sent without a sender"));
    Some(Settings {
        server: mail.server.clone(),
        timeout: mail.timeout,
        helo: Settings::greeting(mail.helo.as_deref().unwrap_or(&host)),
        router_id: mail.router_id.clone().unwrap_or(host),
        from: from.ok()?,
        to: Some(&mail.to).filter(|to| !to.is_empty())?.clone(),
    })
}

/// Whom this process runs as, at this machine.
fn default_sender(host: &str) -> Result<Address, crate::mail::InvalidAddress> {
    let uid = geteuid();
    let user = User::from_uid(uid).ok().flatten();
    let user = user.map_or_else(|| uid.to_string(), |user| user.name);
    Address::new(&format!("{user}@{host}"))
}

/// A pipe without its reader if that may not be run: others may read it.
fn pipe_settings(fifo: &Fifo, policy: &Policy) -> Option<PipeSettings> {
    let path = fifo.path.display();
    let owner = match (policy.credentials(fifo.user.as_ref()), &fifo.user) {
        (Ok(owner), _) => Some((owner.uid, owner.gid)),
        (Err(error), Some(_)) => {
            tracing::error!("{path}: {error}; nothing is written to it");
            return None;
        }
        // Scripts have no user, which is no matter of a pipe.
        (Err(_), None) => None,
    };
    let reader = fifo
        .reader
        .as_ref()
        .map(|command| (command, policy.prepare(command, None)));
    let reader = reader.and_then(|(command, prepared)| match prepared {
        Ok(prepared) => {
            for warning in &prepared.warnings {
                tracing::warn!("the program that reads {path}: {warning}");
            }
            Some(prepared)
        }
        Err(error) => {
            tracing::error!(
                "{}, which is to read {path}, is not run: {error}",
                command.program()
            );
            None
        }
    });
    Some(PipeSettings {
        fifo: FifoSettings {
            path: fifo.path.clone(),
            owner: owner.filter(|_| geteuid().is_root()),
            mode: fifo.mode,
        },
        reader,
    })
}

/// For each of mail and pipes.
const FINISH_LIMIT: Duration = Duration::from_secs(1);
