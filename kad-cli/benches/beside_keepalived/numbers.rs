//! Numbers, and tables of them.

use std::time::Duration;

use vrrp_engine::Time;

/// Measured values, sorted.
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn new(mut values: Vec<f64>) -> Self {
        assert!(!values.is_empty(), "nothing was measured");
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / count(self.0.len())
    }

    pub(crate) fn median(&self) -> f64 {
        f64::midpoint(self.0[(self.0.len() - 1) / 2], self.0[self.0.len() / 2])
    }

    /// The least value that no more than one in `parts` of the values is above.
    pub(crate) fn all_but_one_in(&self, parts: usize) -> f64 {
        self.0[self.0.len() - 1 - self.0.len() / parts]
    }

    pub(crate) fn least(&self) -> f64 {
        self.0[0]
    }

    pub(crate) fn most(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

/// Milliseconds from one time to another, of either sign.
pub(crate) fn millis_between(from: Time, to: Time) -> f64 {
    millis(to - from) - millis(from - to)
}

pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

pub(crate) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("nothing is counted as often as that"))
}

/// Prints a table.
pub(crate) fn table<const N: usize>(title: &str, head: [&str; N], rows: &[[String; N]]) {
    println!("### {title}\n");
    println!("| {} |", head.join(" | "));
    println!("|---{}|", "|--:".repeat(N - 1));
    for row in rows {
        println!("| {} |", row.join(" | "));
    }
    println!();
}

/// Whether kad's number is no more than it may be.
pub(crate) fn verdict(met: bool) -> String {
    if met { "met" } else { "**not met**" }.to_owned()
}
