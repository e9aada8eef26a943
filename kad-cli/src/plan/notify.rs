//! Whom the plan tells what happens.

use kaconf::{Command, Config, Notify, NotifyDeleted, Spanned};

use crate::notify::{Object, Scripts};
use crate::script::Policy;

/// What is told of what, and how.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Notifications {
    /// As whom scripts run, and whether they may.
    pub policy: Policy,
    /// Each instance and group, the instances first, in the order of the file.
    pub objects: Vec<Notified>,
}

/// What is told of one instance or group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Notified {
    /// What it is.
    pub object: Object,
    /// Its name.
    pub name: String,
    /// Its scripts.
    pub scripts: Scripts,
    /// `notify_deleted`: a reload that takes it away is told as such, rather than as a fault.
    pub tells_deletion: bool,
    /// `notify_priority_changes`.
    pub priority_changes: bool,
}

impl Notifications {
    pub(super) fn from_config(config: &Config) -> Self {
        let instances = config.instances.iter().map(|instance| {
            let changes = *instance.notify_priority_changes;
            Notified::new(Object::Instance, &instance.name, &instance.notify, changes)
        });
        let groups = config.sync_groups.iter().map(|group| {
            let changes = *group.notify_priority_changes;
            Notified::new(Object::Group, &group.name, &group.notify, changes)
        });
        Self {
            policy: Policy::from_config(&config.global.processes),
            objects: instances.chain(groups).collect(),
        }
    }

    /// What is told of an instance or group of that name.
    pub fn of(&self, object: Object, name: &str) -> Option<&Notified> {
        self.objects
            .iter()
            .find(|it| it.object == object && it.name == name)
    }
}

impl Notified {
    fn new(object: Object, name: &Spanned<String>, from: &Notify, priority_changes: bool) -> Self {
        let command =
            |command: &Option<Spanned<Command>>| command.as_ref().map(|command| command.value.clone());
        let deleted = from.deleted.as_ref().map(|deleted| &deleted.value);
        Self {
            object,
            name: name.value.clone(),
            scripts: Scripts {
                master: command(&from.master),
                backup: command(&from.backup),
                fault: command(&from.fault),
                stop: command(&from.stop),
                deleted: match deleted {
                    Some(NotifyDeleted::Command(command)) => Some(command.clone()),
                    Some(NotifyDeleted::Event) | None => None,
                },
                master_rx_lower_priority: command(&from.master_rx_lower_pri),
                any: command(&from.any),
            },
            tells_deletion: deleted.is_some(),
            priority_changes,
        }
    }
}
