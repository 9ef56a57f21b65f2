//! What all OAuth requests have in common: a form, and a client that proves who it is.

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderMap,
        header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE},
        request::Parts,
    },
};
use rescind_authority::{AuthenticateError, Authority, Client};

use super::{
    basic::{self, BasicError, Credentials},
    error::OauthError,
    form::Form,
};
use crate::{
    ClientAddress,
    body::{self, BodyError},
};

/// The largest body that is read, in bytes. A token has about 800.
const MAX_BODY: usize = 64 * 1024;

/// Parameters of every endpoint, for clients that do not authenticate by header.
const CLIENT_ID: &str = "client_id";
const CLIENT_SECRET: &str = "client_secret";

/// Reads the body of a request (oauth-endpoints.md 5.1, row 4, as far as its size and kind go).
pub(super) async fn read(parts: &Parts, body: Body) -> Result<Bytes, OauthError> {
    let headers = &parts.headers;
    let read = body::read(headers, body, MAX_BODY).await.map_err(|error| match error {
        BodyError::TooLarge => OauthError::TooLarge,
        BodyError::Broken => OauthError::InvalidRequest,
    })?;
    if !is_form(headers) || is_encoded(headers) {
        return Err(OauthError::InvalidRequest);
    }
    Ok(read)
}

/// The form in `body` and the client that sent it: the table of precedence
/// (oauth-endpoints.md 5.1), one step per row and in its order.
pub(super) fn accept<'a>(
    authority: &Authority,
    parts: &Parts,
    body: &'a [u8],
    parameters: [&str; 2],
) -> Result<(Client, Form<'a>), OauthError> {
    let [first, second] = parameters;
    let known = [first, second, CLIENT_ID, CLIENT_SECRET];
    let form = Form::parse(body, &known).map_err(|_| OauthError::InvalidRequest)?; // row 4
    let Credentials { id, secret } = credentials(&parts.headers, &form)?; // rows 5, 6
    let address = ClientAddress::of(&parts.extensions);
    let client = authority.authenticate(&id, &secret, address).map_err(|error| match error {
        AuthenticateError::Unknown => OauthError::InvalidClient, // row 7
        AuthenticateError::Address(_) => OauthError::AccessDenied, // row 8
    })?;
    Ok((client, form))
}

/// The credentials of a request: by header or in the form, and not both (RFC 6749 section 2.3).
fn credentials(headers: &HeaderMap, form: &Form<'_>) -> Result<Credentials, OauthError> {
    let (id, secret) = (form.get(CLIENT_ID), form.get(CLIENT_SECRET));
    let mut authorizations = headers.get_all(AUTHORIZATION).iter();
    match (authorizations.next(), authorizations.next(), secret) {
        (None, _, None) => Err(OauthError::InvalidClient),
        (None, _, Some(secret)) => {
            let id = id.ok_or(OauthError::InvalidRequest)?;
            Ok(Credentials { id: id.to_owned(), secret: secret.to_owned() })
        }
        (Some(header), None, None) => {
            let credentials = basic::parse(header.as_bytes()).map_err(|error| match error {
                BasicError::OtherScheme => OauthError::InvalidClient,
                BasicError::Malformed => OauthError::InvalidRequest,
            })?;
            if id.is_some_and(|id| id != credentials.id) {
                return Err(OauthError::InvalidRequest);
            }
            Ok(credentials)
        }
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) => Err(OauthError::InvalidRequest),
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
