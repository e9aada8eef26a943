//! What an instance says that does not do what a person would expect.

use std::time::Duration;

use crate::session::Session;
use crate::{Code, Diagnostic, InitialState, Span, Spanned, VrrpInstance};

/// Looks for such settings, and makes of strict mode what it is.
pub(super) fn check(instance: &mut VrrpInstance, session: &mut Session<'_>) {
    check_priority(instance, session);
    check_useless(instance, session);
    check_ipvlan(instance, session);
    if instance.strict_mode.value {
        be_strict(instance, session);
    }
}

fn check_priority(instance: &VrrpInstance, session: &mut Session<'_>) {
    if instance.state.value == InitialState::Master
        && instance.state.is_written()
        && !instance.priority.is_written()
    {
        let message = "`state MASTER` without a `priority` means 255: the owner of the addresses";
        session.report(
            Diagnostic::warning(Code::PriorityUnset, message)
                .at(instance.state.span)
                .help("an owner takes over at once from anybody; a `priority` of its own, such as 150, is usual"),
        );
    }
}

/// What needs something else to have an effect.
fn check_useless(instance: &VrrpInstance, session: &mut Session<'_>) {
    let mut useless = |span, message: &str| {
        session.report(Diagnostic::warning(Code::WithoutEffect, message).at(span));
    };
    if instance.vmac_xmit_base.value && instance.use_vmac.is_none() {
        let message = "`vmac_xmit_base` has no effect without `use_vmac`";
        useless(instance.vmac_xmit_base.span, message);
    }
    let addresses = instance
        .virtual_ipaddress
        .iter()
        .chain(&instance.virtual_ipaddress_excluded);
    for group in addresses.filter_map(|entry| entry.track_group.as_ref()) {
        let message = "`track_group` is for static addresses: a virtual one goes with its instance";
        useless(group.span, message);
    }
    let own = instance.interface.as_ref().map(|own| own.as_str());
    let tracked = instance.tracking.interfaces.iter();
    for tracked in tracked.filter(|tracked| Some(tracked.name.as_str()) == own) {
        useless(tracked.name.span, "an instance's own interface is tracked anyway");
    }
}

fn check_ipvlan(instance: &VrrpInstance, session: &mut Session<'_>) {
    if let Some(ipvlan) = &instance.use_ipvlan
        && instance.family == crate::Family::Ipv4
        && instance.source.is_none()
        && ipvlan.value.address.is_none()
    {
        let message = "`use_ipvlan` needs an address that adverts come from";
        session.report(
            Diagnostic::warning(Code::SourceAddressMissing, message)
                .at(ipvlan.span)
                .help("write it behind the interface, or as `mcast_src_ip`; keepalived stays in FAULT without it"),
        );
    }
}

/// What RFC 3768 and 9568 leave no room for takes its only value.
fn be_strict(instance: &mut VrrpInstance, session: &mut Session<'_>) {
    let mut changed = Vec::new();
    if let Some(authentication) = instance.authentication.take() {
        changed.push((authentication.span, "authentication is left out"));
    }
    let garp = &mut instance.garp;
    let mut note = |span: Option<Span>, text| changed.extend(span.map(|span| (span, text)));
    note(
        set(&mut instance.preempt_delay, Duration::ZERO),
        "there is no delay",
    );
    note(
        set(&mut instance.down_timer_adverts, 3),
        "three adverts are missed",
    );
    note(
        set(&mut garp.lower_prio_repeat, 0),
        "a lower priority causes no announcement",
    );
    set(&mut garp.lower_prio_delay, Duration::ZERO);
    note(
        set(&mut instance.lower_prio_no_advert, true),
        "a lower priority is not answered",
    );
    note(
        set(&mut instance.higher_prio_send_advert, false),
        "no advert is sent before yielding",
    );
    note(
        set(&mut instance.vmac_xmit_base, false),
        "adverts leave by the VMAC's interface",
    );
    if !instance.accept.is_written() {
        instance.accept.value = *instance.priority == VrrpInstance::OWNER;
    }
    report(instance, &changed, session);
}

/// Gives a setting a value. Answers with where another one was written.
fn set<T: PartialEq>(setting: &mut Spanned<T>, value: T) -> Option<Span> {
    let written = (setting.is_written() && setting.value != value).then_some(setting.span);
    setting.value = value;
    written
}

fn report(instance: &VrrpInstance, changed: &[(Span, &str)], session: &mut Session<'_>) {
    let silent = !instance.accept.value && !instance.accept.is_written();
    if changed.is_empty() && !silent {
        return;
    }
    let message = format!("strict mode changes what `{}` does", instance.name);
    let at = changed.first().map_or(instance.name.span, |&(span, _)| span);
    let mut diagnostic = Diagnostic::warning(Code::StrictChanges, message);
    for &(span, text) in changed {
        diagnostic = diagnostic.label(span, text);
    }
    if changed.is_empty() {
        diagnostic = diagnostic.at(at);
    }
    diagnostic = diagnostic.label(instance.strict_mode.span, "strict mode");
    if silent {
        diagnostic = diagnostic.help(
            "packets to its virtual addresses are dropped, pings too; `accept` in the instance lets them in",
        );
    }
    session.report(diagnostic);
}
