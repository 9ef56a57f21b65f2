//! Whether figures grow. A line is laid through them, and what it rises over the whole time is held
//! against a bound.

use serde::Serialize;

/// What a figure did over the time.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Trend {
    pub(crate) figure: &'static str,
    pub(crate) median: f64,
    /// What the line rises from the first sample to the last.
    pub(crate) growth: f64,
    pub(crate) bound: f64,
    pub(crate) holds: bool,
}

/// How much something may grow: a share of its median, and something beside.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    pub(crate) share: f64,
    pub(crate) absolute: f64,
}

impl Bound {
    /// The same, and so much more.
    pub(crate) fn and(self, more: f64) -> Self {
        Self { absolute: self.absolute + more, ..self }
    }
}

impl Trend {
    /// The trend of samples, each with its time.
    pub(crate) fn of(figure: &'static str, samples: &[(f64, f64)], bound: Bound) -> Self {
        let median = median(samples.iter().map(|(_, value)| *value).collect());
        let times = samples.first().zip(samples.last());
        let span = times.map_or(0.0, |((first, _), (last, _))| last - first);
        let growth = slope(samples) * span;
        let bound = bound.share * median + bound.absolute;
        Self { figure, median, growth, bound, holds: growth <= bound }
    }
}

/// The slope of the line through samples: the median of the slopes between all pairs of them (Theil
/// and Sen), which a few outliers, as a busy machine makes them, do not move.
fn slope(samples: &[(f64, f64)]) -> f64 {
    let pairs = samples.iter().enumerate().flat_map(|(at, (first, one))| {
        samples[at + 1..].iter().map(move |(second, other)| (other - one) / (second - first))
    });
    median(pairs.collect())
}

/// The median; 0 of nothing.
fn median(values: Vec<f64>) -> f64 {
    if values.is_empty() { 0.0 } else { crate::slice::median(values) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Bound = Bound { share: 0.0, absolute: 0.0 };

    fn samples(value: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        (0..50).map(|n| f64::from(n) * 10.0).map(|at| (at, value(at))).collect()
    }

    #[test]
    fn a_leak_is_found_under_noise_and_outliers() {
        let noise = |at: f64| (at * 7.3).sin() * 5.0 + if at % 130.0 == 0.0 { 90.0 } else { 0.0 };
        let leak = samples(|at| 100.0 + 0.1 * at + noise(at));
        let trend = Trend::of("leak", &leak, Bound { share: 0.1, absolute: 10.0 });
        assert!((trend.growth - 49.0).abs() < 5.0, "{trend:?}");
        assert!(!trend.holds);
        let steady = samples(|at| 100.0 + noise(at));
        assert!(Trend::of("steady", &steady, Bound { share: 0.02, absolute: 0.0 }).holds);
    }

    #[test]
    fn what_stays_or_shrinks_holds_any_bound() {
        assert!(Trend::of("same", &samples(|_| 7.0), NONE).holds);
        assert!(Trend::of("less", &samples(|at| 700.0 - at), NONE).holds);
        assert!(!Trend::of("more", &samples(|at| 700.0 + at), NONE).holds);
    }

    #[test]
    fn a_bound_is_a_share_of_the_median_and_something_beside() {
        let trend = Trend::of("f", &samples(|_| 200.0), Bound { share: 0.01, absolute: 3.0 });
        assert!((trend.bound - 5.0).abs() < 1e-9);
    }
}
