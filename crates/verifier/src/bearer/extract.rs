//! The token of a request, for a handler of axum.

use std::{ops::Deref, sync::Arc};

use axum_core::{
    extract::{FromRef, FromRequestParts},
    response::{IntoResponse, Response},
};
use http::request::Parts;

use super::{Denial, RequireToken};
use crate::Token;

/// The live token that a request came with: an extractor for handlers of axum, whose state has a
/// [`RequireToken`]. It needs no layer. Where there is one, what that has found is taken.
///
/// What the account may do is for the handler to decide, by [`Account::has_role`](crate::Account::has_role)
/// and [`Account::has_role_in`](crate::Account::has_role_in).
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use axum::{Router, body::Body, http::{Request, StatusCode}, routing::get};
/// use rescind_verifier::{ClientAddress, LiveToken, RequireToken, Verifier};
/// use tower::ServiceExt as _;
///
/// async fn report(token: LiveToken) -> Result<String, StatusCode> {
///     if !token.account.has_role("ORG_READ_ONLY") {
///         return Err(StatusCode::FORBIDDEN);
///     }
///     Ok(format!("for {}", token.client_id))
/// }
///
/// let verifier = Verifier::builder("https://tokens.example.com")
///     .credentials("mdb_sa_id_6b1f0c2d9a4e57833c0d9e11", "mdb_sa_sk_…")
///     .start()?;
/// let required = RequireToken::new(verifier, ClientAddress::from_header("x-real-ip".parse()?));
/// let router: Router = Router::new().route("/report", get(report)).with_state(required);
///
/// let answer = router.oneshot(Request::get("/report").body(Body::empty())?).await?;
/// assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct LiveToken(pub Arc<Token>);

impl Deref for LiveToken {
    type Target = Token;

    fn deref(&self) -> &Token {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LiveToken
where
    RequireToken: FromRef<S>,
{
    type Rejection = Denial;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Denial> {
        if let Some(token) = parts.extensions.get::<Arc<Token>>() {
            return Ok(Self(Arc::clone(token)));
        }
        let required = RequireToken::from_ref(state);
        required.check(&parts.headers, &parts.extensions).await.map(Self)
    }
}

impl IntoResponse for Denial {
    fn into_response(self) -> Response {
        self.response()
    }
}
