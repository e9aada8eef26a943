//! keepalived's words about what happened.

use super::Message;
use crate::notify::{Event, Kind, Object};

/// The mail about something that happened, if it is of a kind that is told by mail.
pub fn alert(event: &Event) -> Option<Message> {
    let what = match event.object {
        Object::Instance => "Instance",
        Object::Group => "Group",
    };
    let (became, body) = words(event.object, event.kind)?;
    Some(Message::new(
        format!("VRRP {what} {} - {became}", event.name),
        body,
    ))
}

fn words(object: Object, kind: Kind) -> Option<(&'static str, &'static str)> {
    let became = match kind {
        Kind::Master => "Entering MASTER state",
        Kind::Backup => "Entering BACKUP state",
        Kind::Fault => "Entering FAULT state",
        Kind::Stop => "Stopping",
        Kind::Deleted => "Deleted",
        Kind::MasterRxLowerPriority | Kind::MasterPriority | Kind::BackupPriority => return None,
    };
    let body = match (object, kind) {
        (Object::Instance, Kind::Master) => "=> VRRP Instance is now owning VRRP VIPs <=",
        (Object::Instance, Kind::Stop) => "=> VRRP Instance stopping <=",
        (_, Kind::Deleted) => "=> VRRP Deleted at reload <=",
        (Object::Instance, _) => "=> VRRP Instance is no longer owning VRRP VIPs <=",
        (Object::Group, Kind::Master) => "=> All VRRP group instances are now in MASTER state <=",
        (Object::Group, Kind::Backup) => "=> All VRRP group instances are now in BACKUP state <=",
        (Object::Group, Kind::Fault) => "=> All VRRP group instances are now in FAULT state <=",
        (Object::Group, _) => "=> All VRRP group instances are now stopping <=",
    };
    Some((became, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_told_and_priorities_are_not() {
        let alert = |object, kind| alert(&Event::new(object, "V1", kind));
        let message = alert(Object::Instance, Kind::Master).unwrap();
        assert_eq!(message.subject, "VRRP Instance V1 - Entering MASTER state");
        assert_eq!(message.body, "=> VRRP Instance is now owning VRRP VIPs <=");
        let message = alert(Object::Group, Kind::Stop).unwrap();
        assert_eq!(message.subject, "VRRP Group V1 - Stopping");
        assert_eq!(message.body, "=> All VRRP group instances are now stopping <=");
        for kind in [
            Kind::MasterRxLowerPriority,
            Kind::MasterPriority,
            Kind::BackupPriority,
        ] {
            assert_eq!(alert(Object::Instance, kind), None);
        }
    }
}
