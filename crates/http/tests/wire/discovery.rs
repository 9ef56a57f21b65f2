//! What others find out by themselves: RFC 8414 metadata and RFC 7517 keys.

use rescind_core::signing::Algorithm;
use serde_json::json;

use crate::{
    app::{ISSUER, TLS_ISSUER, TestApp},
    call::FORM,
};

#[tokio::test]
async fn the_metadata_names_every_endpoint_below_the_issuer() {
    for issuer in [ISSUER, TLS_ISSUER] {
        let app = TestApp::start_with(issuer, Algorithm::Es256).await;
        let answer = app.get("/.well-known/oauth-authorization-server").send().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.lines("content-type"), ["application/json"]);
        let methods = ["client_secret_basic", "client_secret_post"];
        assert_eq!(
            answer.json(),
            json!({
                "issuer": issuer,
                "token_endpoint": format!("{issuer}/api/oauth/token"),
                "revocation_endpoint": format!("{issuer}/api/oauth/revoke"),
                "introspection_endpoint": format!("{issuer}/api/oauth/introspect"),
                "status_list_aggregation_endpoint": format!("{issuer}/statuslists"),
                "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
                "grant_types_supported": ["client_credentials"],
                "response_types_supported": [],
                "token_endpoint_auth_methods_supported": methods,
                "revocation_endpoint_auth_methods_supported": methods,
                "introspection_endpoint_auth_methods_supported": methods,
            })
        );
    }
}

/// RFC 8414 section 3.1: what clients know is the public URL, and its path goes behind the name.
#[tokio::test]
async fn the_metadata_of_a_public_url_with_a_path_is_found_behind_the_name_too() {
    let found = "/.well-known/oauth-authorization-server";
    #[rustfmt::skip]
    let rows = [
        ("https://a.test/auth",       "/auth",        200),
        ("https://a.test/auth/two",   "/auth/two",    200),
        ("https://a.test/:a/{b}/*c",  "/:a/{b}/*c",   200),
        ("https://a.test/a%20b",      "/a%20b",       200),
        ("https://a.test/auth",       "",             200),
        ("https://a.test/auth",       "/auth/",       404),
        ("https://a.test/auth",       "/auth/two",    404),
        ("https://a.test/auth",       "/other",       404),
        ("https://a.test",            "/auth",        404),
        ("https://a.test",            "/",            404),
    ];
    for (issuer, path, status) in rows {
        let app = TestApp::start_with(issuer, Algorithm::Es256).await;
        let answer = app.get(&format!("{found}{path}")).send().await;
        assert_eq!(answer.status, status, "{issuer}, {path}");
        if status == 200 {
            assert_eq!(answer.json()["issuer"], issuer);
            assert_eq!(answer.json(), app.get(found).send().await.json());
        } else {
            assert_eq!(answer.json()["errorCode"], "RESOURCE_NOT_FOUND", "{issuer}, {path}");
        }
    }
}

/// Whoever follows the metadata instead of the contract's paths arrives at the same place.
#[tokio::test]
async fn the_metadata_leads_to_endpoints_that_work() {
    let app = TestApp::start().await;
    let metadata = app.get("/.well-known/oauth-authorization-server").send().await.json();
    let path =
        |name: &str| metadata[name].as_str().unwrap().strip_prefix(ISSUER).unwrap().to_owned();
    let call = app.post(&path("token_endpoint")).by(&app.owner);
    let answer = call.form("grant_type=client_credentials").send().await;
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let form = format!("token={token}");
    let call = app.post(&path("introspection_endpoint")).by(&app.owner);
    assert_eq!(call.form(&form).send().await.json()["active"], true);
    let call = app.post(&path("revocation_endpoint")).by(&app.owner);
    assert_eq!(call.header("content-type", FORM).body(form).send().await.status, 200);
    assert!(!app.is_alive(&app.owner, &token).await);
    assert_eq!(app.get(&path("jwks_uri")).send().await.status, 200);
}

#[tokio::test]
async fn the_keys_are_public_ones_and_name_their_algorithm() {
    let rows = [
        (Algorithm::Es256, "EC", "P-256", "ES256"),
        (Algorithm::Es384, "EC", "P-384", "ES384"),
        (Algorithm::Es512, "EC", "P-521", "ES512"),
        (Algorithm::EdDsa, "OKP", "Ed25519", "EdDSA"),
    ];
    for (algorithm, key_type, curve, name) in rows {
        let app = TestApp::start_with(ISSUER, algorithm).await;
        let answer = app.get("/.well-known/jwks.json").send().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.lines("content-type"), ["application/json"]);
        let set = answer.json();
        let [key] = &set["keys"].as_array().unwrap()[..] else { panic!("{set}") };
        let mut members: Vec<_> = key.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        let y = if key_type == "EC" { &["y"][..] } else { &[] };
        assert_eq!(members, [&["alg", "crv", "kid", "kty", "use", "x"], y].concat());
        let read = [&key["kty"], &key["crv"], &key["alg"], &key["use"]];
        assert_eq!(read, [key_type, curve, name, "sig"], "{name}");
    }
}
