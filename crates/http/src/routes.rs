//! Every path on one page.

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{MethodRouter, delete, get, post},
};
use rescind_authority::Authority;

use crate::{
    admin::{
        self, access_lists, accounts, assignments, groups, organizations, root, secrets, tokens,
    },
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
        .nest(
            "/api/atlas/v2",
            admin()
                .layer(from_fn(media_type::answer_as_asked))
                .layer(from_fn(admin::forbid_the_denied)),
        )
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

/// The management API, the same under both of its roots.
fn admin() -> Router<Authority> {
    Router::new()
        .route("/", get(root::get))
        .route("/orgs", get(organizations::list::get))
        .nest("/orgs/{org_id}", org())
        .route("/groups", get(groups::list::get).post(groups::create::post))
        .nest("/groups/{group_id}", group())
}

/// What lies below an organization.
fn org() -> Router<Authority> {
    Router::new()
        .route(
            "/",
            get(organizations::get::get)
                .patch(organizations::change::patch)
                .delete(organizations::delete::delete),
        )
        .route("/settings", get(organizations::settings::get).patch(organizations::settings::patch))
        .nest("/serviceAccounts", service_accounts())
        .route("/serviceAccounts/{client_id}", account())
        .route("/serviceAccounts/{client_id}/groups", get(assignments::list::get))
        .route("/serviceAccounts/{client_id}/tokens", delete(tokens::delete::delete))
        .route(
            "/serviceAccounts/{client_id}/secrets/{secret_id}/tokens",
            delete(tokens::delete::delete),
        )
}

/// What lies below a project.
fn group() -> Router<Authority> {
    Router::new()
        .route(
            "/",
            get(groups::get::get).patch(groups::change::patch).delete(groups::delete::delete),
        )
        .nest("/serviceAccounts", service_accounts())
        .route("/serviceAccounts/{client_id}", account().post(assignments::create::post))
}

/// What is the same below an organization and a project (O1 to O11, P1 to P11).
fn service_accounts() -> Router<Authority> {
    Router::new()
        .route("/", get(accounts::list::get).post(accounts::create::post))
        .route("/{client_id}/secrets", post(secrets::create::post))
        .route("/{client_id}/secrets/{secret_id}", delete(secrets::delete::delete))
        .route(
            "/{client_id}/accessList",
            get(access_lists::list::get).post(access_lists::create::post),
        )
        .route("/{client_id}/accessList/{entry}", delete(access_lists::delete::delete))
}

/// One service account.
fn account() -> MethodRouter<Authority> {
    get(accounts::get::get).patch(accounts::change::patch).delete(accounts::delete::delete)
}
