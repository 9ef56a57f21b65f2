//! Every path on one page.

use axum::{
    Extension, Router,
    middleware::{from_fn, from_fn_with_state},
    routing::get,
};
use rescind_authority::Authority;
use utoipa_axum::{router::UtoipaMethodRouterExt as _, routes};

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
        media_type, presentation, request_log, unread_body,
    },
    oauth::{self, introspect, revoke, token},
    openapi::{self, Described, Operation},
    well_known,
};

/// The whole service, over `authority`.
pub fn router(authority: Authority, metrics: Metrics) -> Router {
    let headers = ContractHeaders::new(&authority);
    let oauth = Described::default()
        .route("/api/oauth/token", routes!(token::post))
        .route("/api/oauth/revoke", routes!(revoke::post))
        .describe(Operation::limited)
        .route("/api/oauth/introspect", routes!(introspect::post))
        .describe(Operation::of_oauth)
        .with(|router| router.method_not_allowed_fallback(oauth::method_not_allowed));
    let private = Described::default()
        .route("/api/private/ipinfo", routes!(ipinfo::get))
        .describe(Operation::of_management);
    let api = Described::default()
        .merge(private)
        .nest("/api/public/v1.0", admin().describe(Operation::of_cloud_manager))
        .nest(
            "/api/atlas/v2",
            admin().describe(Operation::of_atlas).with(|router| {
                router
                    .layer(from_fn(media_type::answer_as_asked))
                    .layer(from_fn(admin::forbid_the_denied))
            }),
        )
        // A nested router is found without a slash at the end of its own path only.
        .with(|router| {
            router
                .route("/api/public/v1.0/", get(root::get))
                .route("/api/atlas/v2/", get(root::get).layer(from_fn(media_type::answer_as_asked)))
                .method_not_allowed_fallback(admin::method_not_allowed)
                .fallback(admin::not_found)
                .layer(from_fn(unread_body::discard))
                .layer(from_fn_with_state(Some(authority.clone()), challenge::add))
        });
    let api = if authority.limits_api() {
        api.with(|router| router.layer(from_fn(limit::tell)))
    } else {
        api
    };
    let feed = Described::default()
        .route("/api/oauth/feed", routes!(follow::get))
        .route("/api/oauth/feed/acknowledgements", routes!(acknowledge::post))
        .route("/api/oauth/revocations/{event}", routes!(receipt::get))
        .route("/api/oauth/accounts/{client_id}", routes!(account::get))
        .describe(Operation::of_feed);
    let status_lists = Described::default()
        .route("/statuslists", routes!(status_lists::get))
        .route("/statuslists/{list}", routes!(status_list::get))
        .describe(Operation::for_everybody);
    let feed = feed.merge(status_lists).with(|router| {
        router
            .method_not_allowed_fallback(admin::method_not_allowed)
            .layer(from_fn_with_state(None, challenge::add))
    });
    let contract = oauth.merge(api).with(|router| {
        router
            .layer(from_fn(presentation::present))
            .layer(from_fn_with_state(headers, contract_headers::add))
    });
    let beside = Described::default()
        .route(well_known::AUTHORIZATION_SERVER, routes!(well_known::authorization_server))
        .route("/.well-known/jwks.json", routes!(well_known::jwks))
        .route("/healthz", routes!(health::healthz))
        .route("/readyz", routes!(health::readyz))
        .describe(Operation::for_everybody)
        .with(|router| {
            let with_path = format!("{}/{{*path}}", well_known::AUTHORIZATION_SERVER);
            router.route(&with_path, get(well_known::authorization_server_with_path))
        });
    let description = Described::default()
        .route("/openapi.json", routes!(openapi::json::get))
        .route("/docs", routes!(openapi::page::get))
        .describe(Operation::for_everybody);
    let document =
        openapi::document(&[&contract, &feed, &beside, &description], authority.issuer());
    let description = description.with(|router| {
        router
            .layer(Extension(openapi::json::Text::from(&document)))
            .layer(Extension(openapi::page::Page::from(&document)))
    });
    let all = description.merge(beside).merge(feed).merge(contract);
    all.into_router().layer(from_fn_with_state(metrics, request_log::log)).with_state(authority)
}

/// The management API, the same under both of its roots. Every path is found with and without a
/// slash at its end, and nobody is redirected (clients.md 8, row 10).
fn admin() -> Described {
    #[rustfmt::skip]
    let paths = [
        ("", routes!(root::get)),
        ("/orgs", routes!(organizations::list::get, organizations::create::post)),
        ("/orgs/{org_id}", routes!(organizations::get::get, organizations::change::patch, organizations::delete::delete)),
        ("/orgs/{org_id}/settings", routes!(organizations::settings::get, organizations::settings::patch)),
        ("/orgs/{org_id}/serviceAccounts/{client_id}", routes!(accounts::get::get, accounts::change::patch, accounts::delete::delete)),
        ("/orgs/{org_id}/serviceAccounts/{client_id}/groups", routes!(assignments::list::get)),
        ("/orgs/{org_id}/serviceAccounts/{client_id}/tokens", routes!(tokens::delete::delete)),
        ("/orgs/{org_id}/serviceAccounts/{client_id}/secrets/{secret_id}/tokens", routes!(tokens::delete::delete)),
        ("/orgs/{org_id}/apiKeys", routes!(api_keys::list::get, api_keys::create::post)),
        ("/orgs/{org_id}/apiKeys/{api_key_id}", routes!(api_keys::get::get, api_keys::change::patch, api_keys::delete::delete)),
        ("/orgs/{org_id}/apiKeys/{api_key_id}/accessList", routes!(access_lists::list::get, access_lists::create::post)),
        ("/orgs/{org_id}/apiKeys/{api_key_id}/accessList/{entry}", routes!(access_lists::get::get, access_lists::delete::delete)),
        ("/orgs/{org_id}/events", routes!(events::list::get)),
        ("/groups/{group_id}/events", routes!(events::list::get)),
        ("/groups", routes!(groups::list::get, groups::create::post)),
        ("/groups/{group_id}", routes!(groups::get::get, groups::change::patch, groups::delete::delete)),
        // Its last part is an id, or an id and `:invite`.
        ("/groups/{group_id}/serviceAccounts/{client_id}", routes!(accounts::get::get, accounts::change::patch, accounts::delete::delete, assignments::create::post)
            .map(|methods| methods.fallback(admin::method_not_allowed).layer(from_fn(assignments::invited::tell_apart)))),
    ];
    // The rows that are the same from an organization (O) and from a project (P).
    #[rustfmt::skip]
    let in_scope = || [
        ("", routes!(accounts::list::get, accounts::create::post)),
        ("/{client_id}/secrets", routes!(secrets::create::post)),
        ("/{client_id}/secrets/{secret_id}", routes!(secrets::delete::delete)),
        ("/{client_id}/accessList", routes!(access_lists::list::get, access_lists::create::post)),
        ("/{client_id}/accessList/{entry}", routes!(access_lists::delete::delete)),
    ];
    let in_scopes = ["/orgs/{org_id}", "/groups/{group_id}"].into_iter().flat_map(|scope| {
        let below = move |path| format!("{scope}/serviceAccounts{path}");
        in_scope().into_iter().map(move |(path, methods)| (below(path), methods))
    });
    let all = paths.into_iter().map(|(path, methods)| (path.to_owned(), methods)).chain(in_scopes);
    let described = all.fold(Described::default(), |described, (path, row)| {
        let methods = row.2.clone();
        let described = described.route(&path, row);
        if path.is_empty() {
            described
        } else {
            described.with(|router| router.route(&format!("{path}/"), methods))
        }
    });
    described.describe(Operation::of_management)
}
