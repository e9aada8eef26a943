use crate::convert::{DecodeError, needed};
use crate::packet::StatisticsAttribute;
use crate::{Rates, Statistics};

/// Of the two forms that a kernel sends the one that does not overflow, if it has it.
pub(super) fn statistics(
    wide: Option<&Vec<StatisticsAttribute>>,
    narrow: Option<&Vec<StatisticsAttribute>>,
) -> Result<Statistics, DecodeError> {
    let attributes = wide.or(narrow).ok_or(DecodeError::Missing("statistics"))?;
    Ok(Statistics {
        connections: needed!(
            attributes,
            StatisticsAttribute::Connections,
            "count of connections"
        )?
        .get(),
        packets_in: needed!(attributes, StatisticsAttribute::PacketsIn, "count of packets in")?.get(),
        packets_out: needed!(
            attributes,
            StatisticsAttribute::PacketsOut,
            "count of packets out"
        )?
        .get(),
        bytes_in: needed!(attributes, StatisticsAttribute::BytesIn, "count of bytes in")?.get(),
        bytes_out: needed!(attributes, StatisticsAttribute::BytesOut, "count of bytes out")?.get(),
        rates: rates(attributes)?,
    })
}

fn rates(attributes: &[StatisticsAttribute]) -> Result<Rates, DecodeError> {
    Ok(Rates {
        connections: needed!(
            attributes,
            StatisticsAttribute::ConnectionRate,
            "rate of connections"
        )?
        .get(),
        packets_in: needed!(
            attributes,
            StatisticsAttribute::PacketRateIn,
            "rate of packets in"
        )?
        .get(),
        packets_out: needed!(
            attributes,
            StatisticsAttribute::PacketRateOut,
            "rate of packets out"
        )?
        .get(),
        bytes_in: needed!(attributes, StatisticsAttribute::ByteRateIn, "rate of bytes in")?.get(),
        bytes_out: needed!(attributes, StatisticsAttribute::ByteRateOut, "rate of bytes out")?.get(),
    })
}
