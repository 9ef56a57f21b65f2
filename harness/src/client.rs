//! One keep-alive connection to a running server.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::{Error, Installation};

const PATIENCE: Duration = Duration::from_secs(30);

/// What a form need not escape (RFC 3986 2.3); a token is made of these alone.
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A client of one server. It has one connection, opened by the first request and again whenever
/// the server has closed it: as many clients, as many connections.
#[derive(Debug)]
pub struct Client {
    /// `host:port`.
    authority: String,
    tls: Option<Arc<ClientConfig>>,
    basic: Option<String>,
    connection: Option<SendRequest<Full<Bytes>>>,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// All headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; `null` when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The first line of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn expect_ok(self, request: &'static str) -> Result<Self, Error> {
        if self.status == StatusCode::OK { Ok(self) } else { Err(self.unexpected(request)) }
    }

    fn unexpected(self, request: &'static str) -> Error {
        Error::Unexpected { request, status: self.status, body: self.text() }
    }
}

impl Client {
    /// A client of the server at `url` (`http://HOST:PORT`), without credentials.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let authority = url.split_once("://").map_or(url, |(_, authority)| authority);
        let authority = authority.trim_end_matches('/').to_owned();
        Self { authority, tls: None, basic: None, connection: None }
    }

    /// Speaks TLS; see [`CertificateAuthority::client`](crate::CertificateAuthority::client).
    #[must_use]
    pub fn over_tls(mut self, config: Arc<ClientConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    /// Presents the first service account of `installation` at the OAuth endpoints.
    #[must_use]
    pub fn with_credentials(self, installation: &Installation) -> Self {
        self.with_basic(&installation.client_id, &installation.client_secret)
    }

    /// Presents this client id and secret at the OAuth endpoints.
    #[must_use]
    pub fn with_basic(mut self, id: &str, secret: &str) -> Self {
        self.basic = Some(format!("Basic {}", STANDARD.encode(format!("{id}:{secret}"))));
        self
    }

    /// `POST /api/oauth/token`.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`]; here and below every status is an answer.
    pub async fn token(&mut self) -> Result<Answer, Error> {
        self.post_form("/api/oauth/token", &[("grant_type", "client_credentials")]).await
    }

    /// `POST /api/oauth/revoke`.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`]: the token may be dead or alive.
    pub async fn revoke(&mut self, token: &str) -> Result<Answer, Error> {
        self.post_form("/api/oauth/revoke", &[("token", token)]).await
    }

    /// The same, answered once all followers have applied it, or after `patience`.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`]: the token may be dead or alive.
    pub async fn revoke_everywhere(
        &mut self,
        token: &str,
        patience: Duration,
    ) -> Result<Answer, Error> {
        let mut request = self.form("/api/oauth/revoke", &[("token", token)])?;
        let wait = format!("wait={}", patience.as_secs()).parse().map_err(no_answer)?;
        request.headers_mut().insert("prefer", wait);
        self.send(request).await
    }

    /// `POST /api/oauth/introspect`.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`].
    pub async fn introspect(&mut self, token: &str) -> Result<Answer, Error> {
        self.post_form("/api/oauth/introspect", &[("token", token)]).await
    }

    /// A new access token.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`]; [`Error::Unexpected`] when the answer is not a token.
    pub async fn issue(&mut self) -> Result<String, Error> {
        const REQUEST: &str = "POST /api/oauth/token";
        let answer = self.token().await?.expect_ok(REQUEST)?;
        match answer.json()["access_token"].as_str() {
            Some(token) => Ok(token.to_owned()),
            None => Err(answer.unexpected(REQUEST)),
        }
    }

    /// Whether introspection calls `token` active.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`]; [`Error::Unexpected`] when the answer does not say.
    pub async fn is_active(&mut self, token: &str) -> Result<bool, Error> {
        const REQUEST: &str = "POST /api/oauth/introspect";
        let answer = self.introspect(token).await?.expect_ok(REQUEST)?;
        answer.json()["active"].as_bool().ok_or_else(|| answer.unexpected(REQUEST))
    }

    /// `GET path` without credentials.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`].
    pub async fn get(&mut self, path: &str) -> Result<Answer, Error> {
        self.send(Request::get(path).body(Full::default()).map_err(no_answer)?).await
    }

    /// `GET path` with `token` as the credential.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`].
    pub async fn get_with(&mut self, path: &str, token: &str) -> Result<Answer, Error> {
        let request = Request::get(path).header(AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Full::default()).map_err(no_answer)?).await
    }

    /// `GET path` with these lines, as they are.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`].
    pub async fn get_lines(&mut self, path: &str, lines: &[(&str, &str)]) -> Result<Answer, Error> {
        let mut request = Request::get(path);
        for (name, value) in lines {
            request = request.header(*name, *value);
        }
        self.send(request.body(Full::default()).map_err(no_answer)?).await
    }

    /// `POST path` with a JSON text, and `token` as the credential.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`].
    pub async fn post_json(
        &mut self,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Result<Answer, Error> {
        let request = Request::post(path)
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/json");
        self.send(request.body(Full::from(body.to_string())).map_err(no_answer)?).await
    }

    /// `POST path` with a form, and with the client's credentials if it has some.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`].
    pub async fn post_form(&mut self, path: &str, form: &[(&str, &str)]) -> Result<Answer, Error> {
        self.send(self.form(path, form)?).await
    }

    fn form(&self, path: &str, form: &[(&str, &str)]) -> Result<Request<Full<Bytes>>, Error> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(basic) = &self.basic {
            request = request.header(AUTHORIZATION, basic);
        }
        request.body(Full::from(encode(form))).map_err(no_answer)
    }

    /// Any request; its target is a path, and `Host` is added where it is missing.
    ///
    /// # Errors
    ///
    /// [`Error::NoAnswer`] when the connection fails or the answer does not come in 30 seconds.
    pub async fn send(&mut self, mut request: Request<Full<Bytes>>) -> Result<Answer, Error> {
        if !request.headers().contains_key(HOST) {
            let host = self.authority.parse().map_err(no_answer)?;
            request.headers_mut().insert(HOST, host);
        }
        let mut connection = match still_open(self.connection.take()).await {
            Some(open) => open,
            None => in_time(Box::pin(connect(&self.authority, self.tls.clone()))).await?,
        };
        let answer = in_time(exchange(&mut connection, request)).await?;
        self.connection = Some(connection);
        Ok(answer)
    }
}

async fn still_open(
    connection: Option<SendRequest<Full<Bytes>>>,
) -> Option<SendRequest<Full<Bytes>>> {
    let mut connection = connection?;
    connection.ready().await.ok().map(|()| connection)
}

async fn connect(
    authority: &str,
    tls: Option<Arc<ClientConfig>>,
) -> Result<SendRequest<Full<Bytes>>, Error> {
    let stream = TcpStream::connect(authority).await.map_err(no_answer)?;
    stream.set_nodelay(true).map_err(no_answer)?;
    let Some(tls) = tls else { return speak(stream).await };
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let host = ServerName::try_from(host.to_owned()).map_err(no_answer)?;
    speak(TlsConnector::from(tls).connect(host, stream).await.map_err(no_answer)?).await
}

async fn speak(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> Result<SendRequest<Full<Bytes>>, Error> {
    let (sender, connection) = handshake(TokioIo::new(stream)).await.map_err(no_answer)?;
    // It ends with `sender`; an error of it reaches whoever waits for an answer.
    tokio::spawn(connection);
    Ok(sender)
}

async fn exchange(
    connection: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<Answer, Error> {
    let (parts, body) = connection.send_request(request).await.map_err(no_answer)?.into_parts();
    let body = body.collect().await.map_err(no_answer)?.to_bytes();
    Ok(Answer { status: parts.status, headers: parts.headers, body })
}

async fn in_time<T>(step: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    tokio::time::timeout(PATIENCE, step).await.map_err(no_answer)?
}

fn encode(form: &[(&str, &str)]) -> String {
    let pairs = form.iter().map(|(name, value)| {
        format!("{}={}", utf8_percent_encode(name, FORM), utf8_percent_encode(value, FORM))
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn no_answer(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::NoAnswer(cause.into())
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn a_form_escapes_what_would_end_a_value() {
        let form = [("token", "a.b_c-d"), ("x&y", "1=2 +%é")];
        assert_eq!(encode(&form), "token=a.b_c-d&x%26y=1%3D2%20%2B%25%C3%A9");
    }
}
