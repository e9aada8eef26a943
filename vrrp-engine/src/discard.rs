//! Why a packet was ignored, and how often.

use std::collections::BTreeMap;

use thiserror::Error;
use vrrp_proto::{AdvertInterval, AhError, ParseError, Priority, TrailerError, Version, Vrid};

/// Why a packet was ignored. It moved no timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
#[non_exhaustive]
pub enum Discard {
    /// It is no advertisement.
    #[error(transparent)]
    Malformed(#[from] ParseError),
    /// No router has this identifier on this interface and family.
    #[error("virtual router {0} is not configured on this interface")]
    UnknownVrid(Vrid),
    /// The hop limit shows that it was routed here (RFC 9568 section 5.1.1.3).
    #[error("time to live {0} is not 255")]
    HopLimit(u8),
    /// The checksum is an old keepalived's, which is not wanted here.
    #[error(
        "the checksum is made as keepalived before 1.3.7 made it between unicast peers, which is not accepted here"
    )]
    OldChecksum,
    /// The time to live is outside of what is configured for the peer.
    #[error("time to live {ttl} is not {min} to {max}")]
    PeerHopLimit {
        /// As it arrived.
        ttl: u8,
        /// The lowest that may be.
        min: u8,
        /// The highest that may be.
        max: u8,
    },
    /// No configured peer sent it.
    #[error("the sender is not among the unicast peers")]
    UnknownPeer,
    /// The owner of the addresses heeds no advert.
    #[error("the owner of the addresses heeds no advert")]
    Owner,
    /// The router speaks the other version.
    #[error("VRRP version {0} is not the one configured")]
    Version(Version),
    /// Another authentication type than configured.
    #[error("authentication type {0} is not the one configured")]
    AuthenticationType(u8),
    /// The password is another one.
    #[error("wrong password")]
    AuthenticationData,
    /// It has no authentication header, and one is wanted.
    #[error("no authentication header (AH), and one is configured")]
    NoAuthenticationHeader,
    /// It has one, and none is wanted.
    #[error("an authentication header (AH), and none is configured")]
    UnexpectedAuthenticationHeader,
    /// What should be an authentication header is none.
    #[error(transparent)]
    AuthenticationHeader(#[from] AhError),
    /// It is not signed, and only signed ones count.
    #[error("not signed, and only signed adverts count (auth_hmac, mode enforce)")]
    Unsigned,
    /// What should be a signature is none.
    #[error(transparent)]
    Trailer(#[from] TrailerError),
    /// Another key, or it was changed on its way.
    #[error("the signature is made with another key, or the advert was changed on its way")]
    WrongSignature,
    /// Signed with a key that is not configured.
    #[error("signed with key {0}, which is not configured")]
    UnknownKey(u8),
    /// It is not later than one that was heard before.
    #[error("not later than an earlier advert: sent once more by somebody, or out of order")]
    Replayed,
    /// The sender's time of day is too far from ours.
    #[error("signed {} s {} our clock, which is more than the time window", secs.unsigned_abs(), if *secs < 0 { "behind" } else { "ahead of" })]
    ClockDifference {
        /// How far it is ahead of ours.
        secs: i64,
    },
    /// Version 2 demands equal intervals (RFC 3768 section 7.1).
    #[error("advertisement interval {}.{:02} s is not the one configured", theirs.as_centis() / 100, theirs.as_centis() % 100)]
    IntervalMismatch {
        /// The sender's interval.
        theirs: AdvertInterval,
    },
    /// Sent to another group, or to a group where unicast is configured, or the other way round.
    #[error("sent to another group, or by multicast where unicast is configured, or the other way round")]
    Delivery,
    /// Our own address and priority.
    #[error("our own address and priority")]
    OwnAddress,
    /// A master is there whose priority is lower; it will be replaced.
    #[error("priority {0} is lower than ours")]
    LowerPriority(Priority),
    /// The router is not listening: it is in FAULT, or shut down.
    #[error("not listening")]
    NotListening,
}

/// [`Discard`] without its details, for counters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum DiscardKind {
    /// Too short.
    Truncated,
    /// Too long.
    TrailingData,
    /// Wrong checksum.
    Checksum,
    /// Unknown version, or not the configured one, or version 2 over IPv6.
    Version,
    /// Not an advertisement.
    Type,
    /// Identifier 0, or one that is not configured.
    Vrid,
    /// An interval of zero, or not the configured one.
    Interval,
    /// Time to live other than 255, or than configured for the peer.
    HopLimit,
    /// Another authentication type.
    AuthenticationType,
    /// Another password.
    AuthenticationData,
    /// No authentication header or signature, or the wrong one of them, or a malformed one.
    Protection,
    /// An authentication header's or a signature's code is wrong.
    Signature,
    /// Signed with a key that is not configured.
    UnknownKey,
    /// Not later than an earlier advert.
    Replayed,
    /// Signed too far from our time of day.
    ClockDifference,
    /// Unicast instead of multicast, or the other way round, or mixed families.
    Delivery,
    /// From a sender that is no peer.
    UnknownPeer,
    /// The owner of the addresses heeds none.
    Owner,
    /// Our own address and priority.
    OwnAddress,
    /// Lower priority, and about to be replaced.
    LowerPriority,
    /// Not listening.
    NotListening,
}

impl Discard {
    /// The reason without its details.
    pub const fn kind(&self) -> DiscardKind {
        match self {
            Self::Malformed(error) => malformed_kind(error),
            Self::UnknownVrid(_) => DiscardKind::Vrid,
            Self::HopLimit(_) | Self::PeerHopLimit { .. } => DiscardKind::HopLimit,
            Self::OldChecksum => DiscardKind::Checksum,
            Self::UnknownPeer => DiscardKind::UnknownPeer,
            Self::Owner => DiscardKind::Owner,
            Self::Version(_) => DiscardKind::Version,
            Self::AuthenticationType(_) => DiscardKind::AuthenticationType,
            Self::AuthenticationData => DiscardKind::AuthenticationData,
            Self::NoAuthenticationHeader
            | Self::UnexpectedAuthenticationHeader
            | Self::AuthenticationHeader(_)
            | Self::Unsigned
            | Self::Trailer(_) => DiscardKind::Protection,
            Self::WrongSignature => DiscardKind::Signature,
            Self::UnknownKey(_) => DiscardKind::UnknownKey,
            Self::Replayed => DiscardKind::Replayed,
            Self::ClockDifference { .. } => DiscardKind::ClockDifference,
            Self::IntervalMismatch { .. } => DiscardKind::Interval,
            Self::Delivery => DiscardKind::Delivery,
            Self::OwnAddress => DiscardKind::OwnAddress,
            Self::LowerPriority(_) => DiscardKind::LowerPriority,
            Self::NotListening => DiscardKind::NotListening,
        }
    }
}

const fn malformed_kind(error: &ParseError) -> DiscardKind {
    match error {
        ParseError::Version(_) | ParseError::Ipv6InVersion2 => DiscardKind::Version,
        ParseError::Type(_) => DiscardKind::Type,
        ParseError::VridZero => DiscardKind::Vrid,
        ParseError::TrailingData { .. } => DiscardKind::TrailingData,
        ParseError::Checksum { .. } => DiscardKind::Checksum,
        ParseError::ZeroInterval => DiscardKind::Interval,
        ParseError::MixedFamilies => DiscardKind::Delivery,
        // Also what a later version of the codec finds wrong with a packet's shape.
        _ => DiscardKind::Truncated,
    }
}

impl DiscardKind {
    /// The reason as a name for counters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Truncated => "truncated",
            Self::TrailingData => "trailing_data",
            Self::Checksum => "checksum",
            Self::Version => "version",
            Self::Type => "type",
            Self::Vrid => "vrid",
            Self::Interval => "interval",
            Self::HopLimit => "hop_limit",
            Self::AuthenticationType => "authentication_type",
            Self::AuthenticationData => "authentication_data",
            Self::Protection => "protection",
            Self::Signature => "signature",
            Self::UnknownKey => "unknown_key",
            Self::Replayed => "replayed",
            Self::ClockDifference => "clock_difference",
            Self::Delivery => "delivery",
            Self::UnknownPeer => "unknown_peer",
            Self::Owner => "owner",
            Self::OwnAddress => "own_address",
            Self::LowerPriority => "lower_priority",
            Self::NotListening => "not_listening",
        }
    }
}

/// How often packets were discarded, by kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct DiscardCounts(BTreeMap<DiscardKind, u64>);

impl DiscardCounts {
    pub(crate) fn count(&mut self, discard: &Discard) {
        *self.0.entry(discard.kind()).or_default() += 1;
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (DiscardKind, u64)> + '_ {
        self.0.iter().map(|(kind, count)| (*kind, *count))
    }
}

/// What one router has counted since it was added.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub struct Counters {
    /// Adverts accepted by the checks, whatever came of them.
    pub adverts_received: u64,
    /// Packets handed out to be sent: one for each advert, and for unicast one for each peer.
    pub adverts_sent: u64,
    /// Of the received, those of priority 0.
    pub priority_zero_received: u64,
    /// Of the sent, those of priority 0.
    pub priority_zero_sent: u64,
    /// Transitions to master.
    pub became_master: u64,
    /// Transitions from master.
    pub released_master: u64,
    /// Adverts whose address list was not ours.
    pub address_list_mismatches: u64,
}
