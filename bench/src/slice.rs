//! One short load, and what many of them say together.

use serde::Serialize;

use crate::load::Load;

/// One short load.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Slice {
    pub(crate) requests: u64,
    pub(crate) requests_per_second: f64,
    /// To the requests per second of the slice of `/healthz` just before this one.
    pub(crate) ratio_to_healthz: Option<f64>,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// CPU time per second: 1 is a core that does nothing else.
    pub(crate) server_cpu: f64,
    pub(crate) server_cpu_us_per_request: f64,
    /// The share of the time in which the load generator had something to do.
    pub(crate) generator_busy: f64,
}

/// The medians of some slices.
#[derive(Debug, Serialize)]
pub(crate) struct Medians {
    pub(crate) requests_per_second: f64,
    /// Of the ratios, each of two slices that stood side by side. `None` for `/healthz` itself.
    pub(crate) ratio_to_healthz: Option<f64>,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// No median: the worst of all slices.
    pub(crate) worst_p99_ms: f64,
    pub(crate) server_cpu: f64,
    pub(crate) server_cpu_us_per_request: f64,
    pub(crate) generator_busy: f64,
}

impl Slice {
    pub(crate) fn of(load: &Load) -> Self {
        let seconds = load.elapsed.as_secs_f64();
        let requests = float(load.requests());
        let quantile = |q| float(load.latencies.value_at_quantile(q)) / 1e6;
        let server_cpu = load.server_cpu.as_secs_f64();
        Self {
            requests: load.requests(),
            requests_per_second: requests / seconds,
            ratio_to_healthz: None,
            p50_ms: quantile(0.5),
            p99_ms: quantile(0.99),
            server_cpu: server_cpu / seconds,
            server_cpu_us_per_request: server_cpu * 1e6 / requests,
            generator_busy: load.generator_busy.as_secs_f64() / seconds,
        }
    }
}

impl Medians {
    pub(crate) fn of(slices: &[Slice]) -> Self {
        let of = |figure: fn(&Slice) -> f64| median(slices.iter().map(figure).collect());
        let ratios: Vec<_> = slices.iter().filter_map(|slice| slice.ratio_to_healthz).collect();
        Self {
            requests_per_second: of(|slice| slice.requests_per_second),
            ratio_to_healthz: (!ratios.is_empty()).then(|| median(ratios)),
            p50_ms: of(|slice| slice.p50_ms),
            p99_ms: of(|slice| slice.p99_ms),
            worst_p99_ms: slices.iter().map(|slice| slice.p99_ms).fold(0.0, f64::max),
            server_cpu: of(|slice| slice.server_cpu),
            server_cpu_us_per_request: of(|slice| slice.server_cpu_us_per_request),
            generator_busy: of(|slice| slice.generator_busy),
        }
    }
}

/// The middle one, or what lies between the middle two.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and nanoseconds stay far below 2^53")]
pub(crate) fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_or_lies_between_the_middle_two() {
        assert!((median(vec![9.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(vec![9.0, 1.0, 2.0, 4.0]) - 3.0).abs() < f64::EPSILON);
    }
}
