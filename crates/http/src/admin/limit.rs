//! The rate limit of the management API (conventions.md 6). It is counted where the caller is
//! known, and told where the answer is.

use std::sync::{Arc, OnceLock};

use axum::{extract::Request, http::request::Parts, middleware::Next, response::Response};
use rescind_authority::{Authority, Caller};
use rescind_core::rate_limiter::Allowance;

use super::{error::ApiError, path};
use crate::rate_limit;

/// Where the one leaves what the other tells. What is not of the management API has none.
#[derive(Clone, Default)]
struct Counted(Arc<OnceLock<Allowance>>);

/// Counts requests, and tells in the headers of their answers what is left.
pub(crate) async fn tell(mut request: Request, next: Next) -> Response {
    let counted = Counted::default();
    request.extensions_mut().insert(counted.clone());
    let mut response = next.run(request).await;
    if let Some(allowance) = counted.0.get() {
        rate_limit::tell(response.headers_mut(), *allowance);
    }
    response
}

/// Counts a request of `caller`, if it is one that is counted.
pub(super) async fn count(
    authority: &Authority,
    caller: &Caller,
    parts: &mut Parts,
) -> Result<(), ApiError> {
    let Some(counted) = parts.extensions.get::<Counted>().cloned() else { return Ok(()) };
    let group_id = path::group_named(parts).await;
    let allowance = authority.attempt_api(caller, group_id).map_err(|exceeded| {
        ApiError::RateLimited { path: path::original(parts).path().to_owned(), exceeded }
    })?;
    if let Some(allowance) = allowance {
        // A request is authenticated once.
        let _: Result<_, _> = counted.0.set(allowance);
    }
    Ok(())
}
