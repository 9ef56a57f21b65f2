//! Requests with a live token reach the service; the others are answered.

use std::{
    mem,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Extensions, HeaderMap, Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::{ClientAddress, Denial, presented::presented};
use crate::{Token, Verifier};

/// Lets requests with a live token through, with an `Arc<`[`Token`]`>` among their extensions, and
/// answers the others by [`Denial::response`].
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::{convert::Infallible, sync::Arc};
///
/// use http::{Request, Response, StatusCode};
/// use rescind_verifier::{ClientAddress, RequireToken, Token, Verifier};
/// use tower::{Layer as _, ServiceExt as _, service_fn};
///
/// let verifier = Verifier::builder("https://tokens.example.com")
///     .credentials("mdb_sa_id_6b1f0c2d9a4e57833c0d9e11", "mdb_sa_sk_…")
///     .start()?;
/// let address = ClientAddress::from_header("x-real-ip".parse()?);
///
/// let hello = service_fn(async |request: Request<String>| {
///     let token = request.extensions().get::<Arc<Token>>().expect("the layer put it there");
///     Ok::<_, Infallible>(Response::new(format!("Hello, {}!", token.client_id)))
/// });
/// let hello = RequireToken::new(verifier, address).layer(hello);
///
/// let answer = hello.oneshot(Request::new(String::new())).await?;
/// assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
/// assert_eq!(answer.headers()["www-authenticate"], r#"Bearer realm="rescind""#);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RequireToken {
    verifier: Verifier,
    address: ClientAddress,
}

impl RequireToken {
    /// Requires tokens that `verifier` accepts from where `address` says that a request comes from.
    #[must_use]
    pub fn new(verifier: Verifier, address: ClientAddress) -> Self {
        Self { verifier, address }
    }

    /// The live token of a request, whose headers and extensions these are.
    ///
    /// # Errors
    ///
    /// [`Denial`], which knows the answer.
    pub async fn check(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<Arc<Token>, Denial> {
        let (token, address) = self.presented(headers, extensions)?;
        Ok(self.verifier.verify(token, address).await?)
    }

    fn presented<'a>(
        &self,
        headers: &'a HeaderMap,
        extensions: &Extensions,
    ) -> Result<(&'a str, IpAddr), Denial> {
        let token = presented(headers)?;
        let address = self.address.of(extensions, headers).ok_or_else(|| {
            tracing::error!(source = ?self.address, "it is not known where a request comes from");
            Denial::NoAddress
        })?;
        Ok((token, address))
    }
}

impl<S> Layer<S> for RequireToken {
    type Service = RequireTokenService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireTokenService { required: self.clone(), inner }
    }
}

/// A service behind [`RequireToken`].
#[derive(Clone, Debug)]
pub struct RequireTokenService<S> {
    required: RequireToken,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for RequireTokenService<S>
where
    S: Service<Request<B>, Response = Response<R>, Error: Send, Future: Send>
        + Clone
        + Send
        + 'static,
    B: Send + 'static,
    R: Default + Send,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = RequireTokenFuture<S::Future, Response<R>, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let presented = self.required.presented(request.headers(), request.extensions());
        let (text, address) = match presented {
            Ok(presented) => presented,
            Err(denial) => return RequireTokenFuture::answered(denial.response()),
        };
        match self.required.verifier.verify_seen(text, address) {
            Some(Ok(token)) => {
                request.extensions_mut().insert(token);
                RequireTokenFuture { state: State::Inner { future: self.inner.call(request) } }
            }
            Some(Err(refusal)) => RequireTokenFuture::answered(Denial::Refused(refusal).response()),
            None => {
                let text = text.to_owned();
                let verifier = self.required.verifier.clone();
                // The clone may not be ready; the service that is, is the one that was asked.
                let clone = self.inner.clone();
                let mut inner = mem::replace(&mut self.inner, clone);
                let future = Box::pin(async move {
                    match verifier.verify(&text, address).await {
                        Ok(token) => {
                            request.extensions_mut().insert(token);
                            inner.call(request).await
                        }
                        Err(refusal) => Ok(Denial::Refused(refusal).response()),
                    }
                });
                RequireTokenFuture { state: State::Asking { future } }
            }
        }
    }
}

pin_project! {
    /// The answer to a request. A token that is found in memory costs no allocation but the place
    /// among the extensions; only where the authority may have to be asked, there is a box.
    pub struct RequireTokenFuture<F, R, E> {
        #[pin]
        state: State<F, R, E>,
    }
}

pin_project! {
    #[project = Projected]
    enum State<F, R, E> {
        Inner { #[pin] future: F },
        Asking { future: Pin<Box<dyn Future<Output = Result<R, E>> + Send>> },
        Answered { response: Option<R> },
    }
}

impl<F, R, E> RequireTokenFuture<F, R, E> {
    fn answered(response: R) -> Self {
        Self { state: State::Answered { response: Some(response) } }
    }
}

impl<F: Future<Output = Result<R, E>>, R, E> Future for RequireTokenFuture<F, R, E> {
    type Output = Result<R, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<R, E>> {
        match self.project().state.project() {
            Projected::Inner { future } => future.poll(context),
            Projected::Asking { future } => future.as_mut().poll(context),
            // A future that is done is not polled again.
            Projected::Answered { response } => {
                response.take().map_or(Poll::Pending, |response| Poll::Ready(Ok(response)))
            }
        }
    }
}
