//! How adverts are authenticated.

use std::time::Duration;

use kaconf::{AntiReplay, AuthHmac, AuthKind, HmacMode, HmacSecret, VrrpInstance};
use vrrp_engine::{Freshness, Protection, Signing, SigningMode};
use vrrp_proto::{AhKey, Authentication, HmacKey};

use super::PlanErrorReason;

/// Version 2's password.
pub(super) fn authentication(from: &VrrpInstance) -> Authentication {
    match &from.authentication {
        Some(authentication) if authentication.kind == AuthKind::Pass => {
            Authentication::Simple(padded(authentication.password.as_bytes()))
        }
        _ => Authentication::None,
    }
}

/// What is better than that.
pub(super) fn protection(from: &VrrpInstance) -> Result<Protection, PlanErrorReason> {
    match (&from.authentication, &from.auth_hmac) {
        (Some(_), Some(_)) => Err(PlanErrorReason::TwoAuthentications),
        (Some(authentication), None) if authentication.kind == AuthKind::Ah => Ok(Protection::Header(
            AhKey::new(padded(authentication.password.as_bytes())),
        )),
        (_, None) => Ok(Protection::None),
        (None, Some(hmac)) => Ok(Protection::Signature(Box::new(signing(from, hmac)?))),
    }
}

fn signing(instance: &VrrpInstance, from: &AuthHmac) -> Result<Signing, PlanErrorReason> {
    let mode = match *from.mode {
        HmacMode::Enforce => SigningMode::Enforce,
        HmacMode::Permissive => SigningMode::Permissive,
        HmacMode::ReceiveOnly => SigningMode::ReceiveOnly,
    };
    if *instance.strict_mode && mode != SigningMode::Enforce {
        return Err(PlanErrorReason::StrictMode);
    }
    let keys = from.keys.iter().map(|key| {
        let id = key.id.value;
        let secret = match &key.secret {
            HmacSecret::Bytes(bytes) => HmacKey::new(bytes),
            // What has not been read is of no length.
            _ => HmacKey::new(&[]),
        };
        let key = secret.map_err(|reason| PlanErrorReason::Key { id, reason })?;
        Ok::<_, PlanErrorReason>((id, key))
    });
    let first = from.keys.first().map(|key| key.id.value);
    let active = from.active_key.as_ref().map(|id| id.value).or(first);
    Ok(Signing {
        keys: keys.collect::<Result<_, _>>()?,
        active: active.ok_or(PlanErrorReason::NoKey)?,
        mode,
        freshness: match *from.anti_replay {
            AntiReplay::Time => Freshness::Clock(window(instance, from)),
            AntiReplay::Monotonic => Freshness::Order,
        },
    })
}

/// Three intervals, but at least five seconds.
fn window(instance: &VrrpInstance, from: &AuthHmac) -> Duration {
    let given = from.time_window.as_ref().map(|window| window.value);
    given.unwrap_or_else(|| (instance.advert_int.value * 3).max(SHORTEST_WINDOW))
}

/// Passwords are padded with zeros on the wire.
fn padded(password: &[u8]) -> [u8; 8] {
    let mut octets = [0; 8];
    octets.iter_mut().zip(password).for_each(|(to, from)| *to = *from);
    octets
}

const SHORTEST_WINDOW: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use vrrp_proto::InvalidKey;

    use super::*;

    fn instance(lines: &str) -> VrrpInstance {
        let text = format!(
            "vrrp_instance A {{\n interface eth0\n virtual_router_id 1\n {lines}\n virtual_ipaddress {{\n 10.0.0.9\n }}\n}}\n"
        );
        let loader = kaconf::MemoryLoader::with("k.conf", text);
        let mut parsed = kaconf::parse(&loader, "k.conf".as_ref(), &kaconf::Options::default());
        assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
        parsed.config.instances.remove(0)
    }

    fn hmac(lines: &str) -> VrrpInstance {
        let keys = format!("key 3 hex:{}\n key 4 {}", "ab".repeat(32), "x".repeat(40));
        instance(&format!(
            "version 3\n advert_int 2\n auth_hmac {{\n {keys}\n {lines}\n }}"
        ))
    }

    fn signing_of(instance: &VrrpInstance) -> Signing {
        match protection(instance).unwrap() {
            Protection::Signature(signing) => *signing,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn passwords_are_padded_with_zeros() {
        let password = instance("authentication {\n auth_type PASS\n auth_pass abc\n }");
        assert_eq!(
            (authentication(&password), protection(&password).unwrap()),
            (Authentication::Simple(*b"abc\0\0\0\0\0"), Protection::None)
        );
        let header = instance("authentication {\n auth_type AH\n auth_pass abc\n }");
        assert_eq!(
            (authentication(&header), protection(&header).unwrap()),
            (
                Authentication::None,
                Protection::Header(AhKey::new(*b"abc\0\0\0\0\0"))
            )
        );
    }

    #[test]
    fn what_the_file_leaves_out_is_as_keepalived_has_it() {
        let signing = signing_of(&hmac(""));
        assert_eq!((signing.active, signing.mode), (3, SigningMode::Enforce));
        assert_eq!(signing.freshness, Freshness::Clock(Duration::from_secs(6)));
        assert_eq!(signing.keys.keys().copied().collect::<Vec<_>>(), [3, 4]);
        assert_eq!(signing.keys[&3], HmacKey::new(&[0xab; 32]).unwrap());
        assert_eq!(signing.keys[&4], HmacKey::new(&[b'x'; 40]).unwrap());
        let text = instance(&format!(
            "version 3\n advert_int 0.5\n auth_hmac {{\n key 1 {}\n }}",
            "x".repeat(32)
        ));
        assert_eq!(
            signing_of(&text).freshness,
            Freshness::Clock(Duration::from_secs(5))
        );
    }

    #[test]
    fn what_the_file_says_counts() {
        let signing = signing_of(&hmac("active_key 4\n mode receive-only\n time_window 30"));
        assert_eq!((signing.active, signing.mode), (4, SigningMode::ReceiveOnly));
        assert_eq!(signing.freshness, Freshness::Clock(Duration::from_secs(30)));
        let signing = signing_of(&hmac("mode permissive\n anti_replay monotonic"));
        assert_eq!(
            (signing.mode, signing.freshness),
            (SigningMode::Permissive, Freshness::Order)
        );
    }

    #[test]
    fn strict_mode_wants_signatures() {
        let strict = |mode| {
            protection(&hmac(&format!(
                "mode {mode}\n }}\n strict_mode on\n track_interface {{"
            )))
        };
        assert!(strict("enforce").is_ok());
        assert_eq!(strict("permissive"), Err(PlanErrorReason::StrictMode));
    }

    #[test]
    fn a_key_that_was_not_read_is_none() {
        let file = instance("version 3\n auth_hmac {\n key 7 file:/nowhere\n }");
        let reason = InvalidKey { len: 0 };
        assert_eq!(protection(&file), Err(PlanErrorReason::Key { id: 7, reason }));
    }
}
