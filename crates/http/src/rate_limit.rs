//! What answers tell of rate limits, the same in both shapes (conventions.md 6).

use axum::http::{HeaderMap, HeaderValue, header::RETRY_AFTER};
use rescind_core::rate_limiter::{Allowance, Exceeded};

const LIMIT: &str = "ratelimit-limit";
const REMAINING: &str = "ratelimit-remaining";
/// In seconds from now, as `Retry-After`.
const RESET: &str = "ratelimit-reset";

/// Tells what is left.
pub(crate) fn tell(headers: &mut HeaderMap, allowance: Allowance) {
    let Allowance { rate, remaining, resets_in } = allowance;
    let rows = [(LIMIT, rate.requests.get()), (REMAINING, remaining), (RESET, resets_in)];
    for (name, value) in rows {
        headers.insert(name, HeaderValue::from(value));
    }
}

/// Tells that nothing is left, and how long to wait.
pub(crate) fn refuse(headers: &mut HeaderMap, exceeded: Exceeded) {
    let Exceeded { rate, retry_after } = exceeded;
    headers.insert(RETRY_AFTER, HeaderValue::from(retry_after));
    tell(headers, Allowance { rate, remaining: 0, resets_in: retry_after });
}

/// The sentence of the contract.
pub(crate) fn sentence(path: &str, Exceeded { rate, .. }: &Exceeded) -> String {
    let (requests, minutes) = (rate.requests, rate.minutes);
    format!("Resource {path} is limited to {requests} requests every {minutes} minutes.")
}
