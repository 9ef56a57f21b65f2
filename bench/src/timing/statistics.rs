//! Whether two kinds of requests take the same time: Welch's t on cropped measurements, as dudect
//! does it (Reparaz, Balasch and Verbauwhede, "Dude, is my code constant time?", 2017).

use serde::Serialize;

use crate::slice::float;

/// Above this the means differ: by chance it happens once in 100,000 comparisons. The figure of
/// dudect, and of the ISO 17825 tests for side channels.
pub(crate) const THRESHOLD: f64 = 4.5;

/// What is smaller is not held against the server, in nanoseconds. Attackers on the same network
/// were found to tell differences of 100 ns apart at the best, and of 15 µs over the internet
/// (Crosby, Wallach and Riedi, "Opportunities and Limits of Remote Timing Attacks", 2009).
pub(crate) const FLOOR_NS: f64 = 100.0;

/// Measurements above one of these quantiles of both kinds together are left out: they are those of
/// interrupts and of other processes.
const CROPS: [f64; 6] = [1.0, 0.99, 0.95, 0.9, 0.75, 0.5];

/// The share of each kind that the reported difference is of.
const TRIMMED: f64 = 0.9;

/// Two kinds of requests.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Comparison {
    pub(crate) one: &'static str,
    pub(crate) other: &'static str,
    /// How much longer the other takes in the mean, with a confidence of 95 %, without the slowest
    /// tenth.
    pub(crate) difference_ns: f64,
    pub(crate) interval_ns: [f64; 2],
    /// The largest of all crops.
    pub(crate) t: f64,
    /// The smallest difference that would have been seen.
    pub(crate) visible_ns: f64,
}

impl Comparison {
    pub(crate) fn of(one: (&'static str, &[u32]), other: (&'static str, &[u32])) -> Self {
        let mut all: Vec<u32> = one.1.iter().chain(other.1).copied().collect();
        all.sort_unstable();
        let of = |crop| Welch::of(one.1, other.1, quantile(&all, crop)).t();
        let t = CROPS
            .map(of)
            .into_iter()
            .fold(0.0, |largest: f64, t| if t.abs() > largest.abs() { t } else { largest });
        let ([mean, error], [other_mean, other_error]) = (trimmed(one.1), trimmed(other.1));
        let (difference, error) = (other_mean - mean, error.hypot(other_error));
        let margin = 1.96 * error;
        Self {
            one: one.0,
            other: other.0,
            difference_ns: difference,
            interval_ns: [difference - margin, difference + margin],
            t,
            visible_ns: THRESHOLD * error,
        }
    }

    /// Whether a difference was seen that somebody could make use of.
    pub(crate) fn differs(&self) -> bool {
        self.t.abs() > THRESHOLD && self.difference_ns.abs() >= FLOOR_NS
    }
}

/// Welch's test of two means.
struct Welch {
    difference: f64,
    /// The standard error of the difference.
    error: f64,
}

impl Welch {
    fn of(one: &[u32], other: &[u32], limit: u32) -> Self {
        let [(mean, error), (other_mean, other_error)] = [one, other].map(|measured| {
            let kept =
                || measured.iter().filter(|time| **time <= limit).map(|time| f64::from(*time));
            let count = float(kept().count() as u64);
            let mean = kept().sum::<f64>() / count;
            let variance = kept().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
            (mean, variance / count)
        });
        Self { difference: other_mean - mean, error: (error + other_error).sqrt() }
    }

    fn t(&self) -> f64 {
        self.difference / self.error
    }
}

/// The mean of all but the slowest tenth, with its standard error, for which the slowest tenth counts
/// as if it were no slower than the rest (Yuen 1974). A crop of both kinds together would make a
/// difference smaller than it is.
fn trimmed(measured: &[u32]) -> [f64; 2] {
    let mut sorted = measured.to_vec();
    sorted.sort_unstable();
    let limit = quantile(&sorted, TRIMMED);
    let (count, kept) = (float(sorted.len() as u64), sorted.iter().filter(|time| **time <= limit));
    let mean = kept.clone().map(|time| f64::from(*time)).sum::<f64>() / float(kept.count() as u64);
    let winsorized = || sorted.iter().map(|time| f64::from(*time.min(&limit)));
    let center = winsorized().sum::<f64>() / count;
    let variance = winsorized().map(|time| (time - center).powi(2)).sum::<f64>() / (count - 1.0);
    [mean, (variance / count).sqrt() / TRIMMED]
}

/// The value below which this share of `sorted` lies.
pub(crate) fn quantile(sorted: &[u32], share: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let at = (float(sorted.len() as u64) * share) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times around 40 µs as a server has them: most near one another, some much later.
    fn times(seed: u64, later: u32) -> Vec<u32> {
        let mut random = fastrand::Rng::with_seed(seed);
        let time = |_| {
            let spread: u32 = (0..8).map(|_| random.u32(..1_000)).sum();
            let interrupted = if random.u32(..100) == 0 { random.u32(..500_000) } else { 0 };
            40_000 + spread + interrupted + later
        };
        (0..50_000).map(time).collect()
    }

    #[test]
    fn the_same_kind_twice_does_not_differ() {
        let differing = (0..20).filter(|seed| {
            let (one, other) = (times(*seed, 0), times(seed + 1_000, 0));
            Comparison::of(("one", &one), ("other", &other)).t.abs() > THRESHOLD
        });
        assert_eq!(differing.count(), 0);
    }

    #[test]
    fn a_difference_of_a_hundredth_is_seen_under_noise() {
        let comparison = Comparison::of(("one", &times(1, 0)), ("other", &times(2, 400)));
        assert!(comparison.differs(), "{comparison:?}");
        assert!((comparison.difference_ns - 400.0).abs() < 100.0, "{comparison:?}");
        assert!(comparison.visible_ns < 100.0, "{comparison:?}");
        let [low, high] = comparison.interval_ns;
        assert!(low < comparison.difference_ns && comparison.difference_ns < high);
        let turned = Comparison::of(("other", &times(2, 400)), ("one", &times(1, 0)));
        assert!(turned.differs() && turned.difference_ns < 0.0);
    }

    #[test]
    fn what_nobody_can_use_is_not_held_against_the_server() {
        let comparison = Comparison::of(("one", &times(1, 0)), ("other", &times(2, 60)));
        assert!(!comparison.differs(), "{comparison:?}");
    }

    /// By hand: means 2 and 5, variances 1 and 4, of three each.
    #[test]
    fn welch_is_the_difference_of_the_means_by_its_standard_error() {
        let test = Welch::of(&[1, 2, 3], &[3, 5, 7], 100);
        assert!((test.difference - 3.0).abs() < 1e-9);
        assert!((test.t() - 3.0 / (1.0_f64 / 3.0 + 4.0 / 3.0).sqrt()).abs() < 1e-9);
        assert!((Welch::of(&[1, 2, 3, 900], &[3, 5, 7], 100).difference - 3.0).abs() < 1e-9);
    }
}
