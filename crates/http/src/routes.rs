//! Every path on one page.

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    routing::{delete, get, post},
};
use rescind_authority::Authority;

use crate::{
    Metrics,
    admin::{
        self, access_lists, accounts, api_keys, assignments, challenge, events, groups, ipinfo,
        limit, organizations, root, secrets, tokens,
    },
    feed::{account, acknowledge, follow, receipt, status_list, status_lists},
    health,
    middleware::{
        contract_headers::{self, ContractHeaders},
        media_type, presentation, request_log,
    },
    oauth::{self, introspect, revoke, token},
    well_known,
};

/// The whole service, over `authority`.
pub fn router(authority: Authority, metrics: Metrics) -> Router {
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
        // A nested router is found without a slash at the end of its own path only.
        .route("/api/public/v1.0/", get(root::get))
        .route("/api/atlas/v2/", get(root::get).layer(from_fn(media_type::answer_as_asked)))
        .route("/api/private/ipinfo", get(ipinfo::get))
        .method_not_allowed_fallback(admin::method_not_allowed)
        .fallback(admin::not_found)
        .layer(from_fn_with_state(Some(authority.clone()), challenge::add));
    let api = if authority.limits_api() { api.layer(from_fn(limit::tell)) } else { api };
    let feed = Router::new()
        .route("/api/oauth/feed", get(follow::get))
        .route("/api/oauth/feed/acknowledgements", post(acknowledge::post))
        .route("/api/oauth/revocations/{event}", get(receipt::get))
        .route("/api/oauth/accounts/{client_id}", get(account::get))
        .route("/statuslists", get(status_lists::get))
        .route("/statuslists/{list}", get(status_list::get))
        .method_not_allowed_fallback(admin::method_not_allowed)
        .layer(from_fn_with_state(None, challenge::add));
    let contract = oauth
        .merge(api)
        .layer(from_fn(presentation::present))
        .layer(from_fn_with_state(headers, contract_headers::add));
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/.well-known/oauth-authorization-server", get(well_known::authorization_server))
        .route("/.well-known/jwks.json", get(well_known::jwks))
        .merge(feed)
        .merge(contract)
        .layer(from_fn_with_state(metrics, request_log::log))
        .with_state(authority)
}

/// The management API, the same under both of its roots. Every path is found with and without a
/// slash at its end, and nobody is redirected (clients.md 8, row 10).
fn admin() -> Router<Authority> {
    let account =
        || get(accounts::get::get).patch(accounts::change::patch).delete(accounts::delete::delete);
    #[rustfmt::skip]
    let paths = [
        ("", get(root::get)),
        ("/orgs", get(organizations::list::get).post(organizations::create::post)),
        ("/orgs/{org_id}", get(organizations::get::get)
            .patch(organizations::change::patch)
            .delete(organizations::delete::delete)),
        ("/orgs/{org_id}/settings", get(organizations::settings::get)
            .patch(organizations::settings::patch)),
        ("/orgs/{org_id}/serviceAccounts/{client_id}", account()),
        ("/orgs/{org_id}/serviceAccounts/{client_id}/groups", get(assignments::list::get)),
        ("/orgs/{org_id}/serviceAccounts/{client_id}/tokens", delete(tokens::delete::delete)),
        ("/orgs/{org_id}/serviceAccounts/{client_id}/secrets/{secret_id}/tokens", delete(tokens::delete::delete)),
        ("/orgs/{org_id}/apiKeys", get(api_keys::list::get).post(api_keys::create::post)),
        ("/orgs/{org_id}/apiKeys/{api_key_id}", get(api_keys::get::get)
            .patch(api_keys::change::patch)
            .delete(api_keys::delete::delete)),
        ("/orgs/{org_id}/apiKeys/{api_key_id}/accessList", get(access_lists::list::get).post(access_lists::create::post)),
        ("/orgs/{org_id}/apiKeys/{api_key_id}/accessList/{entry}", get(access_lists::get::get)
            .delete(access_lists::delete::delete)),
        ("/orgs/{org_id}/events", get(events::list::get)),
        ("/groups/{group_id}/events", get(events::list::get)),
        ("/groups", get(groups::list::get).post(groups::create::post)),
        ("/groups/{group_id}", get(groups::get::get)
            .patch(groups::change::patch)
            .delete(groups::delete::delete)),
        // Its last part is an id, or an id and `:invite`.
        ("/groups/{group_id}/serviceAccounts/{client_id}", account().post(assignments::create::post)),
    ];
    // The rows that are the same from an organization (O) and from a project (P).
    #[rustfmt::skip]
    let in_scope = || [
        ("", get(accounts::list::get).post(accounts::create::post)),
        ("/{client_id}/secrets", post(secrets::create::post)),
        ("/{client_id}/secrets/{secret_id}", delete(secrets::delete::delete)),
        ("/{client_id}/accessList", get(access_lists::list::get).post(access_lists::create::post)),
        ("/{client_id}/accessList/{entry}", delete(access_lists::delete::delete)),
    ];
    let in_scopes = ["/orgs/{org_id}", "/groups/{group_id}"].into_iter().flat_map(|scope| {
        let below = move |path| format!("{scope}/serviceAccounts{path}");
        in_scope().into_iter().map(move |(path, methods)| (below(path), methods))
    });
    let all = paths.into_iter().map(|(path, methods)| (path.to_owned(), methods)).chain(in_scopes);
    all.fold(Router::new(), |router, (path, methods)| {
        let router = router.route(&format!("{path}/"), methods.clone());
        if path.is_empty() { router } else { router.route(&path, methods) }
    })
}
