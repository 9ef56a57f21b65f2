//! What others discover: `/.well-known/oauth-authorization-server` (RFC 8414) and
//! `/.well-known/jwks.json` (RFC 7517).

use axum::{
    Json,
    extract::{OriginalUri, State},
    http::header::CACHE_CONTROL,
    response::{IntoResponse, Response},
};
use rescind_authority::Authority;
use rescind_core::jwk::Jwk;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{admin::not_found, openapi::schema};

/// Where it is found out where everything is.
pub(crate) const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";

/// How client credentials are taken, at all endpoints alike.
const AUTH_METHODS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

/// Where everything is (RFC 8414 section 2).
#[derive(Serialize, ToSchema)]
#[schema(as = AuthorizationServer)]
struct Metadata {
    issuer: String,
    token_endpoint: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    /// IETF Token Status List, "Issuer Metadata".
    status_list_aggregation_endpoint: String,
    jwks_uri: String,
    grant_types_supported: [&'static str; 1],
    /// Required by the RFC; empty, since there is no authorization endpoint.
    response_types_supported: [&'static str; 0],
    token_endpoint_auth_methods_supported: [&'static str; 2],
    revocation_endpoint_auth_methods_supported: [&'static str; 2],
    introspection_endpoint_auth_methods_supported: [&'static str; 2],
}

/// Where everything is.
#[utoipa::path(
    get,
    path = "",
    summary = "Discover the authorization server",
    description = "RFC 8414.",
    tag = "Discovery",
    responses((status = 200, description = "Where everything is", body = Metadata))
)]
pub(crate) async fn authorization_server(State(authority): State<Authority>) -> impl IntoResponse {
    let issuer = authority.issuer();
    Json(Metadata {
        token_endpoint: format!("{issuer}/api/oauth/token"),
        revocation_endpoint: format!("{issuer}/api/oauth/revoke"),
        introspection_endpoint: format!("{issuer}/api/oauth/introspect"),
        status_list_aggregation_endpoint: format!("{issuer}/statuslists"),
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        issuer: issuer.to_owned(),
        grant_types_supported: ["client_credentials"],
        response_types_supported: [],
        token_endpoint_auth_methods_supported: AUTH_METHODS,
        revocation_endpoint_auth_methods_supported: AUTH_METHODS,
        introspection_endpoint_auth_methods_supported: AUTH_METHODS,
    })
}

/// The same for a public URL with a path, which clients put behind the name (RFC 8414 section 3.1).
pub(crate) async fn authorization_server_with_path(
    State(authority): State<Authority>,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let path = uri.path().strip_prefix(AUTHORIZATION_SERVER).unwrap_or_default();
    if path == authority.issuer_path() {
        authorization_server(State(authority)).await.into_response()
    } else {
        not_found(OriginalUri(uri)).await.into_response()
    }
}

/// Public keys (RFC 7517 section 5).
#[derive(Serialize, ToSchema)]
struct JwkSet {
    #[schema(value_type = Vec<schema::Jwk>)]
    keys: Vec<Jwk>,
}

/// The public keys, those that are yet to sign included. Who verifies with them alone does not see
/// revocations: ask introspection.
#[utoipa::path(
    get,
    path = "",
    summary = "Get the public keys",
    description = "RFC 7517. Who verifies with them alone does not see revocations.",
    tag = "Discovery",
    responses((status = 200, description = "The keys", body = JwkSet))
)]
pub(crate) async fn jwks(State(authority): State<Authority>) -> impl IntoResponse {
    let keys = authority.jwks();
    ([(CACHE_CONTROL, "public, max-age=300")], Json(JwkSet { keys }))
}
