//! Every path on one page.

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use rescind_authority::Authority;

use crate::{
    admin::{self, groups, organizations},
    health,
    middleware::{
        contract_headers::{self, ContractHeaders},
        media_type, presentation, request_log,
    },
    oauth::{self, introspect, revoke, token},
    well_known,
};

/// The whole service, over `authority`.
pub fn router(authority: Authority) -> Router {
    let headers = ContractHeaders::new(&authority);
    let oauth = Router::new()
        .route("/api/oauth/token", post(token::post))
        .route("/api/oauth/revoke", post(revoke::post))
        .route("/api/oauth/introspect", post(introspect::post))
        .method_not_allowed_fallback(oauth::method_not_allowed);
    let api = Router::new()
        .nest("/api/public/v1.0", admin())
        .nest("/api/atlas/v2", admin().layer(from_fn(media_type::answer_as_asked)))
        .method_not_allowed_fallback(admin::method_not_allowed)
        .fallback(admin::not_found);
    let contract = oauth
        .merge(api)
        .layer(from_fn(presentation::present))
        .layer(from_fn_with_state(headers, contract_headers::add));
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/.well-known/oauth-authorization-server", get(well_known::authorization_server))
        .route("/.well-known/jwks.json", get(well_known::jwks))
        .merge(contract)
        .layer(from_fn(request_log::log))
        .with_state(authority)
}

/// The management API, the same under both of its roots. Lists are found with and without a slash
/// at the end, and nobody is redirected (clients.md 8, row 10).
fn admin() -> Router<Authority> {
    Router::new()
        .route("/orgs", get(organizations::list::get))
        .route("/orgs/", get(organizations::list::get))
        .route("/orgs/{org_id}", get(organizations::get::get))
        .route("/groups", get(groups::list::get))
        .route("/groups/", get(groups::list::get))
}
