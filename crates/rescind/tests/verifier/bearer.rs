//! Requests over HTTP, before the layer and the extractor.

use std::{sync::Arc, time::Instant};

use axum::{
    Extension, Router,
    body::Body,
    http::{Request, StatusCode, header::AUTHORIZATION},
    response::Response,
    routing::get,
};
use rescind_verifier::{ClientAddress, LiveToken, LostTouch, RequireToken, Token, Verifier};
use tower::ServiceExt as _;

use crate::{Authority, PATIENCE};

/// What the tests say that a proxy says.
const ADDRESS: &str = "x-real-ip";

fn required(verifier: Verifier) -> RequireToken {
    RequireToken::new(verifier, ClientAddress::from_header(ADDRESS.parse().unwrap()))
}

/// One path behind the layer, one behind the extractor, one behind both.
fn router(verifier: Verifier) -> Router {
    let required = required(verifier);
    let layered = async |Extension(token): Extension<Arc<Token>>| token.client_id.clone();
    let extracted = async |token: LiveToken| {
        let allowed = token.account.has_role("ORG_OWNER");
        allowed.then(|| token.client_id.clone()).ok_or(StatusCode::FORBIDDEN)
    };
    Router::new()
        .route("/layer", get(layered))
        .route("/both", get(extracted))
        .layer(required.clone())
        .route("/extractor", get(extracted))
        .with_state(required)
}

const PATHS: [&str; 3] = ["/layer", "/both", "/extractor"];

async fn ask(router: &Router, path: &str, lines: &[(&str, &str)]) -> Response {
    let mut request = Request::get(path);
    for (name, value) in lines {
        request = request.header(*name, *value);
    }
    router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

async fn status(router: &Router, path: &str, token: &str, address: &str) -> StatusCode {
    let bearer = format!("Bearer {token}");
    ask(router, path, &[(AUTHORIZATION.as_str(), &bearer), (ADDRESS, address)]).await.status()
}

fn challenge(response: &Response) -> &str {
    response.headers()["www-authenticate"].to_str().unwrap()
}

#[tokio::test]
async fn a_live_token_reaches_the_handler_and_a_revoked_one_does_not() {
    let authority = Authority::start();
    let mut client = authority.client();
    let verifier = authority.verifier().start().unwrap();
    verifier.ready().await;
    let router = router(verifier);
    for path in PATHS {
        let (dead, alive) = (client.issue().await.unwrap(), client.issue().await.unwrap());
        let bearer = format!("bearer {dead}");
        // Once through the authority, once from memory.
        for _ in 0..2 {
            let lines = [(AUTHORIZATION.as_str(), &*bearer), (ADDRESS, "127.0.0.1")];
            let response = ask(&router, path, &lines).await;
            assert_eq!(response.status(), 200, "{path}");
            let body = axum::body::to_bytes(response.into_body(), 1024).await.unwrap();
            assert_eq!(body, authority.installation().client_id, "{path}");
        }
        client.revoke(&dead).await.unwrap();
        let started = Instant::now();
        while status(&router, path, &dead, "127.0.0.1").await != StatusCode::UNAUTHORIZED {
            assert!(started.elapsed() < PATIENCE, "{path}: it is still let through");
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        assert_eq!(status(&router, path, &alive, "127.0.0.1").await, 200, "{path}");
    }
}

#[tokio::test]
async fn what_is_no_live_token_is_answered_as_rfc_6750_says() {
    let authority = Authority::start();
    let mut client = authority.client();
    let token = client.issue().await.unwrap();
    let verifier = authority.verifier().start().unwrap();
    verifier.ready().await;
    let router = router(verifier);
    let bearer = format!("Bearer {token}");
    let home = (ADDRESS, "127.0.0.1");
    let authorization = AUTHORIZATION.as_str();
    for path in PATHS {
        let nothing = ask(&router, path, &[home]).await;
        assert_eq!(
            (nothing.status(), challenge(&nothing)),
            (StatusCode::UNAUTHORIZED, r#"Bearer realm="rescind""#)
        );
        let basic = ask(&router, path, &[(authorization, "Basic YTpi"), home]).await;
        assert_eq!(
            (basic.status(), challenge(&basic)),
            (StatusCode::UNAUTHORIZED, r#"Bearer realm="rescind""#)
        );
        let forged = ask(&router, path, &[(authorization, "Bearer e30.e30.e30"), home]).await;
        assert_eq!(forged.status(), StatusCode::UNAUTHORIZED);
        assert!(challenge(&forged).contains(r#"error="invalid_token""#));
        let both =
            ask(&router, path, &[(authorization, &*bearer), (authorization, &*bearer), home]).await;
        assert_eq!(both.status(), StatusCode::BAD_REQUEST);
        assert!(challenge(&both).contains(r#"error="invalid_request""#));
        let nowhere = ask(&router, path, &[(authorization, &*bearer)]).await;
        assert_eq!(nowhere.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(status(&router, path, &token, "127.0.0.1").await, StatusCode::OK);
    }
}

#[tokio::test]
async fn an_address_that_is_not_on_the_list_is_a_403() {
    let authority = Authority::start();
    let mut client = authority.client();
    let token = client.issue().await.unwrap();
    authority.admit("127.0.0.0/8").await;
    let verifier = authority.verifier().start().unwrap();
    verifier.ready().await;
    let router = router(verifier);
    for path in PATHS {
        assert_eq!(status(&router, path, &token, "127.0.0.9").await, StatusCode::OK);
        let bearer = format!("Bearer {token}");
        let lines = [(AUTHORIZATION.as_str(), &*bearer), (ADDRESS, "192.0.2.1")];
        let elsewhere = ask(&router, path, &lines).await;
        assert_eq!(elsewhere.status(), StatusCode::FORBIDDEN);
        assert!(challenge(&elsewhere).contains(r#"error="insufficient_scope""#));
    }
}

/// Whoever cannot know says so, and when to ask again.
#[tokio::test]
async fn before_the_authority_was_heard_of_it_is_a_503() {
    let mut authority = Authority::start();
    let token = authority.client().issue().await.unwrap();
    authority.kill();
    for mode in [LostTouch::FailClosed, LostTouch::FailOpen(PATIENCE), LostTouch::Introspect] {
        let router = router(authority.verifier().when_out_of_touch(mode).start().unwrap());
        for path in PATHS {
            let bearer = format!("Bearer {token}");
            let lines = [(AUTHORIZATION.as_str(), &*bearer), (ADDRESS, "127.0.0.1")];
            let response = ask(&router, path, &lines).await;
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{mode:?} {path}");
            assert_eq!(response.headers()["retry-after"], "5");
        }
    }
}
