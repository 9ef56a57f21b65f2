//! What is answered to a request that is not let through.

use http::{
    HeaderValue, Response, StatusCode,
    header::{RETRY_AFTER, WWW_AUTHENTICATE},
};

use crate::Refusal;

/// Why a request is not let through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// It presents no token.
    #[error("there is no token")]
    NoToken,
    /// It presents several, or what cannot be one.
    #[error("there is not exactly one token in the Authorization header")]
    Malformed,
    /// Its token is not accepted.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Nobody can tell where it comes from: the server, or a proxy in front of it, is not set up
    /// for that.
    #[error("it is not known where the request comes from")]
    NoAddress,
}

/// The authority is tried again every five seconds.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// A challenge (RFC 6750 section 3), with an error and its description where there was a token.
macro_rules! challenge {
    () => {
        Some(HeaderValue::from_static(r#"Bearer realm="rescind""#))
    };
    ($error:literal, $description:literal) => {
        Some(HeaderValue::from_static(concat!(
            r#"Bearer realm="rescind", error=""#,
            $error,
            r#"", error_description=""#,
            $description,
            "\"",
        )))
    };
}

impl Denial {
    /// The status, and what the client is asked for.
    ///
    /// An address that is not on the access list is a 403 `insufficient_scope`: the token is good,
    /// so that `invalid_token` would send the client for another one, in vain.
    fn status_and_challenge(&self) -> (StatusCode, Option<HeaderValue>) {
        const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;
        match self {
            Self::NoToken => (UNAUTHORIZED, challenge!()),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                challenge!("invalid_request", "exactly one token is expected"),
            ),
            Self::Refused(refusal) => match refusal {
                Refusal::Unknown => {
                    (UNAUTHORIZED, challenge!("invalid_token", "not a token for this service"))
                }
                Refusal::NotYet => {
                    (UNAUTHORIZED, challenge!("invalid_token", "the token is not valid yet"))
                }
                Refusal::Expired => {
                    (UNAUTHORIZED, challenge!("invalid_token", "the token has expired"))
                }
                Refusal::Revoked => {
                    (UNAUTHORIZED, challenge!("invalid_token", "the token was revoked"))
                }
                Refusal::Address => (
                    StatusCode::FORBIDDEN,
                    challenge!("insufficient_scope", "not from this IP address"),
                ),
                Refusal::OutOfTouch(_) | Refusal::NeverInTouch | Refusal::Unavailable(_) => {
                    (StatusCode::SERVICE_UNAVAILABLE, None)
                }
            },
            Self::NoAddress => (StatusCode::INTERNAL_SERVER_ERROR, None),
        }
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status_and_challenge().0
    }

    /// The answer, without a body: 401, 400 or 403 with a challenge (RFC 6750 section 3), 503 with
    /// `Retry-After` where the client can do nothing about it, 500 for [`Denial::NoAddress`].
    #[must_use]
    pub fn response<B: Default>(&self) -> Response<B> {
        let (status, challenge) = self.status_and_challenge();
        let mut response = Response::new(B::default());
        *response.status_mut() = status;
        if let Some(challenge) = challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_denial_has_its_answer() {
        let retry = Some("5");
        let silence = Duration::from_secs(20);
        #[rustfmt::skip]
        let rows = [
            (Denial::NoToken,                                401, Some(r#"Bearer realm="rescind""#), None),
            (Denial::Malformed,                              400, Some(r#"Bearer realm="rescind", error="invalid_request", error_description="exactly one token is expected""#), None),
            (Refusal::Unknown.into(),                        401, Some(r#"Bearer realm="rescind", error="invalid_token", error_description="not a token for this service""#), None),
            (Refusal::NotYet.into(),                         401, Some(r#"Bearer realm="rescind", error="invalid_token", error_description="the token is not valid yet""#), None),
            (Refusal::Expired.into(),                        401, Some(r#"Bearer realm="rescind", error="invalid_token", error_description="the token has expired""#), None),
            (Refusal::Revoked.into(),                        401, Some(r#"Bearer realm="rescind", error="invalid_token", error_description="the token was revoked""#), None),
            (Refusal::Address.into(),                        403, Some(r#"Bearer realm="rescind", error="insufficient_scope", error_description="not from this IP address""#), None),
            (Refusal::OutOfTouch(silence).into(),            503, None, retry),
            (Refusal::NeverInTouch.into(),                   503, None, retry),
            (Refusal::Unavailable("timed out".into()).into(), 503, None, retry),
            (Denial::NoAddress,                              500, None, None),
        ];
        for (denial, status, challenge, retry) in rows {
            let response = denial.response::<String>();
            let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(response.status(), status, "row: {denial}");
            assert_eq!(header(WWW_AUTHENTICATE), challenge, "row: {denial}");
            assert_eq!(header(RETRY_AFTER), retry, "row: {denial}");
            assert!(response.body().is_empty());
        }
    }
}
