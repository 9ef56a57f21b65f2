//! What all OAuth requests have in common: a form, and a client that proves who it is.

use std::net::IpAddr;

use axum::{
    body::Bytes,
    extract::Request,
    http::{
        HeaderMap,
        header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE},
        request::Parts,
    },
};
use rescind_authority::{AuthenticateError, Authority, Client};
use rescind_core::id::ClientId;

use super::{
    basic::{self, BasicError, Credentials},
    error::OauthError,
    form::Form,
};
use crate::{
    ClientAddress,
    body::{self, BodyError},
    overload,
};

/// The largest body that is read, in bytes. A token has about 800.
const MAX_BODY: usize = 64 * 1024;

/// Parameters of every endpoint, for clients that do not authenticate by header.
const CLIENT_ID: &str = "client_id";
const CLIENT_SECRET: &str = "client_secret";

/// A request, read to its end and not judged yet.
pub(super) struct Received {
    parts: Parts,
    body: Result<Bytes, BodyError>,
    authorization: Authorization,
}

/// What a request has in its `Authorization` header.
enum Authorization {
    None,
    One(Result<Credentials, BasicError>),
    Several,
}

impl Received {
    /// Reads a request, unless it is one too many (oauth-endpoints.md 5.1, row 2).
    pub(super) async fn read(request: Request) -> Result<Self, OauthError> {
        if overload::is_excess(request.extensions()) {
            return Err(OauthError::Overloaded);
        }
        let (parts, body) = request.into_parts();
        let body = body::read(&parts.headers, body, MAX_BODY).await;
        let mut lines = parts.headers.get_all(AUTHORIZATION).iter();
        let authorization = match (lines.next(), lines.next()) {
            (None, _) => Authorization::None,
            (Some(line), None) => Authorization::One(basic::parse(line.as_bytes())),
            (Some(_), Some(_)) => Authorization::Several,
        };
        Ok(Self { parts, body, authorization })
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// Where it came from.
    pub(super) fn address(&self) -> IpAddr {
        ClientAddress::of(&self.parts.extensions)
    }

    /// The path that it was sent to.
    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// Whether it has a body that is larger than any that means something.
    pub(super) fn is_too_large(&self) -> bool {
        matches!(self.body, Err(BodyError::TooLarge))
    }

    /// The client that it claims to be from, by header or in the form. A text that can be nobody's
    /// id names no client.
    pub(super) fn claimed_id(&self) -> Option<ClientId> {
        if let Authorization::One(Ok(credentials)) = &self.authorization {
            return credentials.id.parse().ok();
        }
        let body = self.body.as_ref().ok()?;
        Form::parse(body, &[CLIENT_ID]).ok()?.get(CLIENT_ID)?.parse().ok()
    }

    /// Its form and the client that sent it: the table of precedence (oauth-endpoints.md 5.1), one
    /// step per row and in its order.
    pub(super) fn accept(
        &self,
        authority: &Authority,
        parameters: [&str; 2],
    ) -> Result<(Client, Form<'_>), OauthError> {
        let form = self.form(parameters)?; // row 4
        let (id, secret) = credentials(&self.authorization, &form)?; // rows 5, 6
        let client =
            authority.authenticate(id, secret, self.address()).map_err(|error| match error {
                AuthenticateError::Unknown => OauthError::InvalidClient, // row 7
                AuthenticateError::Address(_) => OauthError::AccessDenied, // row 8
            })?;
        Ok((client, form))
    }

    fn form(&self, [first, second]: [&str; 2]) -> Result<Form<'_>, OauthError> {
        let body = self.body.as_ref().map_err(|error| match error {
            BodyError::TooLarge => OauthError::TooLarge,
            BodyError::Broken => OauthError::InvalidRequest,
        })?;
        if !is_form(&self.parts.headers) || is_encoded(&self.parts.headers) {
            return Err(OauthError::InvalidRequest);
        }
        let known = [first, second, CLIENT_ID, CLIENT_SECRET];
        Form::parse(body, &known).map_err(|_| OauthError::InvalidRequest)
    }
}

/// The id and the secret of a request: by header or in the form, and not both (RFC 6749 section
/// 2.3).
fn credentials<'a>(
    authorization: &'a Authorization,
    form: &'a Form<'_>,
) -> Result<(&'a str, &'a str), OauthError> {
    let (id, secret) = (form.get(CLIENT_ID), form.get(CLIENT_SECRET));
    match (authorization, secret) {
        (Authorization::None | Authorization::One(Err(BasicError::OtherScheme)), None) => {
            Err(OauthError::InvalidClient)
        }
        (Authorization::None, Some(secret)) => Ok((id.ok_or(OauthError::InvalidRequest)?, secret)),
        (Authorization::One(Ok(credentials)), None) => {
            if id.is_some_and(|id| id != credentials.id) {
                return Err(OauthError::InvalidRequest);
            }
            Ok((&credentials.id, &credentials.secret))
        }
        (Authorization::One(Err(BasicError::Malformed)), None)
        | (Authorization::One(_), Some(_))
        | (Authorization::Several, _) => Err(OauthError::InvalidRequest),
    }
}

/// Whether the media type is that of a form; its parameters do not matter (clients.md 8, row 2).
fn is_form(headers: &HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = media_type.and_then(|media_type| media_type.split(';').next());
    essence.is_some_and(|essence| {
        essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

fn is_encoded(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    encodings.any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}
