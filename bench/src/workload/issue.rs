//! `POST /api/oauth/token`.

use super::{FormRequest, Workload, wrong};
use crate::connection::Answer;
use crate::error::Error;

const REQUEST: &str = "POST /api/oauth/token";

/// Asks for tokens and keeps them. What a token says of itself is read afterwards: decoding it here
/// would be time taken from the next request.
pub(crate) struct Issue {
    request: Vec<u8>,
    tokens: Vec<String>,
}

impl Issue {
    pub(crate) fn new(form: &FormRequest) -> Self {
        Self { request: form.with("grant_type", "client_credentials"), tokens: Vec::new() }
    }

    pub(crate) fn into_tokens(self) -> Vec<String> {
        self.tokens
    }
}

impl Workload for Issue {
    fn next(&mut self, request: &mut Vec<u8>) -> Option<usize> {
        request.extend_from_slice(&self.request);
        Some(0)
    }

    fn check(&mut self, _: usize, answer: Answer<'_>) -> Result<(), Error> {
        let token = token(answer).ok_or_else(|| wrong(REQUEST, answer))?;
        self.tokens.push(token.to_owned());
        Ok(())
    }
}

/// The token of an answer that is, byte for byte, the documented one.
fn token(answer: Answer<'_>) -> Option<&str> {
    if answer.status != 200 {
        return None;
    }
    std::str::from_utf8(answer.body)
        .ok()?
        .strip_prefix(r#"{"access_token":""#)?
        .strip_suffix(r#"","expires_in":3600,"token_type":"Bearer"}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_answer_is_a_token() {
        let good = br#"{"access_token":"a.b.c","expires_in":3600,"token_type":"Bearer"}"#;
        assert_eq!(token(Answer { status: 200, body: good }), Some("a.b.c"));
        assert_eq!(token(Answer { status: 500, body: good }), None);
        assert_eq!(token(Answer { status: 200, body: br#"{"access_token":"a.b.c"}"# }), None);
    }
}
