//! What a router remembers so that no advert is believed twice, and how it protects its own.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use vrrp_proto::{AhPacket, Family, HmacTrailer, Ipv4Header, Stamp};

use crate::{Datagram, Discard, Freshness, Protection, RouterConfig, Signing, SigningMode, Transmit};

/// The memory of one router; nothing where nothing is protected.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) enum Guard {
    #[default]
    Open,
    /// The number in the last header, and whether it was our own.
    Header { sequence: u32, ours: bool },
    /// What was signed and heard.
    Signature(Box<Signed>),
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Signed {
    sent: Option<Stamp>,
    /// The last of each sender, the one heard longest ago first.
    heard: Vec<(IpAddr, Stamp)>,
}

/// What shows that a message is authentic, not yet checked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Proof<'a> {
    None,
    Header(Ipv4Header, AhPacket<'a>),
    Signature(HmacTrailer),
}

impl<'a> Proof<'a> {
    /// The VRRP message in a packet, and what protects it. Nothing that costs time is done yet.
    pub(crate) fn split(
        config: &RouterConfig,
        datagram: &Datagram<'a>,
    ) -> Result<(Datagram<'a>, Self), Discard> {
        let message = |pdu| Datagram { pdu, ..*datagram };
        match (&config.protection, datagram.authenticated()) {
            (Protection::Header(_), Some(ip)) => {
                let packet = AhPacket::parse(datagram.pdu)?;
                Ok((message(packet.message()), Self::Header(ip, packet)))
            }
            (Protection::Header(_), None) => Err(Discard::NoAuthenticationHeader),
            (Protection::None | Protection::Signature(_), Some(_)) => {
                Err(Discard::UnexpectedAuthenticationHeader)
            }
            (Protection::None, None) => Ok((*datagram, Self::None)),
            (Protection::Signature(signing), None) => {
                let family = config.addresses.family();
                let (pdu, trailer) = HmacTrailer::split(datagram.pdu, family)?;
                match (trailer, signing.mode) {
                    (Some(trailer), _) => Ok((message(pdu), Self::Signature(trailer))),
                    (None, SigningMode::Enforce) => Err(Discard::Unsigned),
                    (None, _) => Ok((*datagram, Self::None)),
                }
            }
        }
    }
}

impl Proof<'_> {
    /// The message with its signature.
    pub(crate) fn signed<'p>(&self, packet: &Datagram<'p>) -> Option<&'p [u8]> {
        matches!(self, Self::Signature(_)).then_some(packet.pdu)
    }
}

impl Guard {
    /// That of a router that has sent and heard nothing.
    pub(crate) fn new(config: &RouterConfig) -> Self {
        match config.protection {
            Protection::None => Self::Open,
            Protection::Header(_) => Self::Header {
                sequence: 0,
                ours: false,
            },
            Protection::Signature(_) => Self::Signature(Box::default()),
        }
    }

    /// Keeps what is known if the router is protected as before, be it with other keys.
    pub(crate) fn follow(&mut self, config: &RouterConfig) {
        let new = Self::new(config);
        if std::mem::discriminant(self) != std::mem::discriminant(&new) {
            *self = new;
        }
    }

    /// Checks the proof of a message that is in order otherwise, and never believes it again.
    pub(crate) fn check(
        &mut self,
        config: &RouterConfig,
        message: &Datagram<'_>,
        proof: Proof<'_>,
        source: Option<IpAddr>,
        time_of_day: Duration,
    ) -> Result<(), Discard> {
        match (self, &config.protection, proof) {
            (Self::Header { sequence, ours }, Protection::Header(key), Proof::Header(ip, packet)) => {
                if !packet.verify(&ip, config.header_ttl(), key) {
                    return Err(Discard::WrongSignature);
                }
                // Two that begin at the same moment count alike, and their adverts cross on the way.
                let crossed = *ours && packet.sequence() == *sequence && Some(message.source) != source;
                if !crossed && !comes_after(*sequence, packet.sequence()) {
                    return Err(Discard::Replayed);
                }
                (*sequence, *ours) = (packet.sequence(), false);
                Ok(())
            }
            (Self::Signature(signed), Protection::Signature(signing), Proof::Signature(trailer)) => {
                let senders = SENDERS + config.peers().len();
                signed.check(signing, message, &trailer, Stamp::at(time_of_day), senders)
            }
            _ => Ok(()),
        }
    }

    /// A master that is to yield has heard nothing of ours, or counts further than we do.
    pub(crate) fn outrun(&mut self) {
        if let Self::Header { sequence, ours } = self {
            (*sequence, *ours) = (next_in_sequence(*sequence), false);
        }
    }

    /// The packets as they are to be sent, all of one advert.
    pub(crate) fn protect(
        &mut self,
        config: &RouterConfig,
        packets: &[Transmit],
        time_of_day: Duration,
        mut send: impl FnMut(Transmit),
    ) {
        match (self, &config.protection) {
            (Self::Header { sequence, ours }, Protection::Header(_)) => {
                for packet in packets {
                    (*sequence, *ours) = (next_in_sequence(*sequence), true);
                    send(with_header(config, packet, *sequence));
                }
            }
            (Self::Signature(signed), Protection::Signature(signing))
                if signing.mode != SigningMode::ReceiveOnly =>
            {
                signed.sign(signing, packets, Stamp::at(time_of_day), send);
            }
            _ => packets.iter().for_each(|packet| send(packet.clone())),
        }
    }
}

impl Signed {
    fn check(
        &mut self,
        signing: &Signing,
        message: &Datagram<'_>,
        trailer: &HmacTrailer,
        now: Stamp,
        senders: usize,
    ) -> Result<(), Discard> {
        let stamp = trailer.stamp();
        // Before anything is worked out: whoever replays what it recorded shall cost us nothing.
        let secs = stamp.secs_after(now);
        if signing.is_stale(secs) {
            return Err(Discard::ClockDifference { secs });
        }
        let key = signing
            .keys
            .get(&trailer.key())
            .ok_or(Discard::UnknownKey(trailer.key()))?;
        if !trailer.verify(message.pdu, message.source, key) {
            return Err(Discard::WrongSignature);
        }
        let known = self.heard.iter().position(|(from, _)| *from == message.source);
        let last = known
            .and_then(|place| self.heard.get(place))
            .map(|(_, last)| *last);
        // What is stale by now holds nothing off that its age would not, and a clock that was put right goes on: at once if
        // it was far off, and if not, when the time of the old stamp has passed.
        let last = last.filter(|last| !signing.is_stale(last.secs_after(now)));
        if last.is_some_and(|last| !stamp.is_after(last)) {
            return Err(Discard::Replayed);
        }
        match known {
            Some(place) => drop(self.heard.remove(place)),
            None if self.heard.len() >= senders => drop(self.heard.remove(0)),
            None => {}
        }
        self.heard.push((message.source, stamp));
        Ok(())
    }

    fn sign(&mut self, signing: &Signing, packets: &[Transmit], now: Stamp, mut send: impl FnMut(Transmit)) {
        let Some(first) = packets.first() else { return };
        let stamp = self.next_stamp(signing, now);
        let key = signing
            .keys
            .get(&signing.active)
            .expect("the engine lets no configuration in without it");
        let signature = HmacTrailer::sign(&first.pdu, first.source, signing.active, key, stamp);
        for packet in packets {
            let mut pdu = [&packet.pdu[..], &[0; HmacTrailer::LEN]].concat();
            signature.emit_behind(&mut pdu, Family::of(packet.source));
            send(Transmit {
                pdu: Bytes::from(pdu),
                ..packet.clone()
            });
        }
    }

    /// Later than the last one, unless that is so far ahead that nobody believes it: the clock was put back.
    fn next_stamp(&mut self, signing: &Signing, now: Stamp) -> Stamp {
        let stamp = match self.sent {
            Some(last) if !now.is_after(last) && !signing.is_stale(last.secs_after(now)) => last.next(),
            _ => now,
        };
        self.sent = Some(stamp);
        stamp
    }
}

impl Signing {
    /// Whether an advert that was signed so many seconds from now is not fresh.
    fn is_stale(&self, secs: i64) -> bool {
        match self.freshness {
            Freshness::Clock(window) => Duration::from_secs(secs.unsigned_abs()) > window,
            Freshness::Order => false,
        }
    }
}

fn with_header(config: &RouterConfig, packet: &Transmit, sequence: u32) -> Transmit {
    let (IpAddr::V4(source), IpAddr::V4(destination)) = (packet.source, packet.destination) else {
        unreachable!("version 2 speaks IPv4 only");
    };
    let Protection::Header(key) = &config.protection else {
        unreachable!("only called for a header");
    };
    let mut payload = vec![0; AhPacket::LEN];
    payload.extend_from_slice(&packet.pdu);
    let header = Ipv4Header {
        source,
        destination,
        ttl: packet.hop_limit,
        tos: Ipv4Header::TOS_CONTROL,
        id: identification(sequence),
        protocol: AhPacket::PROTOCOL,
        payload_len: payload.len().try_into().expect("255 addresses are 1020 octets"),
    };
    AhPacket::emit(&mut payload, &header, config.header_ttl(), sequence, key);
    Transmit {
        header: Some(header),
        pdu: Bytes::from(payload),
        ..packet.clone()
    }
}

/// Never zero, for which a kernel puts one of its own (raw(7)), and the check value would be wrong.
fn identification(sequence: u32) -> u16 {
    let place = sequence.saturating_sub(1) % u32::from(u16::MAX);
    u16::try_from(place + 1).expect("at most 65535")
}

/// keepalived begins again before the number has used up its bits.
fn next_in_sequence(sequence: u32) -> u32 {
    if sequence >= LAST { 1 } else { sequence + 1 }
}

fn comes_after(last: u32, number: u32) -> bool {
    number > last || (last >= LAST && number <= BEGINNING)
}

const LAST: u32 = 0xffff_fffd;
/// So many adverts may be missed when the numbers begin again.
const BEGINNING: u32 = 0xffff;
/// Senders that are remembered beside the peers that are configured.
const SENDERS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_begin_again() {
        assert_eq!(
            [0, 1, LAST - 1, LAST, u32::MAX].map(next_in_sequence),
            [1, 2, LAST, 1, 1]
        );
        assert!(comes_after(0, 1) && comes_after(LAST - 1, LAST) && comes_after(LAST, 1));
        assert!(!comes_after(5, 5) && !comes_after(5, 4) && !comes_after(LAST - 1, 1));
        assert!(!comes_after(LAST, LAST) && !comes_after(LAST, BEGINNING + 1));
    }

    #[test]
    fn identification_is_never_zero() {
        assert_eq!(
            [0, 1, 2, 65_535, 65_536, 131_070].map(identification),
            [1, 1, 2, 65_535, 1, 65_535]
        );
    }
}
